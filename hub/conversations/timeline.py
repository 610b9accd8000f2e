"""One message, and what a visitor may read of their conversation."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select

from hub.conversations import parts, rendering, rules
from hub.conversations.models import Delivery, Message
from hub.conversations.pages import MAX_MESSAGES
from hub.conversations.shapes import Message as Seen
from hub.conversations.shapes import MessageDetail, Step, VisitorPage
from hub.conversations.visibility import find, visitor_conversation
from hub.core.access import Permission, require
from hub.core.errors import NotFound, invalid_field
from hub.core.installation import epoch_in
from hub.core.work import Work


async def message(work: Work, conversation_id: UUID, message_id: UUID) -> MessageDetail:
    """One message with the steps of its delivery. Raises `NotFound`."""
    require(work, Permission.CONVERSATION_READ)
    await find(work, conversation_id)
    found = (await work.session.scalars(
        select(Message).where(Message.id == message_id, Message.conversation_id == conversation_id)
    )).first()
    if found is None:
        raise NotFound
    seen = (await _seen(work, [found]))[0]
    steps = await work.session.scalars(
        select(Delivery).where(Delivery.message_id == message_id).order_by(Delivery.id)
    )
    return MessageDetail(**{name: getattr(seen, name) for name in seen.__struct_fields__}, timeline=[
        Step(state=step.state, at=step.at, source=step.source, code=step.code, detail=step.detail) for step in steps
    ])


async def visitor_messages(
    work: Work, before: int | None = None, after: int | None = None, limit: int = 50
) -> VisitorPage:
    """What the visitor who acts may read of their conversation; empty before the first word. Raises `Invalid`."""
    conversation_id = await visitor_conversation(work)
    epoch = await epoch_in(work.session)
    if conversation_id is None:
        return VisitorPage(results=[], has_before=False, head_seq=0, epoch=epoch)
    conversation = await find(work, conversation_id)
    theirs = (
        Message.note.is_(False),
        (Message.kind != "system") | Message.content["event"].astext.in_(rules.VISITOR_LINES),
    )
    found, has_before, _ = await _stretch(work, conversation_id, theirs, before, after, limit)
    return VisitorPage(
        results=[rendering.for_visitor(seen, conversation.channel_id) for seen in await _seen(work, found)],
        has_before=has_before, head_seq=conversation.head_seq, epoch=epoch,
    )


async def _seen(work: Work, found: Sequence[Message]) -> list[Seen]:
    held = await parts.of(work, found)
    return [rendering.message(one, held[one.id]) for one in found]


async def _stretch(
    work: Work, conversation_id: UUID, conditions: Sequence[ColumnElement[bool]], before: int | None,
    after: int | None, limit: int,
) -> tuple[list[Message], bool, bool]:
    """(messages in ascending order, whether there are earlier ones, whether there are later ones)."""
    if not 1 <= limit <= MAX_MESSAGES:
        raise invalid_field("/limit", "out_of_range")
    if before is not None and after is not None:
        raise invalid_field("/before", "only_one_of")
    own = (Message.conversation_id == conversation_id, *conditions)
    if after is not None:
        later = await _some(work, (*own, Message.seq > after), limit + 1, newest_first=False)
        is_first = not await _some(work, (*own, Message.seq <= after), 1, newest_first=True)
        return later[:limit], not is_first, len(later) > limit
    bound = (*own, Message.seq < before) if before is not None else own
    earlier = await _some(work, bound, limit + 1, newest_first=True)
    has_after = before is not None and bool(await _some(work, (*own, Message.seq >= before), 1, newest_first=False))
    return earlier[:limit][::-1], len(earlier) > limit, has_after


async def _some(
    work: Work, conditions: Sequence[ColumnElement[bool]], limit: int, *, newest_first: bool
) -> list[Message]:
    order = Message.seq.desc() if newest_first else Message.seq.asc()
    return list((await work.session.scalars(select(Message).where(*conditions).order_by(order).limit(limit))).all())
