"""Doing together what arrives at the same time: one transaction for all that queued while the last one ran.

There is no window to wait for: a lone item is begun at once, and under load each group is as large as what came in
meanwhile. The items of an organization are done in the order they came, one group at a time.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import structlog

from hub.core.db import is_away, is_busy
from hub.core.errors import Unavailable

log = structlog.get_logger(__name__)

AT_ONCE = 4  # groups of different organizations at once
MOST = 256  # items in a group
WAITING = 4096  # items that wait, before further ones are refused

Together = Callable[[UUID, Sequence[Any]], Awaitable[Sequence[Any]]]
"""Does the items of one organization in one transaction: a result for each, or the error that is its own."""

_Waiting = tuple[Any, asyncio.Future[Any]]


class Grouping:
    """Collects items and hands them on in groups. A group that fails is done again item by item, so that the bad one
    fails alone; what is done in groups must therefore be safe to repeat."""

    def __init__(self, do: Together) -> None:
        self._do = do
        self._queues: dict[UUID, deque[_Waiting]] = {}
        self._ready: deque[UUID] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._waiting = 0

    async def submit(self, organization_id: UUID, item: Any) -> Any:
        """The item's result, once its transaction has committed.

        Raises what went wrong with it, and `Unavailable` when too much is waiting.
        """
        if self._waiting >= WAITING:
            raise Unavailable
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        queue = self._queues.get(organization_id)
        if queue is None:
            queue = self._queues[organization_id] = deque()
            self._ready.append(organization_id)
            if len(self._workers) < AT_ONCE:
                self._start()
        queue.append((item, future))
        self._waiting += 1
        return await future

    async def close(self) -> None:
        """Waits for what was submitted."""
        while self._workers:
            await asyncio.wait(self._workers)

    def _start(self) -> None:
        """A worker lives as long as there is something to do; whatever goes wrong goes to those who wait."""
        worker = asyncio.create_task(self._work(), name="grouping")
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        while self._ready:
            organization_id = self._ready.popleft()
            queue = self._queues[organization_id]
            group = [queue.popleft() for _ in range(min(len(queue), MOST))]
            self._waiting -= len(group)
            try:
                await self._together(organization_id, group)
            finally:
                for _, future in group:
                    if not future.done():  # this process is ending
                        future.set_exception(Unavailable())
                if queue:
                    self._ready.append(organization_id)
                else:
                    del self._queues[organization_id]

    async def _together(self, organization_id: UUID, group: Sequence[_Waiting]) -> None:
        try:
            results = await self._do(organization_id, [item for item, _ in group])
        except Exception as error:
            away = is_away(error)
            if len(group) == 1 or away:
                for _, future in group:
                    _settle(future, Unavailable() if away or is_busy(error) else error)
                return
            log.warning("group_taken_apart", size=len(group), error=type(error).__name__)
            for one in group:
                await self._together(organization_id, [one])
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
