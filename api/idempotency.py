"""`Idempotency-Key`: a POST that is sent again is answered again, and done once (see `hub/core/idempotency.py`).

Litestar runs `before` after the guards, when the one who asks is known, and instead of the handler where there is an
answer already; `remembering` sees what the handler answers. Left out are routes that answer with secrets, take streams
or know nobody: they say `opt={"repeatable": False}`, or admit the public.
"""

import re
from typing import Any

from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.spec import OpenAPIHeader, OpenAPIResponse, Operation, Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from hub.core import idempotency
from hub.core.errors import Invalid
from hub.core.hub import Hub
from hub.core.idempotency import Answer

HEADER = "idempotency-key"
_KEY = re.compile(r'"?([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"?')  # a string of RFC 9651, its quotes forgiven
_KEPT_HEADERS = frozenset({b"content-type", b"etag", b"location"})
_NOTE = (
    "Unique for each act, a UUID for example, 1 to 255 printable characters. Sent again within 24 hours with the same "
    "request, the same answer comes again with `Idempotency-Replayed: true` and nothing is done twice."
)


def repeatable(handler: BaseRouteHandler) -> bool:
    """Whether a route honours the key."""
    return (
        isinstance(handler, HTTPRouteHandler) and "POST" in handler.http_methods
        and handler.opt.get("access") != "public" and handler.opt.get("repeatable", True)
    )


async def before(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Claims the key for this request, or answers as the first one was answered. Raises `Invalid`, `Conflict`."""
    if HEADER not in request.headers or not repeatable(request.route_handler):
        return None
    hub: Hub = request.app.state.hub
    scope: dict[str, Any] = request.scope  # type: ignore[assignment]
    claimed = await idempotency.claim(hub, scope["actor"], _key(request), await _fingerprint(hub, request))
    if isinstance(claimed, Answer):
        return Response(claimed.body, status_code=claimed.status,
                        headers={**claimed.headers, "idempotency-replayed": "true"})
    scope["actor"] = scope["claimed"] = claimed
    return None


def _key(request: Request[Any, Any, Any]) -> str:
    given = request.headers.getall(HEADER)
    found = _KEY.fullmatch(given[0])
    if len(given) > 1 or found is None:
        raise Invalid("idempotency_key_invalid")
    return found[1]


async def _fingerprint(hub: Hub, request: Request[Any, Any, Any]) -> bytes:
    asked = (request.url.path, request.url.query, request.headers.get("content-type", ""))
    return idempotency.fingerprint(hub, *(part.encode() for part in asked), await request.body())


def remembering(app: ASGIApp) -> ASGIApp:
    """Middleware: keeps what is answered under a claim, before anybody hears it."""

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        held: list[Message] = []

        async def answer(message: Message) -> None:
            if "claimed" not in scope:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await _settle(scope, held)
                for one in held:
                    await send(one)

        await app(scope, receive, answer)

    return watched


async def _settle(scope: Any, held: list[Any]) -> None:
    hub: Hub = scope["litestar_app"].state.hub
    begun, *parts = held
    headers = {name.decode(): value.decode() for name, value in begun["headers"] if name.lower() in _KEPT_HEADERS}
    answer = Answer(begun["status"], headers, b"".join(part.get("body", b"") for part in parts))
    try:
        await idempotency.settle(hub, scope["claimed"], answer)
    except Exception:  # what happened has happened, and is marked: whoever asked first is told all the same
        hub.log.exception("idempotent_answer_not_kept")


def describe(app: Litestar) -> None:
    """Tells of the key in the OpenAPI document, at every route that honours it."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if repeatable(handler):
                handler.operation_class = RepeatableOperation


class RepeatableOperation(Operation):
    """An operation that honours `Idempotency-Key`; its refusals are described with all others (`api/described.py`)."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.parameters = [*(self.parameters or []), Parameter(
            name="Idempotency-Key", param_in="header", required=False, description=_NOTE,
            schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=257),
        )]
        for status, response in (self.responses or {}).items():
            if status.startswith("2") and isinstance(response, OpenAPIResponse):
                response.headers = {**(response.headers or {}), "Idempotency-Replayed": OpenAPIHeader(
                    description="`true`: this was answered before", schema=Schema(type=OpenAPIType.STRING),
                )}
