"""Takes one safeguard of the tenancy away at a time and sees that a test misses it.

    python -m tests.tenancy.mutants [--only WORDS] [--layer sources|database]

The database's are planted in a database of its own and put back; those of the source in a copy of the tree, where
pytest runs the tests that have to fail. Ends with 1 when one went unnoticed.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hub.core.db import create_engine
from providers.postgres import EmbeddedPostgres
from tests.databases import fresh_database
from tests.tenancy.planted import is_missed, planted
from tests.tenancy.rows import build
from tests.tenancy.sources import MUTANTS, Mutant
from tests.tenancy.statements import ROOT

COPIED = ("hub", "api", "providers", "workers", "tests", "pyproject.toml", "docs", ".env.example", "run.py")


class Tree:
    """A copy of the project in which one mutant at a time lives."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self._environment = {**os.environ, "HUB_TEST_DATABASE_URL": database_url, "PYTHONPATH": str(folder)}
        for name in COPIED:
            if (source := ROOT / name).is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, folder / name)

    def is_missed(self, mutant: Mutant) -> tuple[bool, str]:
        """Whether a test failed for it, and which."""
        path = self.folder / mutant.file
        whole = path.read_text("utf-8")
        if whole.count(mutant.old) != 1:
            return False, f"its place in {mutant.file} is gone"
        path.write_text(whole.replace(mutant.old, mutant.new), "utf-8")
        try:
            return self._run(mutant.tests)
        finally:
            path.write_text(whole, "utf-8")

    def _run(self, tests: str) -> tuple[bool, str]:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--show-capture=no",
                   "--tb=no", *tests.split()]
        done = subprocess.run(command, cwd=self.folder, env=self._environment, capture_output=True, text=True,
                              timeout=300, check=False)
        said = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return done.returncode == 1 and bool(said), said[0][:150] if said else done.stdout.strip()[-150:]


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.tenancy.mutants")
    options.add_argument("--only", default="", help="those whose name has these words")
    options.add_argument("--layer", choices=("sources", "database"))
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", connections=100)
        server.start()
        try:
            missed: Counter[str] = Counter()
            unnoticed: list[str] = []
            if given.layer != "sources":
                asyncio.run(_database(server.admin_url, given.only, missed, unnoticed))
            if given.layer != "database":
                _sources(Tree(Path(folder) / "tree", server.admin_url), given.only, missed, unnoticed)
        finally:
            server.stop()
    for layer, number in sorted(missed.items()):
        print(f"{layer:20} {number:4} missed")
    print(f"{sum(missed.values())} of {sum(missed.values()) + len(unnoticed)} safeguards are missed when they are gone")
    for name in unnoticed:
        print(f"  unnoticed: {name}")
    return 1 if unnoticed else 0


async def _database(url: str, only: str, missed: Counter[str], unnoticed: list[str]) -> None:
    engine = create_engine(await fresh_database(url), pool=2, role=None)
    async with engine.begin() as connection:
        houses = await build(connection), await build(connection)
    every = [one async for one in planted(engine, *houses)]
    for one in every:
        if only not in one.name:
            continue
        if await is_missed(engine, one):
            missed[one.name.split(" ")[0]] += 1
        else:
            unnoticed.append(one.name)
    await engine.dispose()


def _sources(tree: Tree, only: str, missed: Counter[str], unnoticed: list[str]) -> None:
    for mutant in MUTANTS:
        name = f"{mutant.layer}: {mutant.name}"
        if only not in name:
            continue
        started = time.monotonic()
        found, said = tree.is_missed(mutant)
        took, verdict = time.monotonic() - started, "missed" if found else "UNNOTICED"
        print(f"{verdict:9} {name:45} {took:5.1f} s  {said}", flush=True)
        if found:
            missed[mutant.layer] += 1
        else:
            unnoticed.append(name)


if __name__ == "__main__":
    sys.exit(main())
