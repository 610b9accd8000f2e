"""HTTP/1.1 over kept connections, as lean as Python allows: requests are ready as bytes, answers are only counted."""

import asyncio
import contextlib
import resource
import time
from collections.abc import Callable
from typing import Any

from tests.load.generators.meta import Meta
from tests.load.ratios import percentile

_END = b"\r\n\r\n"
_PATIENCE = 60.0  # seconds for what is still unanswered when the last request was sent


class Lane(asyncio.Protocol):
    """One connection: a request, its whole answer, then the next. `answered(lane, ok)` is called after each."""

    def __init__(self, answered: Callable[["Lane", bool], None]) -> None:
        self._answered = answered
        self._held = b""
        self.transport: Any = None
        self.started = 0.0  # when its request was sent, or was due

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self._held:
            data = self._held + data
        head = data.find(_END)
        if head < 0 or len(data) < head + 4 + _length(data, head):
            self._held = data
            return
        self._held = b""
        self._answered(self, data.startswith(b"HTTP/1.1 2"))


def _length(data: bytes, head: int) -> int:
    lower = data[:head].lower()
    at = lower.find(b"content-length:")
    return int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


class Generator:
    """Prepares requests, then sends them as fast as they are answered or at a rate."""

    def __init__(self) -> None:
        self._requests: list[bytes] = []
        self._meta: Meta | None = None

    async def number(self, **values: Any) -> None:
        """The WhatsApp number whose webhooks are made from here on."""
        self._meta = Meta(**values)

    async def prepare_texts(self, count: int, copies: int = 1) -> int:
        """Messages of customers; the mean size of their bodies in bytes."""
        assert self._meta is not None
        self._requests = self._meta.texts(count)
        size = sum(len(one.rpartition(_END)[2]) for one in self._requests) // count
        self._requests *= copies
        return size

    async def prepare_burst(self, sent: list[str], messages: int) -> int:
        assert self._meta is not None
        self._requests = self._meta.burst(sent, messages)
        return len(self._requests)

    async def prepare_gets(self, paths: list[str], token: str) -> None:
        self._requests = [
            f"GET {path} HTTP/1.1\r\nHost: hub.example\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
            for path in paths
        ]

    async def closed(self, port: int, connections: int, seconds: float) -> dict[str, float]:
        """Sends the prepared requests over `connections`, each waiting for its answer, until time or requests are up.

        Latencies in ms; `seconds` until the last answer.
        """
        tally = _Tally()
        waiting = list(reversed(self._requests))
        done = asyncio.Event()
        deadline = 0.0

        def answered(lane: Lane, ok: bool) -> None:
            now = time.perf_counter()
            tally.add(now - lane.started, ok)
            if now < deadline and waiting:
                lane.started = now
                lane.transport.write(waiting.pop())
            else:
                lane.started = 0.0
                if not any(other.started for other in lanes):
                    done.set()

        lanes = await _lanes(port, connections, answered)
        tally.begin()
        deadline = time.perf_counter() + seconds
        for lane in lanes:
            if waiting:
                lane.started = time.perf_counter()
                lane.transport.write(waiting.pop())
        await asyncio.wait_for(done.wait(), seconds + 60)
        return tally.end(lanes)

    async def steady(self, port: int, connections: int, rate: float, most: int | None = None) -> dict[str, float]:
        """Sends the prepared requests (`most` of them), each at its instant, `rate` a second, whatever becomes of
        those before.

        A latency counts from the instant at which the request was due, also when no connection was free then.
        """
        tally = _Tally()
        total, due = most or len(self._requests), 0
        free: list[Lane] = []
        late: list[float] = []  # instants of requests that wait for a connection
        done = asyncio.Event()

        def send(lane: Lane, at: float) -> None:
            lane.started = at
            lane.transport.write(self._requests[tally.sent])
            tally.sent += 1

        def answered(lane: Lane, ok: bool) -> None:
            tally.add(time.perf_counter() - lane.started, ok)
            if late:
                send(lane, late.pop(0))
            else:
                free.append(lane)
            if len(tally.latencies) == total:
                done.set()

        lanes = await _lanes(port, connections, answered)
        free += lanes
        tally.begin()
        began = time.perf_counter()
        while due < total:
            while due < total and began + due / rate <= time.perf_counter():
                at, due = began + due / rate, due + 1
                if free:
                    send(free.pop(), at)
                else:
                    late.append(at)
            await asyncio.sleep(0.001)
        with contextlib.suppress(TimeoutError):  # what was never answered is missing among the good
            await asyncio.wait_for(done.wait(), _PATIENCE)
        return tally.end(lanes)


async def _lanes(port: int, count: int, answered: Callable[[Lane, bool], None]) -> list[Lane]:
    loop = asyncio.get_running_loop()
    made = await asyncio.gather(*(
        loop.create_connection(lambda: Lane(answered), "127.0.0.1", port) for _ in range(count)
    ))
    return [lane for _, lane in made]


class _Tally:
    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.sent = self.good = 0
        self._began = self._cpu = 0.0

    def begin(self) -> None:
        self._began, self._cpu = time.perf_counter(), _cpu()

    def add(self, latency: float, ok: bool) -> None:
        self.latencies.append(latency)
        self.good += ok

    def end(self, lanes: list[Lane]) -> dict[str, float]:
        took = time.perf_counter() - self._began
        for lane in lanes:
            lane.transport.close()
        return {
            "answered": len(self.latencies), "good": self.good, "seconds": took,
            "p50": percentile(self.latencies, 0.5) * 1e3, "p95": percentile(self.latencies, 0.95) * 1e3,
            "p99": percentile(self.latencies, 0.99) * 1e3, "cpu": (_cpu() - self._cpu) / took,
        }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
