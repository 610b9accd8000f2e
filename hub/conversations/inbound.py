"""From kept raw bodies to conversations: each thing a provider says has its effect once, whatever else is in the body.

A body is done in one transaction; if anything in it fails, each part is tried in a transaction of its own, so that the
bad part fails alone, is recorded with the delivery, and can be replayed when the parser or we have been mended.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from hub.channels import actions as channels
from hub.channels.models import Channel
from hub.channels.ports import InboundMessage, Parcel, Receipt
from hub.conversations import delivery, engagements, log, media, receiving, revisions, threads
from hub.conversations.models import Message
from hub.conversations.rendering import Parts
from hub.conversations.text import clean, clean_json
from hub.core import intake
from hub.core.clock import new_id
from hub.core.db import is_away, is_busy, sqlstate
from hub.core.errors import HubError, Invalid
from hub.core.hub import Hub
from hub.core.outbox import Job, LeaseLost
from hub.core.work import Work
from hub.crm import contacts, folding
from hub.events import MessageSent


async def process(hub: Hub, job: Job) -> None:
    """Job: does one kept delivery. Repeating it changes nothing. Raises `Invalid` when a part of it cannot be done."""
    intake_id = UUID(job.payload["intake_id"])
    try:
        alive = await _whole(hub, job, intake_id)
    except LeaseLost:
        raise
    except Exception as error:
        if (is_away(error) or is_busy(error)) and job.attempt == 1:
            raise
        hub.log.warning("delivery_taken_apart", intake=str(intake_id), reason=_reason(error))
        alive = await _apart(hub, job, intake_id)
    if alive:
        await _note_life(hub, job, alive)


async def _whole(hub: Hub, job: Job, intake_id: UUID) -> set[UUID]:
    """Everything in one transaction; the channels whose sign of life is to be noted."""
    alive: set[UUID] = set()
    async with job.work(hub) as work:
        row = await intake.owed(work, intake_id)
        if row is None:
            return alive
        provider, parcels = _parse(hub, row)
        refused = 0
        for parcel in parcels:
            channel = await receive(work, provider, parcel, received_at=row.received_at, signed_for=_signed_for(row))
            alive |= {channel.id} if channel and _is_stale(work, channel) else set()
            refused += channel is None
        intake.processed(work, row)
        row.error = _refusal(refused, len(parcels))
    return alive


async def _apart(hub: Hub, job: Job, intake_id: UUID) -> set[UUID]:
    """Each part in a transaction of its own; what failed is written down, and the delivery becomes a dead letter."""
    async with job.work(hub) as work:
        row = await intake.owed(work, intake_id)
        if row is None:
            return set()
    try:
        provider, parcels = _parse(hub, row)
    except HubError as error:
        await _write_down(hub, job, intake_id, _reason(error), failed=True)
        raise
    failures, refused = [], 0
    alive: set[UUID] = set()
    for index, parcel in enumerate(parcels):
        try:
            async with job.work(hub) as work:
                channel = await receive(
                    work, provider, parcel, received_at=row.received_at, signed_for=_signed_for(row)
                )
                alive |= {channel.id} if channel and _is_stale(work, channel) else set()
        except LeaseLost:
            raise
        except Exception as error:
            if is_away(error) or is_busy(error):
                raise
            hub.log.warning("parcel_failed", intake=str(intake_id), index=index, reason=_reason(error))
            failures.append(f"{index}: {_reason(error)}")
        else:
            refused += channel is None
    if failures:
        await _write_down(hub, job, intake_id, "; ".join(failures), failed=True)
        raise Invalid("parcels_failed")
    await _write_down(hub, job, intake_id, _refusal(refused, len(parcels)), failed=False)
    return alive


async def receive(
    work: Work, provider: str, parcel: Parcel, *, received_at: datetime, signed_for: frozenset[UUID] | None = None
) -> Channel | None:
    """One thing that a provider said. None when it is for a channel that this organization does not have, or whose
    secret had not signed it."""
    channel = await channels.by_external_id(work, provider, parcel.external_id)
    if channel is None or (signed_for is not None and channel.id not in signed_for):
        work.hub.log.warning("parcel_of_foreign_channel", provider=provider)
        return None
    value = parcel.value
    if isinstance(value, InboundMessage):
        await _message(work, channel, value, received_at)
    elif isinstance(value, Receipt):
        await delivery.receive(work, channel, value)
    else:
        await revisions.receive(work, channel, value)
    return channel


async def _message(work: Work, channel: Channel, value: InboundMessage, received_at: datetime) -> None:
    """A message, once: a second delivery of it takes no number and changes nothing."""
    if await _known(work, channel, value.vendor_id):
        return
    contact = await contacts.find_or_create(
        work, [(kind, clean(address), clean(shown)) for kind, address, shown in value.sender.identities],
        name=value.sender.name,
    )
    if value.echo:
        await delivery.expect_receipts(work, channel.id, value.vendor_id)
    used = [contacts.canonical(kind, address) for kind, address, _ in value.sender.identities]
    thread = await threads.of_contact(work, channel, contact.id, used)
    if await _known(work, channel, value.vendor_id):
        return
    message = Message(
        id=new_id(), organization_id=work.organization_id, conversation_id=thread.id, channel_id=channel.id,
        engagement_id=None, author="customer", author_id=None, author_name=contact.name, note=False, kind=value.kind,
        text=clean(value.text), content=clean_json(value.content), reply_to_id=None, vendor_id=value.vendor_id,
        state="received", state_at=received_at, created_at=received_at, occurred_at=value.occurred_at,
        search_text=folding.search_text([value.text, *(ref.name for ref in value.media)]),
    )
    quoted = await _quoted(work, thread.id, channel, value.reply_to)
    message.reply_to_id = quoted.id if quoted else None
    hung = Parts(files=await media.expect(work, channel, message.id, value.media), reply_to=quoted)
    if value.echo:
        await _echo(thread, channel, message, hung, value)
    else:
        await receiving.take_in(thread, channel, message, hung)


async def _echo(thread: log.Thread, channel: Channel, message: Message, hung: Parts, value: InboundMessage) -> None:
    """The business wrote with another tool: ours to show, nobody's to read. It opens no engagement."""
    message.author, message.state = "agent", "sent"
    message.author_name = clean(str(value.content.get("tool") or channel.name))
    engagement = await engagements.current(thread)
    if engagement is not None:
        message.engagement_id = engagement.id
        engagement.first_reply_at = engagement.first_reply_at or thread.work.now
    thread.conversation.waiting_since = None
    await log.post(thread, message, MessageSent, hung=hung, author="agent", author_id=None, note=False)
    await delivery.apply_pending(thread, message)


