"""What a contact and the organization have had to do with each other, on every channel."""

from uuid import UUID

from sqlalchemy import select

from hub.accounts.models import User
from hub.channels.models import Channel
from hub.conversations.models import Conversation, Engagement
from hub.conversations.shapes import ChannelRef, History, Named, PastConversation, PastEngagement
from hub.conversations.visibility import visible_to
from hub.core.access import Permission, require
from hub.core.work import Work
from hub.crm import contacts

MOST = 500  # engagements in one answer


async def of_contact(work: Work, contact_id: UUID) -> History:
    """Those of the contact's conversations that the actor may see, the last used first. Raises `NotFound`."""
    require(work, Permission.CONVERSATION_READ)
    await contacts.get(work, contact_id)
    statement = (
        select(Conversation, Channel.kind, Channel.name).join(Channel, Channel.id == Conversation.channel_id)
        .where(Conversation.contact_id == contact_id, visible_to(work.actor))
        .order_by(Conversation.last_activity_at.desc(), Conversation.id.desc())
    )
    found = (await work.session.execute(statement)).all()
    engagements = await _engagements(work, [row[0].id for row in found])
    return History(results=[
        PastConversation(
            id=conversation.id, channel=ChannelRef(id=conversation.channel_id, kind=kind, name=name),
            status=conversation.status, last_activity_at=conversation.last_activity_at,
            engagements=engagements[conversation.id],
        )
        for conversation, kind, name in found
    ])


async def _engagements(work: Work, ids: list[UUID]) -> dict[UUID, list[PastEngagement]]:
    """Conversation → its engagements, the newest first; every conversation asked for has an entry."""
    found: dict[UUID, list[PastEngagement]] = {conversation_id: [] for conversation_id in ids}
    statement = (
        select(Engagement, User.name).outerjoin(User, User.id == Engagement.assignee_id)
        .where(Engagement.conversation_id.in_(ids)).order_by(Engagement.opened_at.desc(), Engagement.id.desc())
        .limit(MOST)
    )
    for row, name in await work.session.execute(statement):
        found[row.conversation_id].append(PastEngagement(
            number=row.number, opened_at=row.opened_at, closed_at=row.closed_at, disposition=row.disposition,
            assignee=Named(id=row.assignee_id, name=name or "") if row.assignee_id else None,
        ))
    return found
