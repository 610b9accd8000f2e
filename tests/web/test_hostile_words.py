"""Some 290 ways to make a browser run what people write: through every text they give, into console and widget."""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.meta import envelope, signed, wamid
from tests.running import Person, Stack, WhatsAppLine, connect_whatsapp, register
from tests.waiting import until
from tests.web.pages import Troubles, sign_in, visiting
from tests.web.phone import Phone
from tests.web.shop import OPEN_SHADOWS, website

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


def _read() -> list[str]:
    lines = (Path(__file__).parent / "payloads.txt").read_text("utf-8").splitlines()[1:]
    return [line.encode("ascii").decode("unicode_escape") if "\\" in line else line for line in lines]


PAYLOADS = _read()
PRINTABLE = [payload for payload in PAYLOADS if payload.isprintable() and payload == payload.strip()]

# Whatever runs calls `pwned`, or one of the boxes that such words like to open.
PROBE = """window.touched = [];
for (const name of ['pwned', 'alert', 'confirm', 'prompt', 'print']) {
  Object.defineProperty(window, name, { value: (...given) => { window.touched.push([name, ...given]); } });
}
addEventListener('securitypolicyviolation', (event) => {
  window.touched.push(['policy', event.violatedDirective, event.blockedURI, event.sample]);
});"""

# What no page of ours has: handlers as attributes, scripts without a source, frames, addresses of other schemes.
FOUND = """() => {
  const roots = [document, ...[...document.querySelectorAll('*')].map((one) => one.shadowRoot).filter(Boolean)];
  const bad = (one) => [...one.attributes].some(({ name }) => /^on/i.test(name))
    || one.matches('script:not([src]), iframe, object, embed, base, meta[http-equiv], marquee, form[action]')
    || (one.matches('a[href], area[href]') && !['http:', 'https:', 'blob:'].includes(one.protocol));
  return roots.flatMap((root) => [...root.querySelectorAll('*')].filter(bad).map((one) => one.outerHTML.slice(0, 200)));
}"""


class Guarded:
    """A browser whose pages all carry the probe."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.troubles = Troubles()
        context.on("page", self.troubles.watch)

    async def look(self) -> None:
        """Asserts that nothing ran, nothing was refused and nothing stands in a page that should not."""
        for page in self.context.pages:
            for frame in page.frames:
                assert await frame.evaluate("window.touched ?? []") == []
            assert await page.evaluate(FOUND) == []
        assert self.troubles == []


@pytest.fixture
async def owner(running: Stack) -> AsyncIterator[Person]:
    """Whatever the owner writes goes straight into the application, without a line in between."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=running.app), base_url=running.url) as inside:
        yield await register(inside)


@pytest.fixture
async def line(running: Stack, client: httpx2.AsyncClient, owner: Person) -> WhatsAppLine:
    return await connect_whatsapp(running, client, owner)


@pytest.fixture
async def guarded(browser: Browser) -> AsyncIterator[Guarded]:
    async with visiting(browser) as context:
        await context.add_init_script(PROBE)
        yield Guarded(context)


@pytest.fixture
async def page(guarded: Guarded, running: Stack, owner: Person) -> Page:
    made = await guarded.context.new_page()
    await sign_in(made, running.url, owner)
    return made


async def made_with(ask: Callable[[str], Any], payloads: list[str], *, at_once: int = 8) -> int:
    """How many of the payloads were taken; a refusal for their form is as good."""
    taken = 0
    for start in range(0, len(payloads), at_once):
        for answer in await asyncio.gather(*map(ask, payloads[start:start + at_once])):
            assert answer.status_code in (200, 201, 409, 422), answer.text
            taken += answer.status_code < 300
    return taken


async def delivered(client: httpx2.AsyncClient, line: WhatsAppLine, name: str, texts: list[str]) -> None:
    """A customer of this name has written all of this; Meta tells it in few bodies."""
    wa_id, now = f"5511{secrets.randbelow(10**9):09d}", str(int(time.time()))
    for start in range(0, len(texts), 50):
        body = envelope(line.number["phone_number_id"], {
            "contacts": [{"wa_id": wa_id, "profile": {"name": name}}],
            "messages": [{"from": wa_id, "id": wamid(), "timestamp": now, "type": "text", "text": {"body": text}}
                         for text in texts[start:start + 50]],
        })
        answer = await client.post(line.webhook, content=body, headers=signed(body, line.number["app_secret"]))
        assert answer.status_code == 200, answer.text


async def conversations(owner: Person, least: int = 1) -> list[dict[str, Any]]:
    """All of them, as soon as there are so many."""

    async def there() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await owner.get("/api/v1/conversations?view=all&limit=100"))["results"]
        return found if len(found) >= least else []

    return await until(there)


