"""Several phones side by side, and the crowd's controls, in a real browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.providers.simulator.stage import ANA, NUMBER, Stage
from tests.waiting import until

pytestmark = pytest.mark.browser
BRUNO = "5521900000002"


@pytest.fixture
async def page(stage: Stage, browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    page = await context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
    await page.goto(f"{stage.url}/")
    yield page
    assert troubles == []
    await context.close()


def phone_of(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=f"Phone of {name}")


async def beside(page: Page, name: str) -> None:
    await page.locator(".person", has_text=name).hover()
    await page.get_by_role("button", name=f"Hold the phone of {name} beside the others").click()


async def test_two_phones_side_by_side_have_their_own_words_and_ticks(stage: Stage, page: Page) -> None:
    await page.locator(".person", has_text="Ana (demo)").click()
    await beside(page, "Bruno (demo)")
    ana, bruno = phone_of(page, "Ana (demo)"), phone_of(page, "Bruno (demo)")
    stage.hub.gate.clear()
    await ana.get_by_label("Message", exact=True).fill("From Ana")
    await bruno.get_by_label("Message", exact=True).fill("From Bruno")
    await page.keyboard.press("Enter")
    await expect(bruno.get_by_role("img", name="Sent")).to_be_visible()
    await expect(ana.get_by_label("Message", exact=True)).to_have_value("From Ana")
    stage.hub.gate.set()
    await expect(bruno.get_by_role("img", name="Delivered to the hub")).to_be_visible()

    await stage.sent("text", {"body": "For Ana"}, to=ANA)
    await stage.sent("text", {"body": "For Bruno"}, to=BRUNO)
    await expect(ana.get_by_text("For Ana")).to_be_visible()
    await expect(bruno.get_by_text("For Bruno")).to_be_visible()
    await expect(page.get_by_text("For Ana").locator("visible=true")).to_have_count(2)  # the phone and the list
    await stage.hub.until(lambda hub: sum(s["status"] == "read" for s in hub.statuses) == 2)
    assert stage.hub.messages[0]["from"] == BRUNO


async def test_the_phones_are_there_again_after_a_reload(stage: Stage, page: Page) -> None:
    await page.locator(".person", has_text="Ana (demo)").click()
    await beside(page, "Bruno (demo)")
    await beside(page, "Emma (demo)")
    await phone_of(page, "Bruno (demo)").get_by_role("button", name="Put this phone away").click()
    await expect(phone_of(page, "Bruno (demo)")).to_have_count(0)
    await page.reload()

    await expect(phone_of(page, "Ana (demo)")).to_be_visible()
    await expect(phone_of(page, "Emma (demo)")).to_be_visible()
    await expect(page.locator(".thread")).to_have_count(2)


async def test_a_narrow_screen_shows_one_phone_and_a_wide_one_brings_the_others_back(page: Page) -> None:
    await page.locator(".person", has_text="Ana (demo)").click()
    await beside(page, "Bruno (demo)")
    await page.set_viewport_size({"width": 360, "height": 740})
    await expect(phone_of(page, "Bruno (demo)")).to_be_visible()
    await expect(phone_of(page, "Ana (demo)")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await page.get_by_role("button", name="Back to customers").locator("visible=true").click()
    await page.locator(".person", has_text="Ana (demo)").click()
    await expect(phone_of(page, "Ana (demo)")).to_be_visible()
    await page.go_back()
    await expect(page.locator(".people")).to_be_visible()
    await page.set_viewport_size({"width": 1440, "height": 900})
    await expect(phone_of(page, "Bruno (demo)")).to_be_visible()
    await expect(phone_of(page, "Ana (demo)")).to_be_visible()


async def test_only_phones_on_the_screen_read(stage: Stage, page: Page) -> None:
    await page.set_viewport_size({"width": 768, "height": 900})
    await page.locator(".person", has_text="Ana (demo)").click()
    await beside(page, "Bruno (demo)")
    await expect(phone_of(page, "Ana (demo)")).to_be_hidden()
    await stage.write("text", {"body": "hi"}, wa_id=BRUNO)
    await expect(phone_of(page, "Bruno (demo)").get_by_text("hi")).to_be_visible()

    hidden = await stage.sent("text", {"body": "For Ana"}, to=ANA)
    seen = await stage.sent("text", {"body": "For Bruno"}, to=BRUNO)
    await stage.hub.until(lambda hub: any(s["id"] == seen and s["status"] == "read" for s in hub.statuses))

    assert [s["status"] for s in stage.hub.statuses if s["id"] == hidden] == ["sent", "delivered"]
    await expect(page.locator(".person-row", has_text="Ana (demo)").locator(".unread")).to_have_text("1")


async def test_four_phones_are_the_most(page: Page) -> None:
    await page.set_viewport_size({"width": 1920, "height": 900})
    await page.locator(".person", has_text="Ana (demo)").click()
    for name in ("Bruno (demo)", "Carla (demo)", "Diego (demo)", "Emma (demo)"):
        await beside(page, name)

    await expect(page.locator(".thread").locator("visible=true")).to_have_count(4)
    await expect(phone_of(page, "Ana (demo)")).to_have_count(0)


async def test_a_crowd_is_brought_slowed_paused_and_sent_home(stage: Stage, page: Page) -> None:
    await page.get_by_role("button", name="Crowd").click()
    slider = page.get_by_role("slider", name="Messages a minute")
    await slider.focus()
    await page.keyboard.press("End")
    await expect(slider).to_have_attribute("aria-valuetext", "600 a minute")
    await page.get_by_label("Seed").fill("7")
    await page.get_by_label("Customers", exact=True).and_(page.locator("input")).fill("12")
    await page.get_by_role("button", name="Bring the crowd").click()
    await stage.hub.until(lambda hub: hub.messages)
    await expect(page.locator(".person", has_text="Customer 0").first).to_be_visible()
    plan = (await stage.phone.get("/crowd")).json()["plan"]
    assert (plan["seed"], plan["rate"], plan["customers"]) == (7, 600, 12)

    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_role("button", name="Go on")).to_be_focused()
    await slider.focus()
    await page.keyboard.press("Home")
    await expect(slider).to_have_attribute("aria-valuetext", "1 a minute")

    async def is_slow() -> bool:
        return stage.simulator.crowd.status().plan.rate == 1

    await until(is_slow)

    await page.reload()
    await expect(page.get_by_role("button", name="Go on")).to_be_visible()
    await page.get_by_role("button", name="Send home").click()
    await expect(page.get_by_role("button", name="Bring the crowd")).to_be_visible()
    assert stage.simulator.crowd.status().state == "over"


async def test_the_crowd_says_that_it_waits_for_the_hub(stage: Stage, page: Page) -> None:
    stage.hub.gate.clear()
    await page.get_by_role("button", name="Crowd").click()
    for index in range(25):
        await stage.write("text", {"body": str(index)})
    await page.get_by_role("button", name="Bring the crowd").click()

    await expect(page.get_by_text("The hub is behind")).to_be_visible()
    stage.hub.gate.set()


async def test_the_list_of_customers_stands_still_under_the_pointer(stage: Stage, page: Page) -> None:
    await stage.write("text", {"body": "one"}, wa_id=BRUNO)
    rows = page.locator(".person-name")
    await expect(rows.first).to_contain_text("Bruno")
    await rows.nth(1).hover()
    stage.clock.seconds += 60
    await stage.write("text", {"body": "two"}, wa_id=ANA)
    await expect(page.locator(".person", has_text="Ana (demo)")).to_contain_text("two")
    await expect(rows.first).to_contain_text("Bruno")

    newest = page.get_by_role("button", name="Show the newest first")
    await newest.hover()
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await expect(rows.first).to_contain_text("Bruno")  # also on the way to the button
    await newest.click()
    await expect(rows.first).to_contain_text("Ana")


async def test_customers_are_found_by_name_and_number(page: Page) -> None:
    find = page.get_by_role("searchbox", name="Find a customer")
    await find.fill("emm")
    await expect(page.locator(".person")).to_have_count(1)
    await find.fill(BRUNO[-4:])
    await expect(page.locator(".person-name")).not_to_have_count(0)
    await find.fill("nobody at all")
    await expect(page.get_by_text("Nobody by that name or number.")).to_be_visible()


async def test_it_is_steered_by_keyboard(stage: Stage, page: Page) -> None:
    await expect(page.locator(".person")).to_have_count(5)
    await page.get_by_role("searchbox", name="Find a customer").focus()
    await page.keyboard.press("Tab")
    await expect(page.locator(".person").first).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    await page.keyboard.type("By keyboard")
    await page.keyboard.press("Enter")
    await stage.hub.until(lambda hub: hub.messages)

    assert stage.hub.messages[0]["text"]["body"] == "By keyboard"
    assert NUMBER.phone_number_id in page.url
