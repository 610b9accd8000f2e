"""Out of the way for a while: a snoozed conversation comes back by the clock, by the customer's word or by hand."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from hub.conversations import engagements, log, threads
from hub.conversations.log import Thread
from hub.conversations.models import Conversation
from hub.conversations.rendering import who
from hub.conversations.shapes import Row
from hub.core.access import Permission, require
from hub.core.errors import Conflict, invalid_field
from hub.core.hub import Hub
from hub.core.outbox import Job
from hub.core.work import Work
from hub.events import ConversationResumed, ConversationSnoozed

LONGEST = timedelta(days=366)


class Wake(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `resume`."""

    conversation_id: UUID
    until: datetime


async def snooze(work: Work, conversation_id: UUID, until: datetime) -> Row:
    """Puts it aside until then; a snoozed one gets the new time. Raises `NotFound`, `Invalid`, `Conflict`."""
    require(work, Permission.CONVERSATION_REPLY)
    until = future(work, until, "/until")
    thread = await log.lock(work, conversation_id)
    if thread.conversation.status == "closed":
        raise Conflict("conversation_closed")
    if thread.conversation.snoozed_until == until:
        return await threads.answer(thread)
    thread.conversation.snoozed_until = until
    engagement = await engagements.current(thread)
    line = await log.line(
        thread, ConversationSnoozed, {"event": "snoozed", "by": who(work.actor), "until": msgspec.to_builtins(until)},
        until=until, in_engagement=engagement.id if engagement else None,
    )
    await work.later("resume", Wake(conversation_id=conversation_id, until=until), key=f"{conversation_id}:{line.seq}",
                     run_at=until)
    return await threads.answer(thread)


async def resume(work: Work, conversation_id: UUID) -> Row:
    """Brings it back; one that is not snoozed stays as it is. Raises `NotFound`."""
    require(work, Permission.CONVERSATION_REPLY)
    thread = await log.lock(work, conversation_id)
    await wake(thread, "agent")
    return await threads.answer(thread)


async def wake(thread: Thread, reason: str) -> None:
    """Brings the locked conversation back, once: `reason` is time, customer or agent."""
    conversation = thread.conversation
    if conversation.snoozed_until is None:
        return
    conversation.snoozed_until = None
    engagement = await engagements.current(thread)
    await log.line(
        thread, ConversationResumed, {"event": "resumed", "by": who(thread.work.actor), "reason": reason},
        reason=reason, in_engagement=engagement.id if engagement else None,
    )


async def come_due(hub: Hub, job: Job) -> None:
    """Job: the time has come, unless it was moved to later, or something else brought it back before."""
    due = msgspec.convert(job.payload, Wake)
    async with job.work(hub) as work:
        thread = await log.lock_where(work, Conversation.id == due.conversation_id)
        if thread is None or thread.conversation.snoozed_until is None:
            return
        if thread.conversation.snoozed_until <= due.until:
            await wake(thread, "time")


def future(work: Work, at: datetime, pointer: str) -> datetime:
    """The instant in UTC. Raises `Invalid` unless it lies ahead, by a year at most."""
    if at.tzinfo is None:
        raise invalid_field(pointer, "invalid")
    if at <= work.now:
        raise invalid_field(pointer, "in_the_past")
    if at > work.now + LONGEST:
        raise invalid_field(pointer, "too_far")
    return at.astimezone(UTC)
