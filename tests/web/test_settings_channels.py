"""Channels by hand, in a browser: founding an organization with a web chat, connecting a number, trying both."""

import re
import secrets
from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.running import Person, Stack, WhatsAppLine
from tests.web.pages import Troubles, at_work, visiting
from tests.web.phone import Phone
from tests.web.settings import NEW_PASSWORD, copied, fill_registration, main, settings
from tests.web.shop import OPEN_SHADOWS

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser: Browser, running: Stack, owner: Person) -> AsyncIterator[Page]:
    async with at_work(browser, running, owner) as made:
        yield made


async def try_the_chat(context: BrowserContext, page: Page) -> None:
    """Writes on the page of ours that carries the real chat."""
    async with context.expect_page() as opening:
        await page.get_by_role("link", name="Try it").click()
    site = await opening.value
    await site.locator("switchboard-chat button").first.click()
    field = site.get_by_role("textbox").first
    await field.fill("Is anybody there?")
    await field.press("Enter")


async def test_who_registers_is_led_to_a_web_chat_and_hears_from_its_first_visitor(
    browser: Browser, running: Stack
) -> None:
    troubles = Troubles()
    async with visiting(browser) as context:
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        await context.add_init_script(OPEN_SHADOWS)
        page = await context.new_page()
        troubles.watch(page)
        await page.goto(f"{running.url}/app")
        await fill_registration(page, "Umbrella Shop")
        await page.get_by_label("Password", exact=True).fill("short")
        await page.get_by_text("5 more characters").wait_for()
        await page.get_by_role("button", name="Create the organization").click()
        await page.get_by_text("needs at least 10 characters").wait_for()
        await page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
        await page.get_by_role("button", name="Create the organization").click()

        await page.get_by_role("heading", name="Welcome, Ana").wait_for()
        await page.locator(".first-run").get_by_role("link", name="Web chat").click()
        preview = page.locator(".widget-preview")
        await expect(preview.get_by_role("heading", name="Umbrella Shop")).to_have_count(1)
        await main(page).get_by_label("First words").fill("Rain or shine, we are here")
        await preview.get_by_text("Rain or shine, we are here").wait_for()
        await main(page).get_by_label("Colour", exact=True).fill("#0f766e")
        await expect(preview.locator(".bubble-button")).to_have_css("background-color", "rgb(15, 118, 110)")
        await page.get_by_role("button", name="Create the chat").click()

        await page.get_by_text("The chat is ready").wait_for()
        snippet = await copied(page, "Line for your pages")
        assert re.fullmatch(
            rf'<script src="{running.url}/widget\.js" data-channel="[0-9a-f-]{{36}}" async></script>', snippet
        )
        await try_the_chat(context, page)
        await page.get_by_role("link", name=re.compile("^Inbox")).click()
        await page.get_by_text(re.compile(r"^Unassigned")).first.click()
        await page.get_by_text("Is anybody there?").first.wait_for()
    assert troubles == []


async def connect(page: Page, number: dict[str, str]) -> None:
    """Walks the first three steps of the set-up."""
    await settings(page, "channels/new")
    await page.get_by_role("link", name="WhatsApp").click()
    await page.get_by_role("button", name="Next").click()
    await page.get_by_label("Phone number ID").fill(number["phone_number_id"])
    await page.get_by_label("WhatsApp Business account ID").fill(number["waba_id"])
    await page.get_by_role("button", name="Next").click()
    await page.get_by_label("Access token", exact=True).fill(number["access_token"])
    await page.get_by_label("App secret", exact=True).fill(number["app_secret"])
    await page.get_by_role("button", name="Connect the number").click()


def a_number() -> dict[str, str]:
    phone_number_id = str(10**14 + secrets.randbelow(10**14))
    return {
        "phone_number_id": phone_number_id, "waba_id": f"1{phone_number_id}", "name": "WhatsApp",
        "display_phone_number": "15550002222", "access_token": secrets.token_urlsafe(24),
        "app_secret": secrets.token_urlsafe(24),
    }


