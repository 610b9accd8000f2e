"""The rows that this process works on, and the arq worker that is told which ones to look at."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import structlog
from arq.connections import ArqRedis
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from hub.core import outbox
from hub.core.hub import Hub
from hub.core.runner import run_leased

log = structlog.get_logger("workers.jobs")

JOB = "run_row"
LONGEST = 3600  # seconds until arq lets go of a wake-up; the row itself goes on as long as its lease is renewed
POLL = 0.05
LONGEST_PAUSE = 1.0
FAILURES = (RedisError, OSError, TimeoutError)


class Rows:
    """Runs outbox rows, at most `slots` at once. A row that has begun does not depend on Redis any more."""

    def __init__(self, hub: Hub, slots: int) -> None:
        self.hub = hub
        self.slots = slots
        self._running: set[asyncio.Task[None]] = set()

    @property
    def free(self) -> int:
        return max(self.slots - len(self._running), 0)

    async def run_row(self, row_id: UUID) -> bool:
        """Does one row, if it is still due and nobody else has it. False when there was nothing to do."""
        if not self.free:
            return False  # it stays due, so the relay names it again
        jobs = await outbox.claim(self.hub, 1, only=row_id)
        for job in jobs:
            await asyncio.shield(self._start(job))
        return bool(jobs)

    async def run_due(self) -> int:
        """Begins what is due, as far as there is room; how many rows that were."""
        jobs = await outbox.claim(self.hub, self.free) if self.free else []
        for job in jobs:
            self._start(job)
        return len(jobs)

    def _start(self, job: outbox.Job) -> asyncio.Task[None]:
        task = asyncio.create_task(run_leased(self.hub, job), name=f"job:{job.name}")
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.hub.outbox_due.set()  # the next of the same order may be due now
        if not task.cancelled() and (error := task.exception()):
            log.error("runner_lost_row", error=repr(error))

    async def finish(self, *, within: float) -> None:
        """Waits for what is running, then cancels the rest; their leases lapse and they run again elsewhere."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=within)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def open_queue(url: str, name: str) -> ArqRedis:
    """arq's client with our serializer (its own would be pickle) and time-outs."""
    pool = ConnectionPool.from_url(url, socket_timeout=2, socket_connect_timeout=2, socket_keepalive=True)
    return ArqRedis(
        pool, job_serializer=msgspec.msgpack.encode, job_deserializer=msgspec.msgpack.decode, default_queue_name=name,
    )


async def consume(rows: Rows, url: str, queue_name: str) -> None:
    """Takes wake-ups off the queue. An arq worker ends with its connection, so each outage is followed by a new one."""
    pause, away = 0.05, False
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await _consume_once(rows, url, queue_name)
        except FAILURES as error:
            if not away:
                log.warning("queue_lost", error=type(error).__name__)
            away = asyncio.get_running_loop().time() - started < 10
        pause = min(pause * 2, LONGEST_PAUSE) if away else 0.05
        await asyncio.sleep(pause)


async def _consume_once(rows: Rows, url: str, queue_name: str) -> None:
    queue = open_queue(url, queue_name)
    worker = Worker(
        [func(_run_row, name=JOB, timeout=LONGEST, keep_result=0, max_tries=1)],
        ctx={"rows": rows}, queue_name=queue_name, redis_pool=queue, handle_signals=False, max_jobs=rows.slots,
        poll_delay=POLL, keep_result=0, log_results=False,
        job_serializer=msgspec.msgpack.encode, job_deserializer=msgspec.msgpack.decode,
    )
    try:
        await worker.async_run()
    finally:
        tasks = list(worker.tasks.values())
        for task in tasks:
            task.cancel()  # the wake-up only: its row is shielded
        await asyncio.gather(*tasks, return_exceptions=True)
        await queue.aclose(close_connection_pool=True)


async def _run_row(ctx: dict[Any, Any], *arguments: Any, **_options: Any) -> None:
    rows: Rows = ctx["rows"]
    (row_id,) = arguments
    await rows.run_row(UUID(row_id))
