"""Live updates for open pages: one encoded event to many bounded queues."""

import asyncio
import contextlib
from collections.abc import Iterator

import msgspec


class Live:
    """Pages that are open. A page that falls 1,000 events behind is closed: it comes back and reads anew."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str | None]] = set()

    def publish(self, kind: str, value: object) -> None:
        """Tell every page; `kind` is message, phone, number, typing, webhook, crowd or mail."""
        if not self._queues:
            return
        frame = msgspec.json.encode({"type": kind, "value": value}).decode()
        for queue in list(self._queues):
            if queue.full():
                self._close(queue)
            else:
                queue.put_nowait(frame)

    @contextlib.contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[str | None]]:
        """A queue of frames; None means that the page must reconnect."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=1000)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        """Send every page away."""
        for queue in list(self._queues):
            self._close(queue)

    def _close(self, queue: asyncio.Queue[str | None]) -> None:
        self._queues.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
