"""Conversations, engagements, messages, their delivery, and what people hang on them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, DateTime, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.tenancy import Base, Scoped, scoped, scoped_key, storage_key

Instant = DateTime(timezone=True)
# Every message moves its conversation in each index that holds it; those that only some views need hold only some.
# Who does not wait comes after everybody who does, so that one index has the order of all.
LONGEST_WAITING = "COALESCE(waiting_since, '9999-01-01 00:00:00+00'::timestamptz)"


class Conversation(Scoped, Base):
    """The thread with one contact on one channel, for ever; there is at most one (I3).

    `head_seq` is the number of the last entry in its log; it grows by one under this row's lock. `inbound_count` counts
    the customer's messages, so that unread is a subtraction. `last_message` is what a list row shows. `fields`
    holds the values of custom fields by key. A snoozed one is open and out of the way until `snoozed_until`.
    `bot_answered` says that the last word to the customer was a bot's.
    """

    __tablename__ = "conversations"
    __table_args__ = scoped(
        UniqueConstraint("contact_id", "channel_id", "organization_id"),
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        scoped_key("channel_id", "channels"),
        scoped_key("contact_id", "contacts"),
        scoped_key("identity_id", "contact_identities"),
        scoped_key("assignee_id", "users"),
        scoped_key("department_id", "departments"),
        Index("ix_conversations_activity", "organization_id", "status", "last_activity_at", "id"),
        Index("ix_conversations_assignee", "organization_id", "assignee_id", "status", "last_activity_at", "id",
              postgresql_where=text("assignee_id IS NOT NULL")),
        Index("ix_conversations_waiting", "organization_id", "status", text(LONGEST_WAITING), "id"),
        Index("ix_conversations_channel", "organization_id", "channel_id", "last_activity_at", "id",
              postgresql_where=text("status = 'closed'")),
        Index("ix_conversations_department", "organization_id", "department_id", "last_activity_at", "id",
              postgresql_where=text("department_id IS NOT NULL")),
        Index("ix_conversations_snoozed", "organization_id", "last_activity_at", "id",
              postgresql_where=text("snoozed_until IS NOT NULL")),
        Index("ix_conversations_bots", "organization_id", "last_activity_at", "id",
              postgresql_where=text("bot_answered AND assignee_id IS NULL")),
    )

    channel_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    identity_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default="open")
    assignee_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    head_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    inbound_count: Mapped[int] = mapped_column(default=0)
    last_message: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    snoozed_until: Mapped[datetime | None] = mapped_column(Instant)
    bot_answered: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    last_inbound_at: Mapped[datetime | None] = mapped_column(Instant)
    last_activity_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Engagement(Scoped, Base):
    """One episode of service in a conversation, from opening to closing."""

    __tablename__ = "engagements"
    __table_args__ = scoped(
        UniqueConstraint("conversation_id", "number"),
        scoped_key("conversation_id", "conversations", ondelete="CASCADE"),
        scoped_key("assignee_id", "users"),
        Index("uq_engagements_open", "conversation_id", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    conversation_id: Mapped[UUID]
    number: Mapped[int]
    assignee_id: Mapped[UUID | None]
    opened_at: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    first_reply_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by_id: Mapped[UUID | None]
    disposition: Mapped[str | None]


class Message(Scoped, Base):
    """One entry that people read. `seq` is its number in the conversation's log, for ever.

    author: customer, agent, bot, system. kind and `content` as in the API. `state`: received for the customer's own;
    queued, sending, sent, delivered, read, failed, uncertain for ours. `vendor_id` is the provider's id, unique in the
    channel; `client_id` the sender's own, unique for each sender and conversation, with `client_hash` of the body.
    """

    __tablename__ = "messages"
    __table_args__ = scoped(
        UniqueConstraint("conversation_id", "seq"),
        CheckConstraint("author IN ('customer', 'agent', 'bot', 'system')", name="author"),
        CheckConstraint("state IN ('received', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', "
                        "'uncertain')", name="state"),
        scoped_key("conversation_id", "conversations", ondelete="CASCADE"),
        scoped_key("author_id", "users"),
        scoped_key("reply_to_id", "messages"),
        Index("uq_messages_vendor_id", "organization_id", "channel_id", "vendor_id", unique=True,
              postgresql_where=text("vendor_id IS NOT NULL")),
        Index("uq_messages_client_id", "conversation_id", "sender_key", "client_id", unique=True,
              postgresql_where=text("client_id IS NOT NULL")),
        Index("ix_messages_search", "search", postgresql_using="gin"),
        owned=False,
    )

    conversation_id: Mapped[UUID]
    channel_id: Mapped[UUID]
    engagement_id: Mapped[UUID | None]
    seq: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str]
    note: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str]
    text: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    reply_to_id: Mapped[UUID | None]
    vendor_id: Mapped[str | None]
    sender_key: Mapped[str | None]
    client_id: Mapped[str | None]
    client_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str]
    state_at: Mapped[datetime] = mapped_column(Instant)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    search_text: Mapped[str] = mapped_column(default="")
    search: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', search_text)", persisted=True),
                                        deferred=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    edited_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class Delivery(Scoped, Base):
    """One step in the delivery of a message: every receipt is kept, whatever the state became."""

    __tablename__ = "message_deliveries"
    __table_args__ = scoped(
        scoped_key("message_id", "messages", ondelete="CASCADE"),
        UniqueConstraint("message_id", "state", "source", "at"),
        owned=False, referred=False,
    )

    message_id: Mapped[UUID]
    state: Mapped[str]
    source: Mapped[str]
    code: Mapped[str | None]
    detail: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Instant)


class PendingReceipt(Scoped, Base):
    """A receipt that came before we knew its message (I6); applied when the provider's id is settled."""

    __tablename__ = "pending_receipts"
    __table_args__ = scoped(
        scoped_key("channel_id", "channels"),
        UniqueConstraint("organization_id", "channel_id", "vendor_id", "state"),
    )

    channel_id: Mapped[UUID]
    vendor_id: Mapped[str]
    state: Mapped[str]
    code: Mapped[str | None]
    detail: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Reaction(Scoped, Base):
    """An emoji on a message; one for each author."""

    __tablename__ = "message_reactions"
    __table_args__ = scoped(
        UniqueConstraint("message_id", "author", "author_key"),
        scoped_key("message_id", "messages", ondelete="CASCADE"),
    )

    message_id: Mapped[UUID]
    author: Mapped[str]
    author_key: Mapped[str]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str]
    emoji: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)


