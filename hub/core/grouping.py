"""Doing together what arrives at the same time: one transaction for all that queued while the last one ran.

There is no window to wait for: a lone item is begun at once, and under load each group is as large as what came in
meanwhile. The items of an organization are done in the order they came, one group after another, and a group is thought
out while the one before it is being written (`turns`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from hub.core import turns
from hub.core.db import is_away, is_busy
from hub.core.errors import Unavailable
from hub.core.turns import Turn

log = structlog.get_logger(__name__)

AT_ONCE = 4  # groups of different organizations at once
MOST = 256  # items in a group
WAITING = 4096  # items that wait, before further ones are refused
AHEAD = 24  # items that wait, before they are thought out while the group before them is being written

Together = Callable[[UUID, Sequence[Any]], Awaitable[Sequence[Any]]]
"""Does the items of one organization in one transaction: a result for each, or the error that is its own."""

_Waiting = tuple[Any, asyncio.Future[Any]]


class _Line:
    """The items of an organization that wait, and its groups that are under way: two at most, in their turns."""

    __slots__ = ("last", "organization_id", "under_way", "waiting")

    def __init__(self, organization_id: UUID) -> None:
        self.organization_id = organization_id
        self.waiting: deque[_Waiting] = deque()
        self.under_way = 0
        self.last: Turn | None = None

    @property
    def may_go_ahead(self) -> bool:
        return self.under_way == 1 and self.last is not None and self.last.is_sent and len(self.waiting) >= AHEAD


class Grouping:
    """Collects items and hands them on in groups. A group that fails is done again item by item, so that the bad one
    fails alone; what is done in groups must therefore be safe to repeat."""

    def __init__(self, do: Together) -> None:
        self._do = do
        self._lines: dict[UUID, _Line] = {}
        self._ready: deque[_Line] = deque()  # those with items and nothing under way
        self._busy = 0  # organizations with something under way
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0

    async def submit(self, organization_id: UUID, item: Any) -> Any:
        """The item's result, once its transaction has committed.

        Raises what went wrong with it, and `Unavailable` when too much is waiting.
        """
        if self._waiting >= WAITING:
            raise Unavailable
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        line = self._lines.get(organization_id)
        if line is None:
            line = self._lines[organization_id] = _Line(organization_id)
            self._ready.append(line)
        line.waiting.append((item, future))
        self._waiting += 1
        self._go_on(line)
        return await future

    async def close(self) -> None:
        """Waits for what was submitted."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _go_on(self, line: _Line) -> None:
        """Begins what may be begun, now that something is different with this line. It goes ahead while no other waits
        for it to be done."""
        while self._ready and self._busy < AT_ONCE:
            self._busy += 1
            self._begin(self._ready.popleft())
        if line.may_go_ahead and not self._ready:
            self._begin(line)

    def _begin(self, line: _Line) -> None:
        """A group is a task as long as it lives; whatever goes wrong goes to those who wait. What comes in the same
        moment belongs to it."""
        before = line.last if line.under_way else None
        if before is not None:
            before.has_next = True
        line.under_way += 1
        line.last = Turn(before, partial(self._go_on, line))
        task = asyncio.create_task(self._work(line, line.last), name="grouping")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, line: _Line, turn: Turn) -> None:
        group = [line.waiting.popleft() for _ in range(min(len(line.waiting), MOST))]
        self._waiting -= len(group)
        try:
            await self._together(line.organization_id, group, turn)
        finally:
            for _, future in group:
                if not future.done():  # this process is ending
                    future.set_exception(Unavailable())
            turn.over()
            self._leave(line)
        self._go_on(line)

    def _leave(self, line: _Line) -> None:
        line.under_way -= 1
        if line.under_way:
            return
        self._busy -= 1
        if line.waiting:
            self._ready.append(line)
        else:
            del self._lines[line.organization_id]

    async def _together(self, organization_id: UUID, group: Sequence[_Waiting], turn: Turn | None) -> None:
        turns.give(turn)
        try:
            results = await self._do(organization_id, [item for item, _ in group])
        except Exception as error:
            away = is_away(error)
            if len(group) == 1 or away:
                for _, future in group:
                    _settle(future, Unavailable() if away or is_busy(error) else error)
                return
            log.warning("group_taken_apart", size=len(group), error=type(error).__name__)
            if turn is not None:
                await turn.alone()
            for one in group:
                await self._together(organization_id, [one], None)
        else:
            for (_, future), result in zip(group, results, strict=True):
                _settle(future, result)


def _settle(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.done():  # whoever asked has gone
        return
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
