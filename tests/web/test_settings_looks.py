"""How the console looks: to axe, in three languages, in both themes, on a phone, and with words that are longer."""

import json
import math
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.running import Person, Stack, colleague, register
from tests.web.axe import in_both_themes
from tests.web.pages import into_messages, sign_in, visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TEXTS = Path(__file__).parents[2] / "api" / "web" / "shared" / "i18n"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# Text that stands outside its box or the window, or is cut off without three dots to say so.
SPILLED = """() => [...document.querySelectorAll('body *')].filter((one) => {
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!text || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.closest('.sr-only, noscript, select')) return false;
    const look = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const rolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX);
    const scrolls = (node) => node && (rolls(node) || scrolls(node.parentElement));
    if (box.width < 2 || look.clipPath !== 'none') return false;
    const boxed = one.clientWidth > 0 && look.display !== 'inline' && !['TEXTAREA', 'INPUT'].includes(one.tagName);
    const dotted = look.textOverflow === 'ellipsis';
    const over = boxed && one.scrollWidth > one.clientWidth + 1 && !dotted && !rolls(one);
    return over || (!scrolls(one) && (box.right > innerWidth + 1 || box.left < -1));
}).map((one) => `${one.tagName}.${one.className?.baseVal ?? one.className}: ${one.textContent.trim().slice(0, 60)}`)"""
WIDE = """() => [document.documentElement, document.body, ...document.querySelectorAll('main.settings')]
    .some((one) => one.scrollWidth > one.clientWidth + 1)"""
PAGES = [
    "profile", "password", "sessions", "notifications", "organization", "appearance", "users", "users/new",
    "users/{person}", "departments", "departments/new", "departments/{department}", "channels", "channels/new",
    "channels/new/webchat", "channels/new/whatsapp", "channels/{webchat}/install", "channels/{whatsapp}",
    "channels/{whatsapp}/webhook", "channels/{whatsapp}/check", "channels/{whatsapp}/test", "replies", "replies/new",
    "replies/{reply}", "tags", "fields", "about",
]
GATES = ["#/inbox/mine", "#/forgot", "#/register", "#/reset/no-such-token"]
WIDTHS = (1440, 768, 360)


class Furnished:
    """An organization with one of everything; `pages` are the addresses of its settings."""

    def __init__(self, owner: Person, ids: dict[str, str]) -> None:
        self.owner, self.conversation = owner, ids["conversation"]
        self.pages = [page.format(**ids) for page in PAGES]


@pytest.fixture(scope="module")
async def furnished(running: Stack, client: httpx2.AsyncClient) -> Furnished:
    owner = await register(client)
    agent = await colleague(client, owner, "agent")
    department = await owner.post("/api/v1/departments", {"name": "Sales", "member_ids": [agent.id]})
    webchat = await owner.post("/api/v1/channels", {
        "kind": "webchat", "name": "Shop", "settings": {"greeting": "Hello"},
    })
    whatsapp = await owner.post("/api/v1/channels", {
        "kind": "whatsapp_business", "name": "WhatsApp",
        "settings": {"phone_number_id": str(secrets.randbelow(10**15))},
        "credentials": {"access_token": "x" * 20, "app_secret": "y" * 20, "verify_token": "z" * 20},
    })
    await owner.post("/api/v1/tags", {"name": "urgent", "color": "#dc2626"})
    reply = await owner.post("/api/v1/canned-responses", {
        "shortcut": "hi", "title": "Welcome", "body": "Hello {{contact.first_name}}", "scope": "organization",
    })
    await owner.post("/api/v1/custom-fields", {
        "entity": "contact", "key": "plan", "label": "Plan", "type": "choice", "choices": ["Small", "Large"],
    })
    return Furnished(owner, {
        "person": agent.id, "department": department["id"], "webchat": webchat["id"], "whatsapp": whatsapp["id"],
        "reply": reply["id"], "conversation": await _written(client, webchat["id"]),
    })


async def _written(client: httpx2.AsyncClient, channel_id: str) -> str:
    """A visitor has written; the conversation."""
    base = f"/api/v1/widget/{channel_id}"
    token = (await client.post(f"{base}/session", json={"name": "Ana Visitor"})).json()["visitor_token"]
    answer = await client.post(f"{base}/messages", headers={"authorization": f"Visitor {token}"},
                               json={"client_id": secrets.token_hex(12), "text": "Is anybody there?"})
    return str(answer.json()["conversation_id"])


@asynccontextmanager
async def looking(browser: Browser, *, width: int = 1440) -> AsyncIterator[Page]:
    async with visiting(browser, width=width) as context:
        page = await context.new_page()
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")
        yield page


async def opened(page: Page, path: str) -> None:
    """A settings page with what it had to fetch."""
    await page.evaluate("(hash) => { location.hash = hash; }", f"#/settings/{path}")
    main = page.locator(f'main.settings[data-at="{path}"]')
    await main.locator(".set-head h2").first.wait_for()
    await expect(main.locator(".set-wait")).to_have_count(0)


async def spills(page: Page, widths: Sequence[int] = WIDTHS) -> list[str]:
    """What finds no room when the window has each of these widths."""
    found: list[str] = []
    for width in widths:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        spilled = await page.evaluate(SPILLED)
        spilled += ["something is wider than the window"] if await page.evaluate(WIDE) else []
        found += [f"{width}: {one}" for one in spilled]
    return found


