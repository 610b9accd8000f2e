"""The first screen with a cold cache, and what has to travel for it."""

import statistics
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page

from tests.load.console.desk import Desk
from tests.load.console.figures import Figure

FIRST_SCREEN = 1000  # milliseconds
WEIGHT = 120  # kB of scripts, styles, texts and icons, as they travel, for the inbox with a conversation open
_COUNTED = (".js", ".css", ".json", ".svg")
_TIMES = 5
_NAMED = """[...document.querySelectorAll('link[href], script[src]')]
    .map((one) => new URL(one.href || one.src).pathname)"""


async def first_screen(desk: Desk) -> list[Figure]:
    """From the address to the first rows on screen, signed in, nothing kept but the session."""
    times, own = [], []
    for _ in range(_TIMES):
        async with desk.visit("#/inbox/all") as page:
            times.append(await page.evaluate("probe.shown(() => document.querySelector('a.row'))"))
            own.append(await desk.effort.spent())
    return [Figure("first screen, cold, p50", statistics.median(times), "ms", FIRST_SCREEN),
            Figure("first screen, cold, slowest", max(times), "ms"),
            Figure("the page's own work for it", statistics.median(own), "ms")]


async def weight(desk: Desk) -> list[Figure]:
    async with desk.visit("#/inbox/all") as page:
        await page.locator("a.row").first.wait_for()
        named = set(await page.evaluate(_NAMED))
        # What is fetched ahead while nothing else is to do is not needed for it.
        inbox = {path: size for path, size in (await travelled(page)).items()
                 if path in named or not path.endswith((".js", ".css"))}
        await page.locator("a.row").nth(3).click()
        await page.locator(".panel dl, .panel section").first.wait_for()
        await page.wait_for_load_state("networkidle")
        both = await travelled(page)
    return [Figure("inbox", sum(inbox.values()) / 1000, "kB"),
            Figure("inbox with a conversation", sum(both.values()) / 1000, "kB", WEIGHT),
            Figure("files for both", len(both), "files")]


async def travelled(page: Page) -> dict[str, int]:
    """Compressed bytes of each file of the console that this page has fetched, without headers."""
    found: Sequence[Any] = await page.evaluate(
        "performance.getEntriesByType('resource').map((one) => [one.name, one.encodedBodySize])")
    paths = {urlsplit(name).path: int(size) for name, size in found}
    return {path: size for path, size in paths.items() if path.startswith("/web/") and path.endswith(_COUNTED)}
