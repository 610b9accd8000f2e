"""A customer's website on an origin of its own, as strict and as hostile as websites are, with the widget on it."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, Response, get
from playwright.async_api import Browser, BrowserContext, Locator, Page

from tests.running import Person, Stack, listener, serving
from tests.waiting import until
from tests.web.pages import Troubles

STRICT = (
    "default-src 'none'; script-src {hub}; connect-src {hub} {ws}; img-src blob: data: {hub}; media-src blob:; "
    "style-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HOSTILE = (
    "*{all:unset!important;color:red!important;font-size:40px!important} div,span,button,form{display:none!important}"
    ":root{--ground:red;--ink:red;--accent:red}"
)
# Closed shadow roots are closed to tests as well; and whatever an injected script would do, it calls this.
PREPARE = """const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }); };
window.ran = []; window.pwned = (what) => { window.ran.push(String(what)); };
window.alert = window.pwned;"""
SECRET = "the secret that website and hub share"
ASKS = {"ask_name": True, "ask_email": True, "required": True}


class Shop:
    """The website's address and the channel of its widget."""

    def __init__(self, running: Stack, owner: Person, origin: str, channel: dict[str, Any]) -> None:
        self.running, self.owner, self.origin, self.channel = running, owner, origin, channel

    async def settle(self, **settings: Any) -> None:
        """Changes the widget's settings."""
        await self.owner.patch(f"/api/v1/channels/{self.channel['id']}", {"settings": settings})

    async def conversations(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.owner.get("/api/v1/conversations?status=open"))["results"]
        return [one for one in found if one["channel"]["id"] == self.channel["id"]]

    async def answer(self, conversation_id: str, text: str) -> None:
        await self.owner.post(f"/api/v1/conversations/{conversation_id}/messages",
                              {"client_id": secrets.token_hex(8), "text": text})


@asynccontextmanager
async def open_shop(running: Stack, owner: Person, **settings: Any) -> AsyncIterator[Shop]:
    bound = listener()
    origin = f"http://127.0.0.1:{bound.getsockname()[1]}"
    channel = await owner.post("/api/v1/channels", {
        "kind": "webchat", "name": "Lamps & Co", "credentials": {"identity_secret": SECRET},
        "settings": {"allowed_origins": [origin], "greeting": "Ask us anything", **settings},
    })
    policy = STRICT.format(hub=running.url, ws=running.url.replace("http", "ws"))
    script = f'<script src="{running.url}/widget.js" data-channel="{channel["id"]}" defer></script>'

    def page(title: str) -> Response[str]:
        body = (f'<!doctype html><html lang="en"><head><title>{title}</title><meta name="viewport" '
                'content="width=device-width"><link rel="stylesheet" href="/hostile.css">'
                f"</head><body><h1>{title}</h1>{script}</body></html>")
        return Response(body, media_type="text/html", headers={"content-security-policy": policy})

    @get("/")
    async def home() -> Response[str]:
        return page("Shop")

    @get("/lamps")
    async def lamps() -> Response[str]:
        return page("Lamps")

    @get("/hostile.css")
    async def hostile() -> Response[str]:
        return Response(HOSTILE, media_type="text/css")

    async with serving(Litestar([home, lamps, hostile], openapi_config=None), bound):
        yield Shop(running, owner, origin, channel)


class Visit:
    """A visitor's tab."""

    def __init__(self, page: Page, shop: Shop, troubles: Troubles) -> None:
        self.page, self.shop, self.troubles = page, shop, troubles

    @property
    def button(self) -> Locator:
        return self.page.locator("switchboard-chat .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def field(self) -> Locator:
        return self.page.get_by_role("textbox", name="Write a message")

    async def go(self, path: str = "/") -> None:
        await self.page.goto(f"{self.shop.origin}{path}")
        await self.page.wait_for_function("window.Switchboard")

    async def open(self) -> None:
        await self.button.click()
        await self.panel.wait_for()

    async def write(self, text: str) -> None:
        """Writes and sends, by the key where there are keys."""
        await self.field.fill(text)
        if await self.page.evaluate("matchMedia('(pointer: coarse)').matches"):
            await self.page.get_by_role("button", name="Send", exact=True).click()
        else:
            await self.field.press("Enter")

    async def bubble(self, text: str, state: str = "") -> None:
        """Waits for the bubble, and for its tick."""
        found = self.page.locator("li.message", has_text=text)
        await (found.locator(f".tick.{state}") if state else found).first.wait_for()

    async def begin(self, text: str = "Hello") -> str:
        """Opens the chat and writes; the conversation."""
        await self.open()
        await self.write(text)
        await self.bubble(text, "sent")
        return str((await self.shop.conversations())[0]["id"])

    async def status(self, text: str) -> None:
        await self.page.locator("header .who p", has_text=text).wait_for()

    async def shoot(self, name: str) -> None:
        """A picture for people to look at, where `SCREENSHOTS` names a folder."""
        if folder := os.environ.get("SCREENSHOTS"):
            await self.page.screenshot(path=str(Path(folder) / f"widget-{name}.png"))


@asynccontextmanager
async def browsing(
    browser: Browser, *, width: int = 1440, height: int = 900, language: str = "en-US", theme: Any = "light",
    touch: bool = False,
) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": width, "height": height}, locale=language,
                                        color_scheme=theme, timezone_id="UTC", has_touch=touch, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    await context.add_init_script(PREPARE)
    try:
        yield context
    finally:
        await context.close()


async def arrive(context: BrowserContext, shop: Shop, path: str = "/") -> Visit:
    """A tab of the website with the widget's button on it."""
    visit = Visit(await context.new_page(), shop, Troubles())
    visit.troubles.watch(visit.page)
    await visit.go(path)
    await visit.button.wait_for()
    return visit


async def has_focus(page: Page, wanted: str) -> None:
    """Waits until something whose name begins so has the focus inside the widget."""
    async def has() -> bool:
        return (await active(page)).startswith(wanted)

    await until(has)


async def active(page: Page) -> str:
    """What has the focus inside the widget: its name for people, else its tag."""
    return str(await page.evaluate(
        "() => { const it = document.activeElement?.shadowRoot?.activeElement;"
        " return it?.getAttribute('aria-label') || it?.name || it?.textContent?.trim() || it?.tagName || ''; }"
    ))
