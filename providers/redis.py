"""Redis between processes: signals and wake-ups over one link that reconnects by itself.

Redis is disposable. Local listeners are always told at once; what other processes should hear goes through a bounded
buffer and may be lost. Every batch is numbered by its sender, so that a receiver that misses one finds out and calls
`on_gap`; while the link is down it calls `on_gap` every two seconds, because then anything may have been missed.
"""

import asyncio
import contextlib
import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.core.signals import AnySignal, Listener
from hub.core.supervise import Supervisor

log = structlog.get_logger("providers.redis")

PING_EVERY = 3.0  # seconds of silence after which the other side is asked for a sign of life
SILENCE = 8.0  # seconds of silence after which the connection is given up
GAP_EVERY = 2.0
LONGEST_PAUSE = 1.0
BUFFER = 20_000  # signals that wait for the publisher; beyond, all of them are dropped and receivers told
BATCH = 500
ORIGINS = 1_000


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """What travels on the signal channel: JSON, so that frames that are JSON already are carried as they are."""

    origin: str
    number: int
    signals: list[AnySignal]


_decoder = msgspec.json.Decoder(Batch)
_FAILURES = (RedisError, OSError, TimeoutError)


def namespace(secret: str) -> str:
    """The prefix of this installation's keys and channels: processes that share the secret share it."""
    return "switchboard:" + hashlib.sha256(b"redis namespace\0" + secret.encode()).hexdigest()[:12]


def connect(url: str) -> Redis:
    """A client whose calls end within seconds, whatever the network does."""
    return Redis.from_url(  # type: ignore[no-any-return]  # the library's own signature says nothing
        url, socket_timeout=2, socket_connect_timeout=2, socket_keepalive=True
    )


