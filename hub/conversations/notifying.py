"""Who is told of what: reactions to events, in the transaction of the event, one entry for each thing to know.

Nobody is told of their own acts, nor of a conversation that they may not see.
"""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from hub.accounts.models import DepartmentMember, User
from hub.conversations import notifications, preferences, rules
from hub.conversations.models import Conversation, Message, Notification, NotificationPreferences
from hub.conversations.notifications import NotificationView
from hub.conversations.preferences import Preferences, Ways
from hub.conversations.shapes import Named
from hub.conversations.visibility import audience_of
from hub.core.access import PERMISSIONS, Actor, Role
from hub.core.clock import new_id
from hub.core.signals import NotificationSignal
from hub.core.work import Work
from hub.crm.models import Contact
from hub.events import ConversationAssigned, ConversationReopened, MessageReceived, MessageSent, ScheduledMessageFailed

_UNREAD = text("read_at IS NULL AND kind <> 'mention'")
_MENTION = text("kind = 'mention'")


class _Frame(msgspec.Struct):
    t: str
    notification: NotificationView
    unread: int


async def of_message(work: Work, event: MessageReceived) -> None:
    """The customer wrote in a conversation that somebody has."""
    conversation = await _conversation(work, event.conversation_id)
    message = await work.session.get_one(Message, event.message_id)
    await _notify(work, conversation.assignee_id, "message", conversation, message)


async def of_assignment(work: Work, event: ConversationAssigned) -> None:
    """Somebody was given a conversation by somebody else; moving it with its owner is not that."""
    if event.user_id == event.former_id:
        return
    await _notify(work, event.user_id, "assigned", await _conversation(work, event.conversation_id))


async def of_reopening(work: Work, event: ConversationReopened) -> None:
    """Somebody's conversation was opened again by somebody else."""
    conversation = await _conversation(work, event.conversation_id)
    await _notify(work, conversation.assignee_id, "reopened", conversation)


async def of_mentions(work: Work, event: MessageSent) -> None:
    """A note names colleagues: `content.mentions` is a list of {id, name}."""
    if not event.note:
        return
    message = await work.session.get_one(Message, event.message_id)
    named = {UUID(one["id"]) for one in message.content.get("mentions", ())}
    for user_id in sorted(named):
        await _notify(work, user_id, "mention", await _conversation(work, event.conversation_id), message)


async def of_unsent(work: Work, event: ScheduledMessageFailed) -> None:
    """An answer for later could not be sent when its time came."""
    await _notify(work, event.user_id, "unsent", await _conversation(work, event.conversation_id))


async def _conversation(work: Work, conversation_id: UUID) -> Conversation:
    """The row that this work has locked already."""
    return await work.session.get_one(Conversation, conversation_id)


async def _notify(
    work: Work, user_id: UUID | None, kind: str, conversation: Conversation, message: Message | None = None
) -> None:
    if user_id is None or user_id == work.actor.user_id:
        return
    recipient = await _recipient(work, user_id)
    if recipient is None or not _ways(recipient[1], kind).app:
        return
    if not rules.may_see(recipient[0], audience_of(conversation)):
        return
    row = await _write(work, recipient[0], kind, conversation, message)
    if row is None:
        return
    name = await work.session.scalar(select(Contact.name).where(Contact.id == conversation.contact_id))
    frame = _Frame(
        "notification", notifications.view(row, Named(id=conversation.contact_id, name=name or "")),
        await notifications.count_unread(work, recipient[0]),
    )
    work.show(NotificationSignal(
        organization_id=work.organization_id, user_id=user_id, audience=audience_of(conversation),
        frame=msgspec.Raw(msgspec.json.encode(frame)),
    ))


def _ways(chosen: Preferences, kind: str) -> Ways:
    return {"mention": chosen.mention, "message": chosen.message}.get(kind, chosen.assigned)


async def _recipient(work: Work, user_id: UUID) -> tuple[Actor, Preferences] | None:
    """The user with their present rights, and how they want to be told; None for who is not active."""
    departments = (
        select(func.array_agg(DepartmentMember.department_id)).where(DepartmentMember.user_id == User.id)
        .correlate(User).scalar_subquery()
    )
    statement = (
        select(User.role, departments.label("departments"), NotificationPreferences.preferences)
        .outerjoin(NotificationPreferences, NotificationPreferences.user_id == User.id)
        .where(User.id == user_id, User.is_active, User.deleted_at.is_(None))
    )
    row = (await work.session.execute(statement)).first()
    if row is None:
        return None
    role = Role(row.role)
    return Actor(
        kind="user", organization_id=work.organization_id, user_id=user_id, role=role,
        department_ids=frozenset(row.departments or ()), permissions=PERMISSIONS[role],
    ), preferences.read(row.preferences)


async def _write(
    work: Work, recipient: Actor, kind: str, conversation: Conversation, message: Message | None
) -> Notification | None:
    """A new entry, or the unread one brought up to date; None for a mention that was told already."""
    last = conversation.last_message or {}
    values: dict[str, Any] = {
        "message_id": message.id if message else None, "created_at": work.now,
        "message_kind": message.kind if message else last.get("kind"), "actor_id": work.actor.user_id,
        "actor_name": work.actor.name if work.actor.user_id else "",
        "text": rules.preview(message.text) if message else last.get("text", ""),
    }
    statement = insert(Notification).values(
        id=new_id(), organization_id=work.organization_id, user_id=recipient.user_id, kind=kind,
        conversation_id=conversation.id, read_at=None, **values,
    )
    if kind == "mention":
        statement = statement.on_conflict_do_nothing(index_elements=["user_id", "message_id"], index_where=_MENTION)
    else:
        statement = statement.on_conflict_do_update(
            index_elements=["user_id", "conversation_id", "kind"], index_where=_UNREAD, set_=values
        )
    written = await work.session.scalars(
        statement.returning(Notification).execution_options(populate_existing=True)
    )
    found: Notification | None = written.first()
    return found
