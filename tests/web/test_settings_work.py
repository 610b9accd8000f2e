"""Ways of working by hand, in a browser: one's own profile, prepared texts, fields, and words not to be lost."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.running import PASSWORD, Person, Stack
from tests.waiting import until
from tests.web.pages import at_work
from tests.web.settings import main, settings

pytestmark = pytest.mark.browser
NEW_PASSWORD = "seventeen green umbrellas"


@pytest.fixture
async def page(browser: Browser, running: Stack, owner: Person) -> AsyncIterator[Page]:
    async with at_work(browser, running, owner) as made:
        yield made


async def test_a_dialog_with_unsaved_words_is_not_closed_without_a_word(page: Page) -> None:
    await settings(page, "tags")
    await main(page).get_by_role("button", name="Add a tag").click()
    await page.get_by_label("Name", exact=True).fill("half a ta")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Stay here").click()
    await expect(page.get_by_label("Name", exact=True)).to_have_value("half a ta")
    await page.get_by_label("Name", exact=True).fill("whole tag")
    await page.get_by_role("button", name="Save").click()
    await main(page).get_by_text("whole tag").wait_for()


async def test_what_is_typed_and_not_saved_is_not_lost_without_a_word(page: Page) -> None:
    await settings(page, "profile")
    name = main(page).get_by_label("Name", exact=True)
    await name.fill("Somebody Else")
    await page.get_by_role("navigation", name="Settings").get_by_role("link", name="Tags").click()
    await page.get_by_role("dialog").get_by_role("button", name="Stay here").click()
    await expect(name).to_have_value("Somebody Else")
    await page.get_by_role("navigation", name="Settings").get_by_role("link", name="Tags").click()
    await page.get_by_role("dialog").get_by_role("button", name="Leave without saving").click()
    await main(page).get_by_role("heading", name="Tags").wait_for()
    await settings(page, "profile")
    await expect(main(page).get_by_label("Name", exact=True)).not_to_have_value("Somebody Else")


async def test_my_name_and_time_zone_are_saved_and_stay(page: Page, owner: Person) -> None:
    await settings(page, "profile")
    await main(page).get_by_label("Name", exact=True).fill("Renamed Owner")
    await main(page).get_by_role("combobox", name="Time zone").click()
    await page.keyboard.type("sao paulo")
    await expect(page.get_by_role("option", selected=True)).to_contain_text("Paulo")
    await page.keyboard.press("Enter")
    await main(page).get_by_role("button", name="Save").click()
    await main(page).get_by_text("Saved").wait_for()
    me = await owner.get("/api/v1/me")
    assert (me["name"], me["time_zone"]) == ("Renamed Owner", "America/Sao_Paulo")


async def test_a_refused_password_is_explained_at_its_field(page: Page) -> None:
    await settings(page, "password")
    await main(page).get_by_label("Current password", exact=True).fill("not the one I have")
    await main(page).get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    await main(page).get_by_role("button", name="Change the password").click()
    await main(page).get_by_text("is not your current password").wait_for()
    await expect(main(page).get_by_label("Current password", exact=True)).to_be_focused()
    await main(page).get_by_label("Current password", exact=True).fill(PASSWORD)
    await main(page).get_by_role("button", name="Change the password").click()
    await main(page).get_by_text("Saved").wait_for()


async def test_any_setting_is_found_by_its_words_in_the_command_bar(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("time zone profile")
    await page.get_by_role("option", name=re.compile("Time zone.*My profile")).wait_for()
    await page.keyboard.press("Enter")
    await expect(main(page).get_by_role("combobox", name="Time zone")).to_be_focused()


async def test_a_prepared_text_is_written_with_variables_and_seen_filled_in(page: Page, owner: Person) -> None:
    await settings(page, "replies/new")
    await main(page).get_by_label("Title").fill("Welcome")
    await main(page).get_by_label("Shortcut").fill("Bad Shortcut")
    await main(page).get_by_label("Text", exact=True).fill("Hello ")
    await main(page).get_by_role("button", name="Customer's first name").click()
    await main(page).locator("blockquote").get_by_text("Hello Ana").wait_for()
    await main(page).get_by_role("button", name="Add a response").click()
    await expect(main(page).get_by_label("Shortcut")).to_have_attribute("aria-invalid", "true")
    await main(page).get_by_label("Shortcut").fill("hi")
    await main(page).get_by_role("button", name="Add a response").click()
    await main(page).get_by_role("link", name="Welcome").wait_for()
    kept = (await owner.get("/api/v1/canned-responses"))["results"][0]
    assert (kept["shortcut"], kept["body"]) == ("hi", "Hello {{contact.first_name}}")


async def test_fields_are_made_and_moved_by_keyboard(page: Page, owner: Person) -> None:
    for key in ("first", "second"):
        await owner.post("/api/v1/custom-fields", {
            "entity": "contact", "key": key, "label": key.title(), "type": "text", "position": int(key == "second"),
        })
    await settings(page, "fields")
    await main(page).get_by_role("button", name="Move Second up").press("Enter")
    await expect(main(page).locator(".set-row strong").first).to_have_text("Second")

    async def order() -> bool:
        found = (await owner.get("/api/v1/custom-fields"))["results"]
        return [one["key"] for one in found] == ["second", "first"]

    await until(order)


async def test_the_key_that_sends_and_what_closing_does_are_choices_of_mine(page: Page) -> None:
    await settings(page, "profile")
    await main(page).get_by_role("radio", name=re.compile("Ctrl")).check()
    await main(page).get_by_role("radio", name="Go on to the next one").check()
    kept = await page.evaluate("[localStorage['switchboard.send-key'], localStorage['switchboard.after-close']]")
    assert kept == ['"mod_enter"', '"next"']
