"""What is posted to `/messages` for each kind of message (contract section 1.2); no network here.

What Meta would refuse for certain is refused here, with the same codes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hub.channels.ports import OutboundMessage, Refused

Json = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
FILE_NAME_LIMIT = 240
# Kinds with a file → Meta's type; a voice note is audio in Ogg/Opus.
MEDIA_TYPES = {
    "image": "image", "video": "video", "audio": "audio", "voice": "audio", "document": "document",
    "sticker": "sticker",
}
_WITH_CAPTION = frozenset({"image", "video", "document"})


def recipients(message: OutboundMessage) -> list[Json]:
    """The ways to name the recipient, best first: `recipient` for a business-scoped id, `to` for a number."""
    found: list[Json] = []
    for kind, value in message.to:
        if kind == "bsuid":
            found.append({"recipient": value})
        elif kind in ("whatsapp", "phone"):
            found.append({"to": value.lstrip("+")})
    if not found:
        raise Refused("no_recipient", "the contact has neither a WhatsApp number nor a user id")
    return found


def compose(message: OutboundMessage, *, media_id: str | None) -> Json:
    """The body without its recipient. Raises `Refused("bad_parameters")` for what cannot be sent."""
    wire_type, content = _content(message, media_id)
    body: Json = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "type": wire_type,
        wire_type: content,
        "biz_opaque_callback_data": str(message.our_id),
    }
    if message.reply_to and wire_type != "reaction":  # a reaction is not a reply
        body["context"] = {"message_id": message.reply_to}
    return body


def check(message: OutboundMessage) -> None:
    """Raises `Refused` for what cannot be sent, before a file is uploaded in vain."""
    compose(message, media_id="0")


def _content(message: OutboundMessage, media_id: str | None) -> tuple[str, Any]:
    if message.kind in MEDIA_TYPES:
        return MEDIA_TYPES[message.kind], _media(message, media_id)
    composer = _COMPOSERS.get(message.kind)
    if composer is None:
        raise _bad(f"kind {message.kind} cannot be sent here")
    return message.kind, composer(message)


def _text(message: OutboundMessage) -> Json:
    if not message.text.strip():
        raise _bad("the text is empty")
    if len(message.text) > TEXT_LIMIT:
        raise _bad(f"the text is longer than {TEXT_LIMIT} characters")
    return {"body": message.text, "preview_url": "http://" in message.text or "https://" in message.text}


def _media(message: OutboundMessage, media_id: str | None) -> Json:
    if message.file is None or media_id is None:
        raise _bad("there is no file")
    found: Json = {"id": media_id}
    if message.text:
        if message.kind not in _WITH_CAPTION:
            raise _bad(f"{message.kind} takes no caption")
        if len(message.text) > CAPTION_LIMIT:
            raise _bad(f"the caption is longer than {CAPTION_LIMIT} characters")
        found["caption"] = message.text
    if message.kind == "document":
        found["filename"] = message.file.name[:FILE_NAME_LIMIT] or "file"
    return found


def _location(message: OutboundMessage) -> Json:
    place = message.content
    try:
        latitude, longitude = float(place["latitude"]), float(place["longitude"])
    except (KeyError, TypeError, ValueError):
        raise _bad("a location needs latitude and longitude") from None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise _bad("the location is not on the globe")
    named = {name: str(place[name])[:1000] for name in ("name", "address") if place.get(name)}
    return {"latitude": latitude, "longitude": longitude, **named}


def _contacts(message: OutboundMessage) -> list[Json]:
    cards = message.content.get("contacts")
    if not isinstance(cards, list) or not cards:
        raise _bad("there is no contact to send")
    return [_card(card) for card in cards]


def _card(card: object) -> Json:
    if not isinstance(card, Mapping) or not str(card.get("name") or "").strip():
        raise _bad("a contact needs a name")
    name = str(card["name"]).strip()
    first, _, last = name.partition(" ")
    found: Json = {"name": {"formatted_name": name, "first_name": first}}
    if last:
        found["name"]["last_name"] = last
    if phones := [{"phone": str(phone), "type": "CELL"} for phone in card.get("phones") or ()]:
        found["phones"] = phones
    if emails := [{"email": str(email), "type": "WORK"} for email in card.get("emails") or ()]:
        found["emails"] = emails
    return found


def _reaction(message: OutboundMessage) -> Json:
    if not message.target:
        raise _bad("a reaction needs a message")
    return {"message_id": message.target, "emoji": message.text}


def _as_given(message: OutboundMessage) -> Json:
    """Buttons, lists and templates are written in Meta's own shape."""
    if not message.content:
        raise _bad(f"{message.kind} has no content")
    return dict(message.content)


def _bad(detail: str) -> Refused:
    return Refused("bad_parameters", detail)


_COMPOSERS: dict[str, Callable[[OutboundMessage], Any]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _as_given,
    "template": _as_given,
}
