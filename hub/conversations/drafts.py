"""What people have begun to write, kept so that it follows them from screen to screen."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from hub.conversations import visibility
from hub.conversations.desk import KeptDraft
from hub.conversations.models import Conversation, Message
from hub.conversations.shapes import Drafts, DraftView, Shape
from hub.conversations.text import clean
from hub.conversations.visibility import visible_to
from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import Conflict, NotFound, invalid_field
from hub.core.signals import DraftSignal
from hub.core.work import Work

Mode = Literal["reply", "note"]
LIMIT = 20_000  # characters; more than can be sent, for whoever has pasted too much and will shorten it
MOST = 200


class OwnDraft(Shape, frozen=True, kw_only=True):
    conversation_id: UUID
    mode: str
    text: str
    updated_at: datetime


class OwnDrafts(Shape, frozen=True, kw_only=True):
    results: list[OwnDraft]


async def keep(
    work: Work, conversation_id: UUID, mode: Mode, text: str, *, reply_to_id: UUID | None = None, origin: str = ""
) -> None:
    """Keeps the words, or forgets them when there are none. `origin` is the socket that need not be told.

    Raises `NotFound`, `Invalid`.
    """
    require(work, Permission.CONVERSATION_REPLY)
    await visibility.find(work, conversation_id)
    if reply_to_id is not None:
        await _check_quoted(work, conversation_id, reply_to_id)
    text = clean(text)
    if len(text) > LIMIT:
        raise invalid_field("/text", "too_long")
    if not text.strip():
        await _forget(work, conversation_id, mode, origin)
        return
    if work.actor.user_id is None:
        raise Conflict("not_a_user")
    values = {"text": text, "reply_to_id": reply_to_id, "updated_at": work.now}
    await work.session.execute(insert(KeptDraft).values(
        id=new_id(), organization_id=work.organization_id, conversation_id=conversation_id,
        user_id=work.actor.user_id, mode=mode, **values,
    ).on_conflict_do_update(index_elements=["user_id", "conversation_id", "mode"], set_=values))
    _show(work, conversation_id, mode, text, reply_to_id, origin)


async def sent(work: Work, conversation_id: UUID, *, note: bool) -> None:
    """The actor has sent a message of this mode: what was kept of it goes."""
    await _forget(work, conversation_id, "note" if note else "reply", "")


async def of(work: Work, conversation_id: UUID) -> Drafts:
    """The actor's own in this conversation."""
    statement = select(KeptDraft).where(
        KeptDraft.user_id == work.actor.user_id, KeptDraft.conversation_id == conversation_id
    )
    found = {
        row.mode: DraftView(text=row.text, reply_to_id=row.reply_to_id, updated_at=row.updated_at)
        for row in await work.session.scalars(statement.execution_options(populate_existing=True))
    }
    return Drafts(reply=found.get("reply"), note=found.get("note"))


async def listed(work: Work) -> OwnDrafts:
    """The actor's own in conversations that they may see, the newest first, 200 at most."""
    require(work, Permission.CONVERSATION_READ)
    statement = (
        select(KeptDraft).join(Conversation, Conversation.id == KeptDraft.conversation_id)
        .where(KeptDraft.user_id == work.actor.user_id, visible_to(work.actor))
        .order_by(KeptDraft.updated_at.desc()).limit(MOST)
    )
    return OwnDrafts(results=[
        OwnDraft(conversation_id=row.conversation_id, mode=row.mode, text=row.text, updated_at=row.updated_at)
        for row in await work.session.scalars(statement.execution_options(populate_existing=True))
    ])


async def _forget(work: Work, conversation_id: UUID, mode: str, origin: str) -> None:
    gone = await work.session.execute(delete(KeptDraft).where(
        KeptDraft.user_id == work.actor.user_id, KeptDraft.conversation_id == conversation_id, KeptDraft.mode == mode
    ).returning(KeptDraft.id).execution_options(synchronize_session=False))
    if gone.first() is not None:
        _show(work, conversation_id, mode, "", None, origin)


async def _check_quoted(work: Work, conversation_id: UUID, message_id: UUID) -> None:
    known = select(Message.id).where(Message.id == message_id, Message.conversation_id == conversation_id)
    if await work.session.scalar(known) is None:
        raise NotFound


def _show(
    work: Work, conversation_id: UUID, mode: str, text: str, reply_to_id: UUID | None, origin: str
) -> None:
    if work.actor.user_id is not None:
        work.show(DraftSignal(
            organization_id=work.organization_id, user_id=work.actor.user_id, conversation_id=conversation_id,
            mode=mode, text=text, reply_to_id=reply_to_id, updated_at=work.now, origin=origin,
        ))
