"""One open socket: who it is, what it follows, and the single writer of its frames."""

import asyncio
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

import structlog

from api.live.frames import ClientFrame, Close, ErrorFrame, ServerFrame, encode
from api.live.gate import Gate
from api.live.limits import BURST_SECONDS, CLOSE_WITHIN, DRAIN_WITHIN, USER_RATE, VISITOR_BURST, VISITOR_RATE
from api.live.outbox import Kind, Outbox
from api.live.topic import Subscription
from hub.core.access import Actor
from hub.core.i18n import translate
from hub.core.metrics import FRAMES, SOCKET_CLOSES

log = structlog.get_logger("live")
_AT_ONCE = frozenset({Close.SESSION_ENDED, Close.TOO_SLOW})  # what is queued is dropped


class Pipe(Protocol):
    """The way to the client. `offer` writes a frame at once if that needs no waiting; False when it was not written."""

    @property
    def offer(self) -> Callable[[bytes], bool]: ...

    async def send(self, frame: bytes) -> None:
        """Writes the frame, waiting for a slow client."""

    async def close(self, code: int) -> None: ...

    def abort(self) -> None:
        """Cuts the transport, without waiting for what it still holds."""


class Bucket:
    """A token bucket: `rate` frames per second, `burst` at once."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._tokens, self._at = rate, burst, burst, now

    def take(self, now: float) -> bool:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Connection:
    """`actor` is the current one; while `rereading` nothing is delivered on it. `state` is the presence it holds.

    Frames are written where they come up as long as the client takes them. `write` does what has to wait, and is
    called for by `on_waiting`: most connections never need it. `user_rate`: frames per second from a user.
    """

    __slots__ = (
        "_cut", "_low", "_low_mark", "_offer", "_pipe", "_wake", "_writing", "actor", "answers_beats", "arrived",
        "beaten", "bucket", "busy", "changes", "closing", "conversation_id", "heard_at", "id", "inbox", "is_visitor",
        "on_waiting", "organization_id", "outbox", "person_id", "present", "settled", "state", "strikes",
        "subscriptions", "typing", "viewing",
    )

    def __init__(
        self, connection_id: str, actor: Actor, pipe: Pipe, *, bytes_limit: int, user_rate: float = USER_RATE,
        on_waiting: Callable[[], None] = lambda: None,
    ) -> None:
        person_id = actor.user_id or actor.visitor_id
        assert person_id is not None
        assert actor.organization_id is not None
        self.id = connection_id
        self.actor = actor
        self.is_visitor = actor.kind == "visitor"
        self.organization_id: UUID = actor.organization_id
        self.person_id: UUID = person_id  # the user or visitor behind it
        self.changes = 0  # how often the actor was told to have changed
        self.settled = Gate(is_open=True)  # cleared while the actor is read again
        self.conversation_id: UUID | None = None  # a visitor's own, once there is one
        self.subscriptions: dict[UUID, Subscription] = {}
        self.inbox = False
        self.viewing: UUID | None = None
        self.typing: dict[UUID, float] = {}  # conversation → when it expires (loop time)
        self.state = "online"
        self.present = False  # it holds a lease of presence
        self.heard_at = asyncio.get_running_loop().time()
        self.answers_beats = False
        self.beaten = 0  # the number that the last beat named to a visitor, and the one known to have arrived
        self.arrived = 0
        self.busy = False  # a frame of the client is being carried out
        self.strikes = 0
        self.closing: Close | None = None
        self.outbox = Outbox(bytes_limit)
        rate, burst = (VISITOR_RATE, VISITOR_BURST) if self.is_visitor else (user_rate, user_rate * BURST_SECONDS)
        self.bucket = Bucket(rate, burst, self.heard_at)
        self._pipe = pipe
        self._offer = pipe.offer
        self._low_mark = bytes_limit // 4
        self._wake = Gate()
        self._low = Gate()
        self._writing = False
        self._cut: asyncio.TimerHandle | None = None
        self.on_waiting = on_waiting

    @property
    def rereading(self) -> bool:
        return not self.settled.is_set()

    def send(self, kind: Kind, frame: bytes, key: UUID | None = None) -> None:
        """Writes or queues the frame; never waits. A client that is too slow is closed, to resume."""
        if self.closing is not None:
            return
        if not self._writing and not self.outbox and self._offer(frame):
            FRAMES[kind] += 1
            return
        if self.outbox.put(kind, frame, key):
            self._wake.set()
            self.on_waiting()
        else:
            self.close(Close.TOO_SLOW)

    def answer(self, frame: ServerFrame) -> None:
        self.send(Kind.ANSWER, encode(frame))

    def refuse(self, frame: ClientFrame | None, code: str, **values: object) -> None:
        """An `error` frame in the language of the client."""
        detail = translate(f"error.{code}", self.actor.locale, **values)
        if frame is None:
            self.answer(ErrorFrame(code=code, detail=detail))
        else:
            self.answer(ErrorFrame(ref=frame.ref, code=code, detail=detail))

    def close(self, code: Close) -> None:
        """Closes with this code: soon when the client reads, by cutting the transport when it does not."""
        if self.closing is not None:
            return
        self.closing = code
        SOCKET_CLOSES.labels(str(int(code))).inc()
        if code in _AT_ONCE:
            self.outbox.clear()
        self._wake.set()
        self._low.set()
        self._cut = asyncio.get_running_loop().call_later(CLOSE_WITHIN, self._pipe.abort)
        self.on_waiting()

    async def write(self) -> None:
        """The one writer; ends once the connection is closed."""
        try:
            while self.closing is None:
                await self._wake.wait()
                self._wake.clear()
                await self._drain()
            await self._drain()
            await self._pipe.close(self.closing)
        except OSError:
            pass  # the client went away; the reader notices too
        finally:
            if self._cut is not None:
                self._cut.cancel()
            self._low.set()

    async def _drain(self) -> None:
        while (waiting := self.outbox.take()) is not None:
            kind, frame = waiting
            if self.outbox.size <= self._low_mark:
                self._low.set()
            self._writing = True
            try:
                await self._pipe.send(frame)
            finally:
                self._writing = False
            FRAMES[kind] += 1

    async def drained(self) -> bool:
        """Waits until the client has taken most of what is queued; False when it closed instead."""
        if self.outbox.size <= self._low_mark:
            return self.closing is None
        try:
            async with asyncio.timeout(DRAIN_WITHIN):
                while self.outbox.size > self._low_mark and self.closing is None:
                    self._low.clear()
                    await self._low.wait()
        except TimeoutError:
            self.close(Close.TOO_SLOW)
        return self.closing is None
