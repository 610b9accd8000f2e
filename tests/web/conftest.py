"""A real Chromium; where there is none, browser tests say so and are skipped. And a website with the widget on it."""

import shutil
from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.running import Person, Stack, register
from tests.web.visits import Shop, Visit, arrive, browsing, open_shop

expect.set_options(timeout=20_000)  # a condition is awaited, not timed: a busy machine may take its while
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync",
          # A microphone that beeps, and nobody to be asked for it.
          "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=found, args=_QUIET)
        yield made
        await made.close()


@pytest.fixture
async def owner(client: httpx2.AsyncClient) -> Person:
    """A new organization's."""
    return await register(client)


@pytest.fixture
async def shop(running: Stack, owner: Person) -> AsyncIterator[Shop]:
    """A customer's website with the widget on it."""
    async with open_shop(running, owner) as made:
        yield made


@pytest.fixture
async def visit(browser: Browser, shop: Shop) -> AsyncIterator[Visit]:
    """A visitor's tab on it, which has nothing to complain of at the end."""
    async with browsing(browser) as context:
        made = await arrive(context, shop)
        yield made
        assert made.troubles == []
