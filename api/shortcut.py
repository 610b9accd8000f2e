"""The way past the framework for webhooks, which come by the thousand and are answered with nothing but a status.

Whatever is not plainly good goes the long way with the same body, and is answered there.
"""

import re
import time
from typing import Any
from uuid import UUID

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api import hooks
from api.auth import HEADERS
from hub.core.clock import new_id
from hub.core.errors import HubError
from hub.core.failpoints import reach
from hub.core.metrics import HTTP_REQUESTS, HTTP_SECONDS

log = structlog.get_logger(__name__)
_ROUTE = "/webhooks/whatsapp/{org_id:uuid}"
_PATH = re.compile(r"/webhooks/whatsapp/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_DONE, _SECONDS = HTTP_REQUESTS.labels("POST", _ROUTE, 200), HTTP_SECONDS.labels("POST", _ROUTE)
_HEADERS = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"0"), *HEADERS]
_BODY: Any = {"type": "http.response.body", "body": b"", "more_body": False}


def shortcut(app: ASGIApp) -> ASGIApp:
    """Middleware: takes webhooks in itself, and hands everything else on."""

    async def entry(scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == ScopeType.HTTP else None
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST" or found is None:
            await app(scope, receive, send)
            return
        started = time.perf_counter()
        body, whole = await _read(receive)
        if not whole:
            await app(scope, _again(body, receive, whole=False), send)
            return
        try:
            state = scope["litestar_app"].state
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            await hooks.accept(state.hub, state.doors, UUID(found[1]), headers, body)
        except Exception as error:  # the long way answers it, and says what was wrong where anything was
            if not isinstance(error, HubError):
                log.warning("webhook_the_long_way", error=type(error).__name__)
            await app(scope, _again(body, receive, whole=True), send)
            return
        await send({"type": "http.response.start", "status": 200,
                    "headers": [*_HEADERS, (b"x-request-id", new_id().hex.encode())]})
        await send(_BODY)
        reach("hook.after")
        _DONE.inc()
        _SECONDS.observe(time.perf_counter() - started)

    return entry


async def _read(receive: Receive) -> tuple[bytes, bool]:
    """The body as far as it is allowed to go, and whether that is all of it."""
    body, more = b"", True
    while more and len(body) <= hooks.BODY_LIMIT:
        message = await receive()
        if message["type"] != "http.request":
            return body, False
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body, not more


def _again(body: bytes, receive: Receive, *, whole: bool) -> Receive:
    """Says again what was read, then goes on with what was not."""
    said = False

    async def receive_again() -> Any:
        nonlocal said
        if said:
            return await receive()
        said = True
        return {"type": "http.request", "body": body, "more_body": not whole}

    return receive_again
