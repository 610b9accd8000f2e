"""The settings by hand, in a browser: founding an organization, connecting channels, inviting people, who may what."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.api.furnishing import picture
from tests.running import PASSWORD, Person, Stack, WhatsAppLine, colleague, register
from tests.waiting import until
from tests.web.pages import Troubles, sign_in, visiting
from tests.web.phone import Phone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
NEW_PASSWORD = "seventeen green umbrellas"
OPEN_SHADOWS = """const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }); };"""


@pytest.fixture
async def owner(running: Stack, client: httpx2.AsyncClient) -> Person:
    return await register(client)


@asynccontextmanager
async def signed_in(browser: Browser, running: Stack, person: Person, **look: Any) -> AsyncIterator[Page]:
    """A page of this person's that must not complain."""
    troubles = Troubles()
    async with visiting(browser, **look) as context:
        page = await context.new_page()
        troubles.watch(page)
        await sign_in(page, running.url, person)
        yield page
    assert troubles == []


@pytest.fixture
async def page(browser: Browser, running: Stack, owner: Person) -> AsyncIterator[Page]:
    async with signed_in(browser, running, owner) as made:
        yield made


async def settings(page: Page, path: str) -> None:
    """Opens a settings page by its address."""
    await page.evaluate("(hash) => { location.hash = hash; }", f"#/settings/{path}")
    await page.locator(f'main.settings[data-at="{path}"] .set-head h2').first.wait_for()


def main(page: Page) -> Any:
    return page.locator("main.settings")


async def copied(page: Page, label: str) -> str:
    """What the figure with this caption holds, after its button was pressed: read from the clipboard."""
    figure = page.locator("figure.snippet", has_text=label)
    await figure.get_by_role("button").click()
    await figure.get_by_text("Copied").wait_for()
    text: str = await page.evaluate("navigator.clipboard.readText()")
    return text


async def fill_registration(page: Page, organization: str) -> None:
    await page.get_by_role("link", name="Create an organization").click()
    await page.get_by_label("Name of the organization").fill(organization)
    await page.get_by_label("Your name").fill("Ana Founder")
    await page.get_by_label("E-mail").fill(f"ana-{secrets.token_hex(6)}@example.com")


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


async def test_somebody_invited_by_mail_chooses_a_password_and_signs_in(
    browser: Browser, page: Page, running: Stack, client: httpx2.AsyncClient
) -> None:
    address = f"bruno-{secrets.token_hex(6)}@example.com"
    await settings(page, "users/new")
    await page.get_by_label("Name", exact=True).fill("Bruno Invited")
    await page.get_by_label("E-mail").fill(address)
    await page.get_by_role("button", name="Send the invitation").click()
    await page.get_by_role("link", name="Bruno Invited").wait_for()

    async def mail() -> Any:
        return (await client.get(f"{running.simulator_url}/mail.json", params={"to": address})).json()

    link = (await until(mail))[0]["links"][0]
    async with visiting(browser) as context:
        theirs = await context.new_page()
        await theirs.goto(link)
        await theirs.get_by_label("New password", exact=True).fill("password1234")
        await theirs.get_by_role("button", name="Set the password").click()
        await theirs.get_by_text("is too easy to guess").wait_for()
        await theirs.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
        await theirs.get_by_role("button", name="Set the password").click()
        await theirs.get_by_text("Your password is set.").wait_for()
        await theirs.get_by_role("link", name="Go to sign-in").click()
        await theirs.get_by_label("E-mail").fill(address)
        await theirs.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
        await theirs.keyboard.press("Enter")
        await theirs.get_by_role("navigation").first.wait_for()
        await theirs.goto(link)
        await theirs.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
        await theirs.get_by_role("button", name="Set the password").click()
        await theirs.get_by_text("This link is not good any more").wait_for()


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


FORBIDDEN = {  # what is a control of administrators only, by page
    "users": ["Invite a person"], "departments": ["Add a department"], "channels": ["Add a channel"],
    "tags": ["Add a tag"], "fields": ["Add a field"], "organization": ["Save"],
    "appearance": ["Save", "Choose a picture"],
}
REFUSED = [
    ("POST", "/api/v1/users", {"name": "X", "email": "x@example.com", "role": "agent"}),
    ("POST", "/api/v1/departments", {"name": "X"}),
    ("POST", "/api/v1/channels", {"kind": "webchat", "name": "X"}),
    ("POST", "/api/v1/tags", {"name": "X", "color": "#112233"}),
    ("POST", "/api/v1/custom-fields", {"entity": "contact", "key": "x", "label": "X", "type": "text"}),
    ("PATCH", "/api/v1/organization", {"name": "X"}),
]


