"""What goes to a provider: gathered while a unit of work is open, sent when none is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import case, select

from hub.channels import actions as channels
from hub.channels.models import Channel
from hub.channels.ports import ChannelAccess, OutboundFile, OutboundMessage, Refused, SendError, Sent, Throttled
from hub.conversations.log import Thread
from hub.conversations.models import Conversation, File, Message
from hub.core.clock import new_id
from hub.core.errors import NotFound
from hub.core.failpoints import reach
from hub.core.hub import Hub
from hub.core.outbox import Job, Retry
from hub.core.work import Work
from hub.crm.models import Identity


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a send needs, so that no work has to be open for it."""

    channel_id: UUID
    provider: str
    access: ChannelAccess
    message: OutboundMessage


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `mark_read`. After `until` it is no longer worth doing."""

    channel_id: UUID
    vendor_id: str
    typing: bool
    until: datetime | None = None


def order_of(conversation_id: UUID) -> str:
    """What is sent in one conversation goes out in its order."""
    return f"conversation:{conversation_id}"


async def send(hub: Hub, order: Order) -> Sent:
    """One call of the provider. Raises `SendError`."""
    adapter = hub.ports.channels[order.provider]
    reach("send.before")
    sent: Sent = await adapter.send(order.access, order.message)
    reach("send.after")
    return sent


async def order(thread: Thread, message: Message) -> Order:
    """Raises `Refused` when it certainly cannot be sent, `Retry` while the channel is paused."""
    work = thread.work
    channel = await _channel(work, thread.conversation.channel_id)
    files = (await work.session.scalars(select(File).where(File.message_id == message.id))).all()
    quoted = await work.session.scalar(select(Message.vendor_id).where(Message.id == message.reply_to_id))
    return Order(
        channel_id=channel.id, provider=channel.provider, access=channels.access_of(work, channel),
        message=OutboundMessage(
            our_id=message.id, to=await _recipient(work, thread.conversation), kind=message.kind, text=message.text,
            content=message.content, file=_file(work.hub, files[0]) if files else None, reply_to=quoted,
        ),
    )


async def owe_reaction(work: Work, message: Message, emoji: str) -> None:
    """Writes the row that will carry an emoji to the provider."""
    await work.later(
        "deliver", {"reaction": {"message_id": message.id, "emoji": emoji}}, key=f"reaction:{new_id()}",
        order_key=order_of(message.conversation_id),
    )


async def deliver_reaction(hub: Hub, job: Job) -> None:
    """Sends an emoji; said twice it is the same, so it may be tried again."""
    wanted: Mapping[str, Any] = job.payload["reaction"]
    async with job.work(hub) as work:
        statement = (
            select(Message, Conversation).join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.id == UUID(wanted["message_id"]))
        )
        found = (await work.session.execute(statement)).first()
        if found is None or found[0].vendor_id is None:
            return
        channel = await _channel(work, found[1].channel_id)
        made = Order(
            channel_id=channel.id, provider=channel.provider, access=channels.access_of(work, channel),
            message=OutboundMessage(our_id=new_id(), to=await _recipient(work, found[1]), kind="reaction",
                                    text=wanted["emoji"], target=found[0].vendor_id),
        )
    try:
        await send(hub, made)
    except Throttled as throttled:
        raise Retry(throttled.after, throttled.code) from None
    except SendError as error:
        hub.log.info("reaction_not_sent", code=error.code)


async def access_to(work: Work, channel_id: UUID) -> ChannelAccess | None:
    """What a best-effort call needs; None when the channel is out of use."""
    try:
        return channels.access_of(work, await _channel(work, channel_id))
    except (Refused, Retry):
        return None


async def _channel(work: Work, channel_id: UUID) -> Channel:
    try:
        channel = await channels.get(work, channel_id)
    except NotFound:
        raise Refused("channel_removed") from None
    if channel.provider not in work.hub.ports.channels:
        raise Refused("channel_unsupported")
    if channel.state != "active":
        raise Retry(30, "channel_paused")
    return channel


async def _recipient(work: Work, conversation: Conversation) -> tuple[tuple[str, str], ...]:
    """The contact's addresses, the one that the conversation is held with first."""
    statement = select(Identity.kind, Identity.value).where(Identity.contact_id == conversation.contact_id).order_by(
        case((Identity.id == conversation.identity_id, 0), else_=1), Identity.created_at.desc(), Identity.id
    )
    found = [(row.kind, row.value) for row in await work.session.execute(statement)]
    if not found and conversation.identity_id is not None:
        own = select(Identity.kind, Identity.value).where(Identity.id == conversation.identity_id)
        found = [(row.kind, row.value) for row in await work.session.execute(own)]
    return tuple(found)


def _file(hub: Hub, file: File) -> OutboundFile:
    key = file.key
    return OutboundFile(name=file.name, mime=file.mime, size=file.size or 0, read=lambda: hub.ports.files.read(key))
