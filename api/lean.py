"""The short way for what is asked most: a page of a thread, and a ticket for the live socket.

The framework's part in answering such a request is larger than ours. Guard, action and answer are those of the route,
which stays: whatever is not plainly good goes there, and is answered there.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
import structlog
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.auth import claimed_organization, guard
from api.conversations.messages import PATH as MESSAGES
from api.conversations.messages import list_messages
from api.live.socket import issue_ticket
from hub.conversations import pages
from hub.core.errors import HubError
from hub.core.metrics import HTTP_REQUESTS, HTTP_SECONDS

log = structlog.get_logger(__name__)
_UUID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_NUMBERS = frozenset({"before", "after", "around", "limit"})
_NUMBER = re.compile(r"[0-9]{1,15}")
_CONTENT = (b"content-type", b"application/json")


class NotPlain(Exception):
    """The request is for the long way."""


class Lean:
    """A route's short way: which paths, and what its handler does. `numbers` may stand in the query. `ahead` begins to
    look while the guard finds out who asks, and what it sees is for the handler's action alone."""

    def __init__(
        self, method: str, template: str, handler: Any, *, action: Callable[..., Awaitable[Any]] | None = None,
        ahead: Callable[..., Awaitable[Any]] | None = None, numbers: frozenset[str] = frozenset(),
    ) -> None:
        self.method, self.handler, self.numbers = method, handler, numbers
        self.path = re.compile(re.sub(r"\{\w+:uuid\}", _UUID, template))
        self.count, self.seconds = HTTP_REQUESTS.labels(method, template, 200), HTTP_SECONDS.labels(method, template)
        self._action: Callable[..., Awaitable[Any]] = action or handler.fn
        self._ahead = ahead

    async def answer(self, scope: Any, ids: tuple[str, ...]) -> bytes:
        """The body of a 200. Raises what keeps it from being one."""
        given: dict[str, Any] = self._numbers(scope["query_string"])
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        hub, named = scope["litestar_app"].state.hub, [UUID(one) for one in ids]
        if self._ahead is None:
            await guard(connection, self.handler)
        else:
            looking = asyncio.ensure_future(self._ahead(hub, claimed_organization(connection), *named, **given))
            try:
                await guard(connection, self.handler)
            finally:
                if not looking.done():  # it is short, and to cut it off would cost its connection
                    await asyncio.wait({looking})
                looking.exception()  # seen, also where the guard refuses
            given["ahead"] = looking.result()
        return msgspec.json.encode(await self._action(hub, scope["actor"], *named, **given))

    def _numbers(self, query: bytes) -> dict[str, Any]:
        if not query:
            return {}
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        given = dict(pairs)
        if len(given) < len(pairs) or given.keys() - self.numbers or not all(map(_NUMBER.fullmatch, given.values())):
            raise NotPlain
        return {name: int(value) for name, value in given.items()}


_ROUTES = (
    Lean("GET", MESSAGES, list_messages, action=pages.page, ahead=pages.ahead, numbers=_NUMBERS),
    Lean("POST", "/api/v1/live/ticket", issue_ticket),
)


def lean(app: ASGIApp) -> ASGIApp:
    """Middleware: answers the plain ones itself, and hands everything else on."""

    async def entry(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            for route in _ROUTES:
                if route.method == scope["method"] and (found := route.path.fullmatch(scope["path"])) is not None:
                    return await _try(route, found.groups(), app, scope, receive, send)
        return await app(scope, receive, send)

    return entry


async def _try(
    route: Lean, ids: tuple[str, ...], app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    started = time.perf_counter()
    try:
        body = await route.answer(scope, ids)
    except Exception as error:  # the long way answers it, and says what was wrong where anything was
        if not isinstance(error, HubError | NotPlain):
            log.warning("request_the_long_way", error=type(error).__name__)
        await app(scope, receive, send)
        return
    headers = [_CONTENT, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
    route.count.inc()
    route.seconds.observe(time.perf_counter() - started)