async def open_thread(page: Page, running: Stack, conversation: str) -> None:
    await page.goto(f"{running.url}/app#/inbox/all/{conversation}")
    await page.locator(f'.thread-head, a.row[data-row="{conversation}"]').first.wait_for()
    await page.locator("#composer-text").wait_for()
    await page.locator("li.message").last.wait_for()


async def read_whole(page: Page, scroller: Locator, words: str) -> set[str]:
    """Every text of a thread, gathered on the way to its beginning and from there to its end."""
    return set(await scroller.evaluate(_READ, words))


_READ = """async (box, words) => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const seen = new Set();
  const touched = new WeakSet();
  const gather = () => {
    for (const one of box.querySelectorAll(words)) seen.add(one.textContent);
    for (const one of box.querySelectorAll('li')) {
      if (touched.has(one)) continue;
      touched.add(one);
      one.dispatchEvent(new MouseEvent('mousemove', { bubbles: true }));
    }
  };
  for (const way of [-1, 1]) {
    let still = 0;
    while (still < 20) {
      gather();
      const before = [box.scrollTop, box.scrollHeight].join();
      box.scrollTop += way * box.clientHeight * 0.7;
      await frame();
      while (box.getAttribute('aria-busy') === 'true') await frame();
      still = [box.scrollTop, box.scrollHeight].join() === before ? still + 1 : 0;
    }
  }
  gather();
  return [...seen];
}"""


async def test_what_customers_and_colleagues_write_is_shown_as_it_stands_and_never_run(
    guarded: Guarded, running: Stack, client: httpx2.AsyncClient, page: Page, owner: Person, line: WhatsAppLine
) -> None:
    await delivered(client, line, PAYLOADS[0][:80], PAYLOADS)
    conversation = (await conversations(owner))[0]["id"]

    async def all_there() -> bool:
        return len(await owner.history(conversation)) >= len(PAYLOADS)

    await until(all_there, seconds=60, pause=0.2)
    where = f"/api/v1/conversations/{conversation}"
    taken = await made_with(lambda text: owner.ask("POST", f"{where}/messages", json={
        "client_id": secrets.token_hex(8), "text": text, "note": True,
    }), PAYLOADS)
    assert taken == len(PAYLOADS)

    async def attach(payload: str) -> httpx2.Response:
        named = payload.replace('"', "%22").replace("\n", "%0A").replace("\r", "%0D")
        sent = await owner.ask("POST", "/api/v1/files", files={"file": (f"{named}.txt", b"x", "text/html")})
        assert sent.status_code == 201, sent.text
        return await owner.ask("POST", f"{where}/messages", json={
            "client_id": secrets.token_hex(8), "note": True, "attachment_ids": [sent.json()["id"]],
        })

    assert await made_with(attach, PAYLOADS[::3]) == len(PAYLOADS[::3])
    await open_thread(page, running, conversation)
    shown = await read_whole(page, page.locator(".messages"), ".text, .card.file b")
    messages = await owner.history(conversation)
    written = {one["text"] for one in messages} | {file["name"] for one in messages for file in one["attachments"]}
    assert len(written) > len(PAYLOADS) * 1.2
    assert {text for text in written if text.strip()} - shown == set()
    await guarded.look()


async def test_names_of_customers_are_only_words(
    guarded: Guarded, running: Stack, client: httpx2.AsyncClient, page: Page, owner: Person, line: WhatsAppLine
) -> None:
    for payload in PAYLOADS[::12]:
        await delivered(client, line, payload[:80], [payload[:200]])
    found = await conversations(owner, len(PAYLOADS[::12]))
    await open_thread(page, running, found[0]["id"])
    await page.locator(".panel .contact-name").wait_for()
    taken = await made_with(lambda name: owner.ask(
        "PATCH", f"/api/v1/contacts/{found[0]['contact']['id']}", json={"name": name}
    ), PAYLOADS, at_once=1)
    assert taken > len(PAYLOADS) * 0.9
    await owner.patch(f"/api/v1/contacts/{found[0]['contact']['id']}", {"name": "The last name"})
    await page.reload()
    await page.locator(".thread-who h2", has_text="The last name").wait_for()
    for row in found[:20]:
        await open_thread(page, running, row["id"])
        await guarded.look()
    for payload in PAYLOADS[::12]:
        await page.locator("#search").fill(payload[:60])
        await page.keyboard.press("Control+k")
        await page.get_by_role("combobox").fill(payload[:20])
        await page.keyboard.press("Escape")
    await guarded.look()


