"""How far people have read: agents by their markers, visitors by the state of what we wrote to them."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from hub.channels.models import Channel
from hub.conversations import delivery, log, mentions, notifications, visibility
from hub.conversations.models import Conversation, Marker, Message
from hub.conversations.shapes import MarkerView
from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import Conflict
from hub.core.signals import MarkerSignal
from hub.core.work import Work
from hub.events import DeliveryChanged


async def mark_read(work: Work, conversation_id: UUID, seq: int) -> MarkerView:
    """Moves the actor's marker forward to `seq`, at most to the head; the customer's ticks follow where they can.

    Raises `NotFound`.
    """
    require(work, Permission.CONVERSATION_READ)
    conversation = await visibility.find(work, conversation_id)
    before = await marker(work, conversation_id)
    seq = min(max(seq, 0), conversation.head_seq)
    await notifications.read_in(work, conversation_id, seq=seq)
    await mentions.see(work, conversation_id, seq)
    if seq <= before.seq or work.actor.user_id is None:
        return before
    await _tick(work, conversation, before.seq, seq)
    return await _move(work, conversation_id, seq, forward=True)


async def mark_unread(work: Work, conversation_id: UUID) -> MarkerView:
    """Puts the marker back before the customer's last message. Raises `NotFound`."""
    require(work, Permission.CONVERSATION_READ)
    await visibility.find(work, conversation_id)
    last = await work.session.scalar(
        select(func.max(Message.seq)).where(Message.conversation_id == conversation_id, Message.author == "customer")
    )
    if last is None or work.actor.user_id is None:
        return await marker(work, conversation_id)
    return await _move(work, conversation_id, last - 1, forward=False)


async def marker(work: Work, conversation_id: UUID) -> MarkerView:
    """The actor's own marker; at zero where they have read nothing."""
    statement = select(Marker.seq, Marker.inbound_seen).where(
        Marker.conversation_id == conversation_id, Marker.user_id == work.actor.user_id
    )
    found = (await work.session.execute(statement)).first()
    return MarkerView(seq=found.seq, inbound_seen=found.inbound_seen) if found else MarkerView(seq=0, inbound_seen=0)


async def visitor_read(work: Work, seq: int) -> None:
    """The visitor has read what we wrote up to this number."""
    await _advance(work, seq, "read")


async def visitor_delivered(work: Work, seq: int) -> None:
    """The visitor's page has received what we wrote up to this number."""
    await _advance(work, seq, "delivered")


async def _advance(work: Work, seq: int, state: str) -> None:
    conversation_id = await visibility.visitor_conversation(work)
    if conversation_id is None:
        return
    earlier = {"delivered": ("sent",), "read": ("sent", "delivered")}[state]
    statement = select(Message.id).where(
        Message.conversation_id == conversation_id, Message.seq <= seq, Message.author.in_(("agent", "bot")),
        Message.note.is_(False), Message.state.in_(earlier),
    ).order_by(Message.seq)
    if (await work.session.scalar(statement.limit(1))) is None:
        return
    thread = await log.lock(work, conversation_id)
    for message_id in (await work.session.scalars(statement)).all():
        message = await log.message_in(thread, message_id)
        await delivery.note(thread, message, state, source="visitor", at=work.now)


async def _show_visitor(work: Work, conversation_id: UUID, seq: int) -> None:
    """The visitor's last message up to this number is read, which says so of all before it."""
    read_before = select(Message.seq).where(
        Message.conversation_id == conversation_id, Message.author == "customer", Message.seq <= seq,
        Message.state == "read",
    ).order_by(Message.seq.desc()).limit(1).scalar_subquery()
    thread = await log.lock(work, conversation_id)
    last = await work.session.scalar(select(Message.id).where(
        Message.conversation_id == conversation_id, Message.author == "customer", Message.seq <= seq,
        Message.seq > func.coalesce(read_before, 0),
    ).order_by(Message.seq.desc()).limit(1))
    if last is None:
        return
    message = await log.message_in(thread, last)
    message.state, message.state_at = "read", work.now
    await log.change(thread, message, DeliveryChanged, state="read", state_at=work.now)


async def _move(work: Work, conversation_id: UUID, seq: int, *, forward: bool) -> MarkerView:
    """Counts what is seen in the same statement that reads the count, so that both speak of one instant."""
    unseen = select(func.count()).where(
        Message.conversation_id == conversation_id, Message.author == "customer", Message.seq > seq
    ).scalar_subquery()
    seen = await work.session.scalar(
        select(Conversation.inbound_count - unseen).where(Conversation.id == conversation_id)
    )
    values = {"seq": seq, "inbound_seen": seen or 0, "updated_at": work.now}
    statement = insert(Marker).values(
        id=new_id(), organization_id=work.organization_id, conversation_id=conversation_id,
        user_id=work.actor.user_id, **values,
    ).on_conflict_do_update(
        index_elements=["conversation_id", "user_id"], set_=values, where=(Marker.seq < seq) if forward else None
    )
    await work.session.execute(statement)
    now = await marker(work, conversation_id)
    if work.actor.user_id is None:
        raise Conflict("not_a_user")
    work.show(MarkerSignal(
        organization_id=work.organization_id, user_id=work.actor.user_id, conversation_id=conversation_id,
        seq=now.seq, inbound_seen=now.inbound_seen,
    ))
    return now


async def _tick(work: Work, conversation: Conversation, after: int, seq: int) -> None:
    """Lets the customer see that their words (after, seq] were read: a visitor at once, others by their provider."""
    provider = await work.session.scalar(select(Channel.provider).where(Channel.id == conversation.channel_id))
    if provider not in work.hub.ports.channels:
        await _show_visitor(work, conversation.id, seq)
        return
    vendor_id = await work.session.scalar(
        select(Message.vendor_id).where(
            Message.conversation_id == conversation.id, Message.author == "customer", Message.seq > after,
            Message.seq <= seq, Message.vendor_id.is_not(None),
        ).order_by(Message.seq.desc()).limit(1)
    )
    if vendor_id is not None:
        await work.later("mark_read", {"channel_id": conversation.channel_id, "vendor_id": vendor_id, "typing": False},
                         key=vendor_id)
