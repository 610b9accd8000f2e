"""A snoozed conversation is out of the way until the clock, the customer or a colleague brings it back, once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.channels.models import Channel
from hub.conversations import snoozing, threads, views
from hub.conversations.views import Wanted
from hub.core.access import Actor
from hub.core.clock import SteppingClock
from hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from hub.core.runner import run_leased
from tests.hub.conversations.floor import Floor, word
from tests.hub.conversations.test_crashes import dies


@pytest.fixture
async def conversation_id(floor: Floor, line: Channel) -> Any:
    await floor.receive(line, word(at=floor.hub.clock.now()))
    return (await floor.conversation()).id


async def snooze(floor: Floor, actor: Actor, conversation_id: Any, **span: float) -> Any:
    async with floor.hub.work(actor) as work:
        return await snoozing.snooze(work, conversation_id, work.now + timedelta(**span))


async def lines(floor: Floor) -> list[tuple[str, Any]]:
    return [(one.content["event"], one.content.get("reason")) for one in await floor.messages(lines=True)
            if one.content.get("event") in ("snoozed", "resumed")]


async def test_a_snoozed_one_is_only_in_its_own_view(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    async with floor.hub.work(ana) as work:
        await threads.accept(work, conversation_id)
    row = await snooze(floor, ana, conversation_id, hours=1)
    async with floor.hub.work(ana) as work:
        sizes = {view: len((await views.page(work, Wanted(view=view))).results) for view in ("mine", "all", "snoozed")}
        counts = await views.counts(work)
    assert sizes == {"mine": 0, "all": 0, "snoozed": 1}
    assert (counts.mine, counts.all, counts.unread, counts.snoozed) == (0, 0, 0, 1)
    assert row.snoozed_until == floor.hub.clock.now() + timedelta(hours=1)
    (shown,) = [one for one in floor.ear.of(conversation_id) if b"conversation.snoozed" in bytes(one.event)]
    assert b'"snoozed_until":"' in bytes(shown.row)
    assert bytes(shown.visitor_event) == b"null"  # no visitor looks at a channel of this kind


async def test_the_time_brings_it_back(floor: Floor, conversation_id: Any, clock: SteppingClock) -> None:
    await snooze(floor, await floor.actor(), conversation_id, hours=1)
    clock.advance(minutes=59)
    assert "resume" not in await floor.run()
    clock.advance(minutes=2)
    assert "resume" in await floor.run()
    assert (await floor.conversation()).snoozed_until is None
    assert await lines(floor) == [("snoozed", None), ("resumed", "time")]


async def test_the_customers_word_brings_it_back_before_it_is_shown(
    floor: Floor, line: Channel, conversation_id: Any, clock: SteppingClock
) -> None:
    await snooze(floor, await floor.actor(), conversation_id, hours=1)
    await floor.receive(line, word("back", at=clock.now()))
    clock.advance(hours=2)
    await floor.run()
    events = [event.type for event in await floor.events(conversation_id)]
    assert events[-2:] == ["conversation.resumed", "message.received"]
    assert await lines(floor) == [("snoozed", None), ("resumed", "customer")]


async def test_a_colleague_brings_it_back_and_twice_is_once(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    await snooze(floor, ana, conversation_id, hours=1)
    for _ in range(2):
        async with floor.hub.work(ana) as work:
            assert (await snoozing.resume(work, conversation_id)).snoozed_until is None
    assert await lines(floor) == [("snoozed", None), ("resumed", "agent")]


async def test_a_later_time_replaces_an_earlier_one_and_the_same_is_no_new_event(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    for hours in (1, 3, 3):
        await snooze(floor, ana, conversation_id, hours=hours)
    clock.advance(hours=2)
    await floor.run()
    assert (await floor.conversation()).snoozed_until is not None
    clock.advance(hours=2)
    await floor.run()
    assert await lines(floor) == [("snoozed", None), ("snoozed", None), ("resumed", "time")]


async def test_the_same_time_again_after_coming_back_still_brings_it_back(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    for _ in range(2):
        async with floor.hub.work(ana) as work:
            await snoozing.resume(work, conversation_id)
        await snooze(floor, ana, conversation_id, hours=1)
    clock.advance(hours=1)
    await floor.run()
    assert (await floor.conversation()).snoozed_until is None
    assert [reason for event, reason in await lines(floor) if event == "resumed"] == ["agent", "time"]


async def test_customer_clock_and_colleague_at_once_resume_it_once(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana, visitor = await floor.actor(), await floor.visitor(await floor.channel("webchat"))
    _, thread_id, _ = await floor.say(visitor)
    for round_number in range(5):
        await snooze(floor, ana, thread_id, hours=1)
        clock.advance(hours=1)
        job = await floor.claim("resume")
        assert job is not None

        async def by_hand() -> None:
            async with floor.hub.work(ana) as work:
                await snoozing.resume(work, thread_id)

        await asyncio.gather(floor.say(visitor, "hello"), run_leased(floor.hub, job), by_hand())
        resumed = [one for one in await lines(floor) if one[0] == "resumed"]
        assert len(resumed) == round_number + 1
    await floor.assert_gapless(thread_id)


async def test_a_timer_that_dies_at_any_statement_resumes_it_once(
    floor: Floor, conversation_id: Any, engine: AsyncEngine, clock: SteppingClock
) -> None:
    ana, statement, alive = await floor.actor(), 1, False
    while not alive:
        await snooze(floor, ana, conversation_id, seconds=1)
        clock.advance(seconds=1)
        alive = not await dies(floor, engine, "resume", statement)
        clock.advance(seconds=11)
        await floor.run()
        statement += 1
    assert statement > 8
    assert len([one for one in await lines(floor) if one[0] == "resumed"]) == statement - 1
    await floor.assert_gapless(conversation_id)


async def test_closing_ends_a_snooze_without_another_line(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    await snooze(floor, ana, conversation_id, hours=1)
    async with floor.hub.work(ana) as work:
        assert (await threads.close(work, conversation_id)).snoozed_until is None
    clock.advance(hours=2)
    await floor.run()
    assert await lines(floor) == [("snoozed", None)]
    with pytest.raises(Conflict, match="conversation_closed"):
        await snooze(floor, ana, conversation_id, hours=1)


@pytest.mark.parametrize("span", [{"seconds": 0}, {"hours": -1}, {"days": 367}])
async def test_only_the_next_year_will_do(floor: Floor, conversation_id: Any, span: dict[str, float]) -> None:
    with pytest.raises(Invalid):
        await snooze(floor, await floor.actor(), conversation_id, **span)


async def test_viewers_and_strangers_snooze_nothing(floor: Floor, stranger: Floor, conversation_id: Any) -> None:
    with pytest.raises(Forbidden):
        await snooze(floor, await floor.actor("viewer"), conversation_id, hours=1)
    with pytest.raises(NotFound):
        await snooze(stranger, await stranger.actor("owner"), conversation_id, hours=1)
