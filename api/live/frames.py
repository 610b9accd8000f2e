"""Every frame of the live protocol and every close code; `docs/asyncapi.json` is generated from these structs.

Client frames are decoded strictly: an unknown type, an unknown member or a wrong value is a bad frame.
"""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.live.limits import BEAT_EVERY, FRAME_BYTES

Seq = Annotated[int, Meta(ge=0, le=2**53)]
Ref = Annotated[str, Meta(max_length=64)]
ChosenState = Literal["online", "away", "busy"]
TopicName = Literal["inbox", "conversation"]


class Close(IntEnum):
    """Why we close, and what the client does about it."""

    BAD_FRAME = 4000
    NOT_AUTHENTICATED = 4001
    SESSION_ENDED = 4003
    TOO_SLOW = 4008
    REPLACED = 4009
    GOING_AWAY = 4010
    FLOODING = 4029


CLOSE_MEANING: dict[Close, str] = {
    Close.BAD_FRAME: "Bad frame: repeated frames that do not follow the protocol.",
    Close.NOT_AUTHENTICATED: "Not authenticated: get a new ticket, or sign in.",
    Close.SESSION_ENDED: "The session has ended: sign in.",
    Close.TOO_SLOW: "Too slow, or silent: reconnect at once and resume.",
    Close.REPLACED: "Replaced by a newer connection, or too many connections.",
    Close.GOING_AWAY: "The server goes away or cannot answer now: resume after a jittered wait.",
    Close.FLOODING: "Flooding: wait the longest time before resuming.",
}


class BadFrame(Exception):
    """What came is not a frame of the protocol."""


# From the client.


