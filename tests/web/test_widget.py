"""The widget in a browser, on a website that is strict about scripts and hostile with styles."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import jwt
import pytest
from playwright.async_api import Browser, Page

from tests.live_client import live
from tests.running import Person, Stack, register
from tests.waiting import until
from tests.web.axe import violations
from tests.web.visits import SECRET, Shop, Visit, arrive, browsing, open_shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
WIDGET = "switchboard-chat"
ASKS = {"ask_name": True, "ask_email": True, "required": True}
NEVER: dict[str, Any] = {"days": {}}
PAYLOADS = (
    "<script>pwned(1)</script>", "<img src=x onerror=pwned(2)>", '"><svg onload=pwned(3)>', "javascript:pwned(4)",
    "<iframe srcdoc='<script>parent.pwned(5)</script>'></iframe>", "{{constructor.constructor('pwned(6)')()}}",
    "${pwned(7)}", "'-pwned(8)-'", "</textarea><script>pwned(9)</script>", "<a href=javascript:pwned(10)>x</a>",
    "<math><mi xlink:href=data:x,pwned(11)>", "<details open ontoggle=pwned(12)>", "<body onload=pwned(13)>",
    "https://example.com/\"onmouseover=pwned(14)//", "http://example.com/'><img src=x onerror=pwned(15)>",
    "<style>@import 'javascript:pwned(16)'</style>", "<template><script>pwned(17)</script></template>",
    "\u202e<script>pwned(18)</script>", "<noscript><p title='</noscript><img src=x onerror=pwned(19)>'>",
    "<input autofocus onfocus=pwned(20)>", "&lt;script&gt;pwned(21)&lt;/script&gt;",
    "data:text/html,<script>pwned(22)</script>",
)
FILES = ("<img src=x onerror=pwned(30)>.png", "a\"onload=pwned(31) b.svg", "<script>pwned(32)<／script>.html")


@pytest.fixture
async def owner(running: Stack, client: httpx2.AsyncClient) -> Person:
    return await register(client)


@pytest.fixture
async def shop(running: Stack, owner: Person) -> AsyncIterator[Shop]:
    async with open_shop(running, owner) as made:
        yield made


@pytest.fixture
async def visit(browser: Browser, shop: Shop) -> AsyncIterator[Visit]:
    async with browsing(browser) as context:
        made = await arrive(context, shop)
        yield made
        assert made.troubles == []


async def ended(visit: Visit, text: str = "All done") -> str:
    """A conversation that was served and closed; its id."""
    conversation_id = await visit.begin()
    await visit.shop.answer(conversation_id, text)
    await visit.bubble(text)
    await visit.shop.owner.post(f"/api/v1/conversations/{conversation_id}/close")
    return conversation_id


async def active(page: Page) -> str:
    """What has the focus inside the widget: its name for people, else its tag."""
    return str(await page.evaluate(
        "() => { const it = document.activeElement?.shadowRoot?.activeElement;"
        " return it?.getAttribute('aria-label') || it?.name || it?.textContent?.trim() || it?.tagName || ''; }"
    ))


# The page around it.


async def test_nothing_of_a_strict_and_hostile_page_leaks_in(visit: Visit) -> None:
    await visit.begin()
    look = await visit.panel.evaluate(
        "it => { const s = getComputedStyle(it); return [s.color, s.fontSize, s.backgroundColor, s.display]; }"
    )
    assert look == ["rgb(20, 25, 34)", "14px", "rgb(255, 255, 255)", "flex"]


async def test_what_loads_on_open_is_small_and_kept_by_the_browser(browser: Browser, shop: Shop) -> None:
    async with browsing(browser) as context:
        sizes, kept = {}, {}
        page = await context.new_page()

        async def weigh(response: Any) -> None:
            if response.url.startswith(shop.running.url) and response.url.split("?")[0].endswith(".js"):
                sizes[response.url] = (await response.request.sizes())["responseBodySize"]
                kept[response.url] = response.headers["cache-control"]

        waiting = []
        page.on("requestfinished", lambda request: waiting.append(asyncio.ensure_future(_weigh(request, weigh))))
        visit = Visit(page, shop, [])  # type: ignore[arg-type]
        await visit.go()
        await visit.open()
        await visit.field.wait_for()
        await asyncio.gather(*waiting)
    assert sum(sizes.values()) < 40_000
    loader = f"{shop.running.url}/widget.js"
    assert kept.pop(loader) == "no-cache"
    assert set(kept.values()) == {"public, max-age=31536000, immutable"}


async def _weigh(request: Any, weigh: Any) -> None:
    await weigh(await request.response())


async def test_an_address_of_another_version_is_served_but_not_kept(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/web/v-0123456789abcdef/widget/app.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


async def test_the_button_wears_the_channels_look_before_it_is_pressed(browser: Browser, shop: Shop) -> None:
    await shop.settle(color="#117733", launcher={"position": "left", "label": "Ask us"})
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        box = await visit.button.bounding_box()
        assert box is not None
        assert box["x"] == 20
        assert await visit.button.inner_text() == "Ask us"
        color = await visit.button.evaluate("it => getComputedStyle(it).backgroundColor")
        assert color == "rgb(17, 119, 51)"
        await visit.open()
        panel = await visit.panel.bounding_box()
        assert panel is not None
        assert panel["x"] == 20
        await visit.shoot("left")


async def test_the_widget_speaks_the_companys_languages(browser: Browser, shop: Shop) -> None:
    await shop.settle(languages=["es", "pt-BR"])
    for language, words in (("pt-PT", "Escreva uma mensagem"), ("de-DE", "Escriba un mensaje")):
        async with browsing(browser, language=language) as context:
            visit = await arrive(context, shop)
            await visit.open()
            await visit.page.get_by_role("textbox", name=words).wait_for()


# Who is there.


async def test_outside_the_hours_it_says_when_there_will_be_an_answer(browser: Browser, shop: Shop) -> None:
    tomorrow = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(time.gmtime().tm_wday + 1) % 7]
    await shop.settle(hours={"time_zone": "UTC", "days": {tomorrow: [["09:00", "10:00"]]}})
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.open()
        await visit.status("We are closed. We answer tomorrow, 9:00")
        await visit.shoot("closed")


async def test_without_anybody_there_it_says_what_may_be_expected(visit: Visit) -> None:
    await visit.shop.settle(reply_time="hours")
    await visit.open()
    await visit.status("We usually answer within a few hours")


async def test_with_somebody_there_it_says_so_only_while_open(
    browser: Browser, running: Stack, owner: Person, shop: Shop
) -> None:
    desk = await live(running.url, owner)
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.open()
        await visit.status("We are online")
        await shop.settle(hours=NEVER)
        await visit.page.reload()
        await visit.status("We are closed at the moment.")
    await desk.close()


# Before, at the end, and beside.


async def test_what_is_asked_before_comes_before_the_first_message(browser: Browser, shop: Shop) -> None:
    await shop.settle(pre_chat=ASKS)
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.open()
        await visit.page.get_by_role("button", name="Start the chat").click()
        await visit.page.get_by_text("Please fill this in").first.wait_for()
        assert await active(visit.page) == "name"
        await visit.page.get_by_label("Your name").fill("Vera Demo")
        await visit.page.get_by_label("Your e-mail").fill("vera@example")
        await visit.page.keyboard.press("Enter")
        await visit.page.get_by_text("This is not an e-mail address").wait_for()
        await visit.page.get_by_label("Your e-mail").fill("vera@example.com")
        await visit.page.keyboard.press("Enter")
        await visit.write("Hello")
        await visit.bubble("Hello", "sent")
        (row,) = await shop.conversations()
        detail = await shop.owner.get(f"/api/v1/conversations/{row['id']}")
        assert (row["contact"]["name"], detail["visitor"]["email"]) == ("Vera Demo", "vera@example.com")
        assert visit.troubles == []


async def test_what_need_not_be_answered_is_skipped_and_not_asked_again(browser: Browser, shop: Shop) -> None:
    await shop.settle(pre_chat={"ask_name": True})
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.open()
        await visit.page.get_by_role("button", name="Skip").click()
        await visit.field.wait_for()
        await visit.page.reload()
        await visit.field.wait_for()


async def test_an_ended_conversation_is_rated_once_in_all_tabs(browser: Browser, shop: Shop) -> None:
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        conversation_id = await ended(visit)
        other = await arrive(context, shop)
        await other.open()
        await visit.page.get_by_label("Good", exact=True).check(force=True)
        await visit.page.get_by_label("Would you like to say why?").fill("Quick")
        await visit.page.get_by_role("button", name="Send rating").click()
        for one in (visit, other):
            await one.page.get_by_text("You rated this conversation: 4 of 5").wait_for()
            assert await one.page.get_by_text("How did we do?").count() == 0
        await visit.page.reload()
        await visit.page.get_by_text("You rated this conversation: 4 of 5").wait_for()
        messages = await shop.owner.get(f"/api/v1/conversations/{conversation_id}/messages")
        assert messages["results"][-1]["content"] == {"event": "rated", "score": 4, "comment": "Quick"}


async def test_writing_again_reopens_with_a_line_and_takes_the_question_away(visit: Visit) -> None:
    await ended(visit)
    await visit.page.get_by_text("How did we do?").wait_for()
    await visit.write("One more thing")
    await visit.page.get_by_text("The conversation was reopened").wait_for()
    assert await visit.page.get_by_text("How did we do?").count() == 0


async def test_the_thread_comes_by_mail(visit: Visit, client: httpx2.AsyncClient) -> None:
    await visit.begin("Remember this")
    address = f"{secrets.token_hex(6)}@example.com"
    await visit.page.get_by_role("button", name="More").click()
    await visit.page.get_by_label("Your e-mail").fill(address)
    await visit.page.get_by_role("button", name="Send", exact=True).first.click()
    await visit.page.get_by_text(f"It is on its way to {address}").wait_for()
    await visit.page.get_by_role("button", name="Send", exact=True).first.click()
    await visit.page.get_by_text("Wait ten minutes").wait_for()

    async def arrived() -> bool:
        found = await client.get(f"{visit.shop.running.simulator_url}/mail.json", params={"to": address})
        return "Remember this" in found.text

    await until(arrived)


# The page being looked at.


async def page_of(shop: Shop, conversation_id: str) -> Any:
    return (await shop.owner.get(f"/api/v1/conversations/{conversation_id}"))["visitor"]["page"]


async def test_the_page_is_shared_when_the_visitor_agrees_and_followed_without_reloads(
    browser: Browser, shop: Shop
) -> None:
    await shop.settle(share_page="ask")
    async with browsing(browser) as context:
        visit = await arrive(context, shop, "/?secret=1")
        conversation_id = await visit.begin()
        assert await page_of(shop, conversation_id) is None
        await visit.page.get_by_role("button", name="Yes").click()
        await until(lambda: _is(page_of(shop, conversation_id), {"url": f"{shop.origin}/", "title": "Shop"}))
        await visit.page.evaluate("history.pushState({}, '', '/lamps/blue?x=1#y'); document.title = 'Blue lamp'")
        seen = {"url": f"{shop.origin}/lamps/blue", "title": "Blue lamp"}
        await until(lambda: _is(page_of(shop, conversation_id), seen))
        await visit.go("/lamps")
        await until(lambda: _is(page_of(shop, conversation_id), {"url": f"{shop.origin}/lamps", "title": "Lamps"}))
        assert visit.troubles == []


async def _is(asked: Any, expected: Any) -> bool:
    return bool(await asked == expected)


async def test_a_visitor_who_declines_shares_nothing_and_may_change_their_mind(browser: Browser, shop: Shop) -> None:
    await shop.settle(share_page="ask")
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        conversation_id = await visit.begin()
        await visit.page.get_by_role("button", name="No", exact=True).click()
        await visit.go("/lamps")
        await visit.write("Still here")
        await visit.bubble("Still here", "sent")
        assert await page_of(shop, conversation_id) is None
        await visit.page.get_by_role("button", name="More").click()
        await visit.page.get_by_label("Let the team see").check()
        await until(lambda: _is(page_of(shop, conversation_id), {"url": f"{shop.origin}/lamps", "title": "Lamps"}))
        await visit.page.get_by_label("Let the team see").uncheck()
        await until(lambda: _is(page_of(shop, conversation_id), None))


# The host page's word.


def signed(subject: str, **claims: Any) -> str:
    return jwt.encode({"sub": subject, "exp": time.time() + 60, **claims}, SECRET, "HS256")


async def test_the_host_page_opens_closes_and_hears(visit: Visit) -> None:
    await visit.page.evaluate(
        "window.heard = []; for (const it of ['open', 'close', 'message', 'rated'])"
        " Switchboard.on(it, (detail) => heard.push([it, detail?.text ?? detail?.score]));"
    )
    await visit.page.evaluate("Switchboard.open()")
    await visit.write("Hello")
    await visit.bubble("Hello", "sent")
    await visit.page.evaluate("Switchboard.close()")
    await visit.panel.wait_for(state="detached")
    assert await visit.page.evaluate("heard") == [["open", None], ["message", "Hello"], ["close", None]]


async def test_a_signed_visitor_finds_the_thread_on_another_device(browser: Browser, shop: Shop) -> None:
    token = signed("4711", name="Vera Demo", email="vera@example.com")
    async with browsing(browser) as home, browsing(browser) as away:
        first = await arrive(home, shop)
        await first.page.evaluate("(token) => Switchboard.identify({ token })", token)
        await first.begin("From home")
        second = await arrive(away, shop)
        await second.page.evaluate("(token) => Switchboard.identify({ token })", token)
        await second.open()
        await second.bubble("From home")
        (row,) = await shop.conversations()
        assert row["contact"]["name"] == "Vera Demo"


async def test_somebody_else_at_the_same_browser_sees_nothing_of_the_one_before(browser: Browser, shop: Shop) -> None:
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.page.evaluate("(token) => Switchboard.identify({ token })", signed("4711", name="Vera Demo"))
        await visit.begin("Mine alone")
        await visit.page.evaluate("(token) => Switchboard.identify({ token })", signed("4712", name="Otto Demo"))
        await visit.page.locator("li.message", has_text="Mine alone").wait_for(state="detached")
        await visit.write("I am Otto")
        await visit.bubble("I am Otto", "sent")
        names = {row["contact"]["name"] for row in await shop.conversations()}
        assert names == {"Vera Demo", "Otto Demo"}


async def test_signing_out_leaves_nothing_on_the_device(visit: Visit) -> None:
    await visit.begin("Mine alone")
    await visit.page.evaluate("Switchboard.identify(null)")
    await visit.page.locator("li.message", has_text="Mine alone").wait_for(state="detached")
    await visit.page.reload()
    await visit.page.get_by_text("Ask us anything").wait_for()
    assert "Mine alone" not in str(await visit.page.evaluate("JSON.stringify(localStorage)"))


async def test_a_bad_token_is_told_to_the_host_page_and_the_chat_goes_on(visit: Visit) -> None:
    await visit.page.evaluate("window.errors = []; Switchboard.on('error', (it) => errors.push(it.code)); 0")
    await visit.page.evaluate("Switchboard.identify({ token: 'not.a.token', name: 'Vera\\u0007', email: 'nonsense' })")
    await visit.begin()
    assert await visit.page.evaluate("errors") == ["identity_invalid"]
    assert (await visit.shop.conversations())[0]["contact"]["name"] == "Vera"


# Keyboard and readers.


async def test_everything_is_done_by_keyboard_alone(browser: Browser, shop: Shop) -> None:
    await shop.settle(pre_chat={"ask_name": True})
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        keys = visit.page.keyboard
        await keys.press("Tab")
        await keys.press("Enter")
        await visit.page.get_by_label("Your name").wait_for()
        await keys.type("Vera Demo")
        await keys.press("Enter")
        await visit.field.wait_for()
        await keys.type("Hello")
        await keys.press("Enter")
        await visit.bubble("Hello", "sent")
        conversation_id = (await shop.conversations())[0]["id"]
        await shop.answer(conversation_id, "All done")
        await shop.owner.post(f"/api/v1/conversations/{conversation_id}/close")
        await visit.page.get_by_text("How did we do?").wait_for()
        await tab_to(visit.page, "score", back=True)
        await keys.press("Space")
        await keys.press("ArrowRight")
        await tab_to(visit.page, "Send rating")
        await keys.press("Enter")
        await visit.page.get_by_text("You rated this conversation:").wait_for()
        await tab_to(visit.page, "More")
        await keys.press("Enter")
        await visit.page.get_by_label("Your e-mail").wait_for()
        await keys.press("Escape")
        await visit.page.get_by_label("Your e-mail").wait_for(state="detached")
        assert await active(visit.page) == "More"
        await keys.press("Escape")
        await visit.panel.wait_for(state="detached")
        assert (await active(visit.page)).startswith("Open chat")
        assert visit.troubles == []


async def tab_to(page: Page, wanted: str, *, back: bool = False) -> None:
    """Presses Tab until the focus is where it is wanted."""
    for _ in range(25):
        now = await active(page)
        name = await page.evaluate("document.activeElement?.shadowRoot?.activeElement?.name ?? ''")
        if wanted in (now, name):
            return
        await page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{wanted} cannot be reached by Tab")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
async def test_axe_finds_nothing_wrong(browser: Browser, shop: Shop, theme: str, width: int) -> None:
    await shop.settle(pre_chat=ASKS, share_page="ask", launcher={"label": "Chat with us"})
    async with browsing(browser, theme=theme, width=width, height=740, touch=width == 360) as context:
        visit = await arrive(context, shop)
        found: dict[str, list[str]] = {}

        async def look(name: str) -> None:
            await visit.shoot(f"{name}-{theme}-{width}")
            if wrong := await violations(visit.page, WIDGET):
                found[name] = wrong

        await look("button")
        await visit.open()
        await visit.page.get_by_role("button", name="Start the chat").click()
        await visit.page.get_by_text("Please fill this in").first.wait_for()
        await look("pre-chat")
        await visit.page.get_by_label("Your name").fill("Vera Demo")
        await visit.page.get_by_label("Your e-mail").fill("vera@example.com")
        await visit.page.get_by_role("button", name="Start the chat").click()
        await visit.field.wait_for()
        await visit.write("Is the blue lamp still there? See https://example.com/lamps")
        await visit.bubble("Is the blue lamp", "sent")
        conversation_id = (await shop.conversations())[0]["id"]
        await shop.answer(conversation_id, "It is. Shall I keep one for you?")
        await visit.bubble("It is. Shall I keep")
        await look("panel")
        await visit.page.get_by_role("button", name="More").click()
        await visit.page.get_by_label("Your e-mail").wait_for()
        await look("more")
        await visit.page.get_by_role("button", name="Done").click()
        await shop.owner.post(f"/api/v1/conversations/{conversation_id}/close")
        await visit.page.get_by_label("Good", exact=True).check(force=True)
        await visit.page.get_by_label("Would you like to say why?").scroll_into_view_if_needed()
        await look("rating")
    assert found == {}


# Tabs, and lines that break.


async def test_two_tabs_are_one_visitor_and_show_the_same_thread(browser: Browser, shop: Shop) -> None:
    async with browsing(browser) as context:
        first, second = await arrive(context, shop), await arrive(context, shop, "/lamps")
        await asyncio.gather(first.open(), second.open())
        await first.write("From the first")
        await first.bubble("From the first", "sent")
        await second.bubble("From the first")
        await second.write("From the second")
        await first.bubble("From the second")
        (row,) = await shop.conversations()
        await shop.answer(row["id"], "To both")
        await asyncio.gather(first.bubble("To both"), second.bubble("To both"))
        assert await second.page.locator("li.message.own").count() == 2


async def test_what_is_written_offline_is_sent_once_when_the_line_is_back(visit: Visit) -> None:
    conversation_id = await visit.begin()
    await visit.page.context.set_offline(True)
    await visit.write("Written in a tunnel")
    await visit.page.get_by_text("You are offline").wait_for()
    await visit.page.context.set_offline(False)
    await visit.bubble("Written in a tunnel", "sent")
    messages = (await visit.shop.owner.get(f"/api/v1/conversations/{conversation_id}/messages"))["results"]
    assert [one["text"] for one in messages if one["author"] == "customer"] == ["Hello", "Written in a tunnel"]


async def test_a_paused_channel_is_said_and_not_asked_for_without_end(visit: Visit) -> None:
    await visit.shop.owner.patch(f"/api/v1/channels/{visit.shop.channel['id']}", {"state": "paused"})
    await visit.button.click()
    await visit.page.get_by_text("The chat is not available right now.").wait_for()


# Hostile words.


async def test_hostile_words_are_only_words(browser: Browser, running: Stack, shop: Shop) -> None:
    await shop.settle(greeting=PAYLOADS[1], launcher={"label": "<img src=x onerror=pwned(0)>"[:30]})
    await shop.owner.patch("/api/v1/me", {"name": PAYLOADS[2]})
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.page.evaluate("(name) => Switchboard.identify({ name })", PAYLOADS[0])
        conversation_id = await visit.begin(PAYLOADS[0])
        for payload in PAYLOADS:
            await shop.answer(conversation_id, payload)
        await visit.write("\n".join(PAYLOADS))
        for name in FILES:
            await visit.page.locator("input[type=file]").set_input_files(
                {"name": name, "mimeType": "text/html", "buffer": b"<script>parent.pwned(33)</script>"}
            )
            await visit.page.locator(".picked li:not(.failed) small").wait_for()
            await visit.page.get_by_role("button", name="Send", exact=True).click()
            await visit.page.locator("li.message .file-name", has_text="pwned(3").first.wait_for()
        await visit.bubble(PAYLOADS[-1])
        for link in await visit.page.locator("li.message a").all():
            assert (await link.get_attribute("href") or "").startswith(("https://", "http://"))
        assert await visit.page.locator("li.message script, li.message iframe, li.message [onerror]").count() == 0
        assert await visit.page.evaluate("window.ran") == []
        assert visit.troubles == []
