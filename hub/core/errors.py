"""The one family of errors: what went wrong, with a stable code; the kind decides status, close code and retry.

    HubError
    ├── Invalid           the input is wrong; sending it again will not help
    ├── Unauthenticated   we do not know who is asking
    ├── Forbidden         we know, and they may not
    ├── NotFound          it is not there, or it is somebody else's
    ├── Conflict          it does not fit the present state
    ├── LimitReached      too much, too often, too large; `retry_after` seconds when waiting helps
    └── Unavailable       something we need does not answer; try again
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One thing wrong with the input: `pointer` is a JSON pointer into it."""

    pointer: str
    code: str
    message: str = ""


class HubError(Exception):
    """Base of the family. `code` is stable and never translated; `values` fill the translated text; `retry_after` is
    given in seconds where waiting helps."""

    default_code = "error"

    def __init__(
        self,
        code: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
        **values: Any,
    ) -> None:
        self.code = code or self.default_code
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.retry_after = retry_after
        self.values = values
        super().__init__(self.code)


class Invalid(HubError):
    default_code = "invalid"


class Unauthenticated(HubError):
    default_code = "unauthenticated"


class Forbidden(HubError):
    default_code = "forbidden"


class NotFound(HubError):
    default_code = "not_found"


class Conflict(HubError):
    default_code = "conflict"


class LimitReached(HubError):
    default_code = "limit_reached"

    def __init__(
        self, code: str | None = None, *, quota: tuple[str, int, int] | None = None, **values: Any
    ) -> None:
        """`quota` is the limit that was reached: its name, how many, in how many seconds."""
        super().__init__(code, **values)
        self.quota = quota


class Unavailable(HubError):
    default_code = "unavailable"


def invalid_field(pointer: str, code: str, **values: Any) -> Invalid:
    """An `Invalid` about one field of the input."""
    return Invalid("invalid", errors=(FieldError(pointer, code),), **values)
