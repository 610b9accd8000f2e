"""Rows as plain values, for work on many of them at once: the same names as in `models`, without the ORM behind."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations.shapes import Named, TagView
from hub.core.signals import Audience


class Surroundings(msgspec.Struct, kw_only=True):
    """The names that a row shows beside the conversation itself; changed in place when one of them changes."""

    contact_name: str
    handle: str
    address: str | None
    channel_kind: str
    channel_name: str
    channel_provider: str
    channel_live: bool
    assignee: Named | None
    department: Named | None
    tags: list[TagView]


class Standing(msgspec.Struct, kw_only=True):
    """A conversation with the names around it and its open engagement, where there is one. `held_seq` is the head as it
    was locked, or is expected to be still when this is written."""

    id: UUID
    channel_id: UUID
    contact_id: UUID
    identity_id: UUID | None
    status: str
    assignee_id: UUID | None
    department_id: UUID | None
    head_seq: int
    inbound_count: int
    last_message: dict[str, Any] | None
    fields: dict[str, Any]
    waiting_since: datetime | None
    snoozed_until: datetime | None
    bot_answered: bool
    last_inbound_at: datetime | None
    last_activity_at: datetime
    created_at: datetime
    around: Surroundings
    name_given: bool
    engagement_id: UUID | None
    first_reply_at: datetime | None
    held_seq: int = 0

    @property
    def audience(self) -> Audience:
        return Audience(self.department_id, self.assignee_id)


class Written(msgspec.Struct, kw_only=True):
    """A message as it is written, column by column."""

    id: UUID
    organization_id: UUID
    conversation_id: UUID
    channel_id: UUID
    engagement_id: UUID | None
    author: str
    author_id: UUID | None
    author_name: str
    kind: str
    text: str
    state: str
    state_at: datetime
    search_text: str
    created_at: datetime
    occurred_at: datetime
    seq: int = 0
    note: bool = False
    content: dict[str, Any] = {}
    vendor_id: str | None = None
    sender_key: str | None = None
    client_id: str | None = None
    client_hash: bytes | None = None
    reply_to_id: UUID | None = None
    error: dict[str, Any] | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


class Shown(msgspec.Struct):
    """As much of a message as is shown of it, column by column."""

    id: UUID
    conversation_id: UUID
    seq: int
    author: str
    author_id: UUID | None
    author_name: str
    note: bool
    kind: str
    text: str
    content: dict[str, Any]
    reply_to_id: UUID | None
    state: str
    state_at: datetime
    error: dict[str, Any] | None
    client_id: str | None
    created_at: datetime
    occurred_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
