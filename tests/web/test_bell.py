"""The bell by hand: it rings once, counts what is unread, and lists it, whatever comes at the same time."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.running import Stack, colleague
from tests.waiting import until
from tests.web.inbox import Shop, open_shop, row, show
from tests.web.pages import at_work, sign_in, visiting

pytestmark = pytest.mark.browser

# The sound and the browser's notices, written down instead of made.
RINGS = """window.rings = [];
window.Notification = class { constructor(title) { window.rings.push(title); } close() {} };
Object.assign(window.Notification, { permission: 'granted', requestPermission: async () => 'granted' });"""


@pytest.fixture
async def shop(client: httpx2.AsyncClient) -> Shop:
    return await open_shop(client)


@pytest.fixture
async def page(browser: Browser, running: Stack, shop: Shop) -> AsyncIterator[Page]:
    async with at_work(browser, running, shop.owner) as made:
        yield made


async def has_read(shop: Shop, conversation: str) -> bool:
    return bool((await shop.owner.get(f"/api/v1/conversations/{conversation}"))["marker"]["inbound_seen"])


async def test_two_tabs_ring_once_and_not_for_what_is_on_screen(
    browser: Browser, running: Stack, shop: Shop
) -> None:
    seen = await shop.write("Watched Customer", "One")
    heard = await shop.write("Heard Customer", "One")
    for conversation in (seen, heard):
        await shop.owner.post(f"/api/v1/conversations/{conversation}/accept")
    async with visiting(browser) as context:
        await context.add_init_script(RINGS)
        first = await context.new_page()
        await sign_in(first, running.url, shop.owner)
        second = await context.new_page()
        await second.goto(f"{running.url}/app#/inbox/mine")
        await row(second, "Heard Customer").wait_for()
        await first.bring_to_front()
        await row(first, "Watched Customer").click()
        await first.locator("#composer-text").wait_for()
        await until(lambda: has_read(shop, seen))  # the server knows that it is being looked at
        await shop.write("Watched Customer", "Not for ringing")
        await first.locator("li.message", has_text="Not for ringing").wait_for()
        await shop.write("Heard Customer", "For ringing")
        badge = first.locator('[data-act="bell"] .rail-badge')
        await expect(badge).to_have_text("1")
        assert await until(lambda: rings(first, second)) == ["Heard Customer wrote"]
        await second.bring_to_front()
        await expect(second.locator('[data-act="bell"] .rail-badge')).to_have_text("1")
        await second.keyboard.press("b")
        await second.locator(".notice-line", has_text="Heard Customer wrote").click()
        await second.locator("li.message", has_text="For ringing").wait_for()
        await expect(badge).to_have_count(0)
        assert await rings(first, second) == ["Heard Customer wrote"]


async def test_a_mention_rings_the_bell_and_stands_among_the_mentions_until_read(
    client: httpx2.AsyncClient, page: Page, shop: Shop
) -> None:
    conversation = await shop.write("Difficult Customer", "It broke again")
    agent = await colleague(client, shop.owner, "agent")
    await agent.post(f"/api/v1/conversations/{conversation}/messages", {
        "client_id": secrets.token_hex(12), "text": "Can you help?", "note": True, "mention_ids": [shop.owner.id],
    })
    await expect(page.locator('[data-act="bell"] .rail-badge')).to_have_text("1")
    await show(page, "mentions")
    await expect(page.locator("nav.views a[aria-current]")).to_contain_text("1")
    await row(page, "Difficult Customer").click()
    await page.locator("li.message.note", has_text="Can you help?").wait_for()
    await expect(page.locator('[data-act="bell"] .rail-badge')).to_have_count(0)
    await expect(page.locator("nav.views a[aria-current]")).to_contain_text("0")
    await row(page, "Difficult Customer").wait_for()


async def test_what_is_told_while_the_bell_asks_is_counted_and_listed(
    client: httpx2.AsyncClient, page: Page, shop: Shop
) -> None:
    conversation = await shop.write("Difficult Customer", "It broke again")
    agent = await colleague(client, shop.owner, "agent")
    badge, lines = page.locator('[data-act="bell"] .rail-badge'), page.locator(".notice-line")
    answered, told = asyncio.Event(), asyncio.Event()

    async def note(text: str) -> None:
        await agent.post(f"/api/v1/conversations/{conversation}/messages", {
            "client_id": secrets.token_hex(12), "text": text, "note": True, "mention_ids": [shop.owner.id],
        })
        await expect(badge).to_have_text("1")

    async def late(route: Route) -> None:
        answer = await route.fetch()
        answered.set()
        await told.wait()
        await route.fulfill(response=answer)

    await note("Earlier")
    await shop.owner.post("/api/v1/notifications/read", {"all": True})
    await expect(badge).to_have_count(0)
    await page.route(re.compile(r"/api/v1/notifications\?"), late)
    await page.locator('[data-act="bell"]').click()
    await answered.wait()
    await note("Meanwhile")
    told.set()
    await lines.get_by_text("Earlier").wait_for()
    await expect(badge).to_have_text("1")
    await expect(lines).to_contain_text(["Meanwhile", "Earlier"])


async def rings(*pages: Page) -> list[str]:
    return [one for page in pages for one in await page.evaluate("window.rings")]
