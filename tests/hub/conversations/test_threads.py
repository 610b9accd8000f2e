"""One owner at a time, whoever clicks first; closing and reopening make engagements."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from hub.channels.models import Channel
from hub.conversations import tags, threads, views
from hub.conversations.models import Engagement
from hub.conversations.tags import TagDraft, TagPatch
from hub.core.access import Actor
from hub.core.clock import SteppingClock
from hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from tests.hub.conversations.floor import Floor, word


@pytest.fixture
async def conversation_id(floor: Floor, line: Channel) -> Any:
    await floor.receive(line, word(at=floor.hub.clock.now()))
    return (await floor.conversation()).id


async def accept(floor: Floor, actor: Actor, conversation_id: Any) -> Any:
    async with floor.hub.work(actor) as work:
        return await threads.accept(work, conversation_id)


async def test_of_eight_who_accept_at_once_one_wins_and_the_others_learn_who(
    floor: Floor, conversation_id: Any
) -> None:
    people = [await floor.actor(name=f"Agent {number}") for number in range(8)]
    outcomes = await asyncio.gather(*(accept(floor, one, conversation_id) for one in people), return_exceptions=True)
    winners = [one for one in outcomes if not isinstance(one, BaseException)]
    losers = [one for one in outcomes if isinstance(one, Conflict)]
    assert (len(winners), len(losers)) == (1, 7)
    owner = winners[0].assignee
    assert {(one.code, one.extra["assignee"]["name"]) for one in losers} == {("already_taken", owner.name)}
    assert [event.type for event in await floor.events(conversation_id)].count("conversation.accepted") == 1


async def test_accepting_twice_is_no_new_event(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    first = await accept(floor, ana, conversation_id)
    assert (await accept(floor, ana, conversation_id)).head_seq == first.head_seq


async def test_the_log_of_owners_replays_to_the_present_one(floor: Floor, conversation_id: Any) -> None:
    ana, bea = await floor.actor(), await floor.actor()
    await accept(floor, ana, conversation_id)
    async with floor.hub.work(ana) as work:
        await threads.assign(work, conversation_id, user_id=bea.user_id)
    async with floor.hub.work(bea) as work:
        await threads.assign(work, conversation_id, user_id=None)
    await accept(floor, bea, conversation_id)
    owner = None
    for event in await floor.events(conversation_id):
        if event.type == "conversation.opened":
            owner = None
        if event.type in ("conversation.accepted", "conversation.assigned"):
            owner = event.data["user_id"]
    assert owner == str((await floor.conversation()).assignee_id) == str(bea.user_id)


async def test_assigning_needs_an_active_colleague_who_may_answer(
    floor: Floor, stranger: Floor, conversation_id: Any
) -> None:
    ana, gone = await floor.actor(), await floor.actor(active=False)
    foreign, viewer = await stranger.actor(), await floor.actor("viewer")
    for user_id, error in ((gone.user_id, NotFound), (foreign.user_id, NotFound), (uuid4(), NotFound),
                           (viewer.user_id, Invalid)):
        async with floor.hub.work(ana) as work:
            with pytest.raises(error):
                await threads.assign(work, conversation_id, user_id=user_id)


async def test_a_foreign_department_is_not_there(floor: Floor, stranger: Floor, conversation_id: Any) -> None:
    async with floor.hub.work(await floor.actor()) as work:
        with pytest.raises(NotFound):
            await threads.assign(work, conversation_id, user_id=None, department_id=await stranger.department())


async def test_who_gives_a_conversation_away_gets_the_row_and_no_longer_sees_it(
    floor: Floor, conversation_id: Any
) -> None:
    ana, support = await floor.actor(), await floor.department("Support")
    async with floor.hub.work(ana) as work:
        row = await threads.assign(work, conversation_id, user_id=None, department_id=support)
    assert row.department.id == support
    async with floor.hub.work(ana) as work:
        with pytest.raises(NotFound):
            await views.detail(work, conversation_id)


async def test_closing_and_reopening_make_engagements(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    await accept(floor, ana, conversation_id)
    for _ in range(2):
        async with floor.hub.work(ana) as work:
            await threads.close(work, conversation_id, disposition="sold")
    async with floor.hub.work(ana) as work:
        assert (await threads.reopen(work, conversation_id)).assignee.id == ana.user_id
    async with floor.session() as session:
        found = (await session.scalars(select(Engagement).order_by(Engagement.number))).all()
    assert [(one.number, one.disposition, one.closed_at is not None) for one in found] == [
        (1, "sold", True), (2, None, False),
    ]
    assert (await floor.conversation()).status == "open"


async def test_a_closed_conversation_is_neither_accepted_nor_assigned(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    async with floor.hub.work(ana) as work:
        await threads.close(work, conversation_id)
    with pytest.raises(Conflict, match="conversation_closed"):
        await accept(floor, ana, conversation_id)
    async with floor.hub.work(ana) as work:
        with pytest.raises(Conflict, match="conversation_closed"):
            await threads.assign(work, conversation_id, user_id=ana.user_id)


async def test_tags_are_set_exactly_and_once(floor: Floor, conversation_id: Any) -> None:
    boss, ana = await floor.actor("manager"), await floor.actor()
    async with floor.hub.work(boss) as work:
        made = [await tags.create(work, TagDraft(name=name)) for name in ("vip", "angry")]
    for wanted in (made, made, made[:1]):
        async with floor.hub.work(ana) as work:
            row = await threads.tag(work, conversation_id, [one.id for one in wanted])
    assert [one.name for one in row.tags] == ["vip"]
    assert [event.type for event in await floor.events(conversation_id)].count("conversation.tagged") == 2


async def test_a_foreign_tag_is_not_there(floor: Floor, stranger: Floor, conversation_id: Any) -> None:
    async with stranger.hub.work(await stranger.actor("owner")) as work:
        foreign = await tags.create(work, TagDraft(name="theirs"))
    async with floor.hub.work(await floor.actor("owner")) as work:
        with pytest.raises(NotFound):
            await threads.tag(work, conversation_id, [foreign.id])
        with pytest.raises(NotFound):
            await tags.delete(work, foreign.id)


async def test_tags_are_managers_business_and_have_one_name_each(floor: Floor) -> None:
    async with floor.hub.work(await floor.actor()) as work:
        with pytest.raises(Forbidden):
            await tags.create(work, TagDraft(name="vip"))
    boss = await floor.actor("manager")
    async with floor.hub.work(boss) as work:
        first = await tags.create(work, TagDraft(name="vip"))
        assert (await tags.change(work, first.id, TagPatch(color="#FF0000"))).color == "#ff0000"
    with pytest.raises(Conflict, match="tag_exists"):
        async with floor.hub.work(boss) as work:
            await tags.create(work, TagDraft(name="vip"))


async def test_a_row_tells_what_may_be_done(floor: Floor, conversation_id: Any, clock: SteppingClock) -> None:
    ana = await floor.actor()
    async with floor.hub.work(ana) as work:
        detail = await views.detail(work, conversation_id)
    assert (detail.window.open, detail.can.reply, detail.can.accept, detail.can.reopen) == (True, True, True, False)
    assert detail.contact.handle == "+5511987654321"
    clock.advance(days=2)
    async with floor.hub.work(ana) as work:
        detail = await views.detail(work, conversation_id)
    assert (detail.window.open, detail.can.reply, detail.can.note) == (False, False, True)
