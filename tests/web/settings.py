"""The console's settings in the words of the tests."""

import secrets
from typing import Any

from playwright.async_api import Page

NEW_PASSWORD = "seventeen green umbrellas"


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
