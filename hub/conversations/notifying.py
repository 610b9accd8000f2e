"""Who is told of what: reactions to events, in the transaction of the event, one entry for each thing to know.

Nobody is told of their own acts, nor of a conversation that they may not see.
"""

from collections.abc import Mapping, Sequence
from functools import partial
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
from hub.conversations.values import Standing, Written
from hub.conversations.visibility import audience_of
from hub.core.access import PERMISSIONS, Actor, Role
from hub.core.bulk import Bulk, Happened
from hub.core.clock import new_id
from hub.core.signals import NotificationSignal
from hub.core.work import Work
from hub.crm.models import Contact
from hub.events import ConversationAssigned, ConversationReopened, MessageReceived, MessageSent, ScheduledMessageFailed

_UNREAD = text("read_at IS NULL AND kind <> 'mention'")
_MENTION = text("kind = 'mention'")


async def of_message(work: Work, event: MessageReceived) -> None:
    """The customer wrote in a conversation that somebody has."""
    conversation = await _conversation(work, event.conversation_id)
    message = await work.session.get_one(Message, event.message_id)
    await _notify(work, conversation.assignee_id, "message", conversation, message)


async def of_messages(bulk: Bulk, happened: Sequence[Happened]) -> None:
    """The same for many messages at once; of several in one conversation the last is told."""
    told = {(standing.assignee_id, standing.id): (standing, message) for standing, message in
            (one.about for one in happened) if standing.assignee_id not in (None, bulk.actor.user_id)}
    if not told:
        return
    found = {row["id"]: row for row in await bulk.fetch(_RECIPIENTS, list({user_id for user_id, _ in told}))}
    reached = {key: about for key, about in told.items() if key[0] in found and _hears(bulk, found[key[0]], about[0])}
    rows = [(new_id(), user_id, standing.id, message.id, message.kind, rules.preview(message.text))
            for (user_id, _), (standing, message) in reached.items()]
    if not rows:
        return
    bulk.write(_TELL, *(list(column) for column in zip(*rows, strict=True)), bulk.now,
               told=partial(_show, bulk, reached))


def _show(bulk: Bulk, reached: Mapping[tuple[UUID, UUID], tuple[Standing, Written]], written: Sequence[Any]) -> None:
    for row in written:
        standing, message = reached[UUID(row["user_id"]), UUID(row["conversation_id"])]
        shown = NotificationView(
            id=UUID(row["id"]), kind="message", conversation_id=standing.id, message_id=message.id,
            message_kind=message.kind, actor=None, text=rules.preview(message.text), created_at=bulk.now, read_at=None,
            contact=Named(id=standing.contact_id, name=standing.around.contact_name),
        )
        bulk.show(NotificationSignal(
            organization_id=bulk.organization_id, user_id=UUID(row["user_id"]), audience=standing.audience,
            notification=msgspec.to_builtins(shown),
        ))


def _hears(bulk: Bulk, row: Any, standing: Standing) -> bool:
    role = Role(row["role"])
    actor = Actor(
        kind="user", organization_id=bulk.organization_id, user_id=row["id"], role=role,
        department_ids=frozenset(row["departments"] or ()), permissions=PERMISSIONS[role],
    )
    return preferences.read(row["preferences"]).message.app and rules.may_see(actor, standing.audience)


_RECIPIENTS = """
SELECT u.id, u.role, p.preferences, (
  SELECT array_agg(m.department_id) FROM department_members m
  WHERE m.user_id = u.id AND m.organization_id = u.organization_id) AS departments
FROM unnest($2::uuid[]) AS x(id)
CROSS JOIN LATERAL (SELECT u.* FROM users u WHERE u.id = x.id LIMIT 1) u
LEFT JOIN LATERAL (SELECT p.* FROM notification_preferences p WHERE p.user_id = u.id LIMIT 1) p
  ON p.organization_id = u.organization_id
WHERE u.organization_id = $1 AND u.is_active AND u.deleted_at IS NULL
"""
_TELL = """
INSERT INTO notifications (organization_id, kind, actor_name, created_at, id, user_id, conversation_id, message_id,
  message_kind, text)
SELECT $1, 'message', '', $8, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[])
ON CONFLICT (user_id, conversation_id, kind) WHERE read_at IS NULL AND kind <> 'mention'
DO UPDATE SET message_id = excluded.message_id, message_kind = excluded.message_kind, text = excluded.text,
  created_at = excluded.created_at, actor_id = NULL, actor_name = ''
RETURNING id, user_id, conversation_id
"""


async def of_assignment(work: Work, event: ConversationAssigned) -> None:
    """Somebody was given a conversation by somebody else; moving it with its owner is not that."""
    if event.user_id == event.former_id:
        return
    await _notify(work, event.user_id, "assigned", await _conversation(work, event.conversation_id))


async def of_reopening(work: Work, event: ConversationReopened) -> None:
    """Somebody's conversation was opened again by somebody else."""
    conversation = await _conversation(work, event.conversation_id)
    await _notify(work, conversation.assignee_id, "reopened", conversation)


async def of_no_mentions(_bulk: Bulk, happened: Sequence[Happened]) -> None:
    """What is written in groups names nobody."""
    assert not any(getattr(one.event, "mentions", ()) for one in happened)


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
    shown = notifications.view(row, Named(id=conversation.contact_id, name=name or ""))
    work.show(NotificationSignal(
        organization_id=work.organization_id, user_id=user_id, audience=audience_of(conversation),
        notification=msgspec.to_builtins(shown),
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
