"""Everything that can happen, as facts of ids and values. Those with `seq` are entries of a conversation's log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from hub.core.bus import Event


class OrganizationRegistered(Event, frozen=True, kw_only=True, tag="organization.registered"):
    organization_id: UUID
    user_id: UUID


class OrganizationChanged(Event, frozen=True, kw_only=True, tag="organization.changed"):
    """`fields` names what changed: name, locale, time_zone, accent, logo."""

    organization_id: UUID
    fields: tuple[str, ...]


class UserCreated(Event, frozen=True, kw_only=True, tag="user.created"):
    user_id: UUID
    role: str


class UserChanged(Event, frozen=True, kw_only=True, tag="user.changed"):
    """`fields` names what changed, never the values."""

    user_id: UUID
    fields: tuple[str, ...]


class UserDeleted(Event, frozen=True, kw_only=True, tag="user.deleted"):
    user_id: UUID


class UserRestored(Event, frozen=True, kw_only=True, tag="user.restored"):
    user_id: UUID


class PasswordChanged(Event, frozen=True, kw_only=True, tag="user.password_changed"):
    """`by`: self, admin or reset."""

    user_id: UUID
    by: str


class PasswordResetRequested(Event, frozen=True, kw_only=True, tag="user.password_reset_requested"):
    user_id: UUID


class SessionStarted(Event, frozen=True, kw_only=True, tag="session.started"):
    user_id: UUID
    session_id: UUID


class SessionEnded(Event, frozen=True, kw_only=True, tag="session.ended"):
    """`reason`: sign_out, revoked, password_changed, deactivated, token_reused, expired."""

    user_id: UUID
    session_id: UUID
    reason: str


class DepartmentCreated(Event, frozen=True, kw_only=True, tag="department.created"):
    department_id: UUID


class DepartmentChanged(Event, frozen=True, kw_only=True, tag="department.changed"):
    department_id: UUID
    fields: tuple[str, ...]


class DepartmentDeleted(Event, frozen=True, kw_only=True, tag="department.deleted"):
    department_id: UUID


class ChannelCreated(Event, frozen=True, kw_only=True, tag="channel.created"):
    channel_id: UUID
    kind: str


class ChannelChanged(Event, frozen=True, kw_only=True, tag="channel.changed"):
    channel_id: UUID
    fields: tuple[str, ...]


class ChannelDeleted(Event, frozen=True, kw_only=True, tag="channel.deleted"):
    channel_id: UUID


class CustomFieldChanged(Event, frozen=True, kw_only=True, tag="custom_field.changed"):
    """A custom field was created, changed or deleted (`what`); `entity` is contact or conversation."""

    field_id: UUID
    entity: str
    key: str
    what: str


class CannedResponseChanged(Event, frozen=True, kw_only=True, tag="canned_response.changed"):
    """A canned response was created, changed or deleted (`what`); `owner_id` is null for the organization's."""

    canned_response_id: UUID
    owner_id: UUID | None
    what: str


class ContactCreated(Event, frozen=True, kw_only=True, tag="contact.created"):
    contact_id: UUID


class ContactChanged(Event, frozen=True, kw_only=True, tag="contact.changed"):
    contact_id: UUID
    fields: tuple[str, ...]


class TagChanged(Event, frozen=True, kw_only=True, tag="tag.changed"):
    """A tag was created, changed or deleted (`what`)."""

    tag_id: UUID
    what: str


class SavedViewChanged(Event, frozen=True, kw_only=True, tag="saved_view.changed"):
    """A saved view was created, changed or deleted (`what`)."""

    view_id: UUID
    what: str


class ScheduledMessageChanged(Event, frozen=True, kw_only=True, tag="scheduled_message.changed"):
    """A message for later was created, changed, cancelled, sent or failed (`what`)."""

    scheduled_id: UUID
    what: str


class ScheduledMessageFailed(Event, frozen=True, kw_only=True, tag="scheduled_message.failed"):
    """A message for later could not be sent when its time came; `code` says why. `user_id` is its author."""

    scheduled_id: UUID
    user_id: UUID
    conversation_id: UUID
    code: str


