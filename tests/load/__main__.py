"""`python -m tests.load [--goals G1,G7] [--rounds 3] [--seconds 3]`: measures and prints the table.

Everything runs on loopback and is ended by its own id. The exit code is 1 when a goal does not hold or something was
not exact; what cannot be had on this machine is said and counts as neither.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable
from importlib import import_module
from pathlib import Path

from tests.load import machine
from tests.load.goals import GOALS, NUMBERS
from tests.load.ground import RAISED, Ground, Missing
from tests.load.outcome import Outcome, Report, table
from tests.load.remote import room_for_sockets

SCENARIOS = {
    "ingestion": ("G1", "G2"),
    "burst": ("G3",),
    "chat": ("G4", "G5", "G6"),
    "fanout": ("G7",),
    "memory": ("G8",),
    "storm": ("G9",),
    "across": ("G10",),
    "stalled": ("G11",),
    "starting": ("G12",),
    "history": ("G13",),
}
_DEFAULT_SEED = 20


async def measure(ground: Ground, wanted: Iterable[str]) -> list[Outcome]:
    """Runs the scenarios of the goals that are wanted, one after the other; outcomes in the order of the goals."""
    asked, outcomes = set(wanted), []
    for name, numbers in SCENARIOS.items():
        if not asked & set(numbers):
            continue
        began = time.monotonic()
        run: Callable[[Ground], Awaitable[list[Outcome]]] = import_module(f"tests.load.scenarios.{name}").run
        try:
            found = await run(ground)
        except Missing as problem:
            found = [Outcome(key=goal.key, missing=str(problem)) for goal in GOALS if goal.number in numbers]
        except Exception:
            broken = f"{traceback.format_exc()}\n{ground.said()}"
            found = [Outcome(key=goal.key, violations=[broken]) for goal in GOALS if goal.number in numbers]
        say(f"{name}: {time.monotonic() - began:.0f} s")
        outcomes += [one for one in found if one.goal.number in asked]
    order = [goal.key for goal in GOALS]
    return sorted(outcomes, key=lambda outcome: order.index(outcome.key))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def programme(options: argparse.Namespace) -> Report:
    facts = machine.facts(seed=options.seed, rounds=options.rounds, seconds=options.seconds)
    facts["raised"] = ", ".join(f"{name}={value}" for name, value in RAISED.items())
    for name, value in facts.items():
        say(f"{name}: {value}")
    with tempfile.TemporaryDirectory(prefix="switchboard-load-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs under another user when this is root
        ground = Ground(Path(folder), rounds=options.rounds, seconds=options.seconds, seed=options.seed)
        async with ground.open():
            return Report(facts=facts, outcomes=await measure(ground, options.goals))


def goals(text: str) -> list[str]:
    asked = [word.strip().upper() for word in text.split(",") if word.strip()]
    if unknown := [word for word in asked if word not in NUMBERS]:
        raise argparse.ArgumentTypeError(f"no such goal: {', '.join(unknown)} (there are {', '.join(NUMBERS)})")
    return asked


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--goals", type=goals, default=list(NUMBERS), help="like G1,G7; all of them otherwise")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of a phase")
    parser.add_argument("--seed", type=int, default=_DEFAULT_SEED)
    parser.add_argument("--json", type=Path, help="write the outcomes there too")
    options = parser.parse_args()
    room_for_sockets()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # everything that was started is ended first
    report = asyncio.run(programme(options))
    print(f"\n{table(report.outcomes)}")
    for outcome in report.outcomes:
        for line in [*outcome.notes, *([f"not here: {outcome.missing}"] if outcome.missing else []),
                     *(f"NOT EXACT: {one}" for one in outcome.violations)]:
            print(f"{outcome.key}: {line}")
    if options.json:
        options.json.write_bytes(report.json())
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
