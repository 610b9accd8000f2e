"""What the outside sees of conversations and messages: the structs of the REST answers and of the live frames."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from hub.crm.views import ContactView


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Base: keyword-only values on their way out."""


class Named(Shape, frozen=True, kw_only=True):
    id: UUID
    name: str


class ChannelRef(Shape, frozen=True, kw_only=True):
    id: UUID
    kind: str
    name: str


class ContactRef(Shape, frozen=True, kw_only=True):
    """`handle`: the address that the conversation is held with, as people write it."""

    id: UUID
    name: str
    handle: str


class TagView(Shape, frozen=True, kw_only=True):
    id: UUID
    name: str
    color: str


class LastMessage(Shape, frozen=True, kw_only=True):
    seq: int
    author: str
    author_name: str
    kind: str
    text: str
    at: datetime
    state: str


class MarkerView(Shape, frozen=True, kw_only=True):
    seq: int
    inbound_seen: int


class Row(Shape, frozen=True, kw_only=True):
    """A conversation in a list. `fields`: values of custom fields by key. `marker` is the caller's own and absent from
    live frames."""

    id: UUID
    channel: ChannelRef
    contact: ContactRef
    status: str
    assignee: Named | None
    department: Named | None
    tags: list[TagView]
    head_seq: int
    inbound_count: int
    last_message: LastMessage | None
    fields: dict[str, Any]
    waiting_since: datetime | None
    snoozed_until: datetime | None
    last_activity_at: datetime
    created_at: datetime
    marker: MarkerView | UnsetType = UNSET


class EngagementView(Shape, frozen=True, kw_only=True):
    id: UUID
    number: int
    opened_at: datetime
    accepted_at: datetime | None
    first_reply_at: datetime | None
    closed_at: datetime | None
    disposition: str | None


class PastEngagement(Shape, frozen=True, kw_only=True):
    number: int
    opened_at: datetime
    closed_at: datetime | None
    disposition: str | None
    assignee: Named | None


class PastConversation(Shape, frozen=True, kw_only=True):
    """What a contact and we have had to do with each other on one channel, the newest engagement first."""

    id: UUID
    channel: ChannelRef
    status: str
    last_activity_at: datetime
    engagements: list[PastEngagement]


class History(Shape, frozen=True, kw_only=True):
    results: list[PastConversation]


class Window(Shape, frozen=True, kw_only=True):
    """Whether the channel lets us write freely now; `closes_at` null where there is no such rule."""

    open: bool
    closes_at: datetime | None


class DraftView(Shape, frozen=True, kw_only=True):
    text: str
    reply_to_id: UUID | None
    updated_at: datetime


class Drafts(Shape, frozen=True, kw_only=True):
    """What the caller has begun to write."""

    reply: DraftView | None
    note: DraftView | None


class Can(Shape, frozen=True, kw_only=True):
    """What the caller may do with the conversation now."""

    reply: bool
    note: bool
    accept: bool
    assign: bool
    close: bool
    reopen: bool
    tag: bool


class ContactDetail(ContactView, frozen=True, kw_only=True):
    """The contact with the address that the conversation is held with."""

    handle: str


class PageSeen(Shape, frozen=True, kw_only=True):
    url: str
    title: str


class VisitorView(Shape, frozen=True, kw_only=True):
    """The visitor of a web conversation. `page` is null where pages are not shared, `since` when it was opened;
    `verified`: the website has vouched for name and e-mail, else they are what the visitor typed."""

    online: bool
    page: PageSeen | None
    since: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    locale: str
    visits: int
    email: str
    verified: bool


class Detail(Shape, frozen=True, kw_only=True):
    """A Row with the whole contact, the latest engagement, the reply window and what the caller may do."""

    id: UUID
    channel: ChannelRef
    contact: ContactDetail
    status: str
    assignee: Named | None
    department: Named | None
    tags: list[TagView]
    head_seq: int
    inbound_count: int
    last_message: LastMessage | None
    fields: dict[str, Any]
    waiting_since: datetime | None
    snoozed_until: datetime | None
    last_activity_at: datetime
    created_at: datetime
    marker: MarkerView
    engagement: EngagementView | None
    window: Window
    can: Can
    drafts: Drafts
    visitor: VisitorView | None


class ReplyTo(Shape, frozen=True, kw_only=True):
    id: UUID
    seq: int
    author: str
    author_name: str
    kind: str
    text: str


class Attachment(Shape, frozen=True, kw_only=True):
    """state: pending, stored, failed. Sizes in bytes, pixels and seconds."""

    id: UUID
    name: str
    mime: str
    size: int | None
    state: str
    width: int | None
    height: int | None
    duration: float | None
    url: str


class ReactionView(Shape, frozen=True, kw_only=True):
    emoji: str
    author: str
    author_id: UUID | None
    author_name: str


class Message(Shape, frozen=True, kw_only=True):
    """A message as agents see it; kinds, contents and states are listed in the API."""

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
    reply_to: ReplyTo | None
    attachments: list[Attachment]
    reactions: list[ReactionView]
    state: str
    state_at: datetime
    error: dict[str, Any] | None
    client_id: str | None
    created_at: datetime
    occurred_at: datetime
    late: bool
    edited_at: datetime | None
    deleted_at: datetime | None


class VisitorMessage(Message, frozen=True, kw_only=True):
    """A message as the widget's visitor sees it: no ids of users, no reasons of failure, no inner content."""


class Step(Shape, frozen=True, kw_only=True):
    state: str
    at: datetime
    source: str
    code: str | None
    detail: str | None


class MessageDetail(Message, frozen=True, kw_only=True):
    """A message with every step of its delivery, in order."""

    timeline: list[Step]


class MessagePage(Shape, frozen=True, kw_only=True):
    """Messages in ascending order. `head_seq` was read before them: events above it may be in here already."""

    results: list[Message]
    has_before: bool
    has_after: bool
    head_seq: int
    epoch: str


class VisitorPage(Shape, frozen=True, kw_only=True):
    results: list[VisitorMessage]
    has_before: bool
    head_seq: int
    epoch: str


class Counts(Shape, frozen=True, kw_only=True):
    """Conversations in each view; `unread`: the caller's and nobody's with something the caller has not read;
    `mentions`: with a mention that the caller has not seen; `views`: the saved ones by id."""

    mine: int
    unassigned: int
    all: int
    closed: int
    unread: int
    snoozed: int = 0
    mentions: int = 0
    bots: int = 0
    views: dict[UUID, int] = {}


class Hit(Shape, frozen=True, kw_only=True):
    """A message found; in `snippet` the hits stand between U+E000 and U+E001."""

    conversation_id: UUID
    contact: Named
    message: Message
    snippet: str


class Found(Shape, frozen=True, kw_only=True):
    """`conversations` are those with one of the `tags` found."""

    contacts: list[ContactView]
    messages: list[Hit]
    tags: list[TagView]
    conversations: list[Row]


class Place(Shape, frozen=True, kw_only=True):
    """A message found in its thread; in `snippet` the hits stand between U+E000 and U+E001."""

    seq: int
    message_id: UUID
    snippet: str
