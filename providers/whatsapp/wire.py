"""Meta's webhook envelope (contract section 1.5): entries, changes and elements, each level taken apart on its own.

Nothing inside is trusted to be well formed. A broken element is passed over and counted; the others are kept.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
import structlog

from hub.core.errors import Invalid
from hub.core.metrics import WEBHOOKS
from providers.whatsapp.identities import WireContact

log = structlog.get_logger("providers.whatsapp")

SOURCE = "whatsapp_business"
Json = dict[str, Any]
_NUMBER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Value:
    """What one change says about one business number."""

    field: str
    phone_number_id: str
    contacts: tuple[WireContact, ...]
    messages: tuple[Json, ...]
    echoes: tuple[Json, ...]
    statuses: tuple[Json, ...]


@lru_cache(maxsize=2)  # a body is asked for its order and for what it says, one right after the other
def values(body: bytes) -> tuple[Value, ...]:
    """The values of a body in their order. Raises `Invalid` when the body is not a WhatsApp webhook."""
    return tuple(_values(body))


def _values(body: bytes) -> Iterator[Value]:
    envelope = _decode(body)
    if not isinstance(envelope, dict) or envelope.get("object") != "whatsapp_business_account":
        raise Invalid("webhook_malformed")
    if not isinstance(envelope.get("entry"), list):
        raise Invalid("webhook_malformed")
    for entry in objects(envelope["entry"], "entry"):
        for change in objects(entry.get("changes"), "change"):
            value = change.get("value")
            if isinstance(value, dict):
                yield from _value(string(change, "field") or "", value)
            else:
                skipped("value")


def objects(found: Any, what: str) -> Iterator[Json]:
    """The objects of a list that may not be one; anything else in it is passed over and counted."""
    if found is None:
        return
    if not isinstance(found, list):
        skipped(what)
        return
    for item in found:
        if isinstance(item, dict):
            yield item
        else:
            skipped(what)


def string(found: Json, name: str) -> str | None:
    """A non-empty text under `name`; whole numbers count, as ids and times come both ways."""
    value = found.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and value else None


def instant(found: Json) -> datetime | None:
    """The `timestamp`, a string of unix seconds."""
    try:
        return datetime.fromtimestamp(int(string(found, "timestamp") or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def skipped(what: str) -> None:
    """Counts an element that could not be understood at all; its content is in the stored body, not in the log."""
    WEBHOOKS.labels(SOURCE, "element_skipped").inc()
    log.warning("whatsapp_element_skipped", what=what)


def _value(field: str, value: Json) -> Iterator[Value]:
    metadata = value.get("metadata")
    number = string(metadata, "phone_number_id") if isinstance(metadata, dict) else None
    carries = [name for name in ("messages", "statuses", "message_echoes") if value.get(name)]
    if number is None or not _NUMBER_ID.fullmatch(number):
        # Changes of templates, accounts and the like name no number; they carry nothing for a conversation.
        if carries:
            skipped("metadata")
        return
    yield Value(
        field=field,
        phone_number_id=number,
        contacts=tuple(_contacts(value)),
        messages=tuple(objects(value.get("messages"), "message")),
        echoes=tuple(objects(value.get("message_echoes"), "echo")),
        statuses=tuple(objects(value.get("statuses"), "status")),
    )


def _contacts(value: Json) -> Iterator[WireContact]:
    for contact in objects(value.get("contacts"), "contact"):
        try:
            yield msgspec.convert(contact, WireContact)
        except msgspec.ValidationError:
            skipped("contact")


def _decode(body: bytes) -> Any:
    try:
        found = msgspec.json.decode(body)
        return _clean(found) if b"\\u0000" in body else found
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        # Names cut in the middle of an emoji leave half of it behind, which only the lenient decoder reads.
        return _clean(json.loads(body.decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        raise Invalid("webhook_malformed") from None


def _clean(value: Any) -> Any:
    """The same JSON without what PostgreSQL cannot keep: NUL and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value
