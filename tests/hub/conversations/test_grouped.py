"""What is written in groups is the same as what is written one at a time, and keeps the same promises."""

import asyncio
import gc
import re
from typing import Any

import msgspec
import pytest
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.channels.doors import Doors
from hub.channels.models import Channel
from hub.channels.ports import MediaRef, Parcel
from hub.conversations import pages, threads
from hub.conversations.grouped import arrivals
from hub.conversations.models import Conversation, Engagement, Message, Notification
from hub.core import intake
from hub.core.bus import EventRecord
from hub.core.clock import SteppingClock, new_id
from hub.core.errors import Conflict, Forbidden, NotFound
from hub.crm.models import Contact, Identity
from hub.events import MessageReceived
from tests.databases import bare_hub
from tests.hub.conversations.floor import PROVIDER, Floor, another_floor, is_waiting, receipt, sender, word
from tests.waiting import until

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
IDS = {"id", "organization_id", "conversation_id", "message_id", "contact_id", "channel_id", "engagement_id",
       "identity_id", "user_id", "assignee_id", "author_id", "actor_id", "cause_id", "sender_key", "vendor_id",
       "client_id", "client_hash", "search"}


async def script(floor: Floor, *, apart: bool, clock: SteppingClock) -> None:
    """A morning: people who are new, who come back, who write much; answers and what became of them."""
    line, ana = await floor.channel(), await floor.actor()
    people = [sender(f"551190000{number:04d}", f"Customer {number}") for number in range(3)]

    async def hear(*values: Any) -> None:
        await floor.take(floor.heard(line, *values), apart=apart)
        await floor.run()

    for number, who in enumerate(people):
        await hear(word(f"Olá {number}", at=clock.now(), sender=who, vendor_id=f"{line.id}-a{number}"))
        clock.advance(seconds=1)
    async with floor.session() as session:
        found = (await session.scalars(select(Conversation).order_by(Conversation.created_at))).all()
    async with floor.hub.work(ana) as work:
        await threads.accept(work, found[0].id)
    await hear(*(word(f"again {number}", at=clock.now(), sender=people[0]) for number in range(3)))
    clock.advance(seconds=1)
    answer = await floor.reply(ana, found[0].id, "Good morning")
    await floor.run()
    async with floor.session() as session:
        vendor_id = await session.scalar(select(Message.vendor_id).where(Message.id == answer.id))
    for state in ("delivered", "sent", "read", "read"):
        clock.advance(seconds=1)
        await hear(receipt(str(vendor_id), state, clock.now()))
    await hear(word("a place", at=clock.now(), sender=people[1], kind="location", content={"latitude": 1.5}))


async def written(floor: Floor) -> dict[str, Any]:
    """Every row that the script made, without ids and marks."""
    found: dict[str, Any] = {}
    async with floor.session() as session:
        for model in (Contact, Identity, Conversation, Engagement, Message, EventRecord, Notification):
            rows = (await session.scalars(select(model))).all()
            found[model.__name__] = sorted((
                {column.key: _plain(getattr(row, column.key)) for column in model.__table__.columns
                 if column.key not in IDS}
                for row in rows
            ), key=str)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key not in IDS}
    return value if isinstance(value, int | float | bool | None) else _ID.sub("…", str(value))


async def test_a_morning_is_written_the_same_in_groups_and_one_at_a_time(floor: Floor, clock: SteppingClock) -> None:
    started, other = clock.now(), await another_floor(floor.hub)
    await script(floor, apart=False, clock=clock)
    heard = len(floor.ear.heard)
    again = SteppingClock(started)
    floor.hub.clock = again
    await script(other, apart=True, clock=again)
    grouped, single = await written(floor), await written(other)
    for name, rows in single.items():
        assert grouped[name] == rows, name
    frames = [[_frame(one) for one in part if hasattr(one, "event")] for part in (
        floor.ear.heard[:heard], floor.ear.heard[heard:]
    )]
    assert frames[0] == frames[1]


def _frame(signal: Any) -> Any:
    frame = msgspec.json.decode(signal.event)
    return frame["e"], frame["s"], sorted(frame["d"]), (frame["d"].get("message") or {}).get("text")


