"""Answers for later: kept with their conversation, sent when due as the one who wrote them, once."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import select

from hub.accounts.models import User
from hub.conversations import log, messages, rules, visibility
from hub.conversations.desk import ScheduledMessage
from hub.conversations.filters import At
from hub.conversations.log import Thread
from hub.conversations.messages import Draft
from hub.conversations.shapes import Named, Shape
from hub.conversations.snoozing import future
from hub.conversations.text import clean
from hub.conversations.visibility import audience_of
from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import Conflict, Forbidden, NotFound, invalid_field
from hub.core.signals import Audience, ScheduledSignal
from hub.core.work import Work
from hub.events import ScheduledMessageChanged

MOST = 200


class ScheduleDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer for later. `client_id` is the sender's own and makes repeating safe; at most one attachment."""

    client_id: Annotated[str, Meta(min_length=8, max_length=64)]
    send_at: At
    text: str = ""
    attachment_ids: list[UUID] = []
    reply_to_id: UUID | None = None


class SchedulePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str | UnsetType = UNSET
    send_at: At | UnsetType = UNSET


class Scheduled(Shape, frozen=True, kw_only=True):
    """state: waiting, sent (`message_id` is the message it became), cancelled, failed (`error`: {code, detail})."""

    id: UUID
    conversation_id: UUID
    text: str
    send_at: datetime
    state: str
    error: dict[str, Any] | None
    author: Named
    message_id: UUID | None
    reply_to_id: UUID | None
    attachment_ids: list[UUID]
    created_at: datetime


class ScheduledList(Shape, frozen=True, kw_only=True):
    results: list[Scheduled]


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `send_scheduled`."""

    scheduled_id: UUID
    send_at: datetime


class _Frame(msgspec.Struct):
    t: str
    id: UUID
    scheduled: Scheduled


async def schedule(work: Work, conversation_id: UUID, draft: ScheduleDraft) -> tuple[Scheduled, bool]:
    """Keeps an answer until its time; (it, False) when this client id did so before.

    Raises `NotFound`, `Forbidden`, `Invalid`, `Conflict` ("client_id_reused").
    """
    require(work, Permission.CONVERSATION_REPLY)
    if work.actor.user_id is None:
        raise Conflict("not_a_user")
    if not draft.client_id.isprintable():
        raise invalid_field("/client_id", "invalid")
    thread = await log.lock(work, conversation_id)
    me, body = Named(id=work.actor.user_id, name=work.actor.name), rules.body_hash(msgspec.to_builtins(draft))
    if (earlier := await _earlier(thread, me.id, draft.client_id)) is not None:
        if earlier.client_hash != body:
            raise Conflict("client_id_reused")
        return shape(earlier, me), False
    row = ScheduledMessage(
        id=new_id(), organization_id=work.organization_id, conversation_id=conversation_id, author_id=me.id,
        client_id=draft.client_id, client_hash=body, text=clean(draft.text), reply_to_id=draft.reply_to_id,
        attachment_ids=[str(one) for one in draft.attachment_ids], send_at=future(work, draft.send_at, "/send_at"),
        state="waiting", error=None, message_id=None, created_at=work.now,
    )
    await messages.examine(thread, as_draft(row))
    work.session.add(row)
    await _run_when_due(work, row)
    return await tell(work, row, me, audience_of(thread.conversation), "created"), True


async def change(work: Work, conversation_id: UUID, scheduled_id: UUID, patch: SchedulePatch) -> Scheduled:
    """New words or another time, for one's own. Raises `NotFound`, `Forbidden`, `Invalid`, `Conflict`."""
    thread, row, author = await _waiting(work, conversation_id, scheduled_id)
    if row.author_id != work.actor.user_id:
        raise Forbidden("not_the_author")
    if patch.text is not UNSET:
        row.text = clean(patch.text)
        await messages.examine(thread, as_draft(row))
    if patch.send_at is not UNSET:
        row.send_at = future(work, patch.send_at, "/send_at")
        await _run_when_due(work, row)
    return await tell(work, row, author, audience_of(thread.conversation), "changed")