@pytest.mark.parametrize("role", ["agent", "viewer"])
async def test_what_one_may_not_do_is_not_offered_and_refused_all_the_same(
    browser: Browser, running: Stack, client: httpx2.AsyncClient, owner: Person, role: str
) -> None:
    await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Shop"})
    person = await colleague(client, owner, role)
    async with signed_in(browser, running, person) as page:
        for path, names in FORBIDDEN.items():
            await settings(page, path)
            await expect(main(page).locator(".set-wait")).to_have_count(0)
            for name in names:
                await expect(main(page).get_by_text(name, exact=True)).to_have_count(0)
        await settings(page, "channels")
        await main(page).get_by_role("link", name="Shop").click()
        await main(page).get_by_text("Changing it is for administrators").wait_for()
        await expect(main(page).locator(":is(input, textarea, select, button):enabled")).to_have_count(0)
        await settings(page, "users/new")
        await expect(main(page).get_by_role("button", name="Send the invitation")).to_have_count(0)
    for method, path, body in REFUSED:
        answer = await person.ask(method, path, json=body)
        assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"


async def test_a_viewer_is_offered_no_canned_responses(
    browser: Browser, running: Stack, client: httpx2.AsyncClient, owner: Person
) -> None:
    viewer = await colleague(client, owner, "viewer")
    async with signed_in(browser, running, viewer) as page:
        await settings(page, "profile")
        nav = page.get_by_role("navigation", name="Settings")
        await expect(nav.get_by_role("link", name="Custom fields")).to_have_count(1)
        await expect(nav.get_by_role("link", name="Canned responses")).to_have_count(0)


async def test_an_administrator_cannot_change_an_owner_and_is_told_why(
    browser: Browser, running: Stack, client: httpx2.AsyncClient, owner: Person
) -> None:
    admin = await colleague(client, owner, "admin")
    async with signed_in(browser, running, admin) as page:
        await settings(page, f"users/{owner.id}")
        await main(page).get_by_text("Only an owner may change an owner").wait_for()
        await expect(main(page).locator("input, select")).to_have_count(0)
        await expect(main(page).get_by_role("button", name="Delete")).to_have_count(0)


async def test_the_last_owner_is_protected_and_the_page_says_how(page: Page, owner: Person) -> None:
    await settings(page, f"users/{owner.id}")
    await main(page).get_by_text("The only owner.").wait_for()
    await expect(main(page).get_by_label("Role")).to_have_count(0)


async def test_the_session_of_another_device_ends_there_at_once(
    browser: Browser, page: Page, running: Stack, owner: Person
) -> None:
    async with visiting(browser) as context:
        other = await context.new_page()
        await sign_in(other, running.url, owner)
        await expect(other.locator("html")).to_have_attribute("data-connection", "live")
        await settings(page, "sessions")
        await main(page).get_by_role("button", name=re.compile("^End: ")).first.click()
        await other.get_by_text("Your session has ended").wait_for(timeout=5_000)


async def test_all_other_sessions_end_together(browser: Browser, page: Page, running: Stack, owner: Person) -> None:
    async with visiting(browser) as context:
        other = await context.new_page()
        await sign_in(other, running.url, owner)
        await settings(page, "sessions")
        await main(page).get_by_role("button", name="End all others").click()
        await page.get_by_role("dialog").get_by_role("button", name="End all others").click()
        await other.get_by_text("Your session has ended").wait_for(timeout=5_000)
        await main(page).get_by_text("You are signed in nowhere else").wait_for()


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


async def test_a_person_is_deactivated_deleted_and_restored(
    page: Page, client: httpx2.AsyncClient, owner: Person
) -> None:
    agent = await colleague(client, owner, "agent")
    await settings(page, f"users/{agent.id}")
    await main(page).get_by_role("button", name="Deactivate").click()
    await page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    await main(page).get_by_role("button", name="Let in again").wait_for()
    assert (await agent.ask("GET", "/api/v1/me")).status_code == 401
    await main(page).get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await main(page).get_by_label("State").select_option("deleted")
    await main(page).get_by_role("button", name="Restore").click()
    await page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    await main(page).get_by_text("Nobody fits").wait_for()
    assert (await owner.get(f"/api/v1/users/{agent.id}"))["deleted_at"] is None


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
