"""Sending out, at most once or flagged: `sending` is committed before the call, and no answer is never "not sent".

A message found in `sending` was being sent when somebody died: it becomes `uncertain`, and only a receipt or a
colleague moves it on. Receipts move states forward only; each is kept.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import delete, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from hub.channels import actions as channels
from hub.channels.models import Channel
from hub.channels.ports import Receipt, Refused, SendError, Sent, Throttled
from hub.conversations import log, outgoing, rules
from hub.conversations.log import Thread
from hub.conversations.models import Delivery, Message, PendingReceipt
from hub.conversations.shapes import Message as Seen
from hub.core.clock import new_id
from hub.core.errors import HubError
from hub.core.hub import Hub
from hub.core.outbox import Job, Retry
from hub.core.work import Work
from hub.events import DeliveryChanged

JOB = "deliver"


class Unsettled(SendError):
    """Something of ours failed after the call had begun."""


async def begin(thread: Thread, message: Message) -> None:
    """The first step of a new message of ours, and the row that will send it if somebody else has to."""
    await _record(thread.work, message, message.state, source="hub", at=thread.work.now)
    if message.state == "queued":
        await _owe(thread, message)


async def again(thread: Thread, message: Message) -> Seen:
    """A further attempt, at the end of the conversation's queue."""
    seen = await note(thread, message, "queued", source="hub", at=thread.work.now)
    await _owe(thread, message)
    return seen


async def _owe(thread: Thread, message: Message) -> None:
    await thread.work.later(JOB, {"message_id": message.id}, key=key_of(message.id, thread.conversation.head_seq),
                            order_key=outgoing.order_of(thread.id))


def key_of(message_id: UUID, head_seq: int) -> str:
    """The head of the log grows with every attempt, so each has a key of its own."""
    return f"{message_id}:{head_seq}"


async def deliver(hub: Hub, job: Job) -> None:
    """Job: transmits one message (or reaction). Repeating it never transmits twice."""
    if "reaction" in job.payload:
        await outgoing.deliver_reaction(hub, job)
        return
    message_id = UUID(job.payload["message_id"])
    async with job.work(hub) as work:
        order = await _begin(work, message_id)
    if order is None:
        return
    outcome: Sent | SendError
    try:
        outcome = await outgoing.send(hub, order)
    except SendError as error:
        outcome = error
    except Exception as error:
        # The request may have left before this happened, whatever it is: never "not sent".
        hub.log.exception("send_broke", message=str(message_id))
        outcome = Unsettled("send_broke", type(error).__name__)
    async with job.work(hub) as work:
        await _settle(work, message_id, order.channel_id, outcome)
    if isinstance(outcome, Throttled):
        raise Retry(outcome.after, outcome.code)


async def _begin(work: Work, message_id: UUID) -> outgoing.Order | None:
    """Takes the message to `sending`; None when there is nothing to send."""
    conversation_id = await work.session.scalar(select(Message.conversation_id).where(Message.id == message_id))
    if conversation_id is None:
        return None
    thread = await log.lock(work, conversation_id)
    message = await log.message_in(thread, message_id)
    if message.state == "sending":
        await note(thread, message, "uncertain", source="hub", at=work.now, code="interrupted")
    if message.state != "queued" or message.deleted_at is not None:
        return None
    try:
        order = await outgoing.order(thread, message)
    except Refused as refused:
        await note(thread, message, "failed", source="hub", at=work.now, code=refused.code, detail=refused.detail)
        return None
    await note(thread, message, "sending", source="hub", at=work.now)
    return order


async def _settle(work: Work, message_id: UUID, channel_id: UUID, outcome: Sent | SendError) -> None:
    if isinstance(outcome, Sent):
        await _alone_with(work, channel_id, outcome.vendor_id)
    conversation_id = await work.session.scalar(select(Message.conversation_id).where(Message.id == message_id))
    if conversation_id is None:
        return
    thread = await log.lock(work, conversation_id)
    message = await log.message_in(thread, message_id)
    if isinstance(outcome, Sent):
        message.vendor_id = outcome.vendor_id
        await work.session.flush()
        if rules.advance(message.state, "sent"):
            await note(thread, message, "sent", source="provider", at=work.now)
        else:  # a receipt was faster and says more
            await _record(work, message, "sent", source="provider", at=work.now)
        await apply_pending(thread, message)
        return
    if message.state != "sending":
        return
    state = "failed" if isinstance(outcome, Refused) else "queued" if isinstance(outcome, Throttled) else "uncertain"
    await note(thread, message, state, source="throttled" if state == "queued" else "provider", at=work.now,
               code=outcome.code, detail=outcome.detail)
    if isinstance(outcome, Refused) and outcome.channel_down:
        await channels.report_health(work, channel_id, "failing", outcome.detail or outcome.code)


async def note(
    thread: Thread, message: Message, state: str, *, source: str, at: datetime, code: str | None = None,
    detail: str | None = None,
) -> Seen:
    """A step that we decide ourselves: kept, and the message takes the state. Receipts go through `receive`."""
    await _record(thread.work, message, state, source=source, at=at, code=code, detail=detail)
    return await _take(thread, message, state, at=at, code=code, detail=detail)


