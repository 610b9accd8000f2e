"""The one place that takes the next number of a conversation's log: 1, 2, … n, without gap, under the row's lock.

Whatever people can see goes through here: the event is written, the row of the list brought up to date, and open
screens are told once the transaction has committed. A rollback takes the number back with everything else.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, select

from hub.conversations import parts, rendering, rows, shapes
from hub.conversations.models import Conversation, Message
from hub.conversations.rendering import Parts
from hub.conversations.values import Standing, Surroundings, Written
from hub.conversations.visibility import audience_of, visible_to
from hub.core.clock import new_id
from hub.core.errors import NotFound
from hub.core.signals import Audience, ConversationSignal
from hub.core.work import Work
from hub.events import ConversationEvent

Happening = Callable[..., ConversationEvent]  # a class of `hub.events`, made here with its number
_SPEECH = frozenset({"customer", "agent", "bot"})
_NOBODY = b"null"  # the visitor's frame where no visitor can be listening


class Thread:
    """A conversation whose row this work has locked, with the names that stand around it."""

    def __init__(self, work: Work, conversation: Conversation, around: Surroundings) -> None:
        self.work = work
        self.conversation = conversation
        self.around = around
        self.shown_to: Audience = audience_of(conversation)

    @property
    def id(self) -> UUID:
        return self.conversation.id

    def row(self) -> shapes.Row:
        return rendering.row(self.conversation, self.around)


async def lock(work: Work, conversation_id: UUID) -> Thread:
    """Waits for the row and reads it as it is then. Raises `NotFound` for what the actor may not see."""
    thread = await lock_where(work, Conversation.id == conversation_id)
    if thread is None:
        raise NotFound
    return thread


async def lock_where(work: Work, condition: ColumnElement[bool]) -> Thread | None:
    """The same for the one conversation that the condition names; None when there is none that the actor may see."""
    statement = (
        select(Conversation).where(condition, visible_to(work.actor))
        .with_for_update(of=Conversation).execution_options(populate_existing=True)
    )
    conversation = (await work.session.scalars(statement)).first()
    return None if conversation is None else Thread(work, conversation, await rows.surroundings(work, conversation))


async def post(
    thread: Thread, message: Message, event: Happening, *, hung: Parts | None = None, **ids: Any
) -> shapes.Message:
    """A new message and its event, which share the number."""
    conversation, work = thread.conversation, thread.work
    message.seq = _next(conversation)
    work.session.add(message)
    spoken(conversation, message, work.now)
    await work.session.flush()
    for file in hung.files if hung else ():
        file.message_id = message.id
        work.session.add(file)
    await work.session.flush()
    seen = rendering.message(message, hung or Parts())
    await _tell(thread, event(conversation_id=thread.id, seq=message.seq, message_id=message.id, **ids), seen)
    return seen


async def line(thread: Thread, event: Happening, content: dict[str, Any], **ids: Any) -> Message:
    """A system line about the conversation itself; `content` names people and things for the reader."""
    work, conversation = thread.work, thread.conversation
    message = Message(
        id=new_id(), organization_id=work.organization_id, conversation_id=thread.id,
        channel_id=conversation.channel_id, engagement_id=ids.pop("in_engagement", None), author="system",
        author_id=None, author_name=work.actor.name if work.actor.user_id else "", note=False, kind="system", text="",
        content=content, state="sent", state_at=work.now, search_text="", created_at=work.now, occurred_at=work.now,
    )
    await post(thread, message, event, **ids)
    return message


async def change(thread: Thread, message: Message, event: Happening, **ids: Any) -> shapes.Message:
    """Something became of a message that is there already; the event takes a number of its own."""
    conversation = thread.conversation
    seq = _next(conversation)
    shown_last(conversation, message)
    await thread.work.session.flush()
    seen = rendering.message(message, await parts.of_one(thread.work, message))
    await _tell(thread, event(conversation_id=thread.id, seq=seq, message_id=message.id, **ids), seen)
    return seen


async def alter(thread: Thread, event: Happening, **values: Any) -> None:
    """Something of the conversation itself is different; its row shows it, its thread has no line of it."""
    seq = _next(thread.conversation)
    await thread.work.session.flush()
    await _tell(thread, event(conversation_id=thread.id, seq=seq, **values), None)


def _next(conversation: Conversation) -> int:
    conversation.head_seq += 1
    return conversation.head_seq


async def _tell(thread: Thread, event: ConversationEvent, seen: shapes.Message | None) -> None:
    work, conversation = thread.work, thread.conversation
    await work.emit(event)
    audience, before = audience_of(conversation), thread.shown_to
    thread.shown_to = audience
    work.show(signal(
        work.organization_id, conversation, thread.around, event, seen, at=work.now, audience=audience,
        was=before if before != audience else None,
    ))


def spoken(conversation: Conversation | Standing, message: Message | Written, now: datetime) -> None:
    """What a new message changes of its conversation: the last words of its row, and when something last happened."""
    if message.author not in _SPEECH or message.kind == "system":
        return
    conversation.last_activity_at = max(conversation.last_activity_at, now)
    if message.note:
        return
    conversation.last_message = rendering.last_message(message)
    if message.author != "customer":
        conversation.bot_answered = message.author == "bot"


def shown_last(conversation: Conversation | Standing, message: Message | Written) -> None:
    """Brings the last words of the row up to date, if they are this message's."""
    last = conversation.last_message
    if last is not None and last["seq"] == message.seq:
        conversation.last_message = rendering.last_message(message)


def signal(
    organization_id: UUID, conversation: Conversation | Standing, around: Surroundings, event: ConversationEvent,
    seen: shapes.Message | None, *, at: datetime, audience: Audience, was: Audience | None = None,
) -> ConversationSignal:
    """What open screens are told of one entry, each frame encoded once."""
    name, row, data = event.name(), rendering.row(conversation, around), msgspec.structs.asdict(event)
    return ConversationSignal(
        organization_id=organization_id, conversation_id=conversation.id, seq=event.seq,
        event=msgspec.Raw(rendering.event_frame(
            conversation.id, event.seq, name, at, rendering.details(name, data, seen, row)
        )),
        visitor_event=msgspec.Raw(rendering.visitor_frame(
            conversation.id, event.seq, name, at, data, seen, conversation.channel_id
        ) if around.channel_kind == "webchat" else _NOBODY),
        row=msgspec.Raw(rendering.row_frame(row)), audience=audience, was=was,
    )


async def message_in(thread: Thread, message_id: UUID) -> Message:
    """A message of the locked conversation, as it is now. Raises `NotFound`."""
    statement = select(Message).where(Message.id == message_id, Message.conversation_id == thread.id)
    found = (await thread.work.session.scalars(statement.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound
    return found
