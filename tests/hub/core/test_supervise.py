"""Supervision: what ends is started again, and readiness knows what is down."""

import asyncio

import pytest

from hub.core.supervise import Supervisor, wait_at_most
from tests.workers.servers import until


async def test_a_task_that_fails_is_started_again() -> None:
    supervisor, starts = Supervisor(), []

    async def fail_twice() -> None:
        starts.append(1)
        if len(starts) < 3:
            raise RuntimeError("on purpose")
        await asyncio.Event().wait()

    supervisor.start("failing", fail_twice)
    await until(lambda: len(starts) == 3)
    await supervisor.stop()


async def test_a_task_that_ends_is_started_again() -> None:
    supervisor, starts = Supervisor(), []

    async def end() -> None:
        starts.append(1)

    supervisor.start("ending", end)
    await until(lambda: len(starts) >= 2)
    await supervisor.stop()


async def test_a_task_that_cannot_run_is_shown_as_down_with_the_reason() -> None:
    supervisor = Supervisor()

    async def fail() -> None:
        raise ConnectionError("no way")

    supervisor.start("failing", fail)
    await until(lambda: "no way" in supervisor.down.get("failing", ""))
    await supervisor.stop()


async def test_a_task_that_runs_again_is_no_longer_down() -> None:
    supervisor, broken = Supervisor(), True

    async def run() -> None:
        if broken:
            raise ConnectionError("no way")
        await asyncio.Event().wait()

    supervisor.start("mending", run)
    await until(lambda: bool(supervisor.down))
    broken = False
    await until(lambda: not supervisor.down)
    await supervisor.stop()


async def test_stopping_ends_every_task() -> None:
    supervisor, ended = Supervisor(), asyncio.Event()

    async def run() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    supervisor.start("running", run)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await supervisor.stop()
    assert ended.is_set()
    assert supervisor.names == []


async def test_stopping_ends_a_task_that_took_no_notice_the_first_time() -> None:
    supervisor, told = Supervisor(), 0

    async def run() -> None:
        nonlocal told
        while told < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told += 1
        raise asyncio.CancelledError

    supervisor.start("deaf", run)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await supervisor.stop()
    assert told == 2


@pytest.mark.parametrize("steps", range(5))
async def test_a_cancellation_that_comes_with_the_event_is_kept(steps: int) -> None:
    event, passed = asyncio.Event(), False

    async def run() -> None:
        nonlocal passed
        await wait_at_most(event, 60)
        passed = True

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    event.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    if task.cancel():
        with pytest.raises(asyncio.CancelledError):
            await task
    assert passed is not task.cancelled()


async def test_a_name_is_used_once() -> None:
    supervisor = Supervisor()
    supervisor.start("one", asyncio.Event().wait)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="already"):
        supervisor.start("one", asyncio.Event().wait)  # type: ignore[arg-type]
    await supervisor.stop()
