"""No bare background task: each is named, restarted with back-off when it ends, counted, and shown in readiness."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from hub.core.metrics import TASK_RESTARTS

log = structlog.get_logger(__name__)
_LONGEST_PAUSE = 5.0
_INSIST = 1.0  # seconds after which a task that took no notice of being cancelled is cancelled again


class Supervisor:
    """Runs named loops for as long as the process serves."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._down: dict[str, str] = {}

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Keeps `run` going: whenever it ends or fails it is logged, counted and started again."""
        if name in self._tasks:
            raise ValueError(f"a task named {name} is already running")
        self._tasks[name] = asyncio.create_task(self._keep(name, run), name=name)

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        pause = 0.05
        while True:
            started = asyncio.get_running_loop().time()
            revive = asyncio.get_running_loop().call_later(1.0, self._down.pop, name, None)
            try:
                await run()
                reason = "ended"
            except Exception as error:  # the edge of a background task: log, count, start again
                reason = f"{type(error).__name__}: {error}"
                log.exception("task_failed", task=name)
            finally:
                revive.cancel()
            self._down[name] = reason
            TASK_RESTARTS.labels(name).inc()
            lasted = asyncio.get_running_loop().time() - started
            pause = 0.05 if lasted > 10 else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    @property
    def down(self) -> dict[str, str]:
        """Tasks that are not running at this moment, with the reason."""
        return dict(self._down)

    @property
    def names(self) -> list[str]:
        return sorted(self._tasks)

    async def stop(self) -> None:
        """Ends every task, also one in which a library swallowed the cancellation once."""
        tasks = set(self._tasks.values())
        self._tasks.clear()
        while tasks:
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=_INSIST)


async def wait_at_most(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, or for so long. (Python 3.11's `wait_for` can lose a cancellation that comes with it.)"""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
