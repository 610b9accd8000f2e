"""A real Chromium for the tests, by preference the build without windows: a page costs it a quarter of the work."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright, expect

from tests.waiting import PATIENCE

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync",
          # A microphone that beeps, and nobody to be asked for it.
          "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def installed() -> str | None:
    """The path of the lightest Chromium on this machine."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def launched(path: str) -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        await browser.close()
