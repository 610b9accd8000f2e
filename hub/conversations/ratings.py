"""What visitors think of the service, once for each engagement that has ended."""

from typing import Annotated

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hub.conversations import log, rendering
from hub.conversations.models import Engagement, Rating
from hub.conversations.rendering import Parts
from hub.conversations.shapes import VisitorMessage
from hub.conversations.text import clean
from hub.conversations.visibility import visitor_conversation
from hub.core.clock import new_id
from hub.core.errors import Conflict, invalid_field
from hub.core.work import Work
from hub.events import ConversationRated

_COMMENT = 1000


class RatingDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`score`: 1 (bad) to 5 (very good)."""

    score: Annotated[int, msgspec.Meta(ge=1, le=5)]
    comment: str = ""


async def rate(work: Work, draft: RatingDraft) -> VisitorMessage:
    """The acting visitor rates the engagement that ended last; its line in the thread.

    Raises `Invalid`, `Conflict` ("nothing_to_rate", "already_rated").
    """
    comment = clean(draft.comment).strip()
    if len(comment) > _COMMENT:
        raise invalid_field("/comment", "too_long")
    conversation_id = await visitor_conversation(work)
    if conversation_id is None:
        raise Conflict("nothing_to_rate")
    thread = await log.lock(work, conversation_id)
    engagement = (await work.session.scalars(
        select(Engagement).where(Engagement.conversation_id == conversation_id, Engagement.closed_at.is_not(None))
        .order_by(Engagement.number.desc()).limit(1)
    )).first()
    if engagement is None:
        raise Conflict("nothing_to_rate")
    kept = await work.session.execute(insert(Rating).values(
        id=new_id(), organization_id=work.organization_id, conversation_id=conversation_id,
        engagement_id=engagement.id, score=draft.score, comment=comment, created_at=work.now,
    ).on_conflict_do_nothing(index_elements=["engagement_id"]).returning(Rating.id))
    if kept.first() is None:
        raise Conflict("already_rated")
    line = await log.line(
        thread, ConversationRated, {"event": "rated", "score": draft.score, "comment": comment},
        engagement_id=engagement.id, score=draft.score, in_engagement=engagement.id,
    )
    return rendering.for_visitor(rendering.message(line, Parts()), thread.conversation.channel_id)
