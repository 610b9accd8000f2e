"""What a channel's adapter must do, and the values that pass between it and the hub.

Inbound: `verify` and `parse` never await, so a webhook can be judged before anything is stored. Outbound: `send` is
called with no unit of work open; its outcome is a value or one of the three errors below, and "no answer" is never
taken for "not sent".
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote, under every address the provider told: (kind, canonical value, display) in order of trust."""

    identities: tuple[tuple[str, str, str], ...]
    name: str = ""


class MediaRef(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is still at the provider."""

    ref: str
    mime: str
    name: str = ""
    sha256: bytes | None = None
    size: int | None = None


class InboundMessage(msgspec.Struct, frozen=True, kw_only=True, tag="message"):
    """A message as a channel understood it; `kind` and `content` are those of the API. `echo`: sent by the business
    itself with another tool, so ours to show, not the customer's."""

    vendor_id: str
    sender: Sender
    occurred_at: datetime
    kind: str
    text: str = ""
    content: dict[str, Any] = {}
    media: tuple[MediaRef, ...] = ()
    reply_to: str | None = None
    echo: bool = False


class InboundReaction(msgspec.Struct, frozen=True, kw_only=True, tag="reaction"):
    """`emoji` empty takes it back."""

    vendor_id: str
    target: str
    sender: Sender
    emoji: str
    occurred_at: datetime


class InboundEdit(msgspec.Struct, frozen=True, kw_only=True, tag="edit"):
    vendor_id: str
    target: str
    sender: Sender
    text: str
    occurred_at: datetime


class InboundRevoke(msgspec.Struct, frozen=True, kw_only=True, tag="revoke"):
    vendor_id: str
    target: str
    sender: Sender
    occurred_at: datetime


class Receipt(msgspec.Struct, frozen=True, kw_only=True, tag="receipt"):
    """What became of a message of ours. `state`: sent, delivered, read, failed. `our_id` is the id we gave with the
    send, echoed; it finds the message when the provider's id never reached us."""

    vendor_id: str
    state: str
    occurred_at: datetime
    our_id: UUID | None = None
    code: str | None = None
    detail: str | None = None


Inbound = InboundMessage | InboundReaction | InboundEdit | InboundRevoke | Receipt


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One inbound value and the channel it came on, by the provider's name for that channel (`Channel.external_id`)."""

    external_id: str
    value: Inbound


class ChannelAccess(msgspec.Struct, frozen=True, kw_only=True):
    """What an adapter needs of a channel to call its provider. `credentials` are open: never log or keep them."""

    id: UUID
    external_id: str | None
    settings: Mapping[str, Any]
    credentials: Mapping[str, str]


class OutboundFile(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    mime: str
    size: int
    read: Any  # () -> AsyncIterator[bytes]


class OutboundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to transmit. `to`: (kind, value) pairs of the recipient, best first. `reply_to` and `target` are
    provider ids. kind `reaction` uses `target` and `text` (the emoji, empty to take it back)."""

    our_id: UUID
    to: tuple[tuple[str, str], ...]
    kind: str
    text: str = ""
    content: Mapping[str, Any] = {}
    file: OutboundFile | None = None
    reply_to: str | None = None
    target: str | None = None


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The provider accepted it. `recipient_id`: its own name for the recipient, when it told one."""

    vendor_id: str
    recipient_id: str | None = None


class SendError(Exception):
    """What can become of a send that was not accepted. `code` is ours and stable, `detail` the provider's words."""

    def __init__(self, code: str, detail: str = "", *, provider_code: str = "") -> None:
        self.code = code
        self.detail = detail
        self.provider_code = provider_code
        super().__init__(code)


class Refused(SendError):
    """Certainly not sent, and trying again will not help. `channel_down`: nothing else will go out either."""

    def __init__(self, code: str, detail: str = "", *, provider_code: str = "", channel_down: bool = False) -> None:
        super().__init__(code, detail, provider_code=provider_code)
        self.channel_down = channel_down


class Throttled(SendError):
    """Certainly not sent; may be tried again after so many seconds."""

    def __init__(self, code: str, detail: str = "", *, provider_code: str = "", after: float = 1.0) -> None:
        super().__init__(code, detail, provider_code=provider_code)
        self.after = after


class Uncertain(SendError):
    """No answer after the request left: it may have been sent. Never sent again by us."""


class ChannelAdapter(Protocol):
    """One provider of one kind of channel."""

    kind: str
    provider: str

    def verify(self, access: ChannelAccess, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the raw body was signed with this channel's secret. False without a secret: fail closed."""

    def parse(self, body: bytes) -> list[Parcel]:
        """Everything the body says. Raises `hub.core.errors.Invalid` for what is not this provider's format; kinds it
        does not know become placeholders, fields it does not know are passed over."""

    def order_key(self, body: bytes) -> str | None:
        """What must be processed one after another with other bodies (the other party), or None."""

    async def send(self, access: ChannelAccess, message: OutboundMessage) -> Sent: ...

    async def mark_read(self, access: ChannelAccess, vendor_id: str, *, typing: bool) -> None:
        """Ticks the customer's message blue, and shows that we are typing when asked. Best effort."""

    def fetch_media(self, access: ChannelAccess, ref: str, *, limit: int) -> AsyncIterator[bytes]:
        """The file's bytes in chunks; raises `LimitReached` past `limit` bytes, `NotFound` when it is gone."""

    async def check(self, access: ChannelAccess) -> None:
        """A harmless call that proves the credentials. Raises `Refused` or `Unavailable`."""
