"""The values of custom fields: checked by the type of their field, kept by its key."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from hub.accounts import rules
from hub.core.errors import invalid_field
from hub.core.work import Work
from hub.crm.models import CustomField

Values = dict[str, Any]
TEXT_LIMIT = 1000
URL_LIMIT = 2000
LARGEST = 10**15  # beyond it a JavaScript number is no longer exact


async def checked(work: Work, entity: str, given: Mapping[str, Any]) -> Values:
    """The given values as they are kept, null where one is to be taken away. Raises `Invalid` with a pointer.

    Called before the contact or conversation is locked: the fields stay as they are until this transaction ends.
    """
    if not given:
        return {}
    keys = [key for key in given if rules.is_printable(key)]
    statement = select(CustomField).where(CustomField.entity == entity, CustomField.key.in_(keys))
    found = await work.session.scalars(statement.with_for_update(read=True, key_share=True))
    known = {field.key: field for field in found}
    for key in given:
        if key not in known:
            raise invalid_field(_pointer(key), "unknown")
    return {key: None if value is None else check(known[key].type, value, _pointer(key), known[key].choices)
            for key, value in given.items()}


def merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[Values, tuple[str, ...]]:
    """(the values afterwards, the keys of what is different)."""
    after = {key: value for key, value in {**before, **given}.items() if value is not None}
    return after, tuple(sorted(key for key in given if before.get(key) != after.get(key)))


def check(type: str, value: Any, pointer: str, choices: list[str]) -> Any:
    """The value in its kept form. Raises `Invalid`."""
    if type == "choice":
        if value not in choices:
            raise invalid_field(pointer, "choice")
        return value
    return _CHECKS[type](value, pointer)


def _text(value: Any, pointer: str) -> str:
    if not isinstance(value, str):
        raise invalid_field(pointer, "invalid")
    return rules.text(value, pointer, most=TEXT_LIMIT)


def _number(value: Any, pointer: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_field(pointer, "not_a_number")
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise invalid_field(pointer, "out_of_range")
    return value


def _date(value: Any, pointer: str) -> str:
    """An ISO 8601 calendar date in its extended form."""
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise invalid_field(pointer, "date")


def _boolean(value: Any, pointer: str) -> bool:
    if not isinstance(value, bool):
        raise invalid_field(pointer, "boolean")
    return value


def _url(value: Any, pointer: str) -> str:
    """A web address and nothing that runs: no `javascript:`, no name or password in it."""
    if not isinstance(value, str) or len(value) > URL_LIMIT or not value.isprintable() or " " in value.strip():
        raise invalid_field(pointer, "url")
    try:
        parts = urlsplit(value.strip())
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_web = False
    if not is_web:
        raise invalid_field(pointer, "url")
    return value.strip()


_CHECKS: Mapping[str, Callable[[Any, str], Any]] = {
    "text": _text, "number": _number, "date": _date, "boolean": _boolean, "url": _url,
}


def _pointer(key: str) -> str:
    """A JSON pointer to the value (RFC 6901)."""
    return f"/fields/{key[:60].replace('~', '~0').replace('/', '~1')}" if key.isprintable() else "/fields"
