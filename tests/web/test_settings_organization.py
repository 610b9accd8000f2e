"""The organization by hand, in a browser: its short name, its logo and its accent."""

import secrets
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.furnishing import picture
from tests.running import Person, Stack
from tests.waiting import until
from tests.web.pages import at_work, visiting
from tests.web.settings import NEW_PASSWORD, fill_registration, main, settings

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser: Browser, running: Stack, owner: Person) -> AsyncIterator[Page]:
    async with at_work(browser, running, owner) as made:
        yield made


async def test_a_second_organization_of_the_same_name_is_asked_for_a_short_name_of_its_own(
    browser: Browser, running: Stack, owner: Person
) -> None:
    async with visiting(browser) as context:
        page = await context.new_page()
        await page.goto(f"{running.url}/app")
        await fill_registration(page, owner.session["user"]["organization"]["slug"])
        await page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
        await page.get_by_role("button", name="Create the organization").click()
        field = page.get_by_label("Short name")
        await expect(field).to_be_focused()
        await field.fill(f"another-{secrets.token_hex(6)}")
        await page.get_by_role("button", name="Create the organization").click()
        await page.get_by_role("heading", name="Welcome, Ana").wait_for()


async def test_a_logo_is_shown_and_taken_away_and_a_bad_picture_is_explained(page: Page, owner: Person) -> None:
    await settings(page, "appearance")
    picker = main(page).locator("input[type=file]")
    await picker.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": b"not a picture"})
    await main(page).get_by_text("This picture cannot be used").wait_for()
    await picker.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": picture()})
    await main(page).get_by_role("img", name="Your logo").wait_for()
    assert (await owner.get("/api/v1/organization"))["appearance"]["logo_url"]
    await main(page).get_by_role("button", name="Remove").click()
    await main(page).get_by_role("button", name="Choose a picture").wait_for()
    assert (await owner.get("/api/v1/organization"))["appearance"]["logo_url"] is None


async def test_an_accent_that_hides_its_letters_is_shaded_and_said(page: Page, owner: Person) -> None:
    await settings(page, "appearance")
    await main(page).get_by_label("Colour", exact=True).fill("#fff7c2")
    await main(page).get_by_text("On light pages it is shown as").wait_for()
    await main(page).get_by_role("button", name="Save").click()
    await main(page).get_by_text("Saved", exact=True).wait_for()
    assert (await owner.get("/api/v1/organization"))["appearance"]["accent"] == "#fff7c2"


async def test_the_console_wears_the_accent_at_once_and_after_a_reload(page: Page, owner: Person) -> None:
    await settings(page, "appearance")
    await main(page).get_by_label("Colour", exact=True).fill("#0f766e")
    await main(page).get_by_role("button", name="Save").click()
    await expect(main(page).get_by_role("button", name="Save")).to_have_attribute("aria-disabled", "true")
    accent = "getComputedStyle(document.documentElement).getPropertyValue('--accent')"
    worn = await until(lambda: page.evaluate(f"{accent}.startsWith('rgb') && {accent}"))
    await page.reload()
    assert await page.evaluate(accent) == worn


async def test_every_accent_is_made_readable_in_both_themes(page: Page) -> None:
    ratios = await page.evaluate("""async () => {
        const { brandOf } = await import('/web/console/settings/brand.js');
        const { contrast } = await import('/web/widget/colour.js');
        const rgb = (text, name) => text.split(`${name}: rgb(`)[1].split(')')[0].split(' ').map(Number);
        const grounds = { light: [[255, 255, 255], [238, 240, 243]], dark: [[19, 22, 27], [44, 50, 61]] };
        return ['#ffffff', '#000000', '#ffff00', '#00ff00', '#0000ff', '#ff0000', '#777777', '#fde68a', '#0f766e',
            '#7c3aed'].flatMap((accent) => Object.entries(brandOf(accent)).flatMap(([theme, css]) => {
                const used = rgb(css, '--accent');
                const beside = [...grounds[theme], rgb(css, '--accent-soft'), rgb(css, '--on-accent')];
                return beside.map((ground) => contrast(used, ground));
            }));
    }""")
    assert len(ratios) == 80
    assert min(ratios) >= 4.5
