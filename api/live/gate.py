"""What thousands of idle connections hold: waiting places that cost nothing until somebody waits."""

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Gate:
    """`asyncio.Event` for the few who wait, without the queue that each event keeps for them."""

    __slots__ = ("_is_open", "_waiting")

    def __init__(self, *, is_open: bool = False) -> None:
        self._is_open = is_open
        self._waiting: list[asyncio.Future[None]] | None = None

    def is_set(self) -> bool:
        return self._is_open

    def set(self) -> None:
        self._is_open = True
        waiting, self._waiting = self._waiting, None
        for one in waiting or ():
            if not one.done():
                one.set_result(None)

    def clear(self) -> None:
        self._is_open = False

    async def wait(self) -> None:
        """Waits until it is set; one that was opened and shut again in the meantime counts."""
        if self._is_open:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._waiting is None:
            self._waiting = []
        self._waiting.append(waiter)
        await waiter


class Mailbox(Generic[T]):
    """As much of `asyncio.Queue` as one reader needs: any number of messages, taken in their order."""

    __slots__ = ("_messages", "_reader")

    def __init__(self) -> None:
        self._messages: list[T] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, message: T) -> None:
        self._messages.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def qsize(self) -> int:
        return len(self._messages)

    def empty(self) -> bool:
        return not self._messages

    async def get(self) -> T:
        """The oldest message; only one may wait for it."""
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._messages.pop(0)  # never many: reading stops for who is ahead
