"""One group after another, each thought out while the one before it is being written.

Thinking is this process's work, writing PostgreSQL's: were each to wait for the other, both would idle half of the
time. So a group thinks ahead, on what the one before it leaves, and is written in its turn. Where that one was not
written as it had been thought, the next has thought in vain, and is done again when all before it is.
"""

import asyncio
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any


class Turn:
    """A group's place behind the one `before` it. `on_sent` is called when it has been thought out and is on its way:
    from then on the next may think."""

    def __init__(self, before: "Turn | None" = None, on_sent: Callable[[], None] | None = None) -> None:
        self._before = before
        self._on_sent = on_sent
        self._settled = asyncio.Event()  # written, or not to be written as it was thought
        self._over = asyncio.Event()
        self._is_written = False
        self.is_sent = False
        self.has_next = False  # somebody thinks on this one
        self._left: dict[Hashable, Any] = {}

    def leave(self, key: Hashable, thought: Any) -> None:
        """How something will be when this has been written; for the next one alone, for it may never be so."""
        self._left[key] = thought

    def found(self, key: Hashable) -> Any:
        """What the one before has left; None where it knows nothing."""
        return None if self._before is None else self._before._left.get(key)

    async def come(self) -> bool:
        """Waits for the one before; whether that has been written as it was thought."""
        if self._before is None:
            return True
        await self._before._settled.wait()
        return self._before._is_written

    async def alone(self) -> None:
        """Waits until nobody is under way before this one."""
        if self._before is not None:
            await self._before._over.wait()

    def send(self) -> None:
        self.is_sent = True
        if self._on_sent is not None:
            self._on_sent()

    def written(self) -> None:
        """The next may be sent."""
        self._is_written = True
        self._settled.set()

    def over(self) -> None:
        """However it ended."""
        self._before = self._on_sent = None
        self._settled.set()
        self._over.set()


_of_this_group: ContextVar[Turn | None] = ContextVar("turn", default=None)


def give(turn: Turn | None) -> None:
    """Whatever is done in this task from here on is done in this turn."""
    _of_this_group.set(turn)


def take() -> Turn:
    """The turn of the group that this task does; whoever writes it takes it, once. Without one nobody is before."""
    turn = _of_this_group.get()
    _of_this_group.set(None)
    return turn or Turn()