async def test_words_never_overtake_a_picture_of_the_same_person(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    ana, bia = sender("5511900000001", "Ana"), sender("5511900000002", "Bia")
    media = (MediaRef(ref="ref", mime="image/png"),)
    deliveries = [await floor.delivery(floor.heard(line, one)) for one in (
        word("picture", at=clock.now(), sender=ana, kind="image", media=media),
        word("after it", at=clock.now(), sender=ana), word("at once", at=clock.now(), sender=bia),
    )]
    await asyncio.gather(*(arrivals.receive(floor.hub, floor.organization_id, one) for one in deliveries))
    assert [one.text for one in await floor.messages()] == ["at once"]
    await floor.take(floor.heard(line, word("last", at=clock.now(), sender=ana)))
    await floor.run()
    texts = [one.text for one in await floor.messages() if one.author_name == "Ana"]
    assert texts == ["picture", "after it", "last"]


async def test_a_signature_by_a_secret_that_has_changed_since_is_not_taken(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    delivery = arrivals.Delivery(
        provider=PROVIDER, vendor_key="k", headers={}, body=b"[]", order_key=None,
        parcels=floor.heard(line, word(at=clock.now())),
        signed_by=[arrivals.Signer(line.id, line.external_id, line.updated_at)],
    )
    clock.advance(seconds=1)
    async with floor.session() as session:
        found = await session.get_one(Channel, line.id)
        found.updated_at = clock.now()
        await session.flush()
    assert await arrivals.receive(floor.hub, floor.organization_id, delivery) is None
    assert await floor.count(Message) == await floor.count(intake.IntakeRow) == 0


async def test_what_the_database_cannot_bear_is_kept_and_the_others_are_done(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    bad = word("poison", at=clock.now(), vendor_id="in-\x00-nul", sender=sender("5511900000009"))
    good = [word(str(number), at=clock.now(), sender=sender(f"551190000001{number}")) for number in range(4)]
    taken = await asyncio.gather(*(floor.take(floor.heard(line, one)) for one in (*good[:2], bad, *good[2:])))
    assert taken == [True] * 5
    assert sorted(one.text for one in await floor.messages()) == ["0", "1", "2", "3"]
    await floor.run()
    async with floor.session() as session:
        states = sorted((await session.scalars(select(intake.IntakeRow.state))).all())
    assert states == ["failed", "processed", "processed", "processed", "processed"]


async def test_one_body_delivered_many_times_at_once_is_kept_once(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    body: list[Parcel] = floor.heard(line, word(at=clock.now(), vendor_id="same"))
    taken = await asyncio.gather(*(floor.take(body) for _ in range(20)))
    assert sorted(taken) == [False] * 19 + [True]
    assert (await floor.count(intake.IntakeRow), await floor.count(Message)) == (1, 2)  # the line of the opening


@pytest.mark.parametrize("others", [0, 2])
async def test_a_body_that_another_process_keeps_at_the_same_time_is_kept_once(
    floor: Floor, line: Channel, clock: SteppingClock, owner_engine: AsyncEngine, others: int
) -> None:
    """The look does not see it yet, the unique key does; whoever comes in the same group is not kept from theirs."""
    values = [word(f"{number}", at=clock.now(), sender=sender(f"551190000002{number}")) for number in range(others + 1)]
    deliveries = [await floor.delivery(floor.heard(line, one)) for one in values]
    async with floor.session() as session:
        session.add(intake.IntakeRow(
            id=new_id(), source=deliveries[0].key[0], vendor_key=deliveries[0].vendor_key, headers={},
            body=deliveries[0].body, state="processed", received_at=clock.now(), processed_at=clock.now(),
        ))
        await session.flush()
        taken = asyncio.gather(*(arrivals.receive(floor.hub, floor.organization_id, one) for one in deliveries))
        await until(lambda: is_waiting(owner_engine))
    assert await taken == [False] + [True] * others
    assert sorted(one.text for one in await floor.messages()) == [f"{number + 1}" for number in range(others)]
    async with floor.session() as session:
        kept = (await session.scalars(select(intake.IntakeRow).order_by(intake.IntakeRow.deliveries.desc()))).all()
    assert [one.deliveries for one in kept] == [2] + [1] * others
    assert {one.state for one in kept} == {"processed"}


async def test_an_event_with_a_reaction_that_knows_no_groups_is_written_one_at_a_time(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    heard: list[Any] = []

    async def react(_work: Any, event: MessageReceived) -> None:
        heard.append(event.message_id)

    reactions = floor.hub.reactions
    floor.hub.reactions = msgspec.structs.replace(reactions, same={
        **reactions.same, MessageReceived: (*reactions.same[MessageReceived], react),
    })
    await floor.take(floor.heard(line, word(at=clock.now())))
    assert heard == []
    await floor.run()
    assert len(heard) == 1


@pytest.mark.parametrize("apart", [True, False])
async def test_whoever_has_the_conversation_is_told(
    floor: Floor, line: Channel, clock: SteppingClock, *, apart: bool
) -> None:
    ana = await floor.actor()

    async def write() -> None:
        await floor.take(floor.heard(line, word("in", at=clock.now())), apart=apart)
        await floor.run()

    await write()
    conversation = await floor.conversation()
    async with floor.hub.work(ana) as work:
        await threads.accept(work, conversation.id)
    await write()
    async with floor.session() as session:
        (told,) = (await session.scalars(select(Notification))).all()
    assert (told.user_id, told.kind, told.text) == (ana.user_id, "message", "in")


async def test_visitors_words_keep_their_order_and_are_said_once(floor: Floor, clock: SteppingClock) -> None:
    site = await floor.channel("webchat")
    vera, wim = await floor.visitor(site, "Vera"), await floor.visitor(site, "Wim")
    for visitor in (vera, wim):
        await floor.say(visitor, "first")
    said = await asyncio.gather(*(
        floor.say(visitor, str(number), client_id=f"client-{number % 8}")
        for number in range(8) for visitor in (vera, wim, vera)
    ))
    assert sum(created for _, _, created in said) == 16
    for visitor in (vera, wim):
        conversation_id = (await floor.say(visitor, "0", client_id="client-0"))[1]
        assert [one.text for one in await floor.messages(conversation_id)] == ["first", *map(str, range(8))]
        await floor.assert_gapless(conversation_id)


async def test_a_visitor_who_sends_something_else_under_the_same_id_is_refused(floor: Floor) -> None:
    vera = await floor.visitor(await floor.channel("webchat"))
    await floor.say(vera, "first")
    await floor.say(vera, "one", client_id="client-1")
    with pytest.raises(Conflict, match="client_id_reused"):
        await floor.say(vera, "another", client_id="client-1")


async def test_what_changed_around_a_conversation_while_its_lock_was_waited_for_is_read_again(
    floor: Floor, line: Channel, clock: SteppingClock, owner_engine: AsyncEngine
) -> None:
    """The engagement that was open when the statement began is not the one to write in."""
    ana = await floor.actor()
    await floor.receive(line, word("first", at=clock.now(), vendor_id=f"{line.id}-1"))
    async with floor.session() as session:
        (conversation,) = (await session.scalars(select(Conversation))).all()
        before = await session.scalar(select(Engagement.id))
    async with floor.hub.work(ana) as work:
        await threads.accept(work, conversation.id)
    delivery = await floor.delivery(floor.heard(line, word("second", at=clock.now(), vendor_id=f"{line.id}-2")))
    async with floor.hub.work(ana) as work:
        await threads.close(work, conversation.id)
        await threads.reopen(work, conversation.id)
        waiting = asyncio.create_task(arrivals.receive(floor.hub, floor.organization_id, delivery))
        await until(lambda: is_waiting(owner_engine))
    assert await waiting
    async with floor.session() as session:
        said = (await session.scalars(select(Message).where(Message.text == "second"))).one()
        after = await session.scalar(select(Engagement.id).where(Engagement.closed_at.is_(None)))
    assert said.engagement_id == after != before


async def test_a_group_leaves_nothing_that_holds_itself(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    """Else the collector stops the process for it, in the middle of a storm."""
    for number in range(2):  # the second time nothing is loaded or planned
        values = [word(f"{number}", at=clock.now(), vendor_id=f"{line.id}-{number}{letter}") for letter in "abc"]
        delivery = await floor.delivery(floor.heard(line, *values))
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            await arrivals.receive(floor.hub, floor.organization_id, delivery)
            gc.collect()
            left = {type(one).__name__ for one in gc.garbage}
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
    assert not left & {"Page", "Bulk", "Written", "Standing", "Happened", "Delivery"}


async def test_many_who_knock_at_once_have_the_doors_read_once(floor: Floor, line: Channel) -> None:
    doors, asked = Doors(floor.hub, PROVIDER), 0

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal asked
        asked += "FROM channels" in statement

    engine = floor.hub.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        found = await asyncio.gather(*(doors.of(floor.organization_id) for _ in range(50)))
        assert {tuple(door.id for door in one) for one in found} == {(line.id,)}
        assert asked <= 2  # one for the first, one for those who came meanwhile
        await asyncio.gather(*(doors.of(floor.organization_id, again=True) for _ in range(50)))
        assert asked <= 4
    finally:
        event.remove(engine, "before_cursor_execute", count)


async def test_what_was_looked_at_ahead_is_judged_like_everything_else(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    await floor.receive(line, word("hello", at=clock.now(), vendor_id=f"{line.id}-1"))
    async with floor.session() as session:
        conversation_id = await session.scalar(select(Conversation.id))
    seen = await pages.ahead(floor.hub, floor.organization_id, conversation_id)
    ana, nobody = await floor.actor(), msgspec.structs.replace(await floor.actor(), permissions=frozenset())
    other = await another_floor(floor.hub)
    stranger = await other.actor("owner")

    shown = await pages.page(floor.hub, ana, conversation_id, ahead=seen)
    assert shown == await pages.page(floor.hub, ana, conversation_id)
    assert [one.text for one in shown.results][-1] == "hello"
    with pytest.raises(Forbidden):
        await pages.page(floor.hub, nobody, conversation_id, ahead=seen)
    with pytest.raises(NotFound):
        await pages.page(floor.hub, stranger, conversation_id, ahead=seen)
    async with floor.session() as session:
        await session.execute(update(Conversation).values(department_id=await floor.department()))
    with pytest.raises(NotFound):
        await pages.page(floor.hub, ana, conversation_id,
                         ahead=await pages.ahead(floor.hub, floor.organization_id, conversation_id))
    assert await pages.ahead(floor.hub, floor.organization_id, conversation_id, after=1) is None
    assert await pages.ahead(floor.hub, floor.organization_id, conversation_id, limit=0) is None


async def test_a_start_without_the_database_needs_no_rehearsal(floor: Floor) -> None:
    await arrivals.rehearse(floor.hub)
    async with bare_hub("postgresql://x@127.0.0.1:1/x") as away:
        await arrivals.rehearse(away)
