"""From rows to wake-ups: looks for due rows and puts "wake up, row N" into the queue; without Redis, runs them here.

The queue holds nothing that matters. A wake-up older than a few seconds is dropped, because its row is named again as
long as it is due; a row is named at most once at a time, by an id made of the row, its turns so far and the time.
"""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

import structlog
from arq.connections import ArqRedis
from sqlalchemy import text

from hub.core.hub import Hub
from hub.core.supervise import wait_at_most
from hub.core.tenancy import Scope
from workers.jobs import FAILURES, JOB, Rows

log = structlog.get_logger("workers.relay")

POLL = 1.0
ROOM = 200  # wake-ups in the queue at once
STALE = 10  # seconds after which a row that is still due is named anew, and its old wake-up dropped
PATIENCE = 2.0

_DUE = text("""
SELECT o.id, o.attempts + o.lapses AS turns FROM outbox o
WHERE ((o.state = 'waiting' AND o.run_at <= :now) OR (o.state = 'running' AND o.lease_until < :now))
  AND (o.order_key IS NULL OR NOT EXISTS (
    SELECT 1 FROM outbox e
    WHERE e.organization_id = o.organization_id AND e.order_key = o.order_key
      AND e.position < o.position AND e.state IN ('waiting', 'running')))
ORDER BY o.run_at, o.position
LIMIT :count
""")


class Relay:
    """One in each worker process; several do no harm."""

    def __init__(self, hub: Hub, rows: Rows, queue: ArqRedis, queue_name: str) -> None:
        self.hub = hub
        self.rows = rows
        self.queue = queue
        self.queue_name = queue_name
        self._named: set[str] = set()
        self._away = False

    async def run(self) -> None:
        """The loop: at every commit that left work, at the end of every row, and each second anyway."""
        while True:
            self.hub.outbox_due.clear()
            if not await self._turn():
                await wait_at_most(self.hub.outbox_due, POLL)

    async def _turn(self) -> bool:
        """Names what is due, or runs it here when there is no Redis. True when there is more to do at once."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._name_due()
        except FAILURES as error:
            if not self._away:
                log.warning("relay_without_redis", error=type(error).__name__)
            self._away = True
            return await self.rows.run_due() > 0 and self.rows.free > 0
        self._away = False
        return False

    async def _name_due(self) -> None:
        now = time.time()
        await self.queue.zremrangebyscore(self.queue_name, "-inf", (now - STALE) * 1000)
        waiting = int(await self.queue.zcard(self.queue_name))
        if not waiting or len(self._named) > 100 * ROOM:
            self._named.clear()  # nothing is on its way: what is due now has to be named, whatever was named before
        for row_id, turns in await self._find_due(ROOM - waiting):
            name = f"{row_id}:{turns}:{int(now) // STALE}"
            if name not in self._named:
                await self.queue.enqueue_job(
                    JOB, str(row_id), _job_id=name, _queue_name=self.queue_name, _expires=2 * STALE
                )
                self._named.add(name)

    async def _find_due(self, count: int) -> Sequence[tuple[UUID, int]]:
        if count <= 0:
            return []
        async with self.hub.database.transaction(Scope.across("relay")) as session:
            found = await session.execute(_DUE, {"now": self.hub.clock.now(), "count": count})
            return [(row.id, row.turns) for row in found]

