"""The console where things are not as usual: a slow server, long words, a large zoom, no motion, another language."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.running import Stack, colleague
from tests.waiting import PATIENCE, until
from tests.web.inbox import Shop, open_shop, row, show
from tests.web.legible import faults
from tests.web.pages import at_work, into_messages, sign_in, visiting

pytestmark = pytest.mark.browser

WEB = Path(__file__).parents[2] / "api" / "web"
PLACES = ("profile", "password", "sessions", "notifications", "organization", "appearance", "users", "users/new",
          "departments", "channels", "channels/new", "channels/new/webchat", "channels/new/whatsapp", "replies", "tags",
          "fields", "about")
# Whether the page has taken the answer about a conversation.
TAKEN = """async (id) => {
    const { name } = performance.getEntriesByType('resource').find((one) => one.name.endsWith('/store/threads.js'));
    return Boolean((await import(name)).thread(id).detail.peek());
}"""
# A picture that moves for half a second, made by the page itself and put into the composer as a file.
FILM = """async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    const pen = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const done = new Promise((ended) => { recorder.onstop = ended; });
    recorder.start();
    for (let step = 0; step < 20; step += 1) {
        pen.fillStyle = `hsl(${step * 18} 80% 50%)`;
        pen.fillRect(0, 0, 64, 48);
        await new Promise((next) => setTimeout(next, 30));
    }
    recorder.stop();
    await done;
    const given = new DataTransfer();
    given.items.add(new File(parts, 'film.webm', { type: 'video/webm' }));
    const field = document.querySelector('input[type=file]');
    field.files = given.files;
    field.dispatchEvent(new Event('change', { bubbles: true }));
}"""


@pytest.fixture
async def shop(client: httpx2.AsyncClient) -> Shop:
    return await open_shop(client)


@pytest.fixture
async def page(browser: Browser, running: Stack, shop: Shop) -> AsyncIterator[Page]:
    async with at_work(browser, running, shop.owner) as made:
        yield made


async def test_a_server_that_takes_its_time_blocks_nothing_and_is_told_all_once(page: Page, shop: Shop) -> None:
    conversation = await shop.write("Slow Customer", "Hello")
    posted: list[str] = []
    answering = asyncio.Event()

    async def slowly(route: Route) -> None:
        if route.request.method == "POST":
            posted.append(route.request.url)
        await answering.wait()
        await route.continue_()

    await show(page, "all")
    await row(page, "Slow Customer").wait_for()
    await page.route(re.compile(r"/api/v1/(conversations|files)"), slowly)
    await row(page, "Slow Customer").click()
    await page.locator(".message-skeletons").wait_for()
    box = page.locator("#composer-text")
    await box.fill("Written before anything is here")
    answering.set()
    await page.locator("li.message", has_text="Hello").wait_for()
    await expect(box).to_have_value("Written before anything is here")
    accept = page.get_by_role("button", name="Accept")
    await accept.wait_for()
    answering.clear()
    await accept.click()
    await page.keyboard.press("a")
    # Before the answer.
    await expect(page.locator(".act-assign")).to_contain_text(shop.owner.session["user"]["name"])
    await page.locator("input[type=file]").set_input_files(
        {"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 an offer"})
    await expect(page.locator(".composer-files progress")).to_have_count(1)
    await box.press("Enter")  # it waits for the file
    answering.set()
    await expect(page.locator(".composer-files progress")).to_have_count(0)
    answering.clear()
    await box.press("Enter")
    await box.press("Enter")
    await page.locator("li.message.local", has_text="Written before anything is here").wait_for()
    answering.set()
    await expect(page.locator("li.message:not(.local)", has_text="Written before anything is here")).to_have_count(1)
    await page.unroute_all(behavior="wait")
    said = (await shop.owner.get(f"/api/v1/conversations/{conversation}/messages"))["results"]
    assert [one["text"] for one in said if one["author"] == "agent"] == ["Written before anything is here"]
    assert len([url for url in posted if url.endswith("/accept")]) == 1
    assert len([url for url in posted if url.endswith("/messages")]) == 1


async def test_what_was_asked_before_an_act_does_not_take_it_back(page: Page, shop: Shop) -> None:
    conversation = await shop.write("Hasty Customer", "Hello")
    asked, acted, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()
    posted: list[str] = []

    async def late(route: Route) -> None:
        """The answer is from before the act and comes after it."""
        before = await route.fetch()
        body = await before.body()
        asked.set()
        await acted.wait()
        await route.fulfill(response=before, body=body)

    async def held(route: Route) -> None:
        posted.append(route.request.url)
        await answered.wait()
        await route.continue_()

    await show(page, "all")
    await row(page, "Hasty Customer").wait_for()
    await page.route(re.compile(r"/conversations/[0-9a-f-]{36}$"), late, times=1)
    await page.route(re.compile(r"/accept$"), held)
    await row(page, "Hasty Customer").click()
    await asked.wait()
    accept = page.get_by_role("button", name="Accept")
    await accept.click()
    async with page.expect_response(re.compile(r"/conversations/[0-9a-f-]{36}$")) as told:
        acted.set()
    await (await told.value).finished()
    await until(lambda: page.evaluate(TAKEN, conversation))
    await expect(page.locator(".act-assign")).to_contain_text(shop.owner.session["user"]["name"])
    await page.keyboard.press("a")
    await expect(accept).to_have_count(0)
    answered.set()
    await page.unroute_all(behavior="wait")
    assert len(posted) == 1


@pytest.mark.parametrize("taken", [True, False])
async def test_news_that_come_before_the_answer_to_an_act_do_not_take_it_back(
    page: Page, shop: Shop, *, taken: bool
) -> None:
    await shop.write("Busy Customer", "Hello")
    answered = asyncio.Event()
    posted: list[str] = []

    async def held(route: Route) -> None:
        posted.append(route.request.url)
        await answered.wait()
        refusal = {"code": "forbidden", "detail": "Not for you", "status": 403}
        await (route.continue_() if taken else route.fulfill(status=403, json=refusal))

    await show(page, "all")
    await row(page, "Busy Customer").click()
    await page.locator("li.message", has_text="Hello").wait_for()
    await page.route(re.compile(r"/accept$"), held)
    accept = page.get_by_role("button", name="Accept")
    await accept.click()
    await shop.write("Busy Customer", "Are you there?")
    await expect(row(page, "Busy Customer")).to_contain_text("Are you there?")
    await expect(page.locator(".act-assign")).to_contain_text(shop.owner.session["user"]["name"])
    await page.keyboard.press("a")
    await expect(accept).to_have_count(0)
    answered.set()
    await page.unroute_all(behavior="wait")
    if taken:
        await page.get_by_text("accepted the conversation").wait_for()
        await expect(accept).to_have_count(0)
    else:
        await page.locator(".refusal", has_text="Not for you").wait_for()
        await expect(page.locator(".act-assign")).to_contain_text("Unassigned")
        await expect(accept).to_have_count(1)
    assert len(posted) == 1


async def test_keys_lead_to_a_hit_and_back_and_to_every_part_of_the_composer(page: Page, shop: Shop) -> None:
    asked = asyncio.Event()
    page.on("filechooser", lambda _: asked.set())  # from now on, because the browser takes its time to begin to tell
    await shop.write("Keyboard Customer", "Where is my pineapple?")
    await shop.write("Other Customer", "Hello")
    await show(page, "all")
    await row(page, "Other Customer").wait_for()
    keys = page.keyboard
    await keys.press("/")
    await keys.type("pineapple")
    await expect(page.locator(".found[aria-busy=false] .hit mark")).to_have_text("pineapple")
    await keys.press("ArrowDown")
    await expect(page.locator(".found [data-result]").first).to_be_focused()
    await keys.press("Enter")
    await page.locator("li.message", has_text="Where is my pineapple?").wait_for()
    await page.locator("#composer-text").wait_for()
    await keys.press("m")
    await expect(page.locator("li.message").last).to_be_focused()
    await keys.press("Shift+A")
    await asyncio.wait_for(asked.wait(), PATIENCE)
    await into_messages(page)
    await keys.press(":")
    await page.locator(".emoji-box:popover-open .emoji").first.wait_for()
    await keys.press("Escape")
    await into_messages(page)
    await keys.press("Shift+S")
    await page.get_by_role("menuitemcheckbox", name=re.compile("sends$|^Send")).first.wait_for()
    await keys.press("Escape")
    await into_messages(page)
    await keys.press("Shift+R")
    await page.locator(".recorder").wait_for()
    await keys.press("Escape")
    await expect(page.locator("#composer-text")).to_be_focused()
    await into_messages(page)
    await keys.press("?")
    for what in ("Attach files", "Record a voice note", "Canned response", "On a message: react"):
        await page.locator(".help-sheet dt", has_text=what).wait_for()
    await keys.press("Escape")
    await keys.press("Control+k")
    await expect(page.locator(".command-bar input")).to_be_focused()
    await keys.type("voice")
    await expect(page.locator(".command").first).to_contain_text("Record a voice note")
    await keys.press("Escape")
    await expect(page.locator(".command-bar")).to_have_count(0)
    await into_messages(page)
    await keys.press("Escape")
    await expect(page.locator(".thread-none")).to_have_count(1)
    await expect(page.locator(".found [data-result]").first).to_be_visible()
    await keys.press("/")
    await keys.press("Escape")
    await row(page, "Other Customer").wait_for()


async def test_what_is_typed_before_the_find_bar_is_there_is_looked_for(page: Page, shop: Shop) -> None:
    await shop.write("Hurried Customer", "Where is my pineapple?")
    await show(page, "all")
    await row(page, "Hurried Customer").click()
    await page.locator("#composer-text").wait_for()
    asked, come = asyncio.Event(), asyncio.Event()

    async def held(route: Route) -> None:
        asked.set()
        await come.wait()
        await route.continue_()

    await page.route(re.compile("find_bar"), held)
    await page.locator(".messages").focus()
    await page.keyboard.press("Control+f")
    await asked.wait()
    await page.keyboard.type("pine")  # each of these letters alone may be a command
    come.set()
    await expect(page.get_by_role("searchbox", name="Search this conversation")).to_have_value("pine")
    await page.get_by_text("1 of 1").wait_for()


async def test_a_film_plays_in_the_viewer(page: Page, shop: Shop) -> None:
    await shop.write("Film Customer", "Show me")
    await show(page, "all")
    await row(page, "Film Customer").click()
    await page.locator("#composer-text").wait_for()
    await page.evaluate(FILM)
    await expect(page.locator(".composer-files li")).to_have_count(1)
    await expect(page.locator(".composer-files progress")).to_have_count(0)
    await page.locator("#composer-text").press("Enter")
    await page.locator(".video-play").click()
    film = page.locator(".viewer video")
    await film.wait_for()
    await until(lambda: film.evaluate("(one) => one.currentTime > 0.1"), seconds=20)
    assert await film.evaluate("(one) => one.error") is None
    await page.keyboard.press("Escape")
    await expect(page.locator(".viewer")).to_have_count(0)


async def test_a_language_chosen_in_one_tab_reaches_the_other(running: Stack, page: Page, shop: Shop) -> None:
    other = await page.context.new_page()
    await other.goto(f"{running.url}/app")
    await other.get_by_role("link", name="Unassigned").wait_for()
    await page.locator(".own-button").click()
    await page.get_by_role("menuitemcheckbox", name="Português").click()
    await expect(other.locator("html")).to_have_attribute("lang", "pt-BR")
    await other.get_by_role("searchbox", name="Buscar").wait_for()


async def test_an_answer_that_could_not_be_sent_in_time_has_a_notice_of_its_own(
    client: httpx2.AsyncClient, page: Page, shop: Shop
) -> None:
    conversation = await shop.write("Late Customer", "Hello")
    notice = {"id": conversation, "kind": "unsent", "conversation_id": conversation, "message_id": None, "actor": None,
              "contact": {"id": conversation, "name": "Late Customer"}, "text": "See you at nine", "message_kind": None,
              "created_at": "2026-01-02T09:00:00Z", "read_at": None}

    async def answer(route: Route) -> None:
        await route.fulfill(json={"results": [notice], "next_cursor": None, "unread": 1})

    await page.route(re.compile(r"/api/v1/notifications\?"), answer)
    for language, words in (
        ("English", "The scheduled answer to Late Customer was not sent"),
        ("Português", "A resposta agendada para Late Customer não foi enviada"),
        ("Español", "La respuesta programada para Late Customer no se envió"),
    ):
        await page.locator(".own-button").click()
        await page.get_by_role("menuitemcheckbox", name=language).click()
        await page.locator('[data-act="bell"]').click()
        line = page.locator(".notice-line", has_text=words)
        await line.wait_for()
        assert "#alert" in str(await line.locator("use").first.get_attribute("href"))
        await page.keyboard.press("Escape")


def stretched(text: Any) -> Any:
    """A text of the catalogue, or one for each number, four tenths longer."""
    if isinstance(text, dict):
        return {form: stretched(words) for form, words in text.items()}
    plain = re.sub(r"\{\w+\}", "", text)
    more = "lorem ipsum dolor sit amet consectetur adipiscing elit " * 4
    return f"{text} {more[:max(1, round(len(plain) * 0.4) - 1)].strip()}"


async def longer(route: Route) -> None:
    """The same texts as in a language that takes more room."""
    texts = json.loads((WEB / route.request.url[route.request.url.index("shared/i18n/"):]).read_text("utf-8"))
    await route.fulfill(body=json.dumps({key: stretched(text) for key, text in texts.items()}),
                        headers={"content-type": "application/json"})


@pytest.mark.parametrize(("width", "height", "long"), [(1440, 900, True), (768, 900, True), (360, 740, True),
                                                       (720, 450, False)])  # the last is 1440 at a zoom of 200 %
async def test_everything_can_be_read_with_long_words_and_a_large_zoom(
    browser: Browser, running: Stack, client: httpx2.AsyncClient, shop: Shop, width: int, height: int, *, long: bool
) -> None:
    await colleague(client, shop.owner, "agent", name="Second Colleague")
    for name in ("Ada", "Bruno with a name that is longer than most, of Somewhere"):
        await shop.write(f"{name} Customer", "Hello, where is my parcel? It should have been here on Monday.")
    await shop.owner.post("/api/v1/tags", {"name": "urgent", "color": "#b92525"})
    found: dict[str, list[str]] = {}

    async def look(what: str, within: str = "body") -> None:
        if wrong := await faults(page, within):
            found[what] = wrong

    async with visiting(browser, width=width, height=height) as context:
        if long:
            await context.route(re.compile(r"/shared/i18n/.*en\.json"), longer)
        page = await context.new_page()
        await page.emulate_media(reduced_motion="reduce")
        await page.goto(f"{running.url}/app")
        await page.locator("input[type=password]").wait_for()
        await look("sign-in")
        await sign_in(page, running.url, shop.owner)
        await show(page, "all")
        await row(page, "Ada").wait_for()
        await look("list")
        await row(page, "Ada").click()
        await page.locator("#composer-text").wait_for()
        await page.locator("li.message").first.wait_for()
        await look("thread")
        await page.locator(".panel .contact-name").wait_for(state="attached")
        await page.evaluate("document.querySelector('.act-panel')?.click()")
        await look("panel", ".panel")
        await page.evaluate("document.querySelector('.panel-close')?.click()")
        for key, dialog in (("?", ".help-sheet"), ("h", ".snooze-dialog")):
            await into_messages(page)
            await page.keyboard.press(key)
            await page.locator(dialog).wait_for()
            await look(dialog, dialog)
            await page.keyboard.press("Escape")
            await page.locator(dialog).wait_for(state="detached")
        for place in PLACES:
            await page.evaluate("(hash) => { location.hash = hash; }", f"#/settings/{place}")
            await page.locator(f'main.settings[data-at="{place}"] .set-head h2').first.wait_for()
            await look(place)
        running_now = await page.evaluate(
            "document.getAnimations().filter((one) => one.effect.getTiming().duration > 20).length")
    assert found == {}
    assert running_now == 0  # nothing moves for whom motion disturbs
