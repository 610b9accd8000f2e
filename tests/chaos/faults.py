"""Faults of processes: killed at random and at failpoints, stopped and continued, one of several or the only one."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from tests.chaos.harness import Process
from tests.chaos.round import Round

Fault = Callable[[Round], Awaitable[None]]
FAILPOINTS = (
    "commit.before", "commit.after", "send.before", "send.after", "hook.before", "hook.after", "ack.before",
    "ack.after", "job.before", "job.after",
)
REACHED_WITHIN = 3.0  # seconds in which somebody passes a failpoint under load


def steady(seconds: float) -> Fault:
    """No fault at all: duplicates, albums and receipts in any order are enough."""

    async def run(_round: Round) -> None:
        await asyncio.sleep(seconds)

    return run


def kills(cycles: int, *, points: tuple[str, ...] = FAILPOINTS) -> Fault:
    """kill -9 of the server: at random, and at each failpoint in turn."""

    async def run(round_: Round) -> None:
        done = 0
        while done < cycles:
            await round_.progress()
            await asyncio.sleep(round_.chance.uniform(0.0, 0.6))
            name = points[(round_.seed + done) % len(points)] if points else ""
            done += await _kill(round_, f"{name}=kill:{round_.chance.randint(1, 30)}" if name else "")
        await asyncio.sleep(0.3)

    return run


async def _kill(round_: Round, failpoint: str) -> int:
    """Kills the server at random and, when a failpoint is named, lets it run on to its end there; how many kills."""
    town = round_.town
    town.hub.kill()
    await _started(round_, failpoint)
    if not failpoint:
        return 1
    if not await town.hub.ended(REACHED_WITHIN):
        town.hub.kill()
    await _started(round_, "")
    return 2


async def _started(round_: Round, failpoint: str) -> None:
    """After a death: starts the server, and notes how long it took."""
    async with round_.outage("kill") as outage:
        outage.ended = outage.began
        round_.kills += 1
        seconds = await round_.town.start_hub(failpoints=failpoint)
        round_.recoveries += [seconds] if seconds is not None else []


def failpoint(name: str, nth: int) -> Fault:
    """One end at a failpoint."""

    async def run(round_: Round) -> None:
        await _kill(round_, f"{name}=kill:{nth}")
        await asyncio.sleep(0.5)

    return run


def stops(times: int, longest: float = 3.0) -> Fault:
    """SIGSTOP of the only server for a while: nobody else may take its work, and it goes on as if nothing had been."""

    async def run(round_: Round) -> None:
        for _ in range(times):
            await asyncio.sleep(round_.chance.uniform(0.2, 1.0))
            await _stopped(round_, round_.town.hub, round_.chance.uniform(1.0, longest))
        await asyncio.sleep(1.0)

    return run


async def _stopped(round_: Round, process: Process, seconds: float) -> None:
    async with round_.outage("stop"):
        process.signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        process.signal(signal.SIGCONT)


def crew(cycles: int, longest: float = 12.0) -> Fault:
    """Two servers and two workers: one after another is killed, or stopped for longer than its leases last."""

    async def run(round_: Round) -> None:
        town = round_.town
        for cycle in range(cycles):
            await asyncio.sleep(round_.chance.uniform(0.3, 1.5))
            chosen = round_.chance.choice([*town.workers, *town.servers])
            if cycle % 2 == 0:
                chosen = round_.chance.choice(town.workers)
                await _stopped(round_, chosen, longest)
            elif chosen in town.workers:
                async with round_.outage("kill"):
                    round_.kills += 1
                    chosen.kill()
                    chosen.start()
            else:
                async with round_.outage("kill"):
                    round_.kills += 1
                    chosen.kill()
                    await town.start_hub(chosen)
        await asyncio.sleep(1.0)

    return run


def slow_workers(way: str, seconds: float) -> Fault:
    """The provider takes its time, so that a worker has something in hand when it is stopped, or dies."""

    async def run(round_: Round) -> None:
        town = round_.town
        await round_.direct.post(f"{town.simulator_url}/faults", json={"kind": "slow", "times": None, "ms": 1500})
        await asyncio.sleep(2.5)
        for worker in town.workers:
            if way == "stop":
                await _stopped(round_, worker, seconds)
            else:
                async with round_.outage("kill"):
                    worker.kill()
                    worker.start()
        await round_.direct.delete(f"{town.simulator_url}/faults")
        await asyncio.sleep(1.0)

    return run


def redis(times: int) -> Fault:
    """Valkey goes away and comes back empty."""

    async def run(round_: Round) -> None:
        for _ in range(times):
            await asyncio.sleep(1.0)
            await asyncio.to_thread(round_.town.valkey.stop)
            await asyncio.sleep(round_.chance.uniform(0.5, 2.0))
            await asyncio.to_thread(round_.town.valkey.start)
        await asyncio.sleep(1.0)

    return run


def sequence(*faults: Fault) -> Fault:
    """One after another, in one round."""

    async def run(round_: Round) -> None:
        for fault in faults:
            await fault(round_)

    return run
