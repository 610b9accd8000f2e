"""What a message of Meta's says, in the kinds and contents of our API (contract section 1.5)."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hub.channels.ports import MediaRef
from providers.whatsapp.wire import Json, string


@dataclass(frozen=True)
class Body:
    """The part of a message that depends on its type."""

    kind: str
    text: str = ""
    content: Json = field(default_factory=dict)
    media: tuple[MediaRef, ...] = ()


class WireText(msgspec.Struct, frozen=True):
    body: str


class WireMedia(msgspec.Struct, frozen=True):
    id: str
    mime_type: str = "application/octet-stream"
    sha256: str | None = None
    caption: str | None = None
    filename: str | None = None
    file_size: int | None = None
    voice: bool = False
    animated: bool = False


class WireLocation(msgspec.Struct, frozen=True):
    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class WireName(msgspec.Struct, frozen=True):
    formatted_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class WirePhone(msgspec.Struct, frozen=True):
    phone: str | None = None
    wa_id: str | None = None


class WireEmail(msgspec.Struct, frozen=True):
    email: str | None = None


class WireCard(msgspec.Struct, frozen=True):
    name: WireName = WireName()
    phones: list[WirePhone] = []
    emails: list[WireEmail] = []


class WireReply(msgspec.Struct, frozen=True):
    id: str
    title: str
    description: str | None = None


class WireFlowReply(msgspec.Struct, frozen=True):
    response_json: str | None = None
    name: str | None = None
    body: str | None = None


class WirePermission(msgspec.Struct, frozen=True):
    response: str
    expiration_timestamp: int | None = None


class WireButton(msgspec.Struct, frozen=True):
    text: str
    payload: str | None = None


def understand(message: Json) -> Body:
    """The body of a message; what is unknown, or known and broken, becomes a placeholder that says its type."""
    wire_type = string(message, "type") or "unknown"
    reader = _READERS.get(wire_type)
    if reader is None:
        return placeholder(_named_type(message, wire_type))
    try:
        return reader(message.get(wire_type))
    except (msgspec.ValidationError, ValueError):
        return placeholder(wire_type)


def placeholder(wire_type: str) -> Body:
    """Something came that cannot be shown."""
    return Body("unsupported", content={"type": wire_type[:64]})


def digest_of(text: str | None) -> bytes | None:
    """A SHA-256 as Meta writes it: base64, or hex in older payloads."""
    if not text:
        return None
    try:
        found = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return found if len(found) == 32 else None


def _text(payload: Any) -> Body:
    return Body("text", msgspec.convert(payload, WireText).body)


def _media(kind: str) -> Callable[[Any], Body]:
    def read(payload: Any) -> Body:
        wire = msgspec.convert(payload, WireMedia, strict=False)
        ref = MediaRef(
            ref=wire.id, mime=wire.mime_type, name=wire.filename or "", sha256=digest_of(wire.sha256),
            size=wire.file_size,
        )
        content: Json = {"animated": wire.animated} if kind == "sticker" else {}
        return Body("voice" if kind == "audio" and wire.voice else kind, wire.caption or "", content, (ref,))

    return read


def _location(payload: Any) -> Body:
    wire = msgspec.convert(payload, WireLocation, strict=False)
    if not (abs(wire.latitude) <= 90 and abs(wire.longitude) <= 180):
        raise ValueError("not on the globe")
    found = msgspec.to_builtins(wire)
    return Body("location", content={name: value for name, value in found.items() if value is not None})


def _contacts(payload: Any) -> Body:
    cards = []
    for wire in msgspec.convert(payload, list[WireCard]):
        name = wire.name.formatted_name or " ".join(filter(None, (wire.name.first_name, wire.name.last_name)))
        phones = [number for entry in wire.phones if (number := entry.phone or entry.wa_id)]
        emails = [entry.email for entry in wire.emails if entry.email]
        cards.append({"name": name, "phones": phones, "emails": emails})
    return Body("contacts", content={"contacts": cards})


def _interactive(payload: Any) -> Body:
    wire_type = string(payload, "type") if isinstance(payload, dict) else None
    if wire_type in ("button_reply", "list_reply"):
        reply = msgspec.convert(payload.get(wire_type), WireReply)
        content = {"type": wire_type, "id": reply.id, "title": reply.title}
        if reply.description:
            content["description"] = reply.description
        return Body("interactive", reply.title, content)
    if wire_type == "nfm_reply":
        return _flow_reply(msgspec.convert(payload.get(wire_type), WireFlowReply))
    if wire_type == "call_permission_reply":
        permission = msgspec.convert(payload.get(wire_type), WirePermission, strict=False)
        return Body("interactive", content={"type": wire_type, **msgspec.to_builtins(permission)})
    return placeholder(wire_type or "interactive")


def _flow_reply(wire: WireFlowReply) -> Body:
    """The answer to a form. `response_json` is a string, and not surely JSON."""
    try:
        response = msgspec.json.decode(wire.response_json or "{}")
    except (msgspec.DecodeError, RecursionError):
        response = wire.response_json
    title = wire.body or wire.name or ""
    content = {"type": "nfm_reply", "id": wire.name or "", "title": title, "response": response}
    return Body("interactive", title, content)


def _button(payload: Any) -> Body:
    """The quick reply of a template."""
    wire = msgspec.convert(payload, WireButton)
    return Body("interactive", wire.text, {"type": "button_reply", "id": wire.payload or wire.text, "title": wire.text})


def _named_type(message: Json, wire_type: str) -> str:
    """`system` and `unsupported` messages often say more exactly what they are."""
    inner = message.get(wire_type)
    return (string(inner, "type") if isinstance(inner, dict) else None) or wire_type


_READERS: dict[str, Callable[[Any], Body]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    **{kind: _media(kind) for kind in ("image", "video", "audio", "document", "sticker")},
}
