"""A user's notifications: listing them, counting them, reading them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, tuple_, update

from hub.conversations import visibility
from hub.conversations.models import Conversation, Message, Notification
from hub.conversations.shapes import Named, Shape
from hub.conversations.visibility import visible_to
from hub.core.access import PERMISSIONS, Permission, require
from hub.core.bulk import Reading
from hub.core.errors import invalid_field
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.signals import NotificationsRead
from hub.core.work import Work
from hub.crm.models import Contact

MOST = 100
_SEE_ALL = [str(role) for role, may in PERMISSIONS.items() if Permission.CONVERSATION_READ_ALL in may]


class NotificationView(Shape, frozen=True, kw_only=True):
    """`actor` is null for a customer. `text` is short, and empty for a message without words; `message_kind` then says
    what it is."""

    id: UUID
    kind: str
    conversation_id: UUID
    message_id: UUID | None
    message_kind: str | None
    actor: Named | None
    contact: Named
    text: str
    created_at: datetime
    read_at: datetime | None


class NotificationPage(Shape, frozen=True, kw_only=True):
    results: list[NotificationView]
    next_cursor: str | None
    unread: int


class Unread(Shape, frozen=True, kw_only=True):
    unread: int


async def page(work: Work, *, cursor: str | None = None, limit: int = 30, unread: bool = False) -> NotificationPage:
    """The newest first; of conversations that the actor may no longer see there is nothing. Raises `Invalid`."""
    require(work, Permission.CONVERSATION_READ)
    if not 1 <= limit <= MOST:
        raise invalid_field("/limit", "out_of_range")
    statement = (
        select(Notification, Contact.id, Contact.name)
        .join(Conversation, Conversation.id == Notification.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Notification.user_id == work.actor.user_id, visible_to(work.actor))
        .order_by(Notification.created_at.desc(), Notification.id.desc()).limit(limit + 1)
    )
    if unread:
        statement = statement.where(Notification.read_at.is_(None))
    if cursor:
        at, last_id = decode_cursor(cursor, tuple[datetime, UUID])
        statement = statement.where(tuple_(Notification.created_at, Notification.id) < tuple_(at, last_id))
    found = (await work.session.execute(statement.execution_options(populate_existing=True))).all()
    shown = [view(row, Named(id=contact_id, name=name)) for row, contact_id, name in found[:limit]]
    last = shown[-1] if len(found) > limit else None
    return NotificationPage(
        results=shown, next_cursor=encode_cursor(last.created_at, last.id) if last else None,
        unread=await count_unread(work),
    )


async def count_unread(work: Work) -> int:
    """How many the actor has not read, of conversations that they may see."""
    statement = (
        select(func.count()).select_from(Notification)
        .join(Conversation, Conversation.id == Notification.conversation_id)
        .where(Notification.user_id == work.actor.user_id, Notification.read_at.is_(None), visible_to(work.actor))
    )
    return await work.session.scalar(statement) or 0


async def unread_of(reading: Reading, user_ids: Collection[UUID]) -> dict[UUID, int]:
    """The same for many users at once, each by their present rights; who has none is not there."""
    return {row["user_id"]: row["unread"] for row in await reading.fetch(_UNREAD_OF, list(user_ids), _SEE_ALL)}


_UNREAD_OF = """
SELECT n.user_id, count(*) AS unread FROM unnest($2::uuid[]) AS x(id)
CROSS JOIN LATERAL (SELECT u.* FROM users u WHERE u.id = x.id LIMIT 1) u
CROSS JOIN LATERAL (SELECT n.* FROM notifications n WHERE n.user_id = x.id AND n.read_at IS NULL OFFSET 0) n
JOIN LATERAL (SELECT c.* FROM conversations c WHERE c.id = n.conversation_id LIMIT 1) c
  ON c.organization_id = n.organization_id
WHERE n.organization_id = $1 AND u.organization_id = $1
  AND (u.role = ANY($3::text[]) OR c.assignee_id = n.user_id OR c.department_id IS NULL OR EXISTS (
    SELECT FROM department_members m
    WHERE m.organization_id = n.organization_id AND m.user_id = n.user_id AND m.department_id = c.department_id))
GROUP BY n.user_id
"""


async def read(
    work: Work, *, ids: list[UUID] | None = None, every: bool = False, conversation_id: UUID | None = None
) -> Unread:
    """Marks one's own as read: these, all of them, or those of a conversation. Raises `Invalid`, `NotFound`."""
    require(work, Permission.CONVERSATION_READ)
    wanted: list[ColumnElement[bool]] = [true()] if every else []
    if ids:
        wanted.append(Notification.id.in_(ids[:1000]))
    if conversation_id is not None:
        await visibility.find(work, conversation_id)
        wanted.append(Notification.conversation_id == conversation_id)
    if not wanted and ids is None:
        raise invalid_field("/ids", "required")
    await _mark(work, or_(*wanted) if wanted else ~true())
    return Unread(unread=await count_unread(work))


async def read_in(work: Work, conversation_id: UUID, *, seq: int | None = None) -> None:
    """What the actor was told of this conversation is read; of messages only those up to `seq`, where it is given."""
    wanted: ColumnElement[bool] = Notification.conversation_id == conversation_id
    if seq is not None:
        later = exists().where(Message.id == Notification.message_id, Message.seq > seq)
        wanted = and_(wanted, ~later)
    await _mark(work, wanted)


async def view_conversation(work: Work, conversation_id: UUID) -> None:
    """The conversation is on the actor's screen. Raises `NotFound`."""
    await visibility.find(work, conversation_id)
    await read_in(work, conversation_id)


def view(row: Notification, contact: Named) -> NotificationView:
    return NotificationView(
        id=row.id, kind=row.kind, conversation_id=row.conversation_id, message_id=row.message_id,
        message_kind=row.message_kind, actor=Named(id=row.actor_id, name=row.actor_name) if row.actor_id else None,
        contact=contact, text=row.text, created_at=row.created_at, read_at=row.read_at,
    )


async def _mark(work: Work, wanted: ColumnElement[bool]) -> None:
    """One that is being brought up to date at this moment is left alone: it says something new."""
    if work.actor.user_id is None:
        return
    own: Any = (
        select(Notification.id)
        .where(Notification.user_id == work.actor.user_id, Notification.read_at.is_(None), wanted)
        .with_for_update(skip_locked=True)
    )
    marked = await work.session.execute(
        update(Notification).where(Notification.id.in_(own)).values(read_at=work.now).returning(Notification.id)
        .execution_options(synchronize_session=False)
    )
    if marked.first() is not None:
        work.show(NotificationsRead(organization_id=work.organization_id, user_id=work.actor.user_id))
