"""Sending out: at most once or flagged; states move forward, whatever order the news comes in."""

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.channels.models import Channel
from hub.channels.ports import OutboundMessage, Refused, Sent, Throttled, Uncertain
from hub.conversations import delivery, messages, rules
from hub.conversations.models import Delivery, Message, PendingReceipt
from hub.core import outbox
from hub.core.access import Actor
from hub.core.clock import SteppingClock
from hub.core.errors import Conflict
from hub.core.runner import run_leased
from tests.hub.conversations.floor import Floor, receipt, word

STATES = ("sent", "delivered", "read", "failed")


@pytest.fixture
async def ana(floor: Floor) -> Actor:
    return await floor.actor()


@pytest.fixture
async def conversation_id(floor: Floor, line: Channel) -> Any:
    await floor.receive(line, word(at=floor.hub.clock.now(), vendor_id="in-1"))
    return (await floor.conversation()).id


async def state(floor: Floor, message_id: Any) -> str:
    return next(one.state for one in await floor.messages() if one.id == message_id)


async def test_an_answer_goes_out_in_order_and_every_step_is_kept(
    floor: Floor, ana: Actor, conversation_id: Any
) -> None:
    first = await floor.reply(ana, conversation_id, "one")
    await floor.reply(ana, conversation_id, "two")
    await floor.run()
    assert [one.text for one in floor.adapter.sent] == ["one", "two"]
    assert floor.adapter.sent[0].to == (("whatsapp", "5511987654321"),)
    async with floor.session() as session:
        steps = (await session.scalars(
            select(Delivery.state).where(Delivery.message_id == first.id).order_by(Delivery.id)
        )).all()
    assert steps == ["queued", "sending", "sent"]
    await floor.assert_gapless(conversation_id)


async def test_a_crash_while_sending_is_flagged_and_never_sent_twice(
    floor: Floor, ana: Actor, conversation_id: Any, clock: SteppingClock
) -> None:
    made = await floor.reply(ana, conversation_id)

    async def die(_message: OutboundMessage) -> None:
        raise asyncio.CancelledError

    floor.adapter.answers = [die]
    job = await floor.claim("deliver")
    with pytest.raises(asyncio.CancelledError):
        await run_leased(floor.hub, job)  # type: ignore[arg-type]
    assert await state(floor, made.id) == "sending"
    clock.advance(seconds=11)
    await floor.run()
    assert await state(floor, made.id) == "uncertain"
    assert len(floor.adapter.sent) == 1


async def test_a_runner_that_lost_its_lease_cannot_settle(
    floor: Floor, ana: Actor, conversation_id: Any, clock: SteppingClock
) -> None:
    made = await floor.reply(ana, conversation_id)

    async def sleep_through(message: OutboundMessage) -> object:
        clock.advance(seconds=11)
        other = await floor.claim("deliver")
        await run_leased(floor.hub, other)  # type: ignore[arg-type]
        return Sent(vendor_id="too-late")

    floor.adapter.answers = [sleep_through]
    await floor.run()
    assert len(floor.adapter.sent) == 1
    assert await state(floor, made.id) == "uncertain"
    assert all(one.vendor_id != "too-late" for one in await floor.messages())


@pytest.mark.parametrize("trouble", [Uncertain("no_answer"), RuntimeError("boom"), TimeoutError()])
async def test_whatever_breaks_after_the_call_began_is_uncertain(
    floor: Floor, ana: Actor, conversation_id: Any, trouble: Exception
) -> None:
    made = await floor.reply(ana, conversation_id)
    floor.adapter.answers = [trouble]
    await floor.run()
    assert await state(floor, made.id) == "uncertain"
    assert len(floor.adapter.sent) == 1


async def test_a_refusal_is_final_and_the_rest_keep_their_turn(
    floor: Floor, line: Channel, ana: Actor, conversation_id: Any
) -> None:
    first = await floor.reply(ana, conversation_id, "one")
    second = await floor.reply(ana, conversation_id, "two")
    floor.adapter.answers = [Refused("token_invalid", "expired", channel_down=True)]
    await floor.run()
    assert (await state(floor, first.id), await state(floor, second.id)) == ("failed", "sent")
    async with floor.session() as session:
        assert (await session.get(Channel, line.id)).health["status"] == "failing"
        error = await session.scalar(select(Message.error).where(Message.id == first.id))
    assert error == {"code": "token_invalid", "detail": "expired"}