@pytest.mark.parametrize("width", [1440, 360])
async def test_axe_finds_nothing_on_any_settings_page(
    browser: Browser, running: Stack, furnished: Furnished, width: int
) -> None:
    found: dict[str, list[str]] = {}
    async with looking(browser, width=width) as page:
        await sign_in(page, running.url, furnished.owner)
        for path in furnished.pages:
            await opened(page, path)
            found[path] = await in_both_themes(page, tags=RULES)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("width", [1440, 360])
async def test_axe_finds_nothing_before_signing_in(browser: Browser, running: Stack, width: int) -> None:
    found: dict[str, list[str]] = {}
    async with looking(browser, width=width) as page:
        for gate in GATES:
            await page.goto(f"{running.url}/app{gate}")
            await page.reload()
            await page.locator(".gate-card h1").wait_for()
            found[gate] = await in_both_themes(page, tags=RULES)
    assert {gate: wrong for gate, wrong in found.items() if wrong} == {}


def longer(text: str) -> str:
    """Every word two fifths longer, what is filled in left alone."""
    return re.sub(r"\{\w+\}|\w\w+", lambda match: match[0] + _more(match[0]), text)


def _more(word: str) -> str:
    return "" if word.startswith("{") else "o" * math.ceil(len(word) * 0.4)


def longer_all(words: dict[str, Any]) -> dict[str, Any]:
    return {key: longer_all(text) if isinstance(text, dict) else longer(text) for key, text in words.items()}


async def speak_longer(page: Page) -> None:
    """English as a language whose words are longer."""
    async def answer(route: Route) -> None:
        name = route.request.url.split("/i18n/")[1].split("?")[0]
        words = json.loads((TEXTS / name).read_text(encoding="utf-8"))
        await route.fulfill(json=longer_all(words))

    await page.route("**/shared/i18n/**", answer)


async def test_longer_words_find_room_on_every_settings_page(
    browser: Browser, running: Stack, furnished: Furnished
) -> None:
    found: dict[str, list[str]] = {}
    async with looking(browser) as page:
        await speak_longer(page)
        await sign_in(page, running.url, furnished.owner)
        for path in furnished.pages:
            await opened(page, path)
            found[path] = await spills(page)
        await page.evaluate("location.hash = '#/settings'")
        found["settings"] = await spills(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


async def test_longer_words_find_room_in_the_inbox_and_at_the_gate(
    browser: Browser, running: Stack, furnished: Furnished
) -> None:
    found: dict[str, list[str]] = {}
    async with looking(browser) as page:
        await speak_longer(page)
        for gate in GATES:
            await page.goto(f"{running.url}/app{gate}")
            await page.reload()
            await page.locator(".gate-card h1").wait_for()
            found[gate] = await spills(page)
        await page.goto(f"{running.url}/app")
        await sign_in(page, running.url, furnished.owner)
        await page.locator(".rows").wait_for()
        for view in ("mine", "unassigned", "closed"):
            await page.evaluate("(hash) => { location.hash = hash; }", f"#/inbox/{view}")
            await expect(page.locator(".rows")).to_have_attribute("aria-busy", "false")
            found[view] = await spills(page)
        await page.evaluate("(hash) => { location.hash = hash; }", f"#/inbox/all/{furnished.conversation}")
        await page.locator("#composer-text").wait_for()
        found["thread"] = await spills(page)
        for keys, name, dialog in (("Control+k", "commands", ".command-bar"), ("?", "help", ".help-sheet")):
            await into_messages(page)
            await page.keyboard.press(keys)
            await page.locator(dialog).wait_for()
            found[name] = await spills(page)
            await page.keyboard.press("Escape")
            await page.locator(dialog).wait_for(state="detached")
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("locale", ["pt-BR", "es"])
async def test_no_text_is_cut_off_in_other_languages(
    browser: Browser, running: Stack, furnished: Furnished, locale: str
) -> None:
    await furnished.owner.patch("/api/v1/me", {"locale": locale})
    found: dict[str, list[str]] = {}
    async with looking(browser) as page:
        await sign_in(page, running.url, furnished.owner)
        await expect(page.locator("html")).to_have_attribute("lang", locale)
        for path in furnished.pages:
            await opened(page, path)
            found[path] = await spills(page, (1440, 360))
    await furnished.owner.patch("/api/v1/me", {"locale": "en"})
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("part", ["", "settings"])
def test_every_language_says_the_same_things(part: str) -> None:
    words = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (TEXTS / part).glob("*.json")}
    assert sorted(words) == ["en", "es", "pt-BR"]
    for locale, texts in words.items():
        assert texts.keys() == words["en"].keys()
        holes = {key: (_holes(text), _holes(words["en"][key])) for key, text in texts.items()}
        assert {key: pair for key, pair in holes.items() if pair[0] != pair[1]} == {}, locale


def test_no_text_is_asked_for_that_is_not_there() -> None:
    console = TEXTS.parents[1] / "console"
    english = [TEXTS / "en.json", TEXTS / "settings" / "en.json"]
    known = {key for path in english for key in json.loads(path.read_text(encoding="utf-8"))}
    asked = {key for path in (console / "settings").glob("*.js") for key in
             re.findall(r"\bt\('([\w.-]+)'", path.read_text(encoding="utf-8"))}
    assert sorted(asked - known) == []


def _holes(text: Any) -> set[str]:
    """What is filled in, in any of the forms."""
    forms = text.values() if isinstance(text, dict) else [text]
    return {hole for form in forms for hole in re.findall(r"\{(\w+)\}", form)}
