"""People by hand, in a browser: inviting, who may what, devices, leaving and coming back."""

import re
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.running import Person, Stack, colleague
from tests.waiting import until
from tests.web.pages import at_work, sign_in, visiting
from tests.web.settings import NEW_PASSWORD, main, settings

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser: Browser, running: Stack, owner: Person) -> AsyncIterator[Page]:
    async with at_work(browser, running, owner) as made:
        yield made


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
    async with at_work(browser, running, person) as page:
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
    async with at_work(browser, running, viewer) as page:
        await settings(page, "profile")
        nav = page.get_by_role("navigation", name="Settings")
        await expect(nav.get_by_role("link", name="Custom fields")).to_have_count(1)
        await expect(nav.get_by_role("link", name="Canned responses")).to_have_count(0)


async def test_an_administrator_cannot_change_an_owner_and_is_told_why(
    browser: Browser, running: Stack, client: httpx2.AsyncClient, owner: Person
) -> None:
    admin = await colleague(client, owner, "admin")
    async with at_work(browser, running, admin) as page:
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
        await other.get_by_text("Your session has ended").wait_for()


async def test_all_other_sessions_end_together(browser: Browser, page: Page, running: Stack, owner: Person) -> None:
    async with visiting(browser) as context:
        other = await context.new_page()
        await sign_in(other, running.url, owner)
        await expect(other.locator("html")).to_have_attribute("data-connection", "live")
        await settings(page, "sessions")
        await main(page).get_by_role("button", name="End all others").click()
        await page.get_by_role("dialog").get_by_role("button", name="End all others").click()
        await other.get_by_text("Your session has ended").wait_for()
        await main(page).get_by_text("You are signed in nowhere else").wait_for()


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
