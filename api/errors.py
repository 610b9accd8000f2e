"""Errors as RFC 9457 problem details: the family's kind decides the status, the caller's language the text."""

import math
import re
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api import rates
from hub.core import errors
from hub.core.db import is_away, is_busy, sqlstate
from hub.core.errors import FieldError
from hub.core.i18n import translate

log = structlog.get_logger(__name__)

STATUS: dict[type[errors.HubError], int] = {
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.LimitReached: 429,
    errors.Unavailable: 503,
}
_BY_STATUS = {
    400: "malformed", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    413: "too_large", 415: "unsupported_media_type", 422: "invalid", 429: "limit_reached", 503: "unavailable",
}
_TOO_LARGE = frozenset({"too_large", "file_too_large"})  # limits that no waiting lifts (RFC 9110, 15.5.14)
MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, omit_defaults=True):
    """The body of every error answer."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldError] = msgspec.field(default_factory=list)


def problem(
    request: Request[Any, Any, Any], status: int, code: str, *, fields: tuple[errors.FieldError, ...] = (),
    values: dict[str, Any] | None = None, extra: dict[str, Any] | None = None, headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """A problem answer, translated for the request."""
    locale = str(request.scope.get("locale", "en"))
    texts = [
        errors.FieldError(field.pointer, field.code, field.message or translate(f"field.{field.code}", locale))
        for field in fields
    ]
    body = msgspec.to_builtins(Problem(
        type=f"/docs/errors/{code}", title=HTTPStatus(status).phrase, status=status, code=code,
        detail=translate(f"error.{code}", locale, **(values or {})),
        request_id=str(request.scope.get("request_id", "")), errors=texts,
    ))
    return Response(
        msgspec.json.encode(body | (extra or {})), status_code=status, media_type=MEDIA_TYPE,
        headers={"cache-control": "no-store", **(headers or {})},
    )


def on_hub_error(request: Request[Any, Any, Any], error: errors.HubError) -> Response[bytes]:
    status = 413 if error.code in _TOO_LARGE else next(code for kind, code in STATUS.items() if isinstance(error, kind))
    headers: dict[str, str] = {}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status == 503:
        headers["retry-after"] = "2"
    if error.retry_after:
        seconds = max(1, math.ceil(error.retry_after))
        headers["retry-after"] = str(seconds)
        if isinstance(error, errors.LimitReached) and error.quota is not None:
            told = rates.headers(*error.quota, 0, seconds)
            headers |= {name.decode(): value.decode() for name, value in told}
    return problem(request, status, error.code, fields=error.errors, values=error.values, extra=error.extra,
                   headers=headers)


_PLACE = re.compile(r" - at `.*?\$(?P<path>(\.\w+|\[[0-9]+\])*)")  # as far as it can be told: "$.counts[...]"
_STEP = re.compile(r"\w+")
_NAMED = re.compile(r"(?P<what>missing required|unknown) field `(?P<name>.*?)`", re.S)
_CODES = {"missing required": "required", "unknown": "unknown_field"}


def on_validation_error(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Input that does not fit the declared shape: 400 when it is not JSON at all, else 422 with a pointer."""
    fields = tuple(_field(item) for item in (error.extra or []) if isinstance(item, dict))
    return problem(request, 422, "invalid", fields=fields)


def _field(item: dict[str, Any]) -> errors.FieldError:
    """What the framework calls by its key is a parameter, or `data`: the whole body, where there is none."""
    match item:
        case {"key": "data"}:
            return errors.FieldError("", "required")
        case {"key": key}:
            return errors.FieldError(f"/{key}", "invalid")
    return _misfit(str(item["message"]))


def _misfit(words: str) -> errors.FieldError:
    """Where a body does not fit, from what msgspec says of it ("Expected `int`, got `str` - at `$.items[0].many`")."""
    place, named = _PLACE.search(words), _NAMED.search(words)
    steps = _STEP.findall(place["path"]) if place else []
    if named:
        steps.append(named["name"].replace("~", "~0").replace("/", "~1"))
    pointer = "".join(f"/{step}" for step in steps)
    return errors.FieldError(pointer, _CODES[named["what"]] if named else "invalid")


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = error.status_code
    if status >= 500:
        return on_unexpected(request, error)
    code = _BY_STATUS.get(status, "invalid")
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() in ("allow", "retry-after")}
    return problem(request, status, code, headers=headers)


def on_database_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The database is away or overloaded: nothing was written, the caller may try again. Or it could not hold a value
    that got past us (class 22 of SQLSTATE: a NUL in a text, a number out of range): then the input is at fault."""
    if (state := sqlstate(error)).startswith("22"):
        log.warning("value_refused_by_database", sqlstate=state, route=_route(request))
        return problem(request, 422, "invalid")
    if not is_away(error) and not is_busy(error):
        return on_unexpected(request, error)
    log.warning("database_unavailable", error=type(error).__name__)
    return problem(request, 503, "unavailable", headers={"retry-after": "2"})


def on_undecodable(request: Request[Any, Any, Any], _error: Exception) -> Response[bytes]:
    """A body that is not UTF-8, or nested deeper than anybody means."""
    return problem(request, 400, "malformed")


def _route(request: Request[Any, Any, Any]) -> str:
    return str(request.scope.get("path_template", ""))


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("request_failed", route=_route(request), exc_info=error)
    return problem(request, 500, "internal")


HANDLERS: dict[Any, Any] = {
    errors.HubError: on_hub_error,
    ValidationException: on_validation_error,
    HTTPException: on_http_error,
    UnicodeDecodeError: on_undecodable,
    RecursionError: on_undecodable,
    DBAPIError: on_database_error,
    PoolTimeout: on_database_error,
    OSError: on_database_error,
    Exception: on_unexpected,
}