async def test_what_the_organization_names_itself_is_only_words(
    guarded: Guarded, running: Stack, client: httpx2.AsyncClient, owner: Person, line: WhatsAppLine
) -> None:
    await Phone(client, line, "Plain Customer").write("Plain words")
    row = (await conversations(owner))[0]
    number = iter(range(10_000))
    every = [
        (lambda text: owner.ask("POST", "/api/v1/tags", json={"name": text, "color": "#112233"}), PAYLOADS),
        (lambda text: owner.ask("POST", "/api/v1/canned-responses", json={
            "shortcut": f"x{next(number)}", "title": text[:80], "body": text, "scope": "organization",
        }), PAYLOADS),
        (lambda text: owner.ask("POST", "/api/v1/departments", json={"name": text}), PAYLOADS[::6]),
        (lambda text: owner.ask("POST", "/api/v1/custom-fields", json={
            "entity": "contact", "key": f"k{next(number)}", "label": text, "type": "text",
        }), PAYLOADS[1::10]),
        (lambda text: owner.ask("POST", "/api/v1/users", json={
            "name": text, "email": f"x{next(number)}@example.com", "role": "agent", "password": "correct horse 9 x",
        }), PAYLOADS[2::12]),
        (lambda text: owner.ask("POST", "/api/v1/channels", json={
            "kind": "webchat", "name": text, "settings": {"greeting": text[:200]},
        }), PAYLOADS[3::12]),
    ]
    for ask, payloads in every:
        assert await made_with(ask, payloads) > len(payloads) / 2
    fields = (await owner.get("/api/v1/custom-fields?page_size=100"))["results"]
    await owner.patch(f"/api/v1/contacts/{row['contact']['id']}", {
        "fields": {field["key"]: PRINTABLE[place * 8] for place, field in enumerate(fields)},
    })
    tags = (await owner.get("/api/v1/tags?page_size=100"))["results"]
    await owner.put(f"/api/v1/conversations/{row['id']}/tags", {"tag_ids": [tag["id"] for tag in tags[:20]]})
    await owner.patch(f"/api/v1/channels/{line.channel['id']}", {"name": PAYLOADS[5]})

    page = await guarded.context.new_page()
    await sign_in(page, running.url, owner)
    await open_thread(page, running, row["id"])
    await page.locator(".panel .tag").first.wait_for()
    await page.locator(".panel .fact").nth(len(fields)).wait_for()
    for act in ("tags", "assign"):
        await page.locator(f'[data-act="{act}"]').click()
        await page.locator(".popover [role^=menuitem]").nth(10).wait_for()
        await guarded.look()
        await page.keyboard.press("Escape")
    box = page.locator("#composer-text")
    for start in range(0, 100, 7):
        await box.fill("")
        await box.press_sequentially(f"/x{start}")
        await page.get_by_role("option").first.wait_for()
    await box.press("Enter")
    await expect(box).to_have_value(re.compile(r".{4}", re.S))
    await page.locator("button.mode.note").click()
    await box.press_sequentially("@")
    await guarded.look()
    for section in ("channels", "users", "departments", "tags", "replies", "fields", "organization"):
        await page.goto(f"{running.url}/app#/settings/{section}")
        await page.locator("main.settings, .settings").first.wait_for()
        await page.wait_for_load_state("networkidle")
        await guarded.look()


async def test_what_is_written_to_visitors_is_shown_as_it_stands_and_never_run(
    guarded: Guarded, running: Stack, owner: Person
) -> None:
    await guarded.context.add_init_script(OPEN_SHADOWS)
    async with website(running, owner, name=PAYLOADS[0]) as (origin, channel):
        await owner.patch(f"/api/v1/channels/{channel}", {
            "settings": {"allowed_origins": [origin], "greeting": "".join(PAYLOADS[10:14])[:400]},
        })
        site = await guarded.context.new_page()
        await site.goto(origin)
        await site.get_by_role("button").first.click()
        field = site.get_by_role("textbox").first
        await field.fill(PAYLOADS[1])
        await field.press("Enter")
        conversation = (await conversations(owner))[0]["id"]
        where = f"/api/v1/conversations/{conversation}/messages"
        for place in range(0, len(PAYLOADS), 30):
            await owner.patch("/api/v1/me", {"name": PRINTABLE[place * 3 // 4][:60].strip()})
            some = PAYLOADS[place:place + 30]
            assert await made_with(lambda text: owner.ask("POST", where, json={
                "client_id": secrets.token_hex(8), "text": text,
            }), some) == len(some)
        await owner.post(where, {
            "client_id": secrets.token_hex(8), "text": "That was all",
        })
        await site.locator("li", has_text="That was all").last.wait_for()
        shown = await read_whole(site, site.locator(".thread").first, "li p")
        written = {one["text"] for one in await owner.history(conversation) if one["text"].strip()}
        assert written - shown == set()
        await guarded.look()


def test_the_corpus_is_wide() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 250
    for sign in (r"<script", r"onerror", r"<svg", r"<math", r"javascript:", r"data:text/html", r"\{\{", r"\$\{"):
        assert sum(bool(re.search(sign, payload, re.I)) for payload in PAYLOADS) >= 5, sign
