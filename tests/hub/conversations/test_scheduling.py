"""An answer for later is sent once, when due, as the one who wrote it; or it says why it was not."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.accounts.models import User
from hub.channels.models import Channel
from hub.conversations import drafts, messages, notifications, scheduling, threads
from hub.conversations.scheduling import ScheduleDraft, SchedulePatch
from hub.core.access import Actor
from hub.core.clock import SteppingClock
from hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from hub.core.runner import run_leased
from hub.core.signals import ScheduledSignal
from tests.hub.conversations.floor import Floor, word
from tests.hub.conversations.test_crashes import dies


@pytest.fixture
async def conversation_id(floor: Floor, line: Channel) -> Any:
    await floor.receive(line, word(at=floor.hub.clock.now()))
    return (await floor.conversation()).id


async def schedule(floor: Floor, actor: Actor, conversation_id: Any, text: str = "Later", **fields: Any) -> Any:
    fields = {"client_id": uuid4().hex, **fields}
    span = fields.pop("span", {"hours": 1})
    async with floor.hub.work(actor) as work:
        draft = ScheduleDraft(text=text, send_at=work.now + timedelta(**span), **fields)
        return (await scheduling.schedule(work, conversation_id, draft))[0]


async def change(floor: Floor, actor: Actor, one: Any, **patch: Any) -> Any:
    async with floor.hub.work(actor) as work:
        return await scheduling.change(work, one.conversation_id, one.id, SchedulePatch(**patch))


async def states(floor: Floor, conversation_id: Any) -> list[tuple[str, str, str | None]]:
    """(text, state, code of failure), the first that was due first."""
    async with floor.hub.work(floor.system) as work:
        found = (await scheduling.listed(work, conversation_id)).results
    return [(one.text, one.state, (one.error or {}).get("code")) for one in reversed(found)]


async def said(floor: Floor) -> list[str]:
    return [one.text for one in await floor.messages() if one.author != "customer"]


async def test_it_is_sent_when_due_as_its_author_and_shown_with_its_message(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor(name="Ana Demo")
    await schedule(floor, ana, conversation_id)
    clock.advance(minutes=59)
    await floor.run()
    assert await said(floor) == []
    clock.advance(minutes=1)
    await floor.run()
    (message,) = [one for one in await floor.messages() if one.author == "agent"]
    assert (message.text, message.author_id, message.author_name, message.state) == (
        "Later", ana.user_id, "Ana Demo", "sent")
    assert [one.text for one in floor.adapter.sent] == ["Later"]
    assert (await floor.conversation()).assignee_id == ana.user_id
    shown = [bytes(one.frame) for one in floor.ear.heard if isinstance(one, ScheduledSignal)]
    assert len(shown) == 2
    assert b'"state":"sent"' in shown[1]
    assert str(message.id).encode() in shown[1]


async def test_the_same_client_id_schedules_once_and_other_words_are_refused(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    first = await schedule(floor, ana, conversation_id, client_id="client-0001")
    assert (await schedule(floor, ana, conversation_id, client_id="client-0001")).id == first.id
    with pytest.raises(Conflict, match="client_id_reused"):
        await schedule(floor, ana, conversation_id, "Other", client_id="client-0001")
    clock.advance(hours=1)
    await floor.run()
    assert await said(floor) == ["Later"]


async def test_new_words_and_another_time_count_and_the_old_time_does_nothing(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    one = await schedule(floor, ana, conversation_id)
    await change(floor, ana, one, text="Better", send_at=clock.now() + timedelta(hours=3))
    clock.advance(hours=2)
    await floor.run()
    assert await said(floor) == []
    await change(floor, ana, one, send_at=clock.now() + timedelta(minutes=1))
    clock.advance(hours=2)
    await floor.run()
    assert await said(floor) == ["Better"]


async def test_what_is_cancelled_is_not_sent_and_stays_so(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana, bea, boss = await floor.actor(), await floor.actor(), await floor.actor("manager")
    first, second = await schedule(floor, ana, conversation_id), await schedule(floor, ana, conversation_id, "Two")
    async with floor.hub.work(bea) as work:
        with pytest.raises(Forbidden, match="not_the_author"):
            await scheduling.cancel(work, conversation_id, first.id)
    for actor, one in ((ana, first), (boss, second)):
        async with floor.hub.work(actor) as work:
            assert (await scheduling.cancel(work, conversation_id, one.id)).state == "cancelled"
    with pytest.raises(Conflict, match="not_waiting"):
        await change(floor, ana, first, text="x")
    clock.advance(hours=1)
    await floor.run()
    assert await said(floor) == []


async def test_only_the_author_changes_the_words(floor: Floor, conversation_id: Any) -> None:
    one = await schedule(floor, await floor.actor(), conversation_id)
    with pytest.raises(Forbidden, match="not_the_author"):
        await change(floor, await floor.actor("owner"), one, text="x")


async def test_a_closed_window_fails_it_with_its_code_and_a_notification(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    await schedule(floor, ana, conversation_id, span={"hours": 25})
    clock.advance(hours=25)
    await floor.run()
    assert await states(floor, conversation_id) == [("Later", "failed", "window_closed")]
    async with floor.hub.work(ana) as work:
        (told,) = (await notifications.page(work)).results
    assert (told.kind, told.conversation_id) == ("unsent", conversation_id)
    assert await said(floor) == []
    await floor.assert_gapless(conversation_id)


async def test_rights_that_were_lost_meanwhile_fail_it(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    demoted, gone, outside = await floor.actor(), await floor.actor(), await floor.actor()
    for actor in (demoted, gone, outside):
        await schedule(floor, actor, conversation_id)
    async with floor.session() as session:
        await session.execute(update(User).where(User.id == demoted.user_id).values(role="viewer"))
        await session.execute(update(User).where(User.id == gone.user_id).values(is_active=False))
    async with floor.hub.work(await floor.actor("owner")) as work:
        await threads.assign(work, conversation_id, user_id=None, department_id=await floor.department())
    clock.advance(hours=1)
    await floor.run()
    assert await states(floor, conversation_id) == [("Later", "failed", "forbidden")] * 3
    assert await said(floor) == []


async def test_it_reopens_what_was_closed_meanwhile(floor: Floor, conversation_id: Any, clock: SteppingClock) -> None:
    ana = await floor.actor()
    await schedule(floor, ana, conversation_id)
    async with floor.hub.work(ana) as work:
        await threads.close(work, conversation_id)
    clock.advance(hours=1)
    await floor.run()
    assert (await floor.conversation()).status == "open"
    assert await said(floor) == ["Later"]


async def test_it_leaves_what_its_author_is_writing_at_that_moment(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    await schedule(floor, ana, conversation_id)
    async with floor.hub.work(ana) as work:
        await drafts.keep(work, conversation_id, "reply", "in the middle of")
    clock.advance(hours=1)
    await floor.run()
    async with floor.hub.work(ana) as work:
        assert (await drafts.of(work, conversation_id)).reply is not None


async def test_a_job_that_dies_at_any_statement_sends_once(
    floor: Floor, conversation_id: Any, engine: AsyncEngine, clock: SteppingClock
) -> None:
    ana, statement, alive = await floor.actor(), 1, False
    while not alive:
        await schedule(floor, ana, conversation_id, str(statement), span={"seconds": 1})
        clock.advance(seconds=1)
        alive = not await dies(floor, engine, "send_scheduled", statement)
        clock.advance(seconds=11)
        await floor.run()
        statement += 1
    assert statement > 20
    assert await said(floor) == [str(number) for number in range(1, statement)]
    assert {state for _, state, _ in await states(floor, conversation_id)} == {"sent"}
    await floor.assert_gapless(conversation_id)


async def test_a_refusal_that_dies_at_any_statement_fails_once(
    floor: Floor, conversation_id: Any, engine: AsyncEngine, clock: SteppingClock
) -> None:
    ana, statement, alive = await floor.actor(), 1, False
    clock.advance(days=2)
    while not alive:
        await schedule(floor, ana, conversation_id, str(statement), span={"seconds": 1})
        clock.advance(seconds=1)
        alive = not await dies(floor, engine, "send_scheduled", statement)
        clock.advance(seconds=11)
        await floor.run()
        statement += 1
    assert statement > 20
    assert {state for _, state, _ in await states(floor, conversation_id)} == {"failed"}
    assert await said(floor) == []


async def test_two_timers_of_one_answer_at_once_send_it_once(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    for number in range(4):
        one = await schedule(floor, ana, conversation_id, str(number))
        for minutes in (59, 60):
            await change(floor, ana, one, send_at=clock.now() + timedelta(minutes=minutes))
        clock.advance(hours=1)
        jobs = [await floor.claim("send_scheduled") for _ in range(3)]
        await asyncio.gather(*(run_leased(floor.hub, job) for job in jobs if job))
        await floor.run()
    assert await said(floor) == ["0", "1", "2", "3"]


async def test_cancelling_at_the_moment_it_is_due_is_one_or_the_other(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()

    async def cancel(scheduled_id: UUID) -> None:
        async with floor.hub.work(ana) as work:
            await scheduling.cancel(work, conversation_id, scheduled_id)

    for number in range(5):
        one = await schedule(floor, ana, conversation_id, str(number))
        clock.advance(hours=1)
        job = await floor.claim("send_scheduled")
        assert job is not None
        await asyncio.gather(run_leased(floor.hub, job), cancel(one.id), return_exceptions=True)
    found = await states(floor, conversation_id)
    assert {state for _, state, _ in found} <= {"sent", "cancelled"}
    assert await said(floor) == [text for text, state, _ in found if state == "sent"]


@pytest.mark.parametrize("fields", [
    {"text": " "}, {"text": "x" * 4097}, {"span": {"seconds": 0}}, {"span": {"days": 367}},
    {"client_id": "a\x00bcdefgh"},
])
async def test_what_could_never_be_sent_is_refused_at_once(
    floor: Floor, conversation_id: Any, fields: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        await schedule(floor, await floor.actor(), conversation_id, **fields)


async def test_a_foreign_attachment_and_quotation_are_not_there(
    floor: Floor, stranger: Floor, conversation_id: Any
) -> None:
    ana = await floor.actor()
    visitor = await stranger.visitor(await stranger.channel("webchat"))
    foreign, thread_id, _ = await stranger.say(visitor)
    for fields in ({"attachment_ids": [uuid4()]}, {"reply_to_id": foreign.id}):
        with pytest.raises(NotFound):
            await schedule(floor, ana, conversation_id, **fields)
    with pytest.raises(NotFound):
        await schedule(floor, ana, thread_id)


async def test_viewers_schedule_nothing(floor: Floor, conversation_id: Any) -> None:
    with pytest.raises(Forbidden):
        await schedule(floor, await floor.actor("viewer"), conversation_id)


async def test_somebody_elses_message_under_the_reserved_id_does_not_count_as_sent(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana, bea = await floor.actor(), await floor.actor()
    one = await schedule(floor, ana, conversation_id)
    async with floor.hub.work(bea) as work:
        await messages.reply(work, conversation_id, messages.Draft(client_id=f"scheduled:{one.id}", text="Mine"))
    clock.advance(hours=1)
    await floor.run()
    assert await said(floor) == ["Mine", "Later"]