async def receive(work: Work, channel: Channel, receipt: Receipt) -> None:
    """A receipt of the provider's; kept for later when we do not know its message yet."""
    found = await _find(work, channel, receipt)
    if found is None:
        await _alone_with(work, channel.id, receipt.vendor_id)
        found = await _find(work, channel, receipt)
    if found is None:
        await work.session.execute(insert(PendingReceipt).values(
            id=new_id(), organization_id=work.organization_id, channel_id=channel.id, vendor_id=receipt.vendor_id,
            state=receipt.state, code=receipt.code, detail=receipt.detail, at=receipt.occurred_at, created_at=work.now,
        ).on_conflict_do_nothing())
        return
    message_id, conversation_id = found
    thread = await log.lock(work, conversation_id)
    message = await log.message_in(thread, message_id)
    if message.vendor_id is None:
        await _alone_with(work, channel.id, receipt.vendor_id)
    await _apply(thread, message, receipt)


async def apply_pending(thread: Thread, message: Message) -> None:
    """Receipts that came before we knew their message."""
    pending = (await thread.work.session.scalars(
        delete(PendingReceipt)
        .where(PendingReceipt.channel_id == message.channel_id, PendingReceipt.vendor_id == message.vendor_id)
        .returning(PendingReceipt)
    )).all()
    for one in sorted(pending, key=lambda row: row.at):
        await _apply(thread, message, Receipt(
            vendor_id=one.vendor_id, state=one.state, occurred_at=one.at, code=one.code, detail=one.detail
        ))


async def expect_receipts(work: Work, channel_id: UUID, vendor_id: str) -> None:
    """Keeps receipts of this id from being put aside while its message is being added."""
    await _alone_with(work, channel_id, vendor_id)


async def _apply(thread: Thread, message: Message, receipt: Receipt) -> None:
    if message.author == "customer":
        return
    await _record(thread.work, message, receipt.state, source="receipt", at=receipt.occurred_at, code=receipt.code,
                  detail=receipt.detail)
    arrived = receipt.state in ("delivered", "read")
    if not arrived and rules.of_earlier_attempt(message.state, message.vendor_id, receipt.vendor_id):
        return
    state = rules.advance(message.state, receipt.state)
    named = message.vendor_id is None  # the answer to the send never reached us; the receipt names the message
    if named:
        message.vendor_id = receipt.vendor_id
        await thread.work.session.flush()
    if state is not None:
        await _take(thread, message, state, at=receipt.occurred_at, code=receipt.code, detail=receipt.detail)
    if named:
        await apply_pending(thread, message)


async def _take(
    thread: Thread, message: Message, state: str, *, at: datetime, code: str | None, detail: str | None
) -> Seen:
    message.state, message.state_at = state, at
    message.error = {"code": code or "refused", "detail": detail} if state in ("failed", "uncertain") else None
    return await log.change(
        thread, message, DeliveryChanged, state=state, state_at=at, error=message.error
    )


async def _record(
    work: Work, message: Message, state: str, *, source: str, at: datetime, code: str | None = None,
    detail: str | None = None,
) -> None:
    await work.session.execute(insert(Delivery).values(
        id=new_id(), organization_id=work.organization_id, message_id=message.id, state=state, source=source,
        code=code, detail=(detail or "")[:1000] or None, at=at,
    ).on_conflict_do_nothing())


async def _find(work: Work, channel: Channel, receipt: Receipt) -> tuple[UUID, UUID] | None:
    """(message id, conversation id) of the message that a receipt speaks of: by the provider's id, else by ours."""
    theirs = Message.vendor_id == receipt.vendor_id
    known = theirs if receipt.our_id is None else or_(theirs, Message.id == receipt.our_id)
    statement = select(Message.id, Message.conversation_id).where(
        Message.channel_id == channel.id, Message.author != "customer", known
    ).order_by(theirs.desc().nulls_last()).limit(1)
    found = (await work.session.execute(statement)).first()
    return (found.id, found.conversation_id) if found else None


async def _alone_with(work: Work, channel_id: UUID, vendor_id: str) -> None:
    """One at a time settles or puts aside what concerns this id of the provider's, until the transaction ends."""
    await work.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"receipt:{channel_id}:{vendor_id}"}
    )


async def mark_read(hub: Hub, job: Job) -> None:
    """Job: ticks the customer's message, or shows that we are typing. Best effort, and stale typing is dropped."""
    payload = msgspec.convert(job.payload, outgoing.Tick)
    if payload.until is not None and hub.clock.now() > payload.until:
        return
    async with job.work(hub) as work:
        access = await outgoing.access_to(work, payload.channel_id)
        provider = await work.session.scalar(select(Channel.provider).where(Channel.id == payload.channel_id))
    adapter = hub.ports.channels.get(provider)
    if access is None or adapter is None:
        return
    try:
        await adapter.mark_read(access, payload.vendor_id, typing=payload.typing)
    except (SendError, HubError) as error:
        hub.log.info("mark_read_failed", code=error.code)

