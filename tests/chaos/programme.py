"""The long form: which rounds are played, and what they come to together."""

import contextlib
import math
import random
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tests.chaos import faults, faults_database, faults_network, faults_service
from tests.chaos.checks import CHECKS, broken
from tests.chaos.faults import Fault
from tests.chaos.round import Verdict, play

KILLS = 25  # cycles of one round: its database stays small, and its state is kept when the programme is interrupted


class Family(msgspec.Struct, frozen=True):
    """A kind of round. `share`: rounds of it for each hundred kill cycles."""

    fault: Callable[[], Fault]
    town: dict[str, Any] = {}
    share: float = 1.0
    disk: bool = False


FAMILIES = {
    "kill": Family(lambda: faults.kills(KILLS)),
    "crew": Family(lambda: faults.crew(6), {"crew": True}),
    "redis": Family(lambda: faults.redis(3), {"crew": True}, share=0.3),
    "stop": Family(lambda: faults.stops(4, longest=15.0), share=0.5),
    "database": Family(faults_database.database, {"apart": True}),
    "postmaster": Family(lambda: faults_database.database(("kill", "kill", "kill")), share=0.5),
    "link": Family(lambda: faults_database.link(8), {"linked": True}),
    "disk": Family(lambda: faults_database.full_disk(3), share=0.5, disk=True),
    "network": Family(lambda: faults_network.network(13)),
    "cuts": Family(lambda: faults_network.cuts(25), share=0.5),
    "hangups": Family(lambda: faults_service.hangups(1000), share=0.2),
    "overload": Family(lambda: faults_service.overload(10), share=0.2),
    "stalled": Family(faults_service.stalled, share=0.2),
    "tasks": Family(faults_service.tasks, share=0.2),
    "revived": Family(faults_service.revived, share=0.2),
}


def plan(cycles: int, seed: int, wanted: set[str]) -> list[tuple[str, int]]:
    """(family, seed) of each round, mixed by the seed."""
    chance = random.Random(seed)
    rounds: list[str] = []
    for name, family in FAMILIES.items():
        if name in wanted:
            count = cycles / KILLS if name == "kill" else cycles / 100 * family.share
            rounds += [name] * math.ceil(count)
    chance.shuffle(rounds)
    return [(name, seed * 10_000 + number) for number, name in enumerate(rounds)]


async def one(name: str, seed: int, logs: Path) -> Verdict:
    """Plays a round of this family in a folder of its own. Of a round that found something the logs are kept."""
    family = FAMILIES[name]
    with tempfile.TemporaryDirectory(prefix="chaos", ignore_cleanup_errors=True) as made:
        folder, kept = Path(made), logs / f"{name}-{seed}"
        folder.chmod(0o755)
        disk = faults_database.small_disk(folder / "disk") if family.disk else contextlib.nullcontext()
        with disk as small:
            verdict = await play(folder, family=name, fault=family.fault(), seed=seed, disk=small, **family.town)
        for log in folder.glob("*.log") if verdict.violations else ():
            kept.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, kept)
        return verdict


def can_mount() -> bool:
    """Whether this machine lets us make a small disk."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with faults_database.small_disk(Path(folder) / "probe"):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


def read(state: Path) -> dict[tuple[str, int], Verdict]:
    """The rounds that were played before; a line that an interruption tore is left out."""
    found = {}
    for line in state.read_bytes().splitlines() if state.exists() else ():
        try:
            verdict = msgspec.json.decode(line, type=Verdict)
        except msgspec.DecodeError:
            continue
        found[verdict.family, verdict.seed] = verdict
    return found


def table(verdicts: list[Verdict]) -> Iterator[str]:
    """What the rounds came to."""
    kills, acknowledged = sum(one.kills for one in verdicts), sum(one.acknowledged for one in verdicts)
    found = [line for one in verdicts for line in one.violations]
    named = Counter(name for line in found for name in broken([line]))
    yield f"rounds                        {len(verdicts)} ({_counts(verdicts)})"
    yield f"kills                         {kills}"
    yield f"acknowledged writes           {acknowledged}"
    yield f"violations                    {len(found)}"
    for name in CHECKS:
        if named[name]:
            yield f"  {name}                          {named[name]}"
    for what, times in (("serving again after a kill", [t for one in verdicts for t in one.recoveries]),
                        ("next write acknowledged", [t for one in verdicts for t in one.blinks])):
        if times:
            yield (f"{what:<29} p50 {_at(times, 0.5):.2f} s, p99 {_at(times, 0.99):.2f} s, "
                   f"longest {max(times):.2f} s")
    if not found and kills:
        yield f"at 95 %                       fewer than {3 / kills:.2%} of kills, {3 / acknowledged:.4%} of writes"


def _counts(verdicts: list[Verdict]) -> str:
    return ", ".join(f"{name} {count}" for name, count in Counter(one.family for one in verdicts).most_common())


def _at(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, math.ceil(len(times) * share) - 1)]
