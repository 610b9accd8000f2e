"""The product with a full house and a browser at its side, for as long as it is measured."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from playwright.async_api import Browser, Page, StorageState

from hub.core.db import create_engine
from providers.postgres import EmbeddedPostgres
from tests.browser import installed, launched
from tests.databases import fresh_database
from tests.load.console.crowd import Crowd, fill
from tests.load.console.effort import Effort
from tests.running import Person, Stack, register, stack
from tests.web.pages import sign_in, visiting


class Desk:
    """An agent's place: `visit` opens the console as somebody who signed in before, with nothing else kept. `effort` is
    that of the page visited last, from its address on."""

    effort: Effort

    def __init__(self, stack: Stack, browser: Browser, owner: Person, channel: dict[str, Any], crowd: Crowd) -> None:
        self.stack, self.browser, self.owner, self.channel, self.crowd = stack, browser, owner, channel, crowd
        self._session: StorageState | None = None

    @asynccontextmanager
    async def visit(self, hash: str = "#/inbox/all") -> AsyncIterator[Page]:
        if self._session is None:
            async with visiting(self.browser) as context:
                await sign_in(await context.new_page(), self.stack.url, self.owner)
                self._session = await context.storage_state()
        context = await self.browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="en-US", storage_state=self._session,
        )
        try:
            await context.add_init_script(probe())
            page = await context.new_page()
            self.effort = await Effort.of(page)
            await page.goto(f"{self.stack.url}/app{hash}")
            await page.locator("#search").wait_for()
            self._session = await context.storage_state()  # the session's cookie is new after each use
            yield page
        finally:
            await context.close()


async def at_the_end(page: Page) -> None:
    """The open thread is read down to its end, where it follows what comes."""
    await page.locator("li.message").first.wait_for()
    if await page.locator(".to-latest").count():
        await page.locator(".to-latest").click()
    await page.locator(".to-latest").wait_for(state="detached")


@cache
def probe() -> str:
    return Path(__file__).with_name("probe.js").read_text("utf-8")


async def house(
    stack: Stack, client: httpx2.AsyncClient, *, conversations: int, messages: int
) -> tuple[Person, dict[str, Any], Crowd]:
    """An organization of its own with a web chat full of conversations."""
    owner = await register(client, "Load")
    channel = await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Shop", "settings": {}})
    engine = create_engine(stack.settings.database_url, pool=1, role=None)
    try:
        crowd = await fill(engine, UUID(owner.organization_id), UUID(channel["id"]), UUID(owner.id),
                           conversations=conversations, messages=messages)
    finally:
        await engine.dispose()
    return owner, channel, crowd


@asynccontextmanager
async def desk(*, conversations: int, messages: int) -> AsyncIterator[Desk]:
    """Everything of its own: PostgreSQL, the product, a browser; all ended afterwards. Raises `SystemExit`."""
    chromium = installed()
    if chromium is None:
        raise SystemExit("no Chromium on this machine: apt-get install chromium-headless-shell")
    with tempfile.TemporaryDirectory(prefix="console-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        postgres.start()
        try:
            url = await fresh_database(postgres.admin_url)
            async with (
                stack(url, Path(folder) / "data") as running,
                httpx2.AsyncClient(base_url=running.url, timeout=60) as client,
                launched(chromium) as browser,
            ):
                owner, channel, crowd = await house(running, client, conversations=conversations, messages=messages)
                yield Desk(running, browser, owner, channel, crowd)
        finally:
            postgres.stop()
