"""Filters add up, each order pages without gap or repeat, and every view, filter and order runs on an index."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.channels.models import Channel
from hub.conversations import threads, views
from hub.conversations.filters import Filters
from hub.conversations.models import Conversation, ConversationTag, Marker, Tag
from hub.conversations.views import Wanted
from hub.core.access import Actor
from hub.core.clock import SteppingClock, new_id
from hub.core.errors import Invalid
from tests.hub.conversations.floor import Floor, sender, word
from tests.hub.conversations.test_rows import plan_of


async def names(floor: Floor, actor: Actor, **wanted: Any) -> list[str]:
    async with floor.hub.work(actor) as work:
        return [row.contact.name for row in (await views.page(work, Wanted(**wanted))).results]


@pytest.fixture
async def people(floor: Floor, line: Channel, clock: SteppingClock) -> dict[str, UUID]:
    """Three customers who wrote one after another on one line: name → conversation."""
    for number, name in enumerate(("Ada", "Bob", "Cyd")):
        clock.advance(minutes=1)
        await floor.receive(line, word("hi", at=clock.now(), sender=sender(f"551190000000{number}", name)))
    async with floor.hub.work(floor.system) as work:
        return {row.contact.name: row.id for row in (await views.page(work, Wanted())).results}


async def test_filters_add_up_and_several_values_of_one_mean_any(
    floor: Floor, people: dict[str, UUID], line: Channel, clock: SteppingClock
) -> None:
    ana, other = await floor.actor(), await floor.channel()
    sales = await floor.department()
    async with floor.hub.work(ana) as work:
        await threads.accept(work, people["Ada"])
        await threads.assign(work, people["Bob"], user_id=None, department_id=sales)
    tag = Tag(id=new_id(), name="vip", color="#000000", created_at=clock.now())
    await floor.add(tag)
    await floor.add(ConversationTag(id=new_id(), conversation_id=people["Cyd"], tag_id=tag.id))
    boss = await floor.actor("manager")
    for wanted, expected in (
        ({"assignee_id": [str(ana.user_id)]}, ["Ada"]), ({"assignee_id": ["none"]}, ["Cyd", "Bob"]),
        ({"assignee_id": ["none", str(ana.user_id)]}, ["Cyd", "Bob", "Ada"]), ({"assignee_id": ["me"]}, []),
        ({"department_id": [str(sales)]}, ["Bob"]), ({"department_id": ["none"]}, ["Cyd", "Ada"]),
        ({"department_id": ["none", str(sales)], "assignee_id": ["none"]}, ["Cyd", "Bob"]),
        ({"tag_id": [tag.id]}, ["Cyd"]), ({"tag_id": [tag.id], "assignee_id": ["me"]}, []),
        ({"channel_id": [line.id, other.id]}, ["Cyd", "Bob", "Ada"]), ({"channel_id": [other.id]}, []),
        ({"channel_kind": ["whatsapp_business"]}, ["Cyd", "Bob", "Ada"]), ({"channel_kind": ["webchat"]}, []),
        ({"search": "vi"}, ["Cyd"]), ({"search": "bob"}, ["Bob"]),
    ):
        assert await names(floor, boss, **wanted) == expected, wanted
    assert await names(floor, ana, assignee_id=["me"]) == ["Ada"]


async def test_unread_waiting_and_the_time_of_the_last_word_narrow(
    floor: Floor, people: dict[str, UUID], clock: SteppingClock
) -> None:
    ana = await floor.actor()
    await floor.reply(ana, people["Bob"])
    await floor.add(Marker(id=new_id(), conversation_id=people["Ada"], user_id=ana.user_id, seq=2, inbound_seen=1,
                           updated_at=clock.now()))
    assert sorted(await names(floor, ana, unread=True)) == ["Bob", "Cyd"]
    assert sorted(await names(floor, ana, waiting=True)) == ["Ada", "Cyd"]
    now = clock.now()
    assert sorted(await names(floor, ana, since=now)) == ["Bob", "Cyd"]
    assert await names(floor, ana, until=now - timedelta(minutes=1)) == ["Ada"]


async def test_a_status_overrides_that_of_the_view(floor: Floor, people: dict[str, UUID]) -> None:
    ana = await floor.actor()
    async with floor.hub.work(ana) as work:
        await threads.accept(work, people["Ada"])
        await threads.close(work, people["Ada"])
    assert await names(floor, ana, view="mine") == []
    assert await names(floor, ana, view="mine", status="closed") == ["Ada"]


async def test_what_a_bot_has_answered_last_is_among_the_bots_until_a_person_does(
    floor: Floor, people: dict[str, UUID]
) -> None:
    await floor.reply(floor.system, people["Bob"])
    ana = await floor.actor()
    assert await names(floor, ana, view="bots") == ["Bob"]
    await floor.reply(ana, people["Bob"], note=True)
    assert await names(floor, ana, view="bots") == ["Bob"]
    await floor.reply(ana, people["Bob"])
    assert await names(floor, ana, view="bots") == []


@pytest.mark.parametrize(("sort", "expected"), [
    ("newest", [4, 3, 2, 1, 0]), ("oldest", [0, 1, 2, 3, 4]), ("waiting", [3, 1, 0, 2, 4]),
])
async def test_each_order_pages_without_gap_or_repeat(
    floor: Floor, line: Channel, clock: SteppingClock, sort: Any, expected: list[int]
) -> None:
    start = clock.now()
    for number in range(5):
        clock.advance(seconds=1)
        await floor.receive(line, word("hi", at=clock.now(), sender=sender(f"551190000000{number}", f"c{number}")))
    for name, minutes in (("c3", -9), ("c1", -8), ("c0", None), ("c2", None), ("c4", None)):
        async with floor.hub.work(floor.system) as work:
            (row,) = (await views.page(work, Wanted(search=name))).results
            await work.session.execute(update(Conversation).where(Conversation.id == row.id).values(
                waiting_since=None if minutes is None else start + timedelta(minutes=minutes)))
    ana, cursor, found = await floor.actor(), None, []
    while True:
        async with floor.hub.work(ana) as work:
            page = await views.page(work, Wanted(sort=sort, limit=2, cursor=cursor))
        found += [int(row.contact.name[1:]) for row in page.results]
        if (cursor := page.next_cursor) is None:
            break
    assert found == expected


async def test_a_cursor_of_another_order_is_refused(floor: Floor, people: dict[str, UUID]) -> None:
    async with floor.hub.work(await floor.actor()) as work:
        cursor = (await views.page(work, Wanted(limit=1))).next_cursor
        with pytest.raises(Invalid):
            await views.page(work, Wanted(limit=1, sort="oldest", cursor=cursor))


@pytest.fixture
async def throng(floor: Floor, line: Channel, owner_engine: AsyncEngine) -> tuple[Actor, dict[str, Any]]:
    """Ten thousand conversations of every sort, and who looks at them."""
    ana, bea, sales = await floor.actor(), await floor.actor(), await floor.department()
    tag, usual = (Tag(id=new_id(), name=name, color="#000000", created_at=floor.hub.clock.now())
                  for name in ("vip", "usual"))
    await floor.add(tag, usual)
    given = {"org": floor.organization_id, "line": line.id, "ana": ana.user_id, "bea": bea.user_id, "sales": sales,
             "other": (await floor.channel()).id, "tag": tag.id, "usual": usual.id}
    async with owner_engine.begin() as connection:
        for statement in THRONG:
            wanted = {name: value for name, value in given.items() if f":{name}" in statement}
            await connection.execute(text(statement), wanted)
        await connection.execute(text("ANALYZE contacts, conversations, messages, conversation_tags, mentions"))
    return ana, {"channel": line.id, "other": given["other"], "department": str(sales), "tag": tag.id}


THRONG = (
    "CREATE TEMP TABLE throng ON COMMIT DROP AS SELECT n, gen_random_uuid() contact, gen_random_uuid() thread"
    " FROM generate_series(1, 10000) n",
    "INSERT INTO contacts (id, organization_id, name, name_given, search_text, created_at, updated_at)"
    " SELECT contact, :org, 'Person', false, 'person' || n, now(), now() FROM throng",
    "INSERT INTO conversations (id, organization_id, channel_id, contact_id, status, assignee_id, department_id,"
    " head_seq, inbound_count, waiting_since, snoozed_until, bot_answered, last_activity_at, created_at)"
    " SELECT thread, :org, CASE WHEN n % 300 = 1 THEN CAST(:other AS uuid) ELSE :line END, contact,"
    " CASE WHEN n % 4 = 0 THEN 'open' ELSE 'closed' END,"
    " CASE WHEN n % 100 = 0 THEN CAST(:ana AS uuid) END, CASE WHEN n % 200 = 0 THEN CAST(:sales AS uuid) END, 1, 1,"
    " CASE WHEN n % 8 = 0 THEN now() - n * interval '1 second' END,"
    " CASE WHEN n % 400 = 0 THEN now() + interval '1 day' END, n % 500 = 4, now() - n * interval '1 minute', now()"
    " FROM throng",
    "INSERT INTO messages (id, organization_id, conversation_id, channel_id, seq, author, author_name, note, kind,"
    " text, content, state, state_at, search_text, created_at, occurred_at) SELECT thread, :org, thread, :line, 1,"
    " 'customer', '', false, 'text', 'w', '{}', 'received', now(), 'word' || n, now(), now() FROM throng",
    "INSERT INTO conversation_tags (id, organization_id, conversation_id, tag_id)"
    " SELECT gen_random_uuid(), :org, thread, :usual FROM throng",
    "INSERT INTO conversation_tags (id, organization_id, conversation_id, tag_id)"
    " SELECT gen_random_uuid(), :org, thread, :tag FROM throng WHERE n % 300 = 0",
    "INSERT INTO mentions (id, organization_id, conversation_id, message_id, user_id, seq, at)"
    " SELECT gen_random_uuid(), :org, thread, thread, :bea, 1, now() FROM throng",
    "INSERT INTO mentions (id, organization_id, conversation_id, message_id, user_id, seq, at)"
    " SELECT gen_random_uuid(), :org, thread, thread, :ana, 1, now() - n * interval '1 minute' FROM throng"
    " WHERE n % 250 = 0",
)


async def test_every_view_filter_and_order_runs_on_an_index(
    floor: Floor, engine: AsyncEngine, throng: tuple[Actor, dict[str, Any]]
) -> None:
    ana, ids = throng
    for wanted, index in (
        ({"view": "mine"}, "ix_conversations_assignee"), ({"view": "unassigned"}, "ix_conversations_a"),
        ({"view": "all"}, "ix_conversations_activity"), ({"view": "closed"}, "ix_conversations_activity"),
        ({"view": "mentions"}, "ix_mentions_u"), ({"view": "snoozed"}, "ix_conversations_snoozed"),
        ({"view": "bots"}, "ix_conversations_bots"), ({"sort": "oldest"}, "ix_conversations_activity"),
        ({"sort": "waiting"}, "ix_conversations_waiting"),
        ({"sort": "waiting", "view": "closed"}, "ix_conversations_waiting"),
        ({"channel_id": [ids["channel"]]}, "ix_conversations_a"),
        ({"channel_id": [ids["channel"]], "status": "closed", "view": "mentions"}, "ix_mentions_u"),
        ({"department_id": [ids["department"]]}, "ix_conversations_department"),
        ({"channel_id": [ids["other"]], "view": "closed"}, "ix_conversations_channel"),
        ({"assignee_id": ["me"]}, "ix_conversations_assignee"),
        ({"tag_id": [ids["tag"]]}, "ix_conversation_tags_tag_id"),
        ({"unread": True}, "ix_conversations_"), ({"waiting": True}, "ix_conversations_"),
        ({"since": floor.hub.clock.now() - timedelta(minutes=30)}, "ix_conversations_"),
        ({"channel_kind": ["whatsapp_business"]}, "ix_conversations_"), ({"search": "word77"}, "ix_messages_search"),
        ({"status": "closed", "view": "mine"}, "ix_conversations_assignee"),
    ):
        plan = await plan_of(floor, engine, ana, "conversations", views.page, Wanted(**wanted))
        assert index in plan, f"{wanted}\n{plan}"
        assert "Seq Scan on conversations" not in plan, f"{wanted}\n{plan}"


async def test_counts_are_capped_and_run_on_indexes(
    floor: Floor, engine: AsyncEngine, throng: tuple[Actor, dict[str, Any]]
) -> None:
    ana, _ = throng
    async with floor.hub.work(ana) as work:
        counts = await views.counts(work)
    assert (counts.snoozed, counts.mentions, counts.bots, counts.closed) == (25, 40, 20, 7500)
    plan = await plan_of(floor, engine, ana, "(SELECT", views.counts)
    for index in ("ix_conversations_snoozed", "ix_conversations_bots", "ix_mentions_u"):
        assert index in plan, plan
    assert "Seq Scan on conversations" not in plan


def test_filters_that_are_not_set_take_no_room() -> None:
    import msgspec

    assert msgspec.to_builtins(Filters(view="mine", unread=True)) == {"view": "mine", "unread": True}