async def _known(work: Work, channel: Channel, vendor_id: str) -> bool:
    statement = select(Message.id).where(Message.channel_id == channel.id, Message.vendor_id == vendor_id)
    return await work.session.scalar(statement) is not None


async def _quoted(work: Work, conversation_id: UUID, channel: Channel, vendor_id: str | None) -> Message | None:
    if vendor_id is None:
        return None
    return (await work.session.scalars(select(Message).where(
        Message.channel_id == channel.id, Message.vendor_id == vendor_id, Message.conversation_id == conversation_id
    ))).first()


def _signed_for(row: intake.IntakeRow) -> frozenset[UUID] | None:
    """The channels that the delivery can be for; None where the source signs nothing."""
    kept = row.headers.get(intake.SIGNED_FOR)
    return None if kept is None else frozenset(UUID(word) for word in kept.split())


def _parse(hub: Hub, row: intake.IntakeRow) -> tuple[str, list[Parcel]]:
    """(provider, what the body says). The source of a row is `provider:channel`. Raises `Invalid`."""
    provider = row.source.partition(":")[0]
    adapter = hub.ports.channels.get(provider)
    if adapter is None:
        raise Invalid("provider_unknown")
    return provider, adapter.parse(row.body)


async def _write_down(hub: Hub, job: Job, intake_id: UUID, reason: str | None, *, failed: bool) -> None:
    async with job.work(hub) as work:
        row = await intake.owed(work, intake_id)
        if row is None:
            return
        if failed:
            row.state = "failed"
        else:
            intake.processed(work, row)
        row.error = reason[:2000] if reason else None


async def _note_life(hub: Hub, job: Job, ids: set[UUID]) -> None:
    """Traffic proves that a channel lives; said now and then, and apart, so that no channel's row becomes a queue."""
    async with hub.bulk(job.actor()) as bulk:
        await channels.saw_inbound(bulk, ids)


def _is_stale(work: Work, channel: Channel) -> bool:
    return channels.is_stale(channel.last_inbound_at, channel.health.get("status"), work.now)


def _refusal(refused: int, total: int) -> str | None:
    return f"{refused} of {total} for a channel that is not here" if refused else None


def _reason(error: Exception) -> str:
    """What went wrong without the words that were being written: codes and type names only."""
    if isinstance(error, HubError):
        return error.code
    return f"{type(error).__name__} {sqlstate(error)}".strip()
