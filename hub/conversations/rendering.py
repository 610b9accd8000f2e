"""Rows in, shapes and frames out, all pure: a live frame and a resumed one are the same by construction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations import models, rules, shapes
from hub.conversations.shapes import Attachment, LastMessage, ReactionView, ReplyTo, Row, VisitorMessage
from hub.conversations.values import Shown, Standing, Surroundings, Written
from hub.core.access import Actor


class Parts(msgspec.Struct, frozen=True):
    """What hangs on a message."""

    files: Sequence[models.File] = ()
    reactions: Sequence[models.Reaction] = ()
    reply_to: models.Message | Shown | None = None


class _EventFrame(msgspec.Struct):
    t: str
    c: UUID
    s: int
    e: str
    at: datetime
    d: Any


class _RowFrame(msgspec.Struct):
    t: str
    row: Row


class _DeliveryChange(msgspec.Struct):
    message_id: UUID
    state: str
    at: datetime
    error: dict[str, Any] | None


class _ThreadChange(msgspec.Struct):
    message: shapes.Message | None
    row: Row


class _MessageChange(msgspec.Struct):
    message: shapes.Message | None


NO_PARTS = Parts()
_VISITOR_CONTENT = frozenset({"event", "score"})  # of a system line
NOTHING: Mapping[str, Any] = {}


def row(
    conversation: models.Conversation | Standing, around: Surroundings, *, marker: shapes.MarkerView | None = None
) -> Row:
    last = conversation.last_message
    return Row(
        id=conversation.id,
        channel=shapes.ChannelRef(id=conversation.channel_id, kind=around.channel_kind, name=around.channel_name),
        contact=shapes.ContactRef(id=conversation.contact_id, name=around.contact_name, handle=around.handle),
        status=conversation.status, assignee=around.assignee, department=around.department, tags=around.tags,
        head_seq=conversation.head_seq, inbound_count=conversation.inbound_count,
        last_message=msgspec.convert(last, LastMessage) if last else None,
        fields=conversation.fields, waiting_since=conversation.waiting_since,
        snoozed_until=conversation.snoozed_until, last_activity_at=conversation.last_activity_at,
        created_at=conversation.created_at, marker=marker if marker is not None else msgspec.UNSET,
    )


def last_message(message: models.Message | Written) -> dict[str, Any]:
    """What a row keeps of its newest message."""
    built: dict[str, Any] = msgspec.to_builtins(LastMessage(
        seq=message.seq, author=message.author, author_name=message.author_name, kind=message.kind,
        text="" if message.deleted_at else rules.preview(message.text), at=message.created_at, state=message.state,
    ))
    return built


def message(row: models.Message | Written | Shown, parts: Parts) -> shapes.Message:
    """A deleted message keeps its place and loses its words."""
    gone = row.deleted_at is not None
    return shapes.Message(
        id=row.id, conversation_id=row.conversation_id, seq=row.seq, author=row.author, author_id=row.author_id,
        author_name=row.author_name, note=row.note, kind=row.kind, text="" if gone else row.text,
        content={} if gone else row.content,
        reply_to=_reply_to(parts.reply_to) if parts.reply_to is not None else None,
        attachments=[_attachment(file) for file in parts.files] if parts.files and not gone else [],
        reactions=[
            ReactionView(emoji=one.emoji, author=one.author, author_id=one.author_id, author_name=one.author_name)
            for one in parts.reactions if one.emoji
        ] if parts.reactions else [],
        state=row.state, state_at=row.state_at, error=row.error, client_id=row.client_id, created_at=row.created_at,
        occurred_at=row.occurred_at, late=row.created_at - row.occurred_at > rules.LATE, edited_at=row.edited_at,
        deleted_at=row.deleted_at,
    )


def for_visitor(seen: shapes.Message, channel_id: UUID) -> VisitorMessage:
    """The same message without what is only for colleagues."""
    fields = {name: getattr(seen, name) for name in seen.__struct_fields__}
    own = seen.author == "customer"
    fields |= {
        "author_id": None,
        "content": {key: seen.content[key] for key in _VISITOR_CONTENT & seen.content.keys()}
        if seen.kind == "system" else seen.content,
        "attachments": [
            msgspec.structs.replace(file, url=f"/api/v1/widget/{channel_id}/files/{file.id}")
            for file in seen.attachments
        ],
        "reactions": [msgspec.structs.replace(one, author_id=None) for one in seen.reactions],
        "error": None,
        "client_id": seen.client_id if own else None,
    }
    return VisitorMessage(**fields)


def event_frame(conversation_id: UUID, seq: int, name: str, at: datetime, details: Any) -> bytes:
    """A complete `event` frame of the live protocol."""
    return msgspec.json.encode(_EventFrame("event", conversation_id, seq, name, at, details))


def hidden_frame(conversation_id: UUID, seq: int, at: datetime) -> bytes:
    """What a visitor gets for a number that is not their business."""
    return event_frame(conversation_id, seq, "hidden", at, NOTHING)


def row_frame(seen: Row) -> bytes:
    return msgspec.json.encode(_RowFrame("row", seen))


def details(name: str, data: Mapping[str, Any], seen: shapes.Message | None, line: Row) -> Any:
    """The `d` of an agent's frame. `data` holds the fields of the event as the log keeps them."""
    if name == "message.delivery":
        return _DeliveryChange(data["message_id"], data["state"], data["state_at"], data.get("error"))
    if name.startswith("conversation."):
        return _ThreadChange(seen, line)
    return _MessageChange(seen)


def visitor_frame(
    conversation_id: UUID, seq: int, name: str, at: datetime, data: Mapping[str, Any], seen: shapes.Message | None,
    channel_id: UUID,
) -> bytes:
    """The visitor's frame for the same number, hidden where it must be."""
    if seen is None or not rules.visitor_sees(name, note=seen.note, author=seen.author):
        return hidden_frame(conversation_id, seq, at)
    if name == "message.delivery":
        change = _DeliveryChange(data["message_id"], data["state"], data["state_at"], None)
        return event_frame(conversation_id, seq, name, at, change)
    return event_frame(conversation_id, seq, name, at, _MessageChange(for_visitor(seen, channel_id)))


def who(actor: Actor) -> dict[str, Any] | None:
    """The acting user as system lines name them; None for the system itself."""
    return {"id": str(actor.user_id), "name": actor.name} if actor.user_id else None


def _reply_to(target: models.Message | Shown) -> ReplyTo:
    return ReplyTo(
        id=target.id, seq=target.seq, author=target.author, author_name=target.author_name, kind=target.kind,
        text="" if target.deleted_at else rules.preview(target.text),
    )


def _attachment(file: models.File) -> Attachment:
    return Attachment(
        id=file.id, name=file.name, mime=file.mime, size=file.size, state=file.state, width=file.width,
        height=file.height, duration=file.duration, url=f"/api/v1/files/{file.id}",
    )
