"""The one HTTP client: every request to an outside system leaves through it.

What can go wrong is told apart by what it means for the request:

    Blocked          it may not go there (not sent)
    NotSent          no connection came about (certainly not sent)
    OutcomeUnknown   it may have left and there is no whole answer
    LimitReached     a download is larger than the caller wants

An answer of any status is an answer; what a 4xx or 5xx means only the adapter knows.
"""

import asyncio
import contextlib
import random
import ssl
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2
import structlog

from hub.core.errors import LimitReached, NotFound, Unavailable
from hub.core.metrics import PROVIDER_CALLS, PROVIDER_SECONDS
from providers.breaker import Breaker, Origin, Resting
from providers.guard import Blocked, Guard, NotSent, OutcomeUnknown, Resolver, resolve
from providers.transport import GuardedTransport, Wire

__all__ = ["Answer", "Blocked", "HttpClient", "NotSent", "OutcomeUnknown"]

log = structlog.get_logger("providers.http")

USER_AGENT = "Switchboard/1.0.0"
CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
TOTAL_SECONDS = 30.0
DOWNLOAD_SECONDS = 120.0
ANSWER_LIMIT = 4 * 2**20
ATTEMPTS = 3
_WORTH_REPEATING = frozenset({502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Answer:
    """A whole answer, whatever its status; `body` is decompressed."""

    status: int
    headers: httpx2.Headers
    body: bytes


class HttpClient:
    """One pool of connections for the process. `allow`: the operator's `host:port` words (`settings.egress_allow`)."""

    def __init__(
        self,
        *,
        allow: str = "",
        ports: Iterable[int] = (80, 443),
        resolver: Resolver = resolve,
        tls: ssl.SSLContext | None = None,
        read_seconds: float = READ_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        breaker: Breaker | None = None,
    ) -> None:
        self._guard = Guard(allow, ports=ports)
        self._breaker = breaker or Breaker()
        self._read_seconds = read_seconds
        self._sleep = sleep
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport(self._guard, resolver, tls or httpx2.create_ssl_context(trust_env=False)),
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            # One pool serves all organizations: no provider's cookie may wander from one to the next.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    def opened(self, url: str) -> bool:
        """Whether the operator opened this address explicitly."""
        parsed = _url(url)
        return self._guard.allows(parsed.raw_host.decode("ascii"), _origin(parsed)[2])

    async def request(
        self,
        provider: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        read_seconds: float | None = None,
        total_seconds: float = TOTAL_SECONDS,
        limit: int = ANSWER_LIMIT,
    ) -> Answer:
        """Asks and reads the whole answer of at most `limit` bytes. GET and HEAD are tried up to three times, anything
        else once. Raises `Blocked`, `NotSent` or `OutcomeUnknown`."""
        request = self._client.build_request(
            method, _url(url), headers=headers, params=params, json=json, data=form, content=content,
            timeout=self._timeout(read_seconds),
        )
        attempts = ATTEMPTS if request.method in ("GET", "HEAD") else 1
        for attempt in range(1, attempts + 1):
            try:
                answer = await self._ask(provider, request, total_seconds, limit)
            except (NotSent, OutcomeUnknown) as error:
                if attempt == attempts or isinstance(error, Resting):
                    raise
            else:
                if attempt == attempts or answer.status not in _WORTH_REPEATING:
                    return answer
            await self._sleep(0.2 * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    async def download(
        self,
        provider: str,
        url: str,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,
        hops: int = 0,
        total_seconds: float = DOWNLOAD_SECONDS,
    ) -> AsyncIterator[bytes]:
        """The bytes of a file, in chunks, following up to `hops` redirects that the guard lets pass (credentials stay
        with the first origin). Raises `LimitReached` past `limit` bytes, `NotFound` for 404 and 410, `Unavailable`
        for any other status, and what `request` raises."""
        deadline = asyncio.get_running_loop().time() + total_seconds
        wire = Wire()
        parsed = _url(url)
        with self._counted(provider, parsed, wire) as call:
            response = await self._open(parsed, dict(headers or {}), hops, wire, deadline)
            call.status = response.status_code
            try:
                _refuse_status(response.status_code)
                size = 0
                chunks = response.aiter_bytes(65536)
                while chunk := await _next(chunks, deadline):
                    size += len(chunk)
                    if size > limit:
                        raise LimitReached("file_too_large", limit=limit)
                    yield chunk
            finally:
                await response.aclose()

    async def close(self) -> None:
        """Closes the pool; calls that are under way fail."""
        await self._client.aclose()

    async def _ask(self, provider: str, request: httpx2.Request, total: float, limit: int) -> Answer:
        wire = Wire()
        request.extensions["trace"] = wire
        with self._counted(provider, request.url, wire) as call:
            async with asyncio.timeout(total):
                response = await self._client.send(request, stream=True)
                try:
                    body = await _whole(response, limit)
                finally:
                    await response.aclose()
            call.status = response.status_code
            return Answer(response.status_code, response.headers, body)

    async def _open(
        self, url: httpx2.URL, headers: dict[str, str], hops: int, wire: Wire, deadline: float
    ) -> httpx2.Response:
        # Nothing is compressed twice: media is compressed already.
        headers = {"Accept-Encoding": "identity", **headers}
        for hop in range(hops + 1):
            request = self._client.build_request(
                "GET", url, headers=headers, timeout=self._timeout(None), extensions={"trace": wire}
            )
            async with asyncio.timeout_at(deadline):
                response = await self._client.send(request, stream=True)
            if response.status_code not in _REDIRECTS or hop == hops:
                return response
            await response.aclose()
            target = url.join(_url(response.headers.get("Location", "")))
            if _origin(target) != _origin(url):
                headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            url = target
        raise AssertionError("unreachable")

    def _timeout(self, read_seconds: float | None) -> httpx2.Timeout:
        read = read_seconds or self._read_seconds
        return httpx2.Timeout(connect=CONNECT_SECONDS, read=read, write=read, pool=CONNECT_SECONDS)

    @contextlib.contextmanager
    def _counted(self, provider: str, url: httpx2.URL, wire: Wire) -> Iterator["_Call"]:
        """Around one call: the breaker, the metrics, and time-outs told as what they mean."""
        origin = _origin(url)
        call, started, outcome = _Call(), time.monotonic(), "abandoned"
        try:
            self._breaker.admit(origin)
            yield call
            outcome = f"{call.status // 100}xx"
            self._breaker.settle(origin, healthy=call.status not in _WORTH_REPEATING)
        except Resting:
            outcome = "resting"
            raise
        except TimeoutError:
            outcome = "unknown" if wire.left else "not_sent"
            self._breaker.settle(origin, healthy=False)
            raise (OutcomeUnknown if wire.left else NotSent)(why="timeout") from None
        except (NotSent, OutcomeUnknown) as error:
            outcome = "unknown" if isinstance(error, OutcomeUnknown) else "not_sent"
            if error.values.get("why") != "PoolTimeout":  # our own pool is full: no fault of theirs
                self._breaker.settle(origin, healthy=False)
            raise
        except Blocked as error:
            outcome = "blocked"
            log.warning("egress_refused", provider=provider, why=error.values.get("why"))
            raise
        except (LimitReached, NotFound, Unavailable):
            outcome = f"{call.status // 100}xx"
            raise
        finally:
            PROVIDER_CALLS.labels(provider, outcome).inc()
            PROVIDER_SECONDS.labels(provider).observe(time.monotonic() - started)


@dataclass
class _Call:
    status: int = 0


def _url(text: str) -> httpx2.URL:
    try:
        return httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError, TypeError):
        raise Blocked(why="url") from None


def _origin(url: httpx2.URL) -> Origin:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _refuse_status(status: int) -> None:
    if status in (404, 410):
        raise NotFound()
    if status != 200:
        raise Unavailable("provider_refused", status=status)


async def _whole(response: httpx2.Response, limit: int) -> bytes:
    """The body, unless it grows past `limit`: the status alone is then no answer to rely on."""
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > limit:
                raise OutcomeUnknown(why="too_large")
    except httpx2.DecodingError:
        raise OutcomeUnknown(why="encoding") from None
    return bytes(body)


async def _next(chunks: AsyncIterator[bytes], deadline: float) -> bytes:
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(chunks, b"")
    except httpx2.DecodingError:
        raise OutcomeUnknown(why="encoding") from None
