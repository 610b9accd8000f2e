"""A thousand events a second: does the page stay quick, and is it no larger afterwards?"""

import asyncio
import json
import random
import secrets
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from playwright.async_api import CDPSession, Page

from hub.core.signals import Audience, ConversationSignal
from tests.load.console.desk import Desk, at_the_end
from tests.load.console.figures import Figure, spread

INPUT = 100  # milliseconds from a key to its letter
GROWTH = 2.0  # MB of heap that may be left after it all
_REAL = 10  # a second of all are messages that go the whole way into the open thread
_AT_ONCE = 4  # of these on their way; a busy machine sends fewer
_KEYS = """() => {
    window.keys = [];
    const note = async ({ timeStamp }) => { window.keys.push(await probe.painted() - timeStamp); };
    addEventListener('keydown', note, true);
}"""


class Rows:
    """Live rows of the crowd's conversations, each newer than the one before."""

    def __init__(self, desk: Desk, rows: list[dict[str, Any]]) -> None:
        self._rows = rows
        self._organization = desk.owner.organization_id
        self._random = random.Random(7)

    def next(self) -> ConversationSignal:
        row = self._random.choice(self._rows)
        row["head_seq"] += 1
        row["inbound_count"] += 1
        row["last_activity_at"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
        row["last_message"] = {**row["last_message"], "seq": row["head_seq"], "text": f"News {row['head_seq']}"}
        return ConversationSignal(
            organization_id=UUID(self._organization), conversation_id=UUID(row["id"]), seq=row["head_seq"],
            event=msgspec.Raw(b"{}"), visitor_event=msgspec.Raw(b"{}"),
            row=msgspec.Raw(json.dumps({"t": "row", "row": row}).encode()),
            audience=Audience(department_id=None, assignee_id=None),
        )


async def flood(desk: Desk, *, rate: int = 1000, seconds: float = 60.0, warm: float = 15.0) -> list[Figure]:
    """Rows of the whole list change at `rate`, some of them by messages into the open thread."""
    thread = str(desk.crowd.conversations[6])
    rows = Rows(desk, await all_rows(desk, without=thread))
    async with desk.visit(f"#/inbox/all/{thread}") as page:
        await at_the_end(page)
        devtools = await page.context.new_cdp_session(page)
        await asyncio.gather(storm(desk, rows, thread, rate, warm), typing(page, warm))
        await page.evaluate(_KEYS)
        before = await size(page, devtools)
        came = await page.evaluate("probe.frames")
        await page.evaluate("window.watched = probe.watchFrames(), null")
        await asyncio.gather(storm(desk, rows, thread, rate, seconds), typing(page, seconds))
        gaps = (await page.evaluate("watched.stop()"))["gaps"]
        came = await page.evaluate("probe.frames") - came
        after = await size(page, devtools)
        keys = await page.evaluate("keys")
    return [
        Figure("frames from the socket", came / seconds, "/s"),
        *spread("key to letter meanwhile", keys, most=INPUT), *spread("frame meanwhile", gaps),
        Figure("heap before", before["heap"], "MB"),
        Figure("heap that is left", after["heap"] - before["heap"], "MB", GROWTH),
        Figure("nodes that are left", after["nodes"] - before["nodes"], "", 500),
        Figure("listeners that are left", after["listeners"] - before["listeners"], "", 200),
    ]


async def all_rows(desk: Desk, *, without: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        asked = {"view": "all", "limit": 100, **({"cursor": cursor} if cursor else {})}
        page = await desk.owner.get("/api/v1/conversations", params=asked)
        found += page["results"]
        if not (cursor := page["next_cursor"]):
            break
    for row in found:
        row.pop("marker", None)
    return [row for row in found if row["id"] != without]


async def storm(desk: Desk, rows: Rows, thread: str, rate: int, seconds: float) -> None:
    """Publishes as commits do, every 20 ms; what a slow moment left out is made good."""
    began = time.monotonic()
    sent = told = 0
    writing: set[asyncio.Task[Any]] = set()
    while (gone := time.monotonic() - began) < seconds:
        due = int(gone * (rate - _REAL))
        desk.stack.hub.signals.publish([rows.next() for _ in range(due - sent)])
        sent = due
        if told < int(gone * _REAL) and len(writing) < _AT_ONCE:
            told += 1
            writing.add(task := asyncio.create_task(desk.owner.post(
                f"/api/v1/conversations/{thread}/messages",
                {"client_id": secrets.token_hex(12), "text": f"Message {told}", "note": True})))
            task.add_done_callback(writing.discard)
        await asyncio.sleep(0.02)
    await asyncio.gather(*writing)


async def typing(page: Page, seconds: float) -> None:
    """Somebody writes all the while, four letters a second, and never sends it."""
    await page.locator("#composer-text").focus()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        await page.keyboard.press("a")
        await asyncio.sleep(0.25)


async def size(page: Page, devtools: CDPSession) -> dict[str, float]:
    """Heap in MB, nodes and listeners after everything that can be collected was."""
    await page.locator("#composer-text").fill("")
    await page.wait_for_timeout(3000)
    for _ in range(3):
        await devtools.send("HeapProfiler.collectGarbage")
    used = await devtools.send("Runtime.getHeapUsage")
    counted = await devtools.send("Memory.getDOMCounters")
    return {"heap": used["usedSize"] / 1e6, "nodes": counted["nodes"], "listeners": counted["jsEventListeners"]}
