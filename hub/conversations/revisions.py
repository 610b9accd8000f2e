"""What customers do to messages that are there already: react, edit, withdraw. Old news is passed over.

Providers promise no order: what comes before its message looks for it again, for a day.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select

from hub.channels.models import Channel
from hub.channels.ports import InboundEdit, InboundReaction, InboundRevoke, Sender
from hub.conversations import log
from hub.conversations.log import Thread
from hub.conversations.models import Message, Reaction
from hub.conversations.text import clean
from hub.core.clock import new_id
from hub.core.hub import Hub
from hub.core.outbox import Job
from hub.core.work import Work
from hub.crm import contacts, folding
from hub.crm.models import Identity
from hub.events import MessageDeleted, MessageEdited, MessageReacted

EMOJI_LIMIT = 64
JOB = "revise"
LOOKS = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 300, 3600, 6 * 3600, 24 * 3600))

Revision = InboundReaction | InboundEdit | InboundRevoke


class Early(msgspec.Struct, frozen=True):
    """A revision whose message was not there at its last look."""

    channel_id: UUID
    value: Revision
    look: int


async def look_again(hub: Hub, job: Job) -> None:
    """Job: the message may have come."""
    early = msgspec.convert(job.payload, Early)
    async with job.work(hub) as work:
        channel = (await work.session.scalars(select(Channel).where(Channel.id == early.channel_id))).first()
        if channel is not None:
            await receive(work, channel, early.value, look=early.look + 1)


async def receive(work: Work, channel: Channel, value: Revision, *, look: int = 0) -> None:
    """Finds the message by the provider's id, in a conversation with this very person; else looks again later."""
    found = (await work.session.execute(
        select(Message.id, Message.conversation_id)
        .where(Message.channel_id == channel.id, Message.vendor_id == value.target)
    )).first()
    if found is None and look < len(LOOKS):
        await work.later(JOB, Early(channel.id, value, look), key=f"{channel.id}:{value.vendor_id}:{look}",
                         run_at=work.now + LOOKS[look])
        return
    if found is None:
        work.hub.log.info("revision_of_unknown_message", kind=type(value).__name__)
        return
    thread = await log.lock(work, found.conversation_id)
    if not await _speaks(thread, value.sender):
        work.hub.log.warning("revision_by_another_person", conversation=str(thread.id))
        return
    message = await log.message_in(thread, found.id)
    if isinstance(value, InboundReaction):
        await _react(thread, message, value)
    elif message.author_id is None and message.author != "bot":  # only the customer's own words, or another tool's
        await _revise(thread, message, value)


async def _react(thread: Thread, message: Message, value: InboundReaction) -> None:
    await react(
        thread, message, value.emoji, author="customer", key=str(thread.conversation.contact_id), author_id=None,
        name=thread.around.contact_name, at=value.occurred_at,
    )


async def react(
    thread: Thread, message: Message, emoji: str, *, author: str, key: str, author_id: UUID | None, name: str,
    at: datetime,
) -> bool:
    """Sets or (empty) takes back this author's one emoji; False when that is how it is already or later news is known.

    What was taken back stays as an empty row, so that an older emoji arriving late does not bring it back.
    """
    work, emoji = thread.work, clean(emoji)[:EMOJI_LIMIT]
    own = (await work.session.scalars(
        select(Reaction).where(Reaction.message_id == message.id, Reaction.author == author, Reaction.author_key == key)
        .execution_options(populate_existing=True)
    )).first()
    if own is not None and (own.at > at or own.emoji == emoji):
        return False
    if own is None:
        work.session.add(Reaction(
            id=new_id(), organization_id=work.organization_id, message_id=message.id, author=author, author_key=key,
            author_id=author_id, author_name=name, emoji=emoji, at=at,
        ))
        if not emoji:
            return False
    else:
        own.emoji, own.author_name, own.at = emoji, name, at
    await log.change(thread, message, MessageReacted, author=author, emoji=emoji)
    return True


async def _revise(thread: Thread, message: Message, value: InboundEdit | InboundRevoke) -> None:
    if message.deleted_at is not None:
        return
    if isinstance(value, InboundRevoke):
        message.deleted_at, message.search_text = value.occurred_at, ""
        await log.change(thread, message, MessageDeleted)
        return
    text = clean(value.text)
    if text == message.text or (message.edited_at is not None and message.edited_at > value.occurred_at):
        return
    message.text, message.edited_at, message.search_text = text, value.occurred_at, folding.search_text([text])
    await log.change(thread, message, MessageEdited)


async def _speaks(thread: Thread, sender: Sender) -> bool:
    """Whether this sender is the contact of the conversation, under any of the addresses told."""
    keys = {(kind, contacts.canonical(kind, value)) for kind, value, _ in sender.identities}
    statement = select(Identity.kind, Identity.value).where(
        Identity.contact_id == thread.conversation.contact_id, Identity.value.in_({value for _, value in keys})
    )
    return any((row.kind, row.value) in keys for row in await thread.work.session.execute(statement))
