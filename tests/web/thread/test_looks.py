"""The thread looked over by axe: in both themes, wide and narrow, with each of its menus and dialogs open."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.running import Person, Stack, WhatsAppLine, colleague
from tests.web.axe import in_both_themes
from tests.web.pages import Troubles, on_message, open_conversation, sign_in, tick, visiting, write
from tests.web.phone import Phone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
async def phone(client: httpx2.AsyncClient, owner: Person, line: WhatsAppLine) -> Phone:
    """A customer who has sent one message of each kind, to an organization that has prepared itself."""
    await colleague(client, owner, "agent", name="Second Agent")
    await owner.post("/api/v1/canned-responses", {
        "shortcut": "hours", "title": "Opening hours", "scope": "organization", "body": "We open at nine.",
    })
    for place, (key, kind) in enumerate([("plan", "choice"), ("site", "url"), ("born", "date"), ("vip", "boolean")]):
        await owner.post("/api/v1/custom-fields", {
            "entity": "contact", "key": key, "label": key.title(), "type": kind, "position": place,
            **({"choices": ["Basic", "Plus"]} if kind == "choice" else {}),
        })
    made = Phone(client, line, "Looked At")
    await made.write("Hello, see https://example.com/a?b=1")
    await made.send("image", {"sample": True})
    await made.send("audio", {"sample": True, "voice": True})
    await made.send("document", {"sample": True})
    await made.send("location", {"latitude": -23.5613, "longitude": -46.6565, "name": "Office", "address": "Avenue 1"})
    await made.send("contacts", [{"name": {"formatted_name": "Neighbour"}, "phones": [{"phone": "+15550100"}]}])
    return made


async def press(page: Page, act: str) -> None:
    await page.locator(f'[data-act="{act}"]').last.click()


async def reply_mode(page: Page) -> None:
    await page.locator("button.mode.reply").click()
    await page.locator("#composer-text").fill("Some words")


async def thread(page: Page) -> None:
    await page.locator(".audio-shape").wait_for()
    await page.locator(".card.place").wait_for()


async def menu(page: Page) -> None:
    await on_message(page.locator("li.message.by-agent").last)
    await page.keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Copy link").wait_for()


async def reactions(page: Page) -> None:
    await on_message(page.locator("li.message.by-customer").first)
    await page.keyboard.press("+")
    await page.locator(".emoji-scroll .emoji").nth(20).wait_for()


async def steps(page: Page) -> None:
    await page.locator("li.message.by-agent button.ticks").last.click()
    await page.locator("dialog .timeline li").first.wait_for()


async def emoji(page: Page) -> None:
    await press(page, "emoji")
    await page.locator(".emoji-scroll .emoji").nth(20).wait_for()
    await page.keyboard.type("heart")


async def canned(page: Page) -> None:
    await page.locator("#composer-text").fill("")
    await page.locator("#composer-text").press_sequentially("/h")
    await page.get_by_role("option").first.wait_for()


async def mentions(page: Page) -> None:
    await page.locator("button.mode.note").click()
    await page.locator("#composer-text").press_sequentially("@s")
    await page.get_by_role("option").first.wait_for()


async def ways(page: Page) -> None:
    await reply_mode(page)
    await press(page, "send-more")
    await page.get_by_role("menuitem", name="Send later…").wait_for()


async def later(page: Page) -> None:
    await ways(page)
    await page.get_by_role("menuitem", name="Send later…").click()
    await page.locator("dialog.schedule").wait_for()


async def scheduled(page: Page) -> None:
    await later(page)
    await page.get_by_role("button", name=re.compile("^In an hour")).click()
    await page.locator(".scheduled li").wait_for()


async def change_scheduled(page: Page) -> None:
    await page.get_by_role("button", name="Change the scheduled message").first.click()
    await page.locator("dialog.schedule").wait_for()


async def recorder(page: Page) -> None:
    await press(page, "record")
    await page.locator(".recorder-level").wait_for()


async def viewer(page: Page) -> None:
    await page.locator(".picture-open").first.click()
    await page.locator(".viewer img").wait_for()


async def editing(page: Page) -> None:
    await page.locator(".panel .in-place").first.evaluate("(button) => button.click()")
    await page.locator(".panel .panel-adds button").first.evaluate("(button) => button.click()")


SIGHTS: list[Callable[[Page], Awaitable[None]]] = [
    thread, menu, reactions, steps, emoji, canned, mentions, ways, later, scheduled, change_scheduled, recorder, viewer,
    editing,
]


@pytest.fixture
async def context(browser: Browser, running: Stack) -> AsyncIterator[BrowserContext]:
    troubles = Troubles()
    async with visiting(browser) as made:
        await made.grant_permissions(["microphone"], origin=running.url)
        made.on("page", troubles.watch)
        yield made
    assert troubles == []


@pytest.mark.parametrize("width", [1440, 360])
async def test_axe_finds_nothing_with_anything_of_the_thread_open(
    context: BrowserContext, running: Stack, owner: Person, phone: Phone, width: int
) -> None:
    page = await context.new_page()
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await sign_in(page, running.url, owner)
    await open_conversation(page, phone.name)
    await write(page, "An answer")
    await tick(page, "An answer", "delivered")
    await page.locator("button.mode.note").click()
    await write(page, "A note for @Second")
    await page.locator("#composer-text").press("Enter")
    await page.locator(".mention").wait_for()
    await page.set_viewport_size({"width": width, "height": 900})
    found: dict[str, list[str]] = {}
    for sight in SIGHTS:
        await sight(page)
        if wrong := await in_both_themes(page):
            found[sight.__name__] = wrong
        while await page.locator("dialog[open], .popover:popover-open, .suggest, .recorder").count():
            await page.keyboard.press("Escape")
        await reply_mode(page)
    assert found == {}
