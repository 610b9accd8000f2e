"""Tables of what people keep at their own desk beside the threads: mentions, drafts, scheduled messages, views."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.tenancy import Base, Scoped, scoped, scoped_key

Instant = DateTime(timezone=True)


class Mention(Scoped, Base):
    """A colleague called into a conversation by a note. `seq` is the note's number; `seen_at` once it was read."""

    __tablename__ = "mentions"
    __table_args__ = scoped(
        UniqueConstraint("message_id", "user_id"),
        scoped_key("conversation_id", "conversations", ondelete="CASCADE"),
        scoped_key("message_id", "messages", ondelete="CASCADE"),
        scoped_key("user_id", "users", ondelete="CASCADE"),
        Index("ix_mentions_user", "user_id", "conversation_id", "at"),
        Index("ix_mentions_unseen", "user_id", "conversation_id", postgresql_where=text("seen_at IS NULL")),
    )

    conversation_id: Mapped[UUID]
    message_id: Mapped[UUID]
    user_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)


class KeptDraft(Scoped, Base):
    """What a user has begun to write: one answer and one note in each conversation."""

    __tablename__ = "drafts"
    __table_args__ = scoped(
        UniqueConstraint("user_id", "conversation_id", "mode"),
        CheckConstraint("mode IN ('reply', 'note')", name="mode"),
        scoped_key("conversation_id", "conversations", ondelete="CASCADE"),
        scoped_key("user_id", "users", ondelete="CASCADE"),
        scoped_key("reply_to_id", "messages", ondelete="CASCADE"),
        Index("ix_drafts_newest", "user_id", "updated_at"),
    )

    conversation_id: Mapped[UUID]
    user_id: Mapped[UUID]
    mode: Mapped[str]
    text: Mapped[str]
    reply_to_id: Mapped[UUID | None]
    updated_at: Mapped[datetime] = mapped_column(Instant)


class ScheduledMessage(Scoped, Base):
    """An answer that is to be sent later, as its author. state: waiting, sent, cancelled, failed.

    `error` is {code, detail} of why it failed; `message_id` the message that it became. `client_id` is the author's
    own, with `client_hash` of the body, so that asking twice makes one.
    """

    __tablename__ = "scheduled_messages"
    __table_args__ = scoped(
        UniqueConstraint("conversation_id", "author_id", "client_id"),
        CheckConstraint("state IN ('waiting', 'sent', 'cancelled', 'failed')", name="state"),
        scoped_key("conversation_id", "conversations", ondelete="CASCADE"),
        scoped_key("author_id", "users"),
        scoped_key("reply_to_id", "messages", ondelete="CASCADE"),
        scoped_key("message_id", "messages", ondelete="CASCADE"),
        Index("ix_scheduled_messages_conversation", "conversation_id", "send_at"),
    )

    conversation_id: Mapped[UUID]
    author_id: Mapped[UUID]
    client_id: Mapped[str]
    client_hash: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str]
    attachment_ids: Mapped[list[str]] = mapped_column(JSONB)
    reply_to_id: Mapped[UUID | None]
    send_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    message_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Instant)


class SavedView(Scoped, Base):
    """A named set of filters, one person's own or everybody's (`shared`). `query` holds the filters that are set."""

    __tablename__ = "saved_views"
    __table_args__ = scoped(scoped_key("owner_id", "users", ondelete="CASCADE"))

    owner_id: Mapped[UUID]
    name: Mapped[str]
    query: Mapped[dict[str, Any]] = mapped_column(JSONB)
    shared: Mapped[bool]
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
