"""Where the reader is in a thread: at its end, which is kept whatever grows, or further up, where nothing moves one."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.running import Stack
from tests.web.inbox import Shop, open_shop, row, show
from tests.web.pages import Troubles, sign_in, visiting

pytestmark = pytest.mark.browser

LINES = 40
# The reader turns the wheel in the very task that brings the message: no scroll event has told the page yet.
SCROLLS_WITH = """(() => {
    const Native = WebSocket;
    window.WebSocket = class extends Native {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', ({ data }) => {
                if (window.watchword && data.startsWith('{"t":"event"') && data.includes(window.watchword)) {
                    window.watchword = null;
                    document.querySelector('.messages').scrollTop -= 400;
                    window.stoodAt = standing();
                }
            });
        }
    };
    // The first message in sight, or the one with this key, and where its lower edge is.
    window.standing = (key) => {
        const box = document.querySelector('.messages');
        const { top } = box.getBoundingClientRect();
        const foot = (one) => Math.round(one.getBoundingClientRect().bottom - top);
        const found = [...box.querySelectorAll('li.message')]
            .find((one) => (key ? one.dataset.key === key : foot(one) > 0));
        return [found.dataset.key, foot(found)];
    };
})()"""
TO_THE_END = """() => {
    const box = document.querySelector('.messages');
    return Math.round(box.scrollHeight - box.scrollTop - box.clientHeight);
}"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
GROW = """(which) => {
    const one = [...document.querySelectorAll('li.message .bubble')].at(which);
    one.style.minHeight = `${one.offsetHeight + 180}px`;
}"""


@pytest.fixture
async def shop(client: httpx2.AsyncClient) -> Shop:
    made = await open_shop(client)
    for number in range(LINES):
        await made.write("Long Talker", f"Line {number}")
    return made


@pytest.fixture
async def page(browser: Browser, running: Stack, shop: Shop) -> AsyncIterator[Page]:
    """The thread read down to its end, and its history all there."""
    troubles = Troubles()
    async with visiting(browser) as context:
        await context.add_init_script(SCROLLS_WITH)
        made = await context.new_page()
        troubles.watch(made)
        await sign_in(made, running.url, shop.owner)
        await show(made, "all")
        await row(made, "Long Talker").click()
        await made.locator("li.message", has_text="Line").first.wait_for()
        await made.locator(".to-latest").or_(made.locator("li.message", has_text=f"Line {LINES - 1}")).first.wait_for()
        if await made.locator(".to-latest").count():
            await made.locator(".to-latest").click()
        await expect(made.locator(".to-latest")).to_have_count(0)
        yield made
    assert troubles == []


async def settled(page: Page) -> None:
    await page.evaluate(TWO_FRAMES)


async def each_thing_that_grows(page: Page, shop: Shop) -> AsyncIterator[str]:
    await shop.write("Long Talker", "One more")
    yield "a message"
    await page.evaluate(GROW, -1)
    yield "the last message"
    await page.evaluate(GROW, -4)
    yield "a message before it"
    await page.locator("#composer-text").fill("one\ntwo\nthree\nfour\nfive\nsix")
    yield "the composer"
    await page.set_viewport_size({"width": 1440, "height": 560})
    yield "a keyboard on the screen"
    await page.set_viewport_size({"width": 1100, "height": 560})
    yield "a narrower window"
    await page.locator("#composer-text").fill("")
    await page.set_viewport_size({"width": 1440, "height": 900})
    yield "the room for messages"


async def test_the_end_is_kept_whatever_grows(page: Page, shop: Shop) -> None:
    async for what in each_thing_that_grows(page, shop):
        if what == "a message":
            await page.locator("li.message", has_text="One more").wait_for()
        await settled(page)
        assert await page.evaluate(TO_THE_END) <= 1, what
        await expect(page.locator(".to-latest")).to_have_count(0)


async def test_a_reader_further_up_is_not_moved(page: Page, shop: Shop) -> None:
    await page.locator(".messages").hover()
    await page.mouse.wheel(0, -700)
    await page.locator(".to-latest").wait_for()
    await settled(page)
    stood: Any = await page.evaluate("standing()")
    async for what in each_thing_that_grows(page, shop):
        if what == "a message":
            await expect(page.locator(".to-latest")).to_contain_text("1 new")
        if what == "a narrower window":
            continue  # lines break anew; the message stays, at another height
        await settled(page)
        assert await page.evaluate("standing", stood[0]) == stood, what


async def test_who_scrolls_up_as_a_message_comes_is_not_thrown_back(page: Page, shop: Shop) -> None:
    await page.evaluate("() => { window.watchword = 'Just now'; }")
    await shop.write("Long Talker", "Just now")
    await expect(page.locator(".to-latest")).to_contain_text("1 new")
    await settled(page)
    stood = await page.evaluate("stoodAt")
    assert await page.evaluate("standing", stood[0]) == stood
    assert await page.evaluate(TO_THE_END) > 300
