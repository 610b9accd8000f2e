"""The edge of every request: its id, language, caller's address and, from the Authorization header, its actor.

Who may call a route is declared in its `opt`: `access="public"`, `access="signed_in"`, `access="visitor"`, or
`permission=Permission.X`. A route that declares nothing keeps the server from starting.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api import rates
from hub.accounts import sessions
from hub.channels import visitors
from hub.core.access import Actor
from hub.core.clock import new_id
from hub.core.errors import Forbidden, Unauthenticated
from hub.core.i18n import negotiate

_LONGEST_ADDRESS = 64  # with a zone; nothing longer is remembered
_REQUEST_ID = re.compile(r"^[\w.:-]{8,100}$")
ACCESS = frozenset({"public", "signed_in", "visitor"})


def edge(app: ASGIApp) -> ASGIApp:
    """Middleware: prepares the scope and answers with the request's id."""

    async def prepare(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else new_id().hex
        extra: dict[str, Any] = scope  # type: ignore[assignment]
        extra["request_id"] = request_id
        extra["locale"] = negotiate(headers.get("accept-language"))
        extra["client_ip"] = client_ip(scope, headers)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"], (b"x-request-id", request_id.encode()), *HEADERS, *_cors(extra),
                ]
                if message["status"] != 429 and (counted := extra.get("rate")) is not None:
                    message["headers"] = [*message["headers"], *rates.told(counted)]
            await send(message)

        await app(scope, receive, answer)

    return prepare


HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)


def _cors(scope: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """Lets a page read the answer, once a guard has found its origin on the channel's list."""
    origin = scope.get("cors_origin")
    if not origin:
        return []
    return [(b"access-control-allow-origin", origin.encode()), (b"access-control-expose-headers", b"Retry-After"),
            (b"vary", b"Origin")]


def client_ip(scope: Scope, headers: dict[str, str]) -> str:
    """The caller's address: the peer, or what a trusted proxy says, read from the right."""
    peer = (scope.get("client") or ("", 0))[0]
    trusted = scope["litestar_app"].state.trusted_proxies if "litestar_app" in scope else ()
    chain = [part.strip() for part in headers.get("x-forwarded-for", "").split(",") if part.strip()]
    address = peer
    while chain and _trusted(address, trusted):
        address = chain.pop()
    return address if _is_address(address) else peer


def _trusted(address: str, networks: Iterable[Any]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    return len(text) <= _LONGEST_ADDRESS and _parses(text)


@lru_cache(maxsize=4096)
def _parses(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def guarded(app: ASGIApp) -> ASGIApp:
    """Middleware: the guard of every route. (As a guard of the framework it would be given a copy of the handler for
    each request, which costs more than what it does.)"""

    async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await guard(ASGIConnection(scope), scope["route_handler"])
        await app(scope, receive, send)

    return admitted


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Runs before every handler: finds the actor and refuses those whom the route does not admit."""
    access, permission = handler.opt.get("access"), handler.opt.get("permission")
    if access in ("public", "visitor"):
        return  # visitors are let in by the widget's own guard, which knows the channel
    extra: dict[str, Any] = connection.scope  # type: ignore[assignment]
    if "guarded" in extra:
        return  # it came the short way, and was let in there
    actor = await authenticate(connection)
    extra["actor"] = actor
    if "accept-language" not in connection.headers:
        extra["locale"] = actor.locale
    structlog.contextvars.bind_contextvars(organization=str(actor.organization_id), actor=actor.label)
    await rates.of_actor(connection, actor, handler)
    if permission is not None and not actor.may(permission):
        raise Forbidden("forbidden", extra={"permission": str(permission)})
    extra["guarded"] = True


def claimed_organization(connection: ASGIConnection[Any, Any, Any, Any]) -> UUID:
    """The organization in the token of `Authorization: Bearer`, whose signature is good and nothing else is known of
    it yet. Raises `Unauthenticated`."""
    return sessions.claimed(connection.app.state.hub, _token(connection, "bearer"))[0]


async def authenticate(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """The user named by `Authorization: Bearer`. Raises `Unauthenticated`."""
    return await sessions.authenticate(connection.app.state.hub, _token(connection, "bearer"))


async def authenticate_visitor(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """The visitor named by `Authorization: Visitor`. Raises `Unauthenticated`."""
    return await visitors.authenticate(connection.app.state.hub, _token(connection, "visitor"))


def _token(connection: ASGIConnection[Any, Any, Any, Any], wanted: str) -> str:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != wanted or not token.strip():
        raise Unauthenticated
    return token.strip()


def require_declared_access(app: Litestar) -> None:
    """Refuses to start while a route does not say who may call it."""
    undeclared = sorted(
        f"{handler} {route.path}" for route in app.routes for handler in getattr(route, "route_handlers", [])
        if not handler.opt.get("permission") and handler.opt.get("access") not in ACCESS
        and getattr(handler, "handler_name", "") != "options_handler"
    )
    if undeclared:
        raise RuntimeError("routes without declared access: " + ", ".join(undeclared))