async def test_a_throttled_message_waits_its_time_and_keeps_its_place(
    floor: Floor, ana: Actor, conversation_id: Any, clock: SteppingClock
) -> None:
    made = await floor.reply(ana, conversation_id, "one")
    await floor.reply(ana, conversation_id, "two")
    floor.adapter.answers = [Throttled("throttled", after=6)]
    await floor.run()
    assert await state(floor, made.id) == "queued"
    clock.advance(seconds=6)
    await floor.run()
    assert [one.text for one in floor.adapter.sent] == ["one", "one", "two"]


async def test_what_failed_or_is_uncertain_can_be_sent_again(
    floor: Floor, ana: Actor, conversation_id: Any
) -> None:
    made = await floor.reply(ana, conversation_id)
    for trouble in (Uncertain("no_answer"), Refused("refused")):
        floor.adapter.answers = [trouble]
        await floor.run()
        async with floor.hub.work(ana) as work:
            assert (await messages.resend(work, conversation_id, made.id)).state == "queued"
    await floor.run()
    assert (await state(floor, made.id), len(floor.adapter.sent)) == ("sent", 3)
    async with floor.hub.work(ana) as work:
        with pytest.raises(Conflict, match="not_resendable"):
            await messages.resend(work, conversation_id, made.id)


async def test_an_old_failure_does_not_fail_the_new_attempt(
    floor: Floor, line: Channel, ana: Actor, conversation_id: Any, clock: SteppingClock
) -> None:
    made = await floor.reply(ana, conversation_id)
    await floor.run()
    old = next(one.vendor_id for one in await floor.messages() if one.id == made.id)
    await floor.receive(line, receipt(old, "failed", clock.now(), code="not_deliverable"))
    async with floor.hub.work(ana) as work:
        await messages.resend(work, conversation_id, made.id)
    await floor.take(floor.heard(line, receipt(old, "failed", clock.now(), seconds=1, our_id=made.id)))
    job = await floor.claim("intake")
    await run_leased(floor.hub, job)  # type: ignore[arg-type]
    assert await state(floor, made.id) == "queued"
    await floor.run()
    assert await state(floor, made.id) == "sent"


@pytest.mark.parametrize("order", list(itertools.permutations(STATES)), ids="-".join)
async def test_receipts_end_the_same_in_every_order(
    floor: Floor, line: Channel, ana: Actor, conversation_id: Any, clock: SteppingClock, order: tuple[str, ...]
) -> None:
    made = await floor.reply(ana, conversation_id)
    await floor.run()
    vendor_id = next(one.vendor_id for one in await floor.messages() if one.id == made.id)
    for one in order:
        await floor.receive(line, receipt(vendor_id, one, clock.now(), seconds=STATES.index(one)))
    assert await state(floor, made.id) == "read"
    async with floor.session() as session:
        kept = (await session.scalars(select(Delivery.state).where(Delivery.source == "receipt"))).all()
    assert sorted(kept) == sorted(STATES)


