"""Faults of PostgreSQL: killed, paused, restarted, cut off in the middle of a commit, and out of disk."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from tests.chaos.faults import Fault
from tests.chaos.harness import Town, children
from tests.chaos.round import Round
from tests.chaos.toxics import BLACKHOLE, CLEAN, Toxic
from tests.waiting import until

DISK = 460  # MB; the embedded server wants 200 of them free when it starts


def database(ways: tuple[str, ...] = ("kill", "pause", "backend", "restart")) -> Fault:
    """Each way once, in an order of chance."""

    async def run(round_: Round) -> None:
        round_.history.hurried = False  # what failed meanwhile is tried again with growing pauses
        chosen = list(ways)
        round_.chance.shuffle(chosen)
        for way in chosen:
            await asyncio.sleep(round_.chance.uniform(0.5, 1.0))
            await _WAYS[way](round_)
            await round_.progress()

    return run


async def _kill(round_: Round) -> None:
    """kill -9 of the postmaster; whoever runs it brings it back: we, or the hub whose child it is."""
    town = round_.town
    os.kill(town.postmaster, signal.SIGKILL)
    async with round_.outage("database"):
        if town.apart:
            await asyncio.sleep(round_.chance.uniform(0.5, 1.5))
            await town.start_postgres()
        else:
            await until(_stands(town), seconds=20)


def _stands(town: Town) -> Callable[[], Awaitable[bool]]:
    async def stands() -> bool:
        return town.postgres.running_url() is not None

    return stands


async def _pause(round_: Round) -> None:
    """Nobody answers, and nobody says so."""
    pids = [round_.town.postmaster, *children(round_.town.postmaster)]
    _all(pids, signal.SIGSTOP)
    async with round_.outage("database"):
        await asyncio.sleep(round_.chance.uniform(1.0, 3.0))
        _all(pids, signal.SIGCONT)


async def _backend(round_: Round) -> None:
    """kill -9 of one session: PostgreSQL ends them all and recovers by itself."""
    connection = await round_.town.connect()
    pids = await connection.fetch("SELECT pid FROM pg_stat_activity WHERE application_name = 'switchboard'")
    await connection.close()
    async with round_.outage("backend"):
        os.kill(round_.chance.choice(pids)["pid"], signal.SIGKILL)
        await asyncio.sleep(0.3)


async def _restart(round_: Round) -> None:
    town = round_.town
    async with round_.outage("database") as outage:
        await asyncio.to_thread(town.postgres.stop)
        outage.began = outage.ended
        await town.start_postgres()


_WAYS = {"kill": _kill, "pause": _pause, "backend": _backend, "restart": _restart}


def _all(pids: list[int], what: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)


def link(times: int) -> Fault:
    """The line to PostgreSQL is cut at any byte, so that nobody knows whether a commit was made, or says nothing."""

    async def run(round_: Round) -> None:
        proxy = round_.town.link
        assert proxy is not None
        round_.history.hurried = False
        for turn in range(times):
            await asyncio.sleep(round_.chance.uniform(0.4, 1.0))
            if turn % 4 == 3:
                proxy.set(BLACKHOLE)
                async with round_.outage("database"):
                    await asyncio.sleep(round_.chance.uniform(0.5, 2.0))
                    proxy.set(CLEAN)
            else:
                async with round_.outage("link"):
                    proxy.set(Toxic(reset_within=8000))
                    await asyncio.sleep(round_.chance.uniform(0.3, 1.0))
                    proxy.set(CLEAN)
        await asyncio.sleep(0.5)

    return run


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own, in memory. Raises `subprocess.CalledProcessError` where nothing can be mounted."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=755", "none", str(folder)], check=True,
                   capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def full_disk(times: int) -> Fault:
    """Not a byte is left for PostgreSQL, for some seconds; when it gave up it is started again."""

    async def run(round_: Round) -> None:
        town = round_.town
        filler = town.postgres.folder / "filler"
        round_.history.hurried = False
        for _ in range(times):
            await asyncio.sleep(round_.chance.uniform(0.5, 1.0))
            async with round_.outage("disk"):
                _fill(filler)
                await asyncio.sleep(round_.chance.uniform(2.0, 4.0))
                filler.unlink()
                await _brought_back(town)
            await round_.progress()

    return run


async def _brought_back(town: Town) -> None:
    """What a service manager does: starts the server that has ended."""
    for _ in range(10):
        if town.postgres.running_url() is None:
            await town.start_postgres()
            return
        await asyncio.sleep(0.1)


def _fill(filler: Path) -> None:
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            with contextlib.suppress(OSError):
                while file.write(b"\0" * size) == size:
                    pass