async def test_a_whatsapp_number_is_connected_checked_and_tried_there_and_back(
    page: Page, running: Stack, client: httpx2.AsyncClient, owner: Person
) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    number = a_number()
    await connect(page, number)
    number["webhook_url"] = await copied(page, "Callback URL")
    number["verify_token"] = await copied(page, "Verify token")
    await page.get_by_role("link", name="Next").click()
    await page.get_by_role("button", name="Check now").click()
    await page.get_by_text("Meta did not accept these credentials").wait_for()

    answer = await client.post(f"{running.simulator_url}/numbers", json=number)
    assert answer.status_code < 300, answer.text
    shaken = await client.post(f"{running.simulator_url}/numbers/{number['phone_number_id']}/verify")
    assert shaken.json()["verified"], shaken.text
    await page.get_by_role("button", name="Check now").click()
    await page.get_by_text("Meta accepts the credentials").wait_for()
    await page.get_by_role("link", name="Next").click()
    await page.get_by_text("Waiting for it").wait_for()

    channel = (await owner.get("/api/v1/channels"))["results"][0]
    phone = Phone(client, WhatsAppLine(running, channel, number), "Trying Customer")
    await phone.write("One, two")
    await page.get_by_text("Arrived from Trying Customer: One, two").wait_for()
    await page.get_by_role("button", name="Send the answer").click()
    await page.locator(".test-steps").get_by_text("Delivered").wait_for()
    assert "This is a test" in str(await phone.chat())


async def test_a_number_that_is_connected_already_is_refused_at_its_field(page: Page) -> None:
    number = a_number()
    await connect(page, number)
    await page.get_by_text("Callback URL", exact=True).wait_for()
    await connect(page, number)
    field = page.get_by_label("Phone number ID")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await page.get_by_text("This number is connected already.").wait_for()


async def test_a_chat_keeps_its_hours_questions_and_websites(page: Page, owner: Person) -> None:
    channel = await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Shop"})
    await settings(page, f"channels/{channel['id']}")
    await main(page).get_by_role("switch", name="Opening hours").click()
    await main(page).get_by_label("Friday, until").fill("00:00")
    await main(page).get_by_role("checkbox", name="Monday").uncheck()
    await main(page).get_by_role("button", name="Thursday: add a span").click()
    await main(page).get_by_label("Closed on").fill("2026-12-25")
    await main(page).get_by_role("switch", name="Ask for the e-mail address").click()
    await main(page).get_by_role("switch", name="Nobody writes without answering").click()
    await main(page).get_by_role("radio", name="Left").check()
    await main(page).get_by_role("button", name="Add a website").click()
    await main(page).get_by_label("Website 1", exact=True).fill("www.example.com/shop")
    await main(page).get_by_role("button", name="Save").click()
    await main(page).locator(".hours .field-wrong").wait_for()  # the second span begins before the first one ends
    await main(page).get_by_label("Thursday, from").first.fill("08:00")
    await main(page).get_by_label("Thursday, until").first.fill("12:00")
    await main(page).get_by_role("button", name="Save").click()
    await main(page).get_by_text("Saved", exact=True).wait_for()
    kept = (await owner.get(f"/api/v1/channels/{channel['id']}"))["settings"]
    assert kept["hours"]["days"] == {
        "mon": [], "tue": [["09:00", "18:00"]], "wed": [["09:00", "18:00"]],
        "thu": [["08:00", "12:00"], ["14:00", "18:00"]], "fri": [["09:00", "24:00"]],
    }
    assert kept["hours"]["closed_on"] == ["2026-12-25"]
    assert kept["pre_chat"] == {"ask_name": False, "ask_email": True, "required": True}
    assert (kept["launcher"]["position"], kept["allowed_origins"]) == ("left", ["https://www.example.com"])
