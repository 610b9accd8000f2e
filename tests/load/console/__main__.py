"""Measures the console and prints a table: `python -m tests.load.console [--only NAME,…] [--json FILE]`.

Starts and ends its own PostgreSQL, product and browser. Exit code 1 when a budget is missed.
"""

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from hub.core import logs
from tests.load.console import flood, opening, scrolling, switching
from tests.load.console.desk import Desk, desk
from tests.load.console.figures import Figure, table

MEASURES: dict[str, Callable[[Desk], Awaitable[list[Figure]]]] = {
    "weight": opening.weight, "first": opening.first_screen, "switching": switching.switching,
    "events": switching.events, "rows": scrolling.rows, "messages": scrolling.messages, "flood": flood.flood,
}
LONGEST = 300.0  # seconds for one measure


async def run(names: list[str], conversations: int, messages: int) -> list[Figure]:
    figures: list[Figure] = []
    async with desk(conversations=conversations, messages=messages) as place:
        version = place.browser.version
        print(f"Chromium {version}, Python {platform.python_version()}, {os.cpu_count()} CPUs, "
              f"load {os.getloadavg()[0]:.1f}, {conversations} conversations, a thread of {messages} messages",
              flush=True)
        for name in names:
            began = time.monotonic()
            async with asyncio.timeout(LONGEST):
                found = await MEASURES[name](place)
            figures += found
            took = time.monotonic() - began
            print(f"\n{name}: {took:.0f} s, load {os.getloadavg()[0]:.1f}\n{table(found)}", flush=True)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.console", description=__doc__)
    parser.add_argument("--only", default=",".join(MEASURES), help="of " + ", ".join(MEASURES))
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--json", type=Path, help="writes the figures there as well")
    asked = parser.parse_args()
    logs.configure(level="error", form="console")
    figures = asyncio.run(run(asked.only.split(","), asked.conversations, asked.messages))
    if asked.json:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    missed = [one.name for one in figures if not one.held]
    print("\nall budgets held" if not missed else "\nmissed: " + "; ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
