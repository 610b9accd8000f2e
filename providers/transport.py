"""The guarded pool under the HTTP client, and what it learns about whether a request left."""

import ssl
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import httpcore2
import httpx2

from providers.guard import Blocked, Guard, GuardedBackend, NotSent, OutcomeUnknown, Resolver

CONNECTIONS = 100
# Shorter than the five seconds after which common servers hang up, so that a request is seldom written to a connection
# that is being closed: its outcome would be unknown.
KEEP_ALIVE_SECONDS = 4.0
_FAILURES = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
)


class Wire:
    """Whether the first byte of the request may have been written; httpcore tells it as it goes."""

    left = False

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            self.left = True
        elif event == "http11.send_request_headers.failed":
            # h11 judges headers before anything is written: a token with a line break in it never left.
            self.left = not isinstance(info.get("exception"), httpcore2.LocalProtocolError)


class GuardedTransport(httpx2.AsyncBaseTransport):
    """HTTP/1.1 over connections that the guard lets pass; raises `Blocked`, `NotSent` and `OutcomeUnknown` only."""

    def __init__(self, guard: Guard, resolver: Resolver, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS // 2,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=GuardedBackend(guard, resolver),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._guard.check(request.url)
        wire = request.extensions.get("trace")
        try:
            answer = await self._pool.handle_async_request(_for_the_pool(request))
        except _FAILURES as error:
            unknown = isinstance(wire, Wire) and wire.left
            raise (OutcomeUnknown if unknown else NotSent)(why=type(error).__name__) from None
        if not isinstance(answer.stream, AsyncIterable):
            raise OutcomeUnknown(why="no_body")
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx2.AsyncByteStream):
    """The answer's body; a connection lost on the way is an unknown outcome."""

    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._stream:
                yield chunk
        except _FAILURES as error:
            raise OutcomeUnknown(why=type(error).__name__) from None

    async def aclose(self) -> None:
        if (close := getattr(self._stream, "aclose", None)) is not None:
            await close()


def _for_the_pool(request: httpx2.Request) -> httpcore2.Request:
    url = request.url
    if not url.raw_host:
        raise Blocked(why="host")
    return httpcore2.Request(
        method=request.method,
        url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )
