"""When an answer for later is due: the message and the new state in one transaction, or the reason why not."""

import msgspec
from sqlalchemy import select

from hub.accounts import colleagues
from hub.accounts.models import User
from hub.conversations import log, messages, scheduling
from hub.conversations.desk import ScheduledMessage
from hub.conversations.models import Conversation
from hub.conversations.scheduling import Due
from hub.conversations.shapes import Named
from hub.conversations.visibility import audience_of
from hub.core.access import Actor, Permission, require
from hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from hub.core.hub import Hub
from hub.core.i18n import translate
from hub.core.outbox import Job
from hub.core.work import Work
from hub.events import ScheduledMessageFailed


async def come_due(hub: Hub, job: Job) -> None:
    """Job: sends it as its author, with the rights that they have now. Repeating it changes nothing."""
    due = msgspec.convert(job.payload, Due)
    async with job.work(hub) as work:
        row = await _owed(work, due)
        if row is None:
            return
        author = await _author(work, row)
    try:
        async with hub.work(author, fence=job) as work:
            await _send(work, due)
    except (Invalid, Forbidden, NotFound, Conflict) as refusal:
        hub.log.info("scheduled_not_sent", scheduled=str(due.scheduled_id), code=refusal.code)
        async with job.work(hub) as work:
            await _fail(work, due, author, refusal)


async def _send(work: Work, due: Due) -> None:
    """The conversation's lock comes first, as for everything that changes a state."""
    require(work, Permission.CONVERSATION_REPLY)
    row = await _owed(work, due)
    if row is None:
        return
    thread = await log.lock(work, row.conversation_id)
    if await _owed(work, due) is None:
        return
    message, _ = await messages.reply(work, row.conversation_id, scheduling.as_draft(row), keeps_draft=True)
    row.state, row.message_id = "sent", message.id
    author = Named(id=row.author_id, name=work.actor.name)
    await scheduling.tell(work, row, author, audience_of(thread.conversation), "sent")


async def _fail(work: Work, due: Due, author: Actor, refusal: HubError) -> None:
    row = await _owed(work, due)
    if row is None:
        return
    thread = await log.lock_where(work, Conversation.id == row.conversation_id)
    if thread is None or await _owed(work, due) is None:
        return
    # What the author may no longer see is as forbidden to them as what they may no longer do.
    code = "forbidden" if refusal.code == "not_found" else refusal.code
    row.state = "failed"
    row.error = {"code": code, "detail": translate(f"error.{code}", author.locale, **refusal.values)}
    named = Named(id=row.author_id, name=author.name)
    await scheduling.tell(work, row, named, audience_of(thread.conversation), "failed")
    await work.emit(ScheduledMessageFailed(
        scheduled_id=row.id, user_id=row.author_id, conversation_id=row.conversation_id, code=code
    ))


async def _owed(work: Work, due: Due) -> ScheduledMessage | None:
    """Still waiting, and not for a later time than the one that has come."""
    statement = select(ScheduledMessage).where(
        ScheduledMessage.id == due.scheduled_id, ScheduledMessage.state == "waiting",
        ScheduledMessage.send_at <= due.send_at,
    )
    found: ScheduledMessage | None = (
        await work.session.scalars(statement.execution_options(populate_existing=True))
    ).first()
    return found


async def _author(work: Work, row: ScheduledMessage) -> Actor:
    """The author with their present rights; with none, where they are gone."""
    found = await colleagues.actors(work, [row.author_id])
    if row.author_id in found:
        return found[row.author_id]
    name = await work.session.scalar(select(User.name).where(User.id == row.author_id))
    return Actor(kind="user", organization_id=work.organization_id, user_id=row.author_id, name=name or "")
