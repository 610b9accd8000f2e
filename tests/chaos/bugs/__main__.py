"""Plays every seeded bug and says which of them the checker caught: `python -m tests.chaos.bugs [--only NAME …]`."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos.bugs.bug import Bug
from tests.chaos.bugs.catalogue import BUGS
from tests.chaos.bugs.play import Outcome, hunt
from tests.chaos.harness import end_with_everything


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", help="names of bugs; all of them otherwise")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tries", type=int, default=3, help="rounds for one bug, each with the next seed")
    options = parser.parse_args()
    end_with_everything()
    chosen = [bug for bug in BUGS if not options.only or bug.name in options.only]
    outcomes = [asyncio.run(_one(bug, options.seed, options.tries)) for bug in chosen]
    missed = [outcome.name for outcome in outcomes if not outcome.caught]
    print(f"{len(outcomes) - len(missed)} of {len(outcomes)} caught; missed: {', '.join(missed) or 'none'}")
    sys.exit(bool(missed))


async def _one(bug: Bug, seed: int, tries: int) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="bug") as folder:
        Path(folder).chmod(0o755)
        outcome = await hunt(bug, Path(folder), seed=seed, tries=tries)
    state = "caught" if outcome.caught else "MISSED"
    print(f"{state:7} {bug.name:24} breaks {', '.join(bug.breaks):10} round {outcome.rounds} "
          f"{outcome.seconds:5.0f} s  {outcome.said}", flush=True)
    return outcome


if __name__ == "__main__":
    main()
