"""What the tests do in a page, in the words of the person who does it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.running import PASSWORD, Person, Stack


class Troubles(list[str]):
    """What a page complained of: uncaught errors and content-security violations."""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda message: self.append(message.text)
                if message.type == "error" and "Content Security Policy" in message.text else None)


@asynccontextmanager
async def visiting(browser: Browser, *, width: int = 1440, height: int = 900) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="en-US")
    context.set_default_timeout(30_000)
    try:
        yield context
    finally:
        await context.close()


async def sign_in(page: Page, url: str, person: Person) -> None:
    await page.goto(f"{url}/app")
    await page.get_by_label(re.compile("e-?mail", re.I)).first.fill(person.session["user"]["email"])
    await page.locator("input[type=password]").first.fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("navigation").first.wait_for()


@asynccontextmanager
async def at_work(browser: Browser, running: Stack, person: Person, **look: Any) -> AsyncIterator[Page]:
    """A page on which this person has signed in; it must not complain."""
    troubles = Troubles()
    async with visiting(browser, **look) as context:
        page = await context.new_page()
        troubles.watch(page)
        await sign_in(page, running.url, person)
        yield page
    assert troubles == []


async def open_conversation(page: Page, name: str) -> None:
    await page.get_by_text(re.compile(r"^Unassigned")).first.click()
    await page.mouse.move(900, 400)  # rows under the pointer keep still until it leaves
    await page.locator("a.row", has_text=name).first.click()
    await page.locator("#composer-text").wait_for()


async def _at_rest(page: Page) -> None:
    """Waits until what the page put off to the next frame has come: it may be a focus."""
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def into_messages(page: Page) -> Locator:
    """Puts the focus among the messages."""
    await _at_rest(page)
    messages = page.locator(".messages")
    await messages.focus()
    await expect(messages).to_be_focused()
    return messages


async def on_message(message: Locator) -> None:
    """Puts the focus on a message and waits for what can be done with it, which is fetched with the first one."""
    await _at_rest(message.page)
    await message.focus()
    await message.locator('.message-acts [data-act="more"]').wait_for()


async def write(page: Page, text: str) -> None:
    """Types an answer and sends it with Enter."""
    await page.locator("#composer-text").fill(text)
    await page.locator("#composer-text").press("Enter")


async def tick(page: Page, text: str, state: str) -> None:
    """Waits until the bubble with this text shows this state."""
    await page.locator("li.message", has_text=text).locator(f".ticks.{state}").wait_for()