class File(Scoped, Base):
    """A file that hangs on a message, or waits to. state: pending (still to be fetched), stored, failed.

    `media_ref` is the provider's name for it; `uploaded_by` the key of who uploaded it and may attach it.
    """

    __tablename__ = "files"
    __table_args__ = scoped(
        CheckConstraint("state IN ('pending', 'stored', 'failed')", name="state"),
        scoped_key("message_id", "messages", ondelete="CASCADE"),
        scoped_key("channel_id", "channels"),
        Index("ix_files_message_id", "message_id"),
    )

    message_id: Mapped[UUID | None]
    channel_id: Mapped[UUID | None]
    name: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str]
    error: Mapped[str | None]
    media_ref: Mapped[str | None]
    uploaded_by: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def key(self) -> str:
        """Of its bytes, in the store."""
        return storage_key(self.organization_id, self.id)


class Marker(Scoped, Base):
    """How far a user has read a conversation."""

    __tablename__ = "read_markers"
    __table_args__ = scoped(
        UniqueConstraint("conversation_id", "user_id"),
        scoped_key("conversation_id", "conversations", ondelete="CASCADE"),
        scoped_key("user_id", "users", ondelete="CASCADE"),
    )

    conversation_id: Mapped[UUID]
    user_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)
    inbound_seen: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(Instant)


