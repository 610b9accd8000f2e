"""What open screens are told after a commit: hints that may be lost, because the truth can always be pulled.

Frames are encoded once, here on the way out, and sent to many. Who may receive one is decided at fan-out from the
`Audience`, never earlier.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec


class Audience(msgspec.Struct, frozen=True):
    """What decides who may see a conversation."""

    department_id: UUID | None
    assignee_id: UUID | None


class Signal(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base: everything shown belongs to one organization."""

    organization_id: UUID


class ConversationSignal(Signal, frozen=True, kw_only=True):
    """An event of a conversation's log with its number. `event` is the agents' frame, `visitor_event` the visitor's,
    `row` the list row's; each a complete JSON frame of the live protocol. `was` is set when visibility changed."""

    conversation_id: UUID
    seq: int
    event: msgspec.Raw
    visitor_event: msgspec.Raw
    row: msgspec.Raw
    audience: Audience
    was: Audience | None = None


class TypingSignal(Signal, frozen=True, kw_only=True):
    conversation_id: UUID
    who_kind: str
    who_id: UUID | None
    who_name: str
    on: bool
    audience: Audience


class ViewersSignal(Signal, frozen=True, kw_only=True):
    """Who has the conversation open on the sockets of one process, `origin`: (user id, name) pairs."""

    conversation_id: UUID
    users: tuple[tuple[UUID, str], ...]
    audience: Audience
    origin: str = ""


class VisitorSignal(Signal, frozen=True, kw_only=True):
    """The visitor of this conversation came, went, or looks at another page: whoever shows it reads it again."""

    conversation_id: UUID


class PresenceSignal(Signal, frozen=True, kw_only=True):
    """Changed presences: (user id, state) pairs."""

    users: tuple[tuple[UUID, str], ...]


class MarkerSignal(Signal, frozen=True, kw_only=True):
    user_id: UUID
    conversation_id: UUID
    seq: int
    inbound_seen: int


class NotificationSignal(Signal, frozen=True, kw_only=True):
    """Something that one user should know of a conversation; `notification` is what the list shows of it. How many are
    unread is counted by who tells it, after the commit."""

    user_id: UUID
    notification: dict[str, Any]
    audience: Audience


class NotificationsRead(Signal, frozen=True, kw_only=True):
    """A user has read notifications, perhaps in another tab."""

    user_id: UUID


class DraftSignal(Signal, frozen=True, kw_only=True):
    """What a user has begun to write, for their other sockets; `text` empty: it was sent or given up. `origin` names
    the socket that it came from, where it said so."""

    user_id: UUID
    conversation_id: UUID
    mode: str
    text: str
    reply_to_id: UUID | None
    updated_at: datetime
    origin: str = ""


class ScheduledSignal(Signal, frozen=True, kw_only=True):
    """A message for later was made or changed; `frame` is a complete JSON frame of the live protocol."""

    frame: msgspec.Raw
    audience: Audience


class SessionEnded(Signal, frozen=True, kw_only=True):
    """Sockets of this session (or of every session of the user) close now."""

    user_id: UUID
    session_id: UUID | None = None


class ActorChanged(Signal, frozen=True, kw_only=True):
    """Role or departments of a user changed: sockets re-read what they may see."""

    user_id: UUID


AnySignal = (
    ConversationSignal | TypingSignal | ViewersSignal | VisitorSignal | PresenceSignal | MarkerSignal
    | NotificationSignal | NotificationsRead | DraftSignal | ScheduledSignal | SessionEnded | ActorChanged
)
Listener = Callable[[AnySignal], None]


class SignalBus(Protocol):
    """Carries signals to every process that holds sockets."""

    def publish(self, signals: Sequence[AnySignal]) -> None:
        """Hands the signals on without waiting; never raises to the one who committed."""

    def wanted(self, organization_id: UUID) -> bool:
        """Whether anybody may be listening for this organization's signals; if not, they need not be made."""

    def listen(
        self, listener: Listener, on_gap: Callable[[], None], *, wants: Callable[[UUID], bool] | None = None
    ) -> Callable[[], None]:
        """Calls `listener` for each signal, `on_gap` after signals may have been missed; returns how to stop. `wants`
        tells whether the listener has use for an organization's; without it for all."""
