"""What every word of a customer does, wherever it comes from: opens an engagement or ends its snooze, counts, waits."""

from datetime import datetime

from hub.channels.models import Channel
from hub.conversations import engagements, log, snoozing
from hub.conversations.log import Thread
from hub.conversations.models import Conversation, Message
from hub.conversations.rendering import Parts
from hub.conversations.shapes import Message as Seen
from hub.conversations.values import Standing, Written
from hub.events import MessageReceived


async def take_in(thread: Thread, channel: Channel, message: Message, hung: Parts) -> Seen:
    """Adds a customer's message to the locked conversation; the line of the opening comes before it."""
    conversation = thread.conversation
    engagement = await engagements.opened_by_customer(thread, channel)
    await snoozing.wake(thread, "customer")
    message.engagement_id = engagement.id
    heard(conversation, message, thread.work.now)
    return await log.post(
        thread, message, MessageReceived, hung=hung, channel_id=channel.id, contact_id=conversation.contact_id
    )


def heard(conversation: Conversation | Standing, message: Message | Written, now: datetime) -> None:
    """What a customer's word changes of the conversation: it counts, and somebody waits from now on."""
    spoken_at = min(message.occurred_at, now)
    conversation.inbound_count += 1
    conversation.waiting_since = conversation.waiting_since or spoken_at
    conversation.last_inbound_at = _later(conversation.last_inbound_at, spoken_at)


def _later(known: datetime | None, new: datetime) -> datetime:
    return new if known is None else max(known, new)