async def cancel(work: Work, conversation_id: UUID, scheduled_id: UUID) -> Scheduled:
    """For the author, and for those who see everything. Raises `NotFound`, `Forbidden`, `Conflict`."""
    thread, row, author = await _waiting(work, conversation_id, scheduled_id)
    if row.author_id != work.actor.user_id and not work.actor.may(Permission.CONVERSATION_READ_ALL):
        raise Forbidden("not_the_author")
    row.state = "cancelled"
    return await tell(work, row, author, audience_of(thread.conversation), "cancelled")


async def listed(work: Work, conversation_id: UUID) -> ScheduledList:
    """Everything scheduled here in whatever state, the latest time first, 200 at most. Raises `NotFound`."""
    require(work, Permission.CONVERSATION_READ)
    await visibility.find(work, conversation_id)
    statement = (
        select(ScheduledMessage, User.name).join(User, User.id == ScheduledMessage.author_id)
        .where(ScheduledMessage.conversation_id == conversation_id)
        .order_by(ScheduledMessage.send_at.desc(), ScheduledMessage.id.desc()).limit(MOST)
    )
    found = await work.session.execute(statement.execution_options(populate_existing=True))
    return ScheduledList(results=[shape(row, Named(id=row.author_id, name=name)) for row, name in found])


def as_draft(row: ScheduledMessage) -> Draft:
    """The message that it becomes; its client id makes it one however often it is tried."""
    return Draft(
        client_id=f"scheduled:{row.id}", text=row.text, reply_to_id=row.reply_to_id,
        attachment_ids=[UUID(one) for one in row.attachment_ids],
    )


async def tell(work: Work, row: ScheduledMessage, author: Named, audience: Audience, what: str) -> Scheduled:
    """Writes it down and shows it to whoever sees the conversation."""
    await work.session.flush()
    await work.emit(ScheduledMessageChanged(scheduled_id=row.id, what=what))
    seen = shape(row, author)
    work.show(ScheduledSignal(
        organization_id=work.organization_id, audience=audience,
        frame=msgspec.Raw(msgspec.json.encode(_Frame("scheduled", row.conversation_id, seen))),
    ))
    return seen


def shape(row: ScheduledMessage, author: Named) -> Scheduled:
    return Scheduled(
        id=row.id, conversation_id=row.conversation_id, text=row.text, send_at=row.send_at, state=row.state,
        error=row.error, author=author, message_id=row.message_id, reply_to_id=row.reply_to_id,
        attachment_ids=[UUID(one) for one in row.attachment_ids], created_at=row.created_at,
    )


async def _run_when_due(work: Work, row: ScheduledMessage) -> None:
    """One row of the outbox for each time that was set; those of times that were given up find nothing to do."""
    await work.later("send_scheduled", Due(scheduled_id=row.id, send_at=row.send_at), key=f"{row.id}:{new_id()}",
                     run_at=row.send_at)


async def _earlier(thread: Thread, author_id: UUID, client_id: str) -> ScheduledMessage | None:
    statement = select(ScheduledMessage).where(
        ScheduledMessage.conversation_id == thread.id, ScheduledMessage.author_id == author_id,
        ScheduledMessage.client_id == client_id,
    )
    found: ScheduledMessage | None = (await thread.work.session.scalars(statement)).first()
    return found


async def _waiting(
    work: Work, conversation_id: UUID, scheduled_id: UUID
) -> tuple[Thread, ScheduledMessage, Named]:
    """Under the conversation's lock, as everything that changes a state. Raises `Conflict` ("not_waiting")."""
    require(work, Permission.CONVERSATION_REPLY)
    thread = await log.lock(work, conversation_id)
    statement = (
        select(ScheduledMessage, User.name).join(User, User.id == ScheduledMessage.author_id)
        .where(ScheduledMessage.id == scheduled_id, ScheduledMessage.conversation_id == conversation_id)
    )
    found = (await work.session.execute(statement.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound
    row, name = found
    if row.state != "waiting":
        raise Conflict("not_waiting")
    return thread, row, Named(id=row.author_id, name=name)
