"""Ten thousand rows and ten thousand messages under a wheel that turns fast."""

from typing import Any

from playwright.async_api import Page

from tests.load.console.desk import Desk
from tests.load.console.figures import Figure, smoothness

NODES = 6000  # of the whole document, wherever one has scrolled to
SPEED = 4000  # pixels a second
_ROWS_LOADED = """async (most) => {
    const box = document.querySelector('.rows');
    const all = () => Math.round(document.querySelector('.rows-all').clientHeight / 88);
    let before = -1;
    for (let tries = 0; all() < most && tries < 3; tries = all() > before ? 0 : tries + 1) {
        before = all();
        box.scrollTop = box.scrollHeight;
        await probe.shown(() => all() > before, 5000);
    }
    return all();
}"""
_MESSAGES_LOADED = """async (most) => {
    const box = document.querySelector('.messages');
    const first = () => Number(document.querySelector('li.message[data-seq]').dataset.seq);
    let before = Infinity;
    for (let tries = 0; first() > most && tries < 3; tries = first() < before ? 0 : tries + 1) {
        before = first();
        box.scrollTop = 0;
        await probe.shown(() => first() < before, 5000);
    }
    return first();
}"""
_ROW_IN_SIGHT = """() => {
    const place = document.querySelector('.rows').getBoundingClientRect();
    return Boolean(document.elementFromPoint(place.left + 60, place.top + place.height / 2)?.closest('.row-place'));
}"""
_MESSAGE_IN_SIGHT = """() => {
    const place = document.querySelector('.messages').getBoundingClientRect();
    return [0.2, 0.5, 0.8].some((share) => document.elementFromPoint(place.left + place.width * 0.1,
        place.top + place.height * share)?.closest('.message-list, .day'));
}"""


async def rows(desk: Desk) -> list[Figure]:
    wanted = len(desk.crowd.conversations)
    async with desk.visit() as page:
        await page.locator("a.row").first.wait_for()
        loaded = await all_rows(page, wanted)
        assert loaded == wanted, f"{loaded} rows of {wanted}"
        await page.evaluate("document.querySelector('.rows').scrollTop = 88 * 4000")
        scrolled = await scroll(page, ".rows", 12_000, _ROW_IN_SIGHT)
        nodes = await page.evaluate("document.querySelectorAll('*').length")
    return [*smoothness(f"{wanted:,} rows", scrolled["gaps"]), _empty("rows", scrolled),
            Figure("elements in the page with all rows", nodes, "", NODES)]


async def messages(desk: Desk) -> list[Figure]:
    async with desk.visit(f"#/inbox/all/{desk.crowd.long}") as page:
        await page.locator("li.message").first.wait_for()
        loading = await scroll(page, ".messages", -12_000, _MESSAGE_IN_SIGHT)
        first = await first_message(page)
        assert first == 1, f"not further than {first}"
        scrolled = await scroll(page, ".messages", 12_000, _MESSAGE_IN_SIGHT)
        nodes = await page.evaluate("document.querySelectorAll('*').length")
    return [*smoothness("messages while history loads", loading["gaps"]),
            *smoothness("10,000 messages", scrolled["gaps"]), _empty("messages", scrolled),
            Figure("elements in the page with all messages", nodes, "", NODES)]


async def all_rows(page: Page, most: int) -> int:
    """Scrolls down until all rows are loaded; how many there are."""
    loaded: int = await page.evaluate(_ROWS_LOADED, most)
    return loaded


async def first_message(page: Page) -> int:
    """Scrolls up to the beginning of the thread; the number of its first message."""
    first: int = await page.evaluate(_MESSAGES_LOADED, 1)
    return first


async def scroll(page: Page, selector: str, distance: int, holds: str) -> Any:
    """Turns the wheel as a hand does; the gaps between frames meanwhile, and in how many nothing was in sight."""
    await page.evaluate(f"window.watched = probe.watchFrames({holds})")
    box = await page.locator(selector).bounding_box()
    assert box is not None
    session = await page.context.new_cdp_session(page)
    await session.send("Input.synthesizeScrollGesture", {
        "x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "yDistance": -distance,
        "speed": SPEED, "gestureSourceType": "mouse",
    })
    return await page.evaluate("watched.stop()")


def _empty(what: str, scrolled: Any) -> Figure:
    return Figure(f"frames with no {what} in sight", 100 * scrolled["broken"] / len(scrolled["gaps"]), "%", 1)