class ClientFrame(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", forbid_unknown_fields=True):
    """`ref` comes back in every answer to this frame."""

    ref: Ref | UnsetType = UNSET


class Hello(ClientFrame, frozen=True, kw_only=True, tag="hello"):
    """The first frame, within five seconds: the single-use ticket and the version of the protocol."""

    ticket: Annotated[str, Meta(min_length=1, max_length=512)]
    v: Literal[1]


class Subscribe(ClientFrame, frozen=True, kw_only=True, tag="subscribe", rename={"from_": "from"}):
    """Subscribe first, take the snapshot after. `from` and `epoch` resume a conversation after that number."""

    topic: TopicName
    id: UUID | None = None
    from_: Seq | None = None
    epoch: Annotated[str, Meta(max_length=200)] | None = None


class Unsubscribe(ClientFrame, frozen=True, kw_only=True, tag="unsubscribe"):
    topic: TopicName
    id: UUID | None = None


class Send(ClientFrame, frozen=True, kw_only=True, tag="send"):
    """A message; repeated with the same `client_id` it is still one. A visitor may leave `conversation_id` out."""

    client_id: Annotated[str, Meta(min_length=8, max_length=64)]
    text: str
    conversation_id: UUID | None = None
    note: bool = False
    reply_to_id: UUID | None = None


class Read(ClientFrame, frozen=True, kw_only=True, tag="read"):
    id: UUID
    seq: Seq


class Typing(ClientFrame, frozen=True, kw_only=True, tag="typing"):
    """Repeated every four seconds while it lasts; it expires after six."""

    id: UUID
    on: bool


class Viewing(ClientFrame, frozen=True, kw_only=True, tag="viewing"):
    """The conversation on this screen, or null."""

    id: UUID | None


class ChoosePresence(ClientFrame, frozen=True, kw_only=True, tag="presence"):
    state: ChosenState


class Look(ClientFrame, frozen=True, kw_only=True, tag="page"):
    """A visitor looks at another page of the website, and lets us know; null: no longer."""

    url: Annotated[str, Meta(min_length=1, max_length=2000)] | None
    title: Annotated[str, Meta(max_length=500)] = ""


class Pong(ClientFrame, frozen=True, kw_only=True, tag="pong"):
    """The answer to a beat."""


AnyClientFrame = Hello | Subscribe | Unsubscribe | Send | Read | Typing | Viewing | ChoosePresence | Look | Pong


# From the server.


class ServerFrame(msgspec.Struct, frozen=True, kw_only=True, tag_field="t"):
    pass


class Answer(ServerFrame, frozen=True, kw_only=True):
    """`ref` is that of the frame it answers."""

    ref: str | UnsetType = UNSET


class WelcomeUser(msgspec.Struct, frozen=True):
    id: UUID
    name: str


class WelcomeVisitor(msgspec.Struct, frozen=True):
    id: UUID
    conversation_id: UUID | None


class Welcome(Answer, frozen=True, kw_only=True, tag="welcome"):
    """`heartbeat`: seconds between beats. `epoch` changes when the numbers of all conversations start anew."""

    epoch: str
    connection: str
    at: datetime
    user: WelcomeUser | None
    visitor: WelcomeVisitor | None
    heartbeat: int = int(BEAT_EVERY)


class Subscribed(Answer, frozen=True, kw_only=True, tag="subscribed"):
    """For a conversation: `resumed` means that (from, head] follows in order, `reset` that a snapshot is needed."""

    topic: TopicName
    id: UUID | UnsetType = UNSET
    head: int | UnsetType = UNSET
    mode: Literal["resumed", "reset"] | UnsetType = UNSET


class Ack(Answer, frozen=True, kw_only=True, tag="ack"):
    """The message is committed. `conversation_id` tells a visitor the conversation that its first message made."""

    client_id: str
    id: UUID
    seq: int
    conversation_id: UUID


class Refused(Answer, frozen=True, kw_only=True, tag="refused"):
    client_id: str
    code: str
    detail: str


class ErrorFrame(Answer, frozen=True, kw_only=True, tag="error"):
    code: str
    detail: str


class EventFrame(ServerFrame, frozen=True, kw_only=True, tag="event"):
    """An entry of a conversation's log: `c` its id, `s` its gap-free number, `e` what happened, `d` the data."""

    c: UUID
    s: int
    e: str
    at: datetime
    d: dict[str, Any]


class RowFrame(ServerFrame, frozen=True, kw_only=True, tag="row"):
    """The inbox row of a conversation that changed; merge by `head_seq`, the higher wins."""

    row: dict[str, Any]


class Gone(ServerFrame, frozen=True, kw_only=True, tag="gone"):
    """The conversation may no longer be seen; its subscription has ended."""

    id: UUID


class MarkerFrame(ServerFrame, frozen=True, kw_only=True, tag="marker"):
    """The own read marker moved, perhaps in another tab."""

    id: UUID
    seq: int
    inbound_seen: int


class NotificationFrame(ServerFrame, frozen=True, kw_only=True, tag="notification"):
    """Something one should know: a new notification, or an unread one brought up to date. `unread` counts them all."""

    notification: dict[str, Any]
    unread: int


class NotificationsFrame(ServerFrame, frozen=True, kw_only=True, tag="notifications"):
    """How many are unread now: some were read, perhaps in another tab."""

    unread: int


class DraftFrame(ServerFrame, frozen=True, kw_only=True, tag="draft", rename={"from_": "from"}):
    """One's own words, kept from another screen; `text` empty: sent, or given up. `from` is the connection that they
    came from, where it said so."""

    id: UUID
    mode: str
    text: str
    reply_to_id: UUID | None
    updated_at: datetime
    from_: str | None


class ScheduledFrame(ServerFrame, frozen=True, kw_only=True, tag="scheduled"):
    """A message for later in conversation `id` was made, changed, sent, cancelled or refused."""

    id: UUID
    scheduled: dict[str, Any]


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is null for a visitor's eyes."""

    kind: str
    id: UUID | None
    name: str


class TypingFrame(ServerFrame, frozen=True, kw_only=True, tag="typing"):
    id: UUID
    who: Who
    on: bool


class Viewer(msgspec.Struct, frozen=True):
    id: UUID
    name: str


class ViewersFrame(ServerFrame, frozen=True, kw_only=True, tag="viewers"):
    """Everybody who has the conversation on a screen."""

    id: UUID
    users: list[Viewer]


class LookedAt(msgspec.Struct, frozen=True):
    url: str
    title: str


class VisitorFrame(ServerFrame, frozen=True, kw_only=True, tag="visitor"):
    """The visitor of a subscribed conversation came, went, or looks at another page (since when); null: not shared."""

    id: UUID
    online: bool
    page: LookedAt | None
    since: datetime | None


class UserPresence(msgspec.Struct, frozen=True):
    id: UUID
    state: str


class PresenceFrame(ServerFrame, frozen=True, kw_only=True, tag="presence"):
    """Users whose state changed: online, away, busy or offline."""

    users: list[UserPresence]


class Beat(ServerFrame, frozen=True, kw_only=True, tag="beat"):
    """The heads of the subscribed conversations; whoever is behind subscribes again with `from`."""

    at: datetime
    heads: dict[str, int]


class Reset(ServerFrame, frozen=True, kw_only=True, tag="reset"):
    """The server lost its place in the topic: subscribe again."""

    topic: TopicName
    id: UUID | UnsetType = UNSET


AnyServerFrame = (
    Welcome | Subscribed | Ack | Refused | ErrorFrame | EventFrame | RowFrame | Gone | MarkerFrame | NotificationFrame
    | NotificationsFrame | DraftFrame | ScheduledFrame | TypingFrame | ViewersFrame | VisitorFrame | PresenceFrame
    | Beat | Reset
)

_decoder = msgspec.json.Decoder(AnyClientFrame)
_encoder = msgspec.json.Encoder()


def decode(text: str | None) -> AnyClientFrame:
    """The client frame in a text message (None: it was binary). Raises `BadFrame`."""
    if text is None or len(text) > FRAME_BYTES:
        raise BadFrame
    try:
        raw = text.encode()
        if len(raw) > FRAME_BYTES:
            raise BadFrame
        frame: AnyClientFrame = _decoder.decode(raw)
        return frame
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadFrame from None


def encode(frame: ServerFrame) -> bytes:
    return _encoder.encode(frame)
