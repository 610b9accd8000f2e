"""The in-process runner: drains the outbox with a few rows at a time, woken by commits and by a slow clock."""

import asyncio

from hub.core import outbox
from hub.core.failpoints import reach
from hub.core.hub import Hub
from hub.core.metrics import JOB_SECONDS, JOBS
from hub.core.supervise import wait_at_most

POLL = 1.0
RENEW = outbox.LEASE.total_seconds() / 3


class Runner:
    """Claims and runs due rows until cancelled; at most `slots` at once."""

    def __init__(self, hub: Hub, slots: int) -> None:
        self.hub = hub
        self.slots = slots
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """The loop. On cancellation the running rows are cancelled too; their leases lapse and they run again."""
        try:
            while True:
                reach("runner.turn")
                self.hub.outbox_due.clear()
                free = self.slots - len(self._running)
                jobs = await outbox.claim(self.hub, free) if free else []
                for job in jobs:
                    self._start(job)
                if not jobs or len(self._running) >= self.slots:
                    await wait_at_most(self.hub.outbox_due, POLL)
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _start(self, job: outbox.Job) -> None:
        task = asyncio.create_task(run_leased(self.hub, job), name=f"job:{job.name}")
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.hub.outbox_due.set()
        if not task.cancelled() and (error := task.exception()):
            self.hub.log.error("runner_lost_row", error=repr(error))



async def run_leased(hub: Hub, job: outbox.Job) -> None:
    """Runs one leased row, prolonging the lease as long as it takes."""
    keeper = asyncio.create_task(_keep_lease(hub, job), name=f"lease:{job.name}")
    try:
        with JOB_SECONDS.labels(job.name).time():
            reach("job.before")
            outcome = await outbox.run(hub, job, hub.jobs.get(job.name))
            reach("job.after")
        JOBS.labels(job.name, outcome).inc()
    finally:
        keeper.cancel()


async def _keep_lease(hub: Hub, job: outbox.Job) -> None:
    while await _renewed(hub, job):
        pass


async def _renewed(hub: Hub, job: outbox.Job) -> bool:
    await asyncio.sleep(RENEW)
    return await outbox.renew(hub, job)


async def drain(hub: Hub, *, limit: int = 1000) -> int:
    """Runs everything that is due, one after another, until nothing is; for tests and the command line."""
    count = 0
    while count < limit and (jobs := await outbox.claim(hub, 1)):
        await run_leased(hub, jobs[0])
        count += 1
    return count
