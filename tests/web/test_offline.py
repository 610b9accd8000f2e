"""A page that is loaded again while the line is down: the shell is kept, what was written is there and is sent once."""

import secrets
from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.running import Person, Stack, register
from tests.waiting import until
from tests.web.pages import Troubles, open_conversation, sign_in, visiting, write

pytestmark = pytest.mark.browser

# What of this page's own is not kept yet.
MISSING = """async () => {
    const mine = performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)
        .filter((path) => path.startsWith('/web/c-'));
    const kept = await Promise.all(mine.map(async (path) => Boolean(await caches.match(path))));
    return mine.filter((_, place) => !kept[place]);
}"""
KEPT = """async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('switchboard.'));
    const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())
        .map((request) => new URL(request.url).pathname)));
    return kept.flat();
}"""


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[BrowserContext]:
    troubles = Troubles()
    async with visiting(browser) as context:
        context.on("page", troubles.watch)
        yield context
    assert troubles == []


async def visitor_writes(client: httpx2.AsyncClient, owner: Person, name: str) -> str:
    channel = await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Shop", "settings": {}})
    base = f"/api/v1/widget/{channel['id']}"
    token = (await client.post(f"{base}/session", json={"name": name})).json()["visitor_token"]
    answer = await client.post(
        f"{base}/messages", json={"client_id": secrets.token_hex(12), "text": "Hello?"},
        headers={"authorization": f"Visitor {token}"},
    )
    return str(answer.json()["conversation_id"])


async def looked_after(page: Page) -> bool:
    """Whether all that this page was made of is kept, with the thread's own script."""
    kept = any(path.endswith("/components/thread.js") for path in await page.evaluate(KEPT))
    return kept and await page.evaluate(MISSING) == []


async def test_a_reload_without_a_line_shows_the_console_and_what_was_written_is_sent_once_later(
    desk: BrowserContext, running: Stack, client: httpx2.AsyncClient
) -> None:
    owner = await register(client)
    conversation = await visitor_writes(client, owner, "Patient Customer")
    page = await desk.new_page()
    await sign_in(page, running.url, owner)
    await open_conversation(page, "Patient Customer")
    await until(lambda: looked_after(page))
    kept = await page.evaluate(KEPT)
    assert all(path == "/app" or path.startswith("/web/c-") for path in kept), kept

    await desk.set_offline(True)
    await write(page, "Written without a line")
    await page.reload()
    await page.locator(".banner").wait_for()
    await page.locator("li.message.local", has_text="Written without a line").wait_for()
    await write(page, "And after a reload")
    await page.locator("li.message.local", has_text="And after a reload").wait_for()
    await desk.set_offline(False)
    await page.locator("li.message", has_text="Hello?").wait_for()
    for text in ("Written without a line", "And after a reload"):
        await expect(page.locator("li.message:not(.local)", has_text=text)).to_have_count(1)
    said = (await owner.get(f"/api/v1/conversations/{conversation}/messages"))["results"]
    assert [one["text"] for one in said if one["author"] == "agent"] == ["Written without a line", "And after a reload"]


async def test_nothing_of_the_session_is_left_after_signing_out(
    desk: BrowserContext, running: Stack, client: httpx2.AsyncClient
) -> None:
    owner = await register(client)
    page = await desk.new_page()
    await sign_in(page, running.url, owner)
    assert owner.id in await page.evaluate("localStorage['switchboard.me']")
    await page.locator(".own-button").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await page.locator("input[type=password]").wait_for()
    assert await page.evaluate("localStorage['switchboard.me'] ?? null") is None