class ConversationEvent(Event, frozen=True, kw_only=True):
    """An entry of a conversation's log."""

    conversation_id: UUID
    seq: int


class MessageReceived(ConversationEvent, frozen=True, kw_only=True, tag="message.received"):
    """The customer wrote."""

    message_id: UUID
    channel_id: UUID
    contact_id: UUID


class MessageSent(ConversationEvent, frozen=True, kw_only=True, tag="message.sent"):
    """Somebody of ours wrote: an answer (to be delivered), a note, or an echo from another tool. `mentions` are the
    colleagues that a note calls in."""

    message_id: UUID
    author: str
    author_id: UUID | None
    note: bool
    mentions: tuple[UUID, ...] = ()


class MessageEdited(ConversationEvent, frozen=True, kw_only=True, tag="message.edited"):
    message_id: UUID


class MessageDeleted(ConversationEvent, frozen=True, kw_only=True, tag="message.deleted"):
    message_id: UUID


class MessageReacted(ConversationEvent, frozen=True, kw_only=True, tag="message.reacted"):
    """`emoji` empty: taken back."""

    message_id: UUID
    author: str
    emoji: str


class DeliveryChanged(ConversationEvent, frozen=True, kw_only=True, tag="message.delivery"):
    message_id: UUID
    state: str
    state_at: datetime
    error: dict[str, Any] | None = None


class MediaSettled(ConversationEvent, frozen=True, kw_only=True, tag="message.media"):
    """An attachment was stored or given up."""

    message_id: UUID
    file_id: UUID
    state: str


class ConversationOpened(ConversationEvent, frozen=True, kw_only=True, tag="conversation.opened"):
    """The first engagement began; `message_id` is its system line."""

    message_id: UUID
    engagement_id: UUID
    contact_id: UUID
    channel_id: UUID


class ConversationAccepted(ConversationEvent, frozen=True, kw_only=True, tag="conversation.accepted"):
    message_id: UUID
    user_id: UUID


class ConversationAssigned(ConversationEvent, frozen=True, kw_only=True, tag="conversation.assigned"):
    """`former_id` is who had it before, `by_id` who gave it away; null for nobody."""

    message_id: UUID
    user_id: UUID | None
    former_id: UUID | None
    department_id: UUID | None
    by_id: UUID | None


class ConversationClosed(ConversationEvent, frozen=True, kw_only=True, tag="conversation.closed"):
    message_id: UUID
    engagement_id: UUID
    disposition: str | None


class ConversationReopened(ConversationEvent, frozen=True, kw_only=True, tag="conversation.reopened"):
    """A further engagement began, by a word of the customer or by one of ours."""

    message_id: UUID
    engagement_id: UUID


class ConversationSnoozed(ConversationEvent, frozen=True, kw_only=True, tag="conversation.snoozed"):
    """Out of the way until then, or until the customer writes."""

    message_id: UUID
    until: datetime


class ConversationResumed(ConversationEvent, frozen=True, kw_only=True, tag="conversation.resumed"):
    """Back from its snooze. `reason`: time, customer, agent."""

    message_id: UUID
    reason: str


class ConversationRated(ConversationEvent, frozen=True, kw_only=True, tag="conversation.rated"):
    """The visitor rated an engagement, 1 to 5."""

    message_id: UUID
    engagement_id: UUID
    score: int


class ConversationTagged(ConversationEvent, frozen=True, kw_only=True, tag="conversation.tagged"):
    message_id: UUID
    added: tuple[UUID, ...]
    removed: tuple[UUID, ...]


class ConversationFieldsChanged(ConversationEvent, frozen=True, kw_only=True, tag="conversation.fields_changed"):
    """Values of custom fields were set or taken away; `fields` names their keys. The thread shows no line of it."""

    fields: tuple[str, ...]


class ConversationContactRenamed(ConversationEvent, frozen=True, kw_only=True, tag="conversation.contact_renamed"):
    """The contact has another name. The thread shows no line of it, the row does."""

    contact_id: UUID
