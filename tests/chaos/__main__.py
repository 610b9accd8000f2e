"""The crash programme, long form: `python -m tests.chaos --cycles 1000 --seed 1 --faults kill,database`.

Every round is written to `--state`; started again with the same arguments, the programme goes on where it was. The logs
of rounds that found something are kept beside it, in a folder named `….logs`.
"""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from tests.chaos.harness import end_with_everything
from tests.chaos.programme import FAMILIES, can_mount, one, plan, read, table


def main() -> None:
    options = _options()
    end_with_everything()
    wanted = set(options.faults.split(",")) if options.faults != "all" else set(FAMILIES)
    if unknown := wanted - set(FAMILIES):
        sys.exit(f"unknown faults {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    if "disk" in wanted and not can_mount():
        print("disk: left out, nothing can be mounted here")
        wanted.discard("disk")
    rounds, done = plan(options.cycles, options.seed, wanted), read(options.state)
    for number, (name, seed) in enumerate(rounds, 1):
        if (name, seed) in done:
            continue
        try:
            verdict = asyncio.run(one(name, seed, options.state.with_suffix(".logs")))
        except (AssertionError, ExceptionGroup) as error:
            sys.exit(f"round {number}, {name}, seed {seed}: broke off: {error!r}")
        done[name, seed] = verdict
        with options.state.open("ab") as state:
            state.write(msgspec.json.encode(verdict) + b"\n")
        print(f"{number:>4}/{len(rounds)}  {name:<9} seed {seed}  {verdict.kills:>3} kills  "
              f"{verdict.acknowledged:>5} acknowledged  {len(verdict.violations)} violations  {verdict.seconds:.0f} s",
              flush=True)
        for line in verdict.violations:
            print(f"      {line}", flush=True)
    played = [done[key] for key in rounds]
    print("\n".join(table(played)))
    sys.exit(any(verdict.violations for verdict in played))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=1000, help="kill cycles; the other faults follow in proportion")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", default="all", help="families, separated by commas: " + ", ".join(FAMILIES))
    parser.add_argument("--state", type=Path, default=Path("chaos.jsonl"), help="where the rounds are written down")
    return parser.parse_args()


if __name__ == "__main__":
    main()