class Tag(Scoped, Base):
    __tablename__ = "tags"
    __table_args__ = scoped(UniqueConstraint("organization_id", "name"))

    name: Mapped[str]
    color: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)


class ConversationTag(Scoped, Base):
    __tablename__ = "conversation_tags"
    __table_args__ = scoped(
        UniqueConstraint("conversation_id", "tag_id"),
        scoped_key("conversation_id", "conversations", ondelete="CASCADE"),
        scoped_key("tag_id", "tags", ondelete="CASCADE"),
        Index("ix_conversation_tags_tag_id", "tag_id"),
    )

    conversation_id: Mapped[UUID]
    tag_id: Mapped[UUID]


class Rating(Scoped, Base):
    """What a visitor thought of one engagement: 1 to 5, once."""

    __tablename__ = "ratings"
    __table_args__ = scoped(
        UniqueConstraint("engagement_id"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        scoped_key("conversation_id", "conversations", ondelete="CASCADE"),
        scoped_key("engagement_id", "engagements", ondelete="CASCADE"),
        Index("ix_ratings_conversation_id", "conversation_id"),
    )

    conversation_id: Mapped[UUID]
    engagement_id: Mapped[UUID]
    score: Mapped[int]
    comment: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)


class CannedResponse(Scoped, Base):
    """A prepared text under a shortcut: one person's own, or the organization's where `owner_id` is null. One that
    belongs to a department is offered to its members."""

    __tablename__ = "canned_responses"
    __table_args__ = scoped(
        CheckConstraint("owner_id IS NULL OR department_id IS NULL", name="department"),
        scoped_key("owner_id", "users", ondelete="CASCADE"),
        scoped_key("department_id", "departments"),
        Index("uq_canned_responses_shared", "organization_id", "shortcut", unique=True,
              postgresql_where=text("owner_id IS NULL")),
        Index("uq_canned_responses_own", "owner_id", "shortcut", unique=True,
              postgresql_where=text("owner_id IS NOT NULL")),
    )

    owner_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    shortcut: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class Notification(Scoped, Base):
    """Something that one user should know of a conversation. kind: mention, assigned, message, reopened, unsent.

    Unread there is one for each kind and conversation, brought up to date by what follows; mentions stand alone.
    """

    __tablename__ = "notifications"
    __table_args__ = scoped(
        CheckConstraint("kind IN ('mention', 'assigned', 'message', 'reopened', 'unsent')", name="kind"),
        scoped_key("user_id", "users", ondelete="CASCADE"),
        scoped_key("conversation_id", "conversations", ondelete="CASCADE"),
        scoped_key("message_id", "messages", ondelete="CASCADE"),
        scoped_key("actor_id", "users"),
        Index("uq_notifications_unread", "user_id", "conversation_id", "kind", unique=True,
              postgresql_where=text("read_at IS NULL AND kind <> 'mention'")),
        Index("uq_notifications_mention", "user_id", "message_id", unique=True,
              postgresql_where=text("kind = 'mention'")),
        Index("ix_notifications_unread", "user_id", "conversation_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notifications_newest", "user_id", "created_at", "id"),
    )

    user_id: Mapped[UUID]
    kind: Mapped[str]
    conversation_id: Mapped[UUID]
    message_id: Mapped[UUID | None]
    message_kind: Mapped[str | None]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)


class NotificationPreferences(Scoped, Base):
    """How one user wants to be told; no row means the defaults."""

    __tablename__ = "notification_preferences"
    __table_args__ = scoped(UniqueConstraint("user_id"), scoped_key("user_id", "users", ondelete="CASCADE"))

    user_id: Mapped[UUID]
    preferences: Mapped[dict[str, Any]] = mapped_column(JSONB)
    updated_at: Mapped[datetime] = mapped_column(Instant)