@given(st.lists(st.sampled_from(STATES), max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=300, suppress_health_check=[HealthCheck.differing_executors])
def test_the_end_depends_on_what_came_not_when(receipts: list[str], random: Any) -> None:
    def end(ordered: list[str]) -> str:
        now = "sending"
        for one in ordered:
            now = rules.advance(now, one) or now
        return now

    shuffled = list(receipts)
    random.shuffle(shuffled)
    assert end(receipts) == end(shuffled)


async def test_a_receipt_before_its_message_is_kept_and_applied(
    floor: Floor, line: Channel, ana: Actor, conversation_id: Any, clock: SteppingClock
) -> None:
    made = await floor.reply(ana, conversation_id)

    async def answer_after_receipt(_message: OutboundMessage) -> object:
        await floor.take(floor.heard(line, receipt("early", "delivered", clock.now())))
        await run_leased(floor.hub, await floor.claim("intake"))  # type: ignore[arg-type]
        assert await floor.count(PendingReceipt) == 1
        return Sent(vendor_id="early")

    floor.adapter.answers = [answer_after_receipt]
    await floor.run()
    assert await state(floor, made.id) == "delivered"
    assert await floor.count(PendingReceipt) == 0


async def test_a_receipt_that_overtakes_the_answer_is_not_taken_back(
    floor: Floor, line: Channel, ana: Actor, conversation_id: Any, clock: SteppingClock
) -> None:
    made = await floor.reply(ana, conversation_id)

    async def answer_after_receipt(message: OutboundMessage) -> object:
        await floor.take(floor.heard(line, receipt("fast", "read", clock.now(), our_id=message.our_id)))
        return Sent(vendor_id="fast")

    floor.adapter.answers = [answer_after_receipt]
    await floor.run()
    assert await state(floor, made.id) == "read"


async def test_our_own_id_in_a_receipt_resolves_what_was_uncertain(
    floor: Floor, line: Channel, ana: Actor, conversation_id: Any, clock: SteppingClock
) -> None:
    made = await floor.reply(ana, conversation_id)
    floor.adapter.answers = [Uncertain("no_answer")]
    await floor.run()
    await floor.receive(line, receipt("late-id", "delivered", clock.now(), our_id=made.id))
    await floor.receive(line, receipt("late-id", "read", clock.now(), seconds=1))
    assert await state(floor, made.id) == "read"


@pytest.mark.parametrize("apart", [True, False])
async def test_what_was_put_aside_is_applied_when_another_receipt_names_the_message(
    floor: Floor, line: Channel, ana: Actor, conversation_id: Any, clock: SteppingClock, *, apart: bool
) -> None:
    made = await floor.reply(ana, conversation_id)
    floor.adapter.answers = [Uncertain("no_answer")]
    await floor.run()
    await floor.receive(line, receipt("late-id", "read", clock.now(), seconds=2))
    assert await floor.count(PendingReceipt) == 1
    await floor.take(floor.heard(line, receipt("late-id", "sent", clock.now(), our_id=made.id)), apart=apart)
    await floor.run()
    assert await state(floor, made.id) == "read"
    assert await floor.count(PendingReceipt) == 0


async def test_a_repeated_receipt_takes_no_number(
    floor: Floor, line: Channel, ana: Actor, conversation_id: Any, clock: SteppingClock
) -> None:
    made = await floor.reply(ana, conversation_id)
    await floor.run()
    one = receipt("x", "delivered", clock.now(), our_id=made.id)
    await floor.receive(line, one)
    before = (await floor.conversation()).head_seq
    await floor.take(floor.heard(line, one, one), key="another body")
    await floor.run()
    assert (await floor.conversation()).head_seq == before


async def test_a_paused_channel_keeps_its_messages_queued(
    floor: Floor, line: Channel, ana: Actor, conversation_id: Any, clock: SteppingClock
) -> None:
    made = await floor.reply(ana, conversation_id)
    async with floor.session() as session:
        (await session.get(Channel, line.id)).state = "paused"
    await floor.run()
    assert (await state(floor, made.id), floor.adapter.sent) == ("queued", [])
    async with floor.session() as session:
        (await session.get(Channel, line.id)).state = "active"
    clock.advance(seconds=31)
    await floor.run()
    assert await state(floor, made.id) == "sent"


async def test_a_finished_message_is_not_sent_again_by_a_repeated_job(
    floor: Floor, ana: Actor, conversation_id: Any
) -> None:
    made = await floor.reply(ana, conversation_id)
    await floor.run()
    async with floor.hub.work(floor.system) as work:
        await work.later(delivery.JOB, {"message_id": made.id}, key="again")
    await floor.run()
    assert len(floor.adapter.sent) == 1


async def test_the_answer_to_a_message_is_quoted_at_the_provider(
    floor: Floor, ana: Actor, conversation_id: Any
) -> None:
    question = (await floor.messages())[0]
    await floor.reply(ana, conversation_id, "yes", reply_to_id=question.id)
    await floor.run()
    assert floor.adapter.sent[0].reply_to == "in-1"
    assert await outbox_is_done(floor)


async def outbox_is_done(floor: Floor) -> bool:
    async with floor.session() as session:
        return set((await session.scalars(select(outbox.OutboxRow.state))).all()) == {"done"}
