"""By hand, in a browser: the console answers a message from the phone and one from the widget, and the ticks move."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.running import Person, Stack, WhatsAppLine, connect_whatsapp, register
from tests.web.pages import Troubles, open_conversation, sign_in, tick, visiting, write
from tests.web.phone import Phone
from tests.web.shop import OPEN_SHADOWS, website

pytestmark = pytest.mark.browser


@pytest.fixture
async def owner(running: Stack, client: httpx2.AsyncClient) -> Person:
    return await register(client)


@pytest.fixture
async def line(running: Stack, client: httpx2.AsyncClient, owner: Person) -> WhatsAppLine:
    return await connect_whatsapp(running, client, owner)


@pytest.fixture
async def page(browser: Browser, running: Stack, owner: Person) -> AsyncIterator[Page]:
    troubles = Troubles()
    async with visiting(browser) as context:
        made = await context.new_page()
        troubles.watch(made)
        await sign_in(made, running.url, owner)
        yield made
    assert troubles == []


async def test_the_console_answers_the_phone_and_the_ticks_move(
    page: Page, client: httpx2.AsyncClient, line: WhatsAppLine
) -> None:
    phone = Phone(client, line, "Phone Customer")
    await phone.write("Is the blue one still there?")
    await open_conversation(page, "Phone Customer")
    await page.locator("li.message", has_text="Is the blue one still there?").wait_for()
    await write(page, "It is, shall I keep it for you?")
    await tick(page, "It is, shall I keep it for you?", "delivered")
    await phone.look()
    await tick(page, "It is, shall I keep it for you?", "read")
    await phone.write("Yes please!")
    await page.locator("li.message", has_text="Yes please!").wait_for()


async def test_a_lost_connection_is_healed_without_reload_and_nothing_is_missing(
    page: Page, client: httpx2.AsyncClient, line: WhatsAppLine
) -> None:
    phone = Phone(client, line, "Patient Customer")
    await phone.write("One")
    await open_conversation(page, "Patient Customer")
    await page.context.set_offline(True)
    await write(page, "Written while the line was down")
    await phone.write("Two")
    await page.context.set_offline(False)
    await page.locator("li.message", has_text="Two").wait_for()
    await tick(page, "Written while the line was down", "delivered")
    await expect(page.locator("li.message", has_text="Written while the line was down")).to_have_count(1)


async def test_a_note_is_shown_as_one_and_never_leaves(
    page: Page, client: httpx2.AsyncClient, line: WhatsAppLine, owner: Person
) -> None:
    phone = Phone(client, line, "Noted Customer")
    await phone.write("Hello")
    await open_conversation(page, "Noted Customer")
    await page.locator("button.mode.note").click()
    await write(page, "Only for colleagues")
    await page.locator("li.message.note", has_text="Only for colleagues").wait_for()
    calls = (await client.get(f"{line.stack.simulator_url}/record")).json()
    assert "Only for colleagues" not in str(calls)


async def test_accept_close_and_reopen(page: Page, client: httpx2.AsyncClient, line: WhatsAppLine) -> None:
    phone = Phone(client, line, "Closing Customer")
    await phone.write("Thanks, all is well")
    await open_conversation(page, "Closing Customer")
    await page.get_by_role("button", name="Accept").first.click()
    await page.get_by_text("accepted the conversation").first.wait_for()
    await page.get_by_role("button", name="Close", exact=True).first.click()
    await page.get_by_role("button", name="Reopen").first.click()
    await page.get_by_role("button", name="Close", exact=True).first.wait_for()


@pytest.fixture
async def shop(running: Stack, owner: Person) -> AsyncIterator[tuple[str, str]]:
    async with website(running, owner) as made:
        yield made


async def test_the_console_answers_the_widget_on_a_strange_page_and_the_thread_survives_a_reload(
    browser: Browser, page: Page, shop: tuple[str, str]
) -> None:
    origin, _ = shop
    troubles = Troubles()
    async with visiting(browser) as visit:
        await visit.add_init_script(OPEN_SHADOWS)
        site = await visit.new_page()
        troubles.watch(site)
        await site.goto(origin)
        await site.get_by_role("button").first.click()
        field = site.get_by_role("textbox").first
        await field.fill("Hello from the shop")
        await field.press("Enter")

        await page.get_by_text("Unassigned").first.click()
        await page.mouse.move(900, 400)
        await page.get_by_text("Hello from the shop").first.click()
        await write(page, "Welcome to the shop")
        await site.get_by_text("Welcome to the shop", exact=True).wait_for()
        await tick(page, "Welcome to the shop", "read")

        await site.reload()
        await site.wait_for_function("window.Switchboard")
        await site.evaluate("window.Switchboard.open()")
        await site.get_by_text("Welcome to the shop", exact=True).wait_for()
        await site.get_by_text("Hello from the shop").first.wait_for()
    assert troubles == []
