"""Episodes of service in a conversation: opened by the customer's word or by ours, ended by closing."""

from uuid import UUID

from sqlalchemy import func, select

from hub.accounts.models import Department
from hub.channels.models import Channel
from hub.conversations import log
from hub.conversations.log import Thread
from hub.conversations.models import Engagement
from hub.conversations.rendering import who
from hub.conversations.shapes import Named
from hub.core.clock import new_id
from hub.events import ConversationOpened, ConversationReopened


async def current(thread: Thread) -> Engagement | None:
    """The open engagement of the locked conversation."""
    statement = select(Engagement).where(Engagement.conversation_id == thread.id, Engagement.closed_at.is_(None))
    found: Engagement | None = (await thread.work.session.scalars(statement)).first()
    return found


async def opened_by_customer(thread: Thread, channel: Channel) -> Engagement:
    """The open engagement, or a new one that waits for somebody, in the channel's department."""
    if (engagement := await current(thread)) is not None:
        return engagement
    engagement = await _begin(thread, assignee_id=None)
    conversation, around = thread.conversation, thread.around
    conversation.assignee_id, around.assignee = None, None
    if conversation.department_id != channel.department_id:
        conversation.department_id, around.department = channel.department_id, await _department(thread, channel)
    if engagement.number > 1:
        return await _say_reopened(thread, engagement)
    await log.line(
        thread, ConversationOpened,
        {"event": "opened", "number": engagement.number, "channel": {"id": str(channel.id), "name": channel.name}},
        engagement_id=engagement.id, contact_id=conversation.contact_id, channel_id=channel.id,
        in_engagement=engagement.id,
    )
    return engagement


async def reopened(thread: Thread) -> Engagement:
    """A new engagement begun by ourselves; whoever had the conversation has it again."""
    return await _say_reopened(thread, await _begin(thread, assignee_id=thread.conversation.assignee_id))


async def _say_reopened(thread: Thread, engagement: Engagement) -> Engagement:
    await log.line(
        thread, ConversationReopened, {"event": "reopened", "number": engagement.number, "by": who(thread.work.actor)},
        engagement_id=engagement.id, in_engagement=engagement.id,
    )
    return engagement


async def _department(thread: Thread, channel: Channel) -> Named | None:
    if channel.department_id is None:
        return None
    name = await thread.work.session.scalar(select(Department.name).where(Department.id == channel.department_id))
    return Named(id=channel.department_id, name=name or "")


async def _begin(thread: Thread, *, assignee_id: UUID | None) -> Engagement:
    work = thread.work
    last = await work.session.scalar(
        select(func.max(Engagement.number)).where(Engagement.conversation_id == thread.id)
    )
    engagement = Engagement(
        id=new_id(), organization_id=work.organization_id, conversation_id=thread.id, number=(last or 0) + 1,
        assignee_id=assignee_id, opened_at=work.now, accepted_at=None, first_reply_at=None, closed_at=None,
        closed_by_id=None, disposition=None,
    )
    work.session.add(engagement)
    thread.conversation.status = "open"
    await work.session.flush()
    return engagement