class RedisSignals:
    """A `SignalBus` over Redis, and the wake-ups that tell other processes that there is work in the outbox.

    `publish` and `announce_work` never wait and never raise. The link starts with the first call inside a running
    event loop and ends with `close`.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._url = url
        self._signal_channel = f"{prefix}:signals"
        self._wake_channel = f"{prefix}:wake"
        self._origin = uuid4().hex[:12]
        self._listeners: dict[object, tuple[Listener, Callable[[], None]]] = {}
        self._wakers: list[Callable[[], None]] = []
        self._waiting: deque[AnySignal] = deque()
        self._number = 0
        self._lost = False
        self._wake = False
        self._due = asyncio.Event()
        self._heard: dict[str, int] = {}
        self._supervisor: Supervisor | None = None
        self._connected = asyncio.Event()
        self._beating: asyncio.Task[None] | None = None  # there while the link is down

    # --- what callers use ---

    def publish(self, signals: Sequence[AnySignal]) -> None:
        self._tell(signals)
        if len(self._waiting) + len(signals) > BUFFER:
            self._waiting.clear()
            self._lost = True
            log.warning("redis_buffer_dropped")
        else:
            self._waiting.extend(signals)
        self._start()
        self._due.set()

    def wanted(self, organization_id: UUID) -> bool:
        return True  # who listens in other processes is not known here

    def listen(
        self, listener: Listener, on_gap: Callable[[], None], *, wants: Callable[[UUID], bool] | None = None
    ) -> Callable[[], None]:
        token = object()
        self._listeners[token] = (listener, on_gap)
        self._start()

        def stop() -> None:
            self._listeners.pop(token, None)

        return stop

    def announce_work(self) -> None:
        """Tells other processes that rows are due; several calls become one message."""
        self._wake = True
        self._start()
        self._due.set()

    def on_work(self, wake: Callable[[], None]) -> None:
        """Calls `wake` when another process announced work, and after every reconnect."""
        self._wakers.append(wake)
        self._start()

    @property
    def connected(self) -> asyncio.Event:
        """Set while the link is up and subscribed."""
        return self._connected

    async def close(self) -> None:
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            await supervisor.stop()
        self._connected.clear()

    # --- telling listeners in this process ---

    def _tell(self, signals: Sequence[AnySignal]) -> None:
        for signal in signals:
            for listener, _ in tuple(self._listeners.values()):
                try:
                    listener(signal)
                except Exception:  # outermost edge: who commits must not fail because one who looks on does
                    log.exception("signal_listener_failed", signal=type(signal).__name__)

    def _gap(self) -> None:
        for call in (*(on_gap for _, on_gap in self._listeners.values()), *self._wakers):
            try:
                call()
            except Exception:  # as above
                log.exception("gap_listener_failed")

    # --- the link ---

    def _start(self) -> None:
        if self._supervisor is None:
            self._supervisor = Supervisor()
            self._supervisor.start("redis-publisher", self._publisher)
            self._supervisor.start("redis-reader", self._reader)

    async def _publisher(self) -> None:
        """Sends what waits, in the order it came; what could not be sent is a hole in the numbers."""
        async with contextlib.aclosing(_Client(self._url)) as client:
            pause = 0.05
            while True:
                await self._due.wait()
                self._due.clear()
                try:
                    await self._send_all(client.redis)
                    pause = 0.05
                except _FAILURES:
                    self._lost = True
                    self._due.set()
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)

    async def _send_all(self, redis: Redis) -> None:
        while self._waiting or self._lost:
            if self._lost:
                self._number += 1  # nobody ever gets this one
            signals = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
            self._number += 1
            batch = Batch(self._origin, self._number, signals)
            await redis.publish(self._signal_channel, msgspec.json.encode(batch))
            self._lost = False
        if self._wake:
            self._wake = False
            await redis.publish(self._wake_channel, self._origin)

    async def _reader(self) -> None:
        """Subscribes, and again whenever that ends."""
        pause = 0.05
        try:
            while True:
                try:
                    await self._read()
                except _FAILURES as error:
                    pause = 0.05 if self._connected.is_set() else min(pause * 2, LONGEST_PAUSE)
                    self._went_down(error)
                    await asyncio.sleep(pause)
        finally:
            if self._beating is not None:
                self._beating.cancel()

    async def _read(self) -> None:
        """One subscription, until it fails. The other side has to answer, or it is given up."""
        clock = asyncio.get_running_loop().time
        async with contextlib.aclosing(_Client(self._url)) as client, client.redis.pubsub() as pubsub:
            await pubsub.subscribe(self._signal_channel, self._wake_channel)
            heard = clock()
            while True:
                message = await pubsub.get_message(timeout=PING_EVERY)
                if message is None:
                    if clock() - heard > SILENCE:
                        raise TimeoutError("silent")
                    await pubsub.ping()
                    continue
                heard = clock()
                if message["type"] == "subscribe":
                    self._came_up()
                elif message["type"] == "message":
                    self._receive(message)

    def _went_down(self, error: BaseException) -> None:
        self._connected.clear()
        if self._beating is None:
            log.warning("redis_lost", error=type(error).__name__)
            self._beating = asyncio.create_task(self._beat(), name="redis-gaps")

    async def _beat(self) -> None:
        while True:
            self._gap()
            await asyncio.sleep(GAP_EVERY)

    def _came_up(self) -> None:
        self._connected.set()
        beating, self._beating = self._beating, None
        if beating is not None:
            beating.cancel()
            log.info("redis_back")
            self._gap()

    def _receive(self, message: dict[str, Any]) -> None:
        if message["channel"] == self._wake_channel.encode():
            if message["data"] != self._origin.encode():
                for wake in self._wakers:
                    wake()
            return
        try:
            batch = _decoder.decode(message["data"])
        except msgspec.MsgspecError:
            log.warning("redis_message_unreadable")  # another version of ours, during an upgrade
            self._gap()
            return
        if batch.origin == self._origin:
            return
        last = self._heard.pop(batch.origin, None)
        self._heard[batch.origin] = batch.number
        if len(self._heard) > ORIGINS:
            del self._heard[next(iter(self._heard))]
        if last is not None and batch.number != last + 1:
            self._gap()
        self._tell(batch.signals)


class _Client:
    """A client with its connections, closed together."""

    def __init__(self, url: str) -> None:
        self.redis = connect(url)

    async def aclose(self) -> None:
        with contextlib.suppress(*_FAILURES):
            await self.redis.aclose()
