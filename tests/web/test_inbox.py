"""The inbox by hand: by keyboard alone, between two people, many at once, over two tabs, and looked over by axe."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.running import PASSWORD, Stack, colleague
from tests.waiting import until
from tests.web.axe import violations
from tests.web.inbox import Shop, open_shop, row, show
from tests.web.pages import at_work, into_messages, visiting

pytestmark = pytest.mark.browser

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@pytest.fixture
async def shop(client: httpx2.AsyncClient) -> Shop:
    return await open_shop(client)


@pytest.fixture
async def page(browser: Browser, running: Stack, shop: Shop) -> AsyncIterator[Page]:
    async with at_work(browser, running, shop.owner) as made:
        yield made


async def test_a_day_of_work_by_keyboard_alone(browser: Browser, running: Stack, shop: Shop) -> None:
    await shop.write("Quiet Customer", "I only say hello")
    await shop.write("Keyboard Customer", "Where is my parcel?")
    await shop.owner.post("/api/v1/tags", {"name": "parcel", "color": "#3452cf"})
    async with visiting(browser) as context:
        page = await context.new_page()
        keys = page.keyboard
        await page.goto(f"{running.url}/app")
        await page.locator("input[type=email]").focus()
        await keys.type(shop.owner.session["user"]["email"])
        await keys.press("Tab")
        await keys.type(PASSWORD)
        await keys.press("Enter")
        await page.locator("#search").wait_for()

        await keys.press("/")
        await keys.type("parcel j")  # j moves through the list, but not while one writes
        await expect(page.locator("#search")).to_have_value("parcel j")
        await keys.press("Backspace")
        await keys.press("Backspace")
        await expect(page.locator("#search")).to_have_value("parcel")
        await expect(page.locator(".found[aria-busy=false] .hit mark")).to_have_text("parcel")
        await keys.press("ArrowDown")
        await expect(page.locator(".found [data-result]").first).to_be_focused()
        await keys.press("Enter")
        await page.locator("li.message", has_text="Where is my parcel?").wait_for()

        await page.get_by_role("button", name="Accept").wait_for()
        await keys.press("a")
        await page.get_by_text("accepted the conversation").wait_for()
        await page.locator("#composer-text").wait_for()
        await keys.press("r")
        await expect(page.locator(".mode-reply #composer-text")).to_be_focused()
        await keys.type("It leaves today.")
        await keys.press("Enter")
        await page.locator("li.message.by-agent", has_text="It leaves today.").wait_for()
        await keys.press("Escape")
        await expect(page.locator(".messages")).to_be_focused()
        await keys.press("n")
        await expect(page.locator(".mode-note #composer-text")).to_be_focused()
        await keys.type("Promised for today")
        await keys.press("Enter")
        await page.locator("li.message.note", has_text="Promised for today").wait_for()
        await keys.press("Escape")
        await expect(page.locator(".messages")).to_be_focused()
        await keys.press("l")
        await expect(page.locator(".assign-menu:popover-open input")).to_be_focused()
        await keys.type("parcel")
        await page.locator(":popover-open [role^=menuitem]").first.wait_for()
        await keys.press("ArrowDown")
        await keys.press("Enter")
        await keys.press("Escape")
        await page.locator(".panel .tag", has_text="parcel").wait_for()
        await into_messages(page)
        await keys.press("e")
        await page.get_by_text("closed the conversation").wait_for()
        conversation = (await shop.owner.get("/api/v1/conversations", params={"view": "closed"}))["results"][0]
    assert [tag["name"] for tag in conversation["tags"]] == ["parcel"]


async def test_what_one_person_takes_the_other_sees(
    browser: Browser, running: Stack, shop: Shop, client: httpx2.AsyncClient, page: Page
) -> None:
    await shop.write("Wanted Customer", "Anyone there?")
    agent = await colleague(client, shop.owner, "agent")
    async with at_work(browser, running, agent) as other:
        await show(page, "unassigned")
        await show(other, "unassigned")
        await row(page, "Wanted Customer").click()
        await row(other, "Wanted Customer").click()
        await other.locator(".viewers").wait_for()
        await page.get_by_role("button", name="Accept").click()
        await other.get_by_text("accepted the conversation").wait_for()
        await expect(other.locator(".act-assign")).to_contain_text(shop.owner.session["user"]["name"])
        await expect(other.locator("nav.views a", has_text="Unassigned")).to_contain_text("0")
        await page.locator("#composer-text").fill("I am here")
        await page.locator("#composer-text").press("Enter")
        await other.locator("li.message", has_text="I am here").wait_for()


async def test_filters_add_up_stand_in_the_address_and_become_a_view(page: Page, shop: Shop) -> None:
    wanted = await shop.write("Tagged Customer", "One")
    await shop.write("Plain Customer", "Two")
    tag = await shop.owner.post("/api/v1/tags", {"name": "urgent", "color": "#b92525"})
    await shop.owner.put(f"/api/v1/conversations/{wanted}/tags", {"tag_ids": [tag["id"]]})
    await page.reload()
    await show(page, "all")
    await row(page, "Plain Customer").wait_for()
    await page.keyboard.press("f")
    await page.get_by_label("Find a filter").fill("urg")
    await page.get_by_role("menuitemcheckbox", name="urgent").wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".chip")).to_have_text(re.compile("Tag: urgent"))
    await expect(row(page, "Plain Customer")).to_have_count(0)
    assert f"tag_id={tag['id']}" in page.url
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Save as a view").click()
    await page.get_by_label("Name of the view").fill("Urgent ones")
    await page.keyboard.press("Enter")
    here = page.locator("nav.views a[aria-current]")
    await expect(here).to_contain_text("Urgent ones")
    await expect(here).to_contain_text("1")
    await page.reload()
    await row(page, "Tagged Customer").wait_for()
    await page.get_by_role("button", name="Remove the filter Tag: urgent").click()
    await row(page, "Plain Customer").wait_for()
    await page.get_by_role("button", name="Keep changes").click()
    await expect(here).to_contain_text("2")


async def test_many_at_once_say_where_they_failed_and_are_taken_back(page: Page, shop: Shop) -> None:
    names = ["First", "Second", "Third"]
    ids = {name: await shop.write(f"{name} Customer", "Hello") for name in names}
    await show(page, "unassigned")
    await row(page, "First Customer").wait_for()
    await row(page, "Third Customer").focus()
    await page.keyboard.press("x")
    await page.keyboard.press("Shift+ArrowDown")
    await page.keyboard.press("Shift+ArrowDown")
    await page.get_by_text("3 selected").wait_for()
    await shop.owner.post(f"/api/v1/conversations/{ids['Second']}/close")
    await page.locator("a.row.left", has_text="Second Customer").wait_for()  # it stays in place while rows are picked
    await page.get_by_role("button", name="Snooze").click()
    await page.get_by_role("button", name="Tomorrow").click()
    await page.locator(".bulk-done.bad", has_text="2 of 3 done").wait_for()
    await row(page, "Second Customer").locator(".row-refusal").wait_for()
    await page.locator('[data-act="undo"]').click()
    await page.locator(".bulk").wait_for(state="detached")
    for name in ("First", "Third"):
        await until(lambda name=name: is_awake(shop, ids[name]))  # type: ignore[misc]
        await row(page, f"{name} Customer").wait_for()


async def is_awake(shop: Shop, conversation: str) -> bool:
    return (await shop.owner.get(f"/api/v1/conversations/{conversation}"))["snoozed_until"] is None


async def test_a_snoozed_conversation_is_out_of_the_way_until_it_is_resumed(page: Page, shop: Shop) -> None:
    await shop.write("Sleepy Customer", "Write me tomorrow")
    await show(page, "unassigned")
    await row(page, "Sleepy Customer").click()
    await page.locator("#composer-text").wait_for()
    await into_messages(page)
    await page.keyboard.press("h")
    await page.get_by_role("button", name="Tomorrow").click()
    await page.get_by_text(re.compile("snoozed the conversation until")).wait_for()
    await page.mouse.move(900, 300)
    await expect(row(page, "Sleepy Customer")).to_have_count(0)
    await show(page, "snoozed")
    await row(page, "Sleepy Customer").locator(".snoozed").wait_for()
    await row(page, "Sleepy Customer").click()
    await page.get_by_role("button", name="Resume now").click()
    await page.get_by_text("resumed the conversation").wait_for()
    await show(page, "unassigned")
    await row(page, "Sleepy Customer").wait_for()


async def test_the_team_shows_who_is_here_and_my_state_can_be_chosen(
    browser: Browser, running: Stack, client: httpx2.AsyncClient, page: Page, shop: Shop
) -> None:
    agent = await colleague(client, shop.owner, "agent", name="Present Colleague")
    await page.reload()
    async with at_work(browser, running, agent) as other:
        await other.locator(".own-button").click()
        await other.get_by_role("menuitemcheckbox", name="Busy").click()
        await page.locator('[data-act="team"]').click()
        await page.get_by_role("region", name="Busy").get_by_text("Present Colleague").wait_for()


async def test_a_hit_deep_in_a_long_thread_is_reached_and_history_grows_both_ways(page: Page, shop: Shop) -> None:
    conversation = await shop.write("Long Customer", "Line 0")

    async def line(number: int) -> None:
        text = "The pineapple order" if number == 150 else f"Line {number}"
        await shop.owner.post(f"/api/v1/conversations/{conversation}/messages",
                              {"client_id": secrets.token_hex(12), "text": text, "note": number % 2 == 0})

    for start in range(1, 299, 10):
        await asyncio.gather(*map(line, range(start, min(start + 10, 299))))
    await line(299)
    await page.locator("#search").fill("pineapple")
    await page.locator(".hit").click()
    found = page.locator("li.message", has_text="The pineapple order")
    await expect(found).to_be_in_viewport()
    assert await until(lambda: page.evaluate("CSS.highlights.get('found-words')?.size")) == 1
    messages = page.locator(".messages")
    for wheel, text in ((-3000, "Line 0"), (3000, "Line 299")):
        async def rolled(wheel: int = wheel, text: str = text) -> bool:
            await messages.hover()
            await page.mouse.wheel(0, wheel)
            await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            return await page.locator("li.message").get_by_text(text, exact=True).count() == 1

        await until(rolled, seconds=60)
    await into_messages(page)
    await page.keyboard.press("Control+f")
    await page.get_by_role("searchbox", name="Search this conversation").fill("pineapple")
    await page.get_by_text("1 of 1").wait_for()
    await expect(found).to_be_in_viewport()


async def test_tabs_agree_on_theme_and_on_leaving(running: Stack, shop: Shop, page: Page) -> None:
    other = await page.context.new_page()
    await other.goto(f"{running.url}/app")
    await other.locator("#search").wait_for()
    await page.locator(".own-button").click()
    await page.get_by_role("menuitemcheckbox", name="Dark").click()
    await expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    await page.locator(".own-button").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await other.locator("input[type=password]").wait_for()


async def test_the_first_day_and_a_lost_server_are_told(page: Page, shop: Shop) -> None:
    await show(page, "all")
    await page.get_by_text("Ready for the first customer").wait_for()
    await page.route("**/api/v1/conversations?*", lambda route: route.abort())
    await show(page, "closed")
    await page.get_by_text("The list cannot be loaded now").wait_for()
    await page.unroute("**/api/v1/conversations?*")
    await page.get_by_role("button", name="Try again").click()
    await page.get_by_role("alert").wait_for(state="detached")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_with_menus_and_dialogs_open(
    page: Page, shop: Shop, theme: str
) -> None:
    for name in ("Ada", "Bruno", "Célia"):
        await shop.write(f"{name} Customer", "Hello there")
    await shop.owner.post("/api/v1/tags", {"name": "urgent", "color": "#b92525"})
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    await page.reload()
    await show(page, "all")
    await row(page, "Ada Customer").wait_for()
    await looked_over(page, "the list")
    for act in ("views", "sort", "filter", "bell", "team"):
        await page.locator(f'[data-act="{act}"]').click()
        await page.locator(":popover-open").locator("button, input, a, li").first.wait_for()
        await looked_over(page, act)
        await page.keyboard.press("Escape")
        await page.locator(":popover-open").wait_for(state="detached")
    await row(page, "Ada Customer").focus()
    await page.keyboard.press("x")
    await page.locator(".bulk").wait_for()
    await looked_over(page, "picked rows")
    await page.keyboard.press("Escape")
    await page.locator("#search").fill("hello")
    await page.locator(".hit").first.wait_for()
    await looked_over(page, "what was found")
    await page.locator(".hit").first.click()
    await page.locator("#composer-text").wait_for()
    await page.locator(".act-find").click()
    await page.locator(".find-bar").wait_for()
    await looked_over(page, "the thread with its search")
    await page.keyboard.press("Escape")
    for act, dialog in ((".act-snooze", ".snooze-dialog"), ('.rail [aria-label="Keyboard shortcuts"]', ".help-sheet")):
        await page.locator(act).click()
        await page.locator(dialog).wait_for()
        await looked_over(page, dialog)
        await page.keyboard.press("Escape")
        await page.locator(dialog).wait_for(state="detached")


async def looked_over(page: Page, what: str) -> None:
    # What is fading in has no colours yet that could be judged.
    await page.evaluate("""Promise.all(document.getAnimations()
        .filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {})))""")
    assert await violations(page, tags=TAGS) == [], what
