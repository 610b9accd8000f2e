"""What `POST /{phone_number_id}/messages` accepts: the shapes and limits of contract section 1.2, as rules."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from providers.simulator.errors import GraphError, invalid, missing
from providers.simulator.outbound_interactive import check_interactive

MEDIA_TYPES = ("image", "video", "audio", "document", "sticker")
Json = dict[str, Any]
HasMedia = Callable[[str], bool]


def check_message(payload: Json, *, has_media: HasMedia, has_message: Callable[[str], bool]) -> str:
    """The type of a valid message (templates are checked elsewhere against the stored template).

    Raises GraphError with Meta's code: 131008 missing, 131009 wrong value, 131051 unknown type, 100 wrong envelope.
    """
    check_envelope(payload)
    kind = payload.get("type", "text")
    if not isinstance(kind, str) or kind not in _CHECKS:
        raise GraphError(131051, f"Message type {str(kind)[:40]!r} is not currently supported.")
    if not payload.get("to") and not payload.get("recipient"):
        raise missing("to")
    content = payload.get(kind)
    if content is None:
        raise missing(kind)
    if kind in MEDIA_TYPES:
        _media(kind, _object(kind, content), has_media)
    elif kind == "reaction":
        _reaction(_object(kind, content), has_message)
    else:
        _CHECKS[kind](content)
    return str(kind)


def check_envelope(payload: Json) -> None:
    """What a message, a read mark and a typing mark have in common."""
    if payload.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required and must be 'whatsapp'.")
    if payload.get("recipient_type", "individual") not in ("individual", "group"):
        raise invalid("recipient_type", "must be 'individual'")
    for name in ("to", "recipient"):
        if name in payload and not (isinstance(payload[name], str) and 0 < len(payload[name]) <= 64):
            raise invalid(name, "must be a string")
    if "to" in payload and not 7 <= sum(c.isdigit() for c in payload["to"]) <= 15 and "." not in payload["to"]:
        raise invalid("to", "is not a valid phone number")
    opaque = payload.get("biz_opaque_callback_data")
    if opaque is not None and not (isinstance(opaque, str) and len(opaque) <= 512):
        raise invalid("biz_opaque_callback_data", "must be a string of at most 512 characters")
    context = payload.get("context")
    if context is not None and not (isinstance(context, dict) and isinstance(context.get("message_id"), str)):
        raise invalid("context", "must hold message_id")


def text_of(content: Json, name: str, key: str, most: int, *, required: bool = True) -> str:
    """A text of at most `most` characters under `key`."""
    value = content.get(key)
    if value is None or value == "":
        if required:
            raise missing(f"{name}['{key}']")
        return ""
    if not isinstance(value, str):
        raise invalid(f"{name}['{key}']", "must be a string")
    if len(value) > most:
        raise invalid(f"{name}['{key}']", f"must be at most {most} characters long")
    return value


def _object(name: str, content: object) -> Json:
    if not isinstance(content, dict):
        raise invalid(name, "must be an object")
    return content


def _text(content: object) -> None:
    text_of(_object("text", content), "text", "body", 4096)


def _media(kind: str, content: Json, has_media: HasMedia) -> None:
    media_id, link = content.get("id"), content.get("link")
    if bool(media_id) == bool(link):
        raise GraphError(131008, f"Parameter {kind} needs either id or link.")
    if media_id and not (isinstance(media_id, str) and has_media(media_id)):
        raise invalid(f"{kind}['id']", "is not a media id of this phone number")
    if link and not (isinstance(link, str) and urlsplit(link).scheme in ("http", "https")):
        raise invalid(f"{kind}['link']", "must be an http or https address")
    if "caption" in content and kind in ("audio", "sticker"):
        raise GraphError(100, f"Unexpected key 'caption' on param '{kind}'.")
    if "filename" in content and kind != "document":
        raise GraphError(100, f"Unexpected key 'filename' on param '{kind}'.")
    text_of(content, kind, "caption", 1024, required=False)
    text_of(content, kind, "filename", 240, required=False)


def _location(content: object) -> None:
    place = _object("location", content)
    for key, most in (("latitude", 90), ("longitude", 180)):
        if key not in place:
            raise missing(f"location['{key}']")
        try:
            inside = abs(float(place[key])) <= most
        except (TypeError, ValueError):
            inside = False
        if not inside:
            raise invalid(f"location['{key}']", f"must be a number between -{most} and {most}")
    text_of(place, "location", "name", 1000, required=False)
    text_of(place, "location", "address", 1000, required=False)


def _contacts(content: object) -> None:
    if not isinstance(content, list) or not 1 <= len(content) <= 257:
        raise invalid("contacts", "must be a list of 1 to 257 contacts")
    for card in content:
        name = _object("contacts", card).get("name")
        if not isinstance(name, dict):
            raise missing("contacts[0]['name']")
        text_of(name, "name", "formatted_name", 1024)
        if not any(name.get(part) for part in ("first_name", "last_name", "middle_name", "suffix", "prefix")):
            raise GraphError(131009, "At least one name part must be set besides formatted_name.")


def _reaction(content: Json, has_message: Callable[[str], bool]) -> None:
    if "emoji" not in content:
        raise missing("reaction['emoji']")
    text_of(content, "reaction", "emoji", 32, required=False)
    if not has_message(text_of(content, "reaction", "message_id", 512)):
        raise invalid("reaction['message_id']", "is not a message of this conversation")


def _interactive(content: object) -> None:
    check_interactive(_object("interactive", content))


def _template(content: object) -> None:
    template = _object("template", content)
    text_of(template, "template", "name", 512)
    text_of(_object("template['language']", template.get("language")), "language", "code", 16)


def _checked_elsewhere(content: object) -> None:
    """Media and reactions need to know what exists."""


_CHECKS: dict[str, Callable[[Any], None]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "template": _template,
    "reaction": _checked_elsewhere,
    **dict.fromkeys(MEDIA_TYPES, _checked_elsewhere),
}
