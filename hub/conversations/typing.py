"""Who is typing: shown to screens at once, and to the customer's own app where the provider can."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from hub.channels.models import Channel
from hub.conversations import visibility
from hub.conversations.models import Conversation, Message
from hub.core.access import Permission, require
from hub.core.signals import TypingSignal
from hub.core.work import Work
from hub.crm.models import Contact

SHOWN_FOR = 20  # seconds for which a provider shows one sign of typing (Meta: until 25)


async def typing(work: Work, conversation_id: UUID, on: bool) -> None:
    """Raises `NotFound`, and `Forbidden` for those who may not answer."""
    actor = work.actor
    if actor.kind != "visitor":
        require(work, Permission.CONVERSATION_REPLY)
    conversation = await visibility.find(work, conversation_id)
    is_customer = actor.kind == "visitor"
    work.show(TypingSignal(
        organization_id=work.organization_id, conversation_id=conversation_id,
        who_kind="customer" if is_customer else "agent", who_id=None if is_customer else actor.user_id,
        who_name=await _contact_name(work, conversation) if is_customer else actor.name, on=on,
        audience=visibility.audience_of(conversation),
    ))
    if on and not is_customer:
        await _show_outside(work, conversation)


async def _contact_name(work: Work, conversation: Conversation) -> str:
    return await work.session.scalar(select(Contact.name).where(Contact.id == conversation.contact_id)) or ""


async def _show_outside(work: Work, conversation: Conversation) -> None:
    """At most one row for each stretch of twenty seconds; it goes stale with the stretch."""
    provider = await work.session.scalar(select(Channel.provider).where(Channel.id == conversation.channel_id))
    if provider not in work.hub.ports.channels:
        return
    vendor_id = await work.session.scalar(
        select(Message.vendor_id).where(
            Message.conversation_id == conversation.id, Message.author == "customer", Message.vendor_id.is_not(None)
        ).order_by(Message.seq.desc()).limit(1)
    )
    if vendor_id is not None:
        stretch = int(work.now.timestamp()) // SHOWN_FOR
        await work.later(
            "mark_read",
            {"channel_id": conversation.channel_id, "vendor_id": vendor_id, "typing": True,
             "until": work.now + timedelta(seconds=SHOWN_FOR)},
            key=f"typing:{conversation.id}:{stretch}",
        )
