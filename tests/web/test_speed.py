"""What keeps the console quick, as far as that does not depend on the machine: `tests/load/console` has the times."""

import re
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser

from tests.load.console import flood, opening, scrolling
from tests.load.console.desk import Desk, house
from tests.running import Stack

pytestmark = pytest.mark.browser

WEB = Path(__file__).parents[2] / "api" / "web"
ROWS = MESSAGES = 500
_IMPORTED = re.compile(
    r"""^(?:import|export)\b[^;]*?from\s*['"](\.[^'"]+)|^import\s*['"](\.[^'"]+)|\bfrom"(\./[^"]+)""", re.M)


@pytest.fixture(scope="module")
async def desk(running: Stack, client: httpx2.AsyncClient, browser: Browser) -> Desk:
    owner, channel, crowd = await house(running, client, conversations=ROWS, messages=MESSAGES)
    return Desk(running, browser, owner, channel, crowd)


def imported(path: Path, known: set[Path]) -> set[Path]:
    """The module and all that it cannot do without."""
    if path not in known:
        known.add(path)
        for names in _IMPORTED.findall(path.read_text("utf-8")):
            imported((path.parent / next(filter(None, names))).resolve(), known)
    return known


def test_the_page_names_every_module_of_the_first_screen_so_that_they_come_at_once() -> None:
    page = (WEB / "console" / "index.html").read_text("utf-8")
    named = re.findall(r'rel="modulepreload" href="/web/([^"]+)"', page)
    needed = imported(WEB / "console" / "main.js", set()) - {WEB / "console" / "main.js"}
    assert sorted(named) == sorted(path.relative_to(WEB).as_posix() for path in needed)


async def test_what_travels_for_the_inbox_and_a_conversation_stays_small(desk: Desk) -> None:
    figures = {one.name: one.value for one in await opening.weight(desk)}
    assert figures["inbox"] < 85
    assert figures["inbox with a conversation"] < opening.WEIGHT


async def test_hundreds_of_rows_and_messages_leave_the_page_as_small_as_a_few(desk: Desk) -> None:
    async with desk.visit() as page:
        await page.locator("a.row").first.wait_for()
        assert await scrolling.all_rows(page, ROWS) == ROWS
        assert await page.locator("a.row").count() < 60
        assert await page.evaluate("document.querySelectorAll('*').length") < 2000
        await page.evaluate("(hash) => { location.hash = hash; }", f"#/inbox/all/{desk.crowd.long}")
        await page.locator("li.message").first.wait_for()
        assert await scrolling.first_message(page) == 1
        assert await page.locator("li.message").count() < 500
        assert await page.evaluate("document.querySelectorAll('*').length") < scrolling.NODES


async def test_a_flood_leaves_nothing_behind(desk: Desk) -> None:
    figures = {one.name: one for one in await flood.flood(desk, rate=400, seconds=4, warm=2)}
    left = [figures[f"{what} left"] for what in ("heap that is", "nodes that are", "listeners that are")]
    assert [one for one in left if not one.held] == []
