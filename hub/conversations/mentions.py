"""Calling colleagues into a conversation: a note names them, and they find it among their mentions until they read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from hub.accounts import colleagues
from hub.conversations import rules
from hub.conversations.desk import Mention
from hub.conversations.log import Thread
from hub.conversations.visibility import audience_of
from hub.core.clock import new_id
from hub.core.errors import FieldError, Invalid, invalid_field
from hub.core.work import Work
from hub.events import MessageDeleted, MessageSent

MOST = 50


async def named(thread: Thread, user_ids: Sequence[UUID], *, note: bool) -> list[dict[str, str]]:
    """The colleagues as the note's content names them: {id, name}, in the order given.

    Raises `Invalid` for an answer to the customer, and "mention_cannot_see" for who may not see the conversation,
    whether they are here or not.
    """
    wanted = list(dict.fromkeys(user_ids))
    if not wanted:
        return []
    if not note:
        raise invalid_field("/mention_ids", "notes_only")
    if len(wanted) > MOST:
        raise invalid_field("/mention_ids", "too_many")
    names = await _names(thread, wanted)
    if blind := [place for place, one in enumerate(user_ids) if one not in names]:
        raise Invalid("mention_cannot_see", errors=[
            FieldError(f"/mention_ids/{place}", "mention_cannot_see") for place in blind
        ])
    return [{"id": str(one), "name": names[one]} for one in wanted]


async def keep(work: Work, event: MessageSent) -> None:
    """Reaction: the note is among the mentions of those it names; one's own name needs no reading."""
    if not event.mentions:
        return
    await work.session.execute(insert(Mention).values([
        {"id": new_id(), "organization_id": work.organization_id, "conversation_id": event.conversation_id,
         "message_id": event.message_id, "user_id": user_id, "seq": event.seq, "at": work.now,
         "seen_at": work.now if user_id == work.actor.user_id else None}
        for user_id in sorted(event.mentions)
    ]).on_conflict_do_nothing())


async def withdraw(work: Work, event: MessageDeleted) -> None:
    """Reaction: a note that was taken back calls nobody."""
    await work.session.execute(delete(Mention).where(Mention.message_id == event.message_id))


async def see(work: Work, conversation_id: UUID, seq: int) -> None:
    """The actor has read the conversation up to this number."""
    await work.session.execute(
        update(Mention).where(
            Mention.user_id == work.actor.user_id, Mention.conversation_id == conversation_id, Mention.seq <= seq,
            Mention.seen_at.is_(None),
        ).values(seen_at=work.now).execution_options(synchronize_session=False)
    )


async def _names(thread: Thread, user_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Of these users the active ones who may see the conversation."""
    audience = audience_of(thread.conversation)
    found = await colleagues.actors(thread.work, user_ids)
    return {user_id: actor.name for user_id, actor in found.items() if rules.may_see(actor, audience)}
