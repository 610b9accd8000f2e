"""By hand, in a browser: pictures, menus by keyboard, the reading place, and the customer beside the thread."""

import asyncio
import re

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.running import Person, Stack, WhatsAppLine
from tests.waiting import until
from tests.web.inbox import Shop, conversation_of
from tests.web.pages import on_message, open_conversation, sign_in, tick, visiting
from tests.web.phone import Phone
from tests.web.shop import OPEN_SHADOWS, website

pytestmark = pytest.mark.browser


async def test_pictures_are_walked_through_by_keyboard(page: Page, phone: Phone) -> None:
    for _ in range(3):
        await phone.send("image", {"sample": True})
    await expect(page.locator(".picture img")).to_have_count(3)
    await page.locator(".picture-open").nth(1).focus()
    await page.keyboard.press("Enter")
    count = page.locator(".viewer-count")
    await expect(count).to_have_text("2 of 3")
    await page.keyboard.press("ArrowRight")
    await expect(count).to_have_text("3 of 3")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await expect(count).to_have_text("1 of 3")
    await page.keyboard.press("+")
    await expect(page.locator(".viewer-stage.zoomed")).to_have_count(1)
    async with page.expect_download() as download:
        await page.keyboard.press("d")
    assert (await download.value).suggested_filename.endswith(".png")
    await page.keyboard.press("Escape")
    await expect(page.locator(".viewer")).to_have_count(0)
    await expect(page.locator(".picture-open").nth(1)).to_be_focused()


async def test_a_message_is_answered_marked_and_asked_about_by_keyboard_alone(page: Page, phone: Phone) -> None:
    await page.locator("li.message", has_text="Hello, is anybody there?").wait_for()
    await page.locator("#composer-text").focus()
    await page.keyboard.press("ArrowUp")
    await on_message(page.locator("li.message:focus"))
    await page.keyboard.press("+")
    await expect(page.get_by_role("button", name="👍").first).to_be_focused()
    await page.keyboard.press("Enter")
    await page.locator(".reaction.mine").wait_for()
    await on_message(page.locator("li.message").last)
    await page.keyboard.press("r")
    await expect(page.locator(".composer-quote")).to_contain_text("Hello, is anybody there?")
    await expect(page.locator("#composer-text")).to_be_focused()
    await page.keyboard.type("Yes")
    await page.keyboard.press("Enter")
    await tick(page, "Yes", "delivered")
    await page.locator("li.message", has_text="Yes").locator("button.ticks").press("Enter")
    await expect(page.locator("dialog .timeline li").last).to_contain_text("Delivered")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)


async def test_the_reading_place_is_held_while_the_thread_grows_both_ways(
    running: Stack, page: Page, owner: Person, phone: Phone
) -> None:
    conversation = await conversation_of(owner)

    async def line(number: int) -> None:
        await owner.post(f"/api/v1/conversations/{conversation}/messages", {
            "client_id": f"history-{number:04d}", "text": f"Line {number}.", "note": True,
        })

    for start in range(0, 229, 10):
        await asyncio.gather(*map(line, range(start, min(start + 10, 229))))
    await line(229)
    await page.goto("about:blank")
    middle = (await owner.get(f"/api/v1/conversations/{conversation}/messages?limit=200"))["results"][80]
    await page.goto(f"{running.url}/app#/inbox/all/{conversation}?at={middle['seq']}")
    found = page.locator(f'li.message[data-seq="{middle["seq"]}"]')
    await found.wait_for()
    for direction in (-1, 1):
        seen = 0
        while seen < 60:
            place = await page.evaluate(_SCROLL, direction * 400)
            assert abs(place["moved"]) < 2, f"what was read jumped by {place['moved']} px"
            seen = seen + 1 if place["end"] else 0
            if place["end"] and place["whole"]:
                break
    await page.locator("li.message", has_text="Line 229.").wait_for()
    await expect(page.locator(".to-latest")).to_have_count(0)


# Scrolls by `by` pixels, lets what is asked for come in, and says how far the message in the middle moved by itself.
_SCROLL = """async (by) => {
  const box = document.querySelector('.messages');
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  box.scrollTop += by;
  const foot = box.getBoundingClientRect();
  const held = document.elementFromPoint(foot.x + foot.width / 2, foot.y + foot.height / 2)?.closest('li[data-key]')
    ?? box.querySelector('li[data-key]');
  const key = held.dataset.key;
  const before = held.getBoundingClientRect().top;
  await frame();
  while (box.getAttribute('aria-busy') === 'true') await frame();
  await frame();
  const after = box.querySelector(`[data-key="${key}"]`);
  const end = by < 0 ? box.scrollTop < 4 : box.scrollHeight - box.scrollTop - box.clientHeight < 4;
  return { moved: after ? after.getBoundingClientRect().top - before : 0, end,
    whole: by < 0 ? Boolean(box.querySelector('.beginning')) : !document.querySelector('.to-latest') };
}"""


async def test_the_contact_is_changed_where_it_stands(page: Page, owner: Person, phone: Phone) -> None:
    await owner.post("/api/v1/custom-fields", {
        "entity": "contact", "key": "plan", "label": "Plan", "type": "choice", "choices": ["Basic", "Plus"],
    })
    await owner.post("/api/v1/custom-fields", {
        "entity": "contact", "key": "size", "label": "Size", "type": "number", "position": 1,
    })
    await page.reload()
    panel = page.locator(".panel")
    await panel.get_by_role("button", name=re.compile("Name of the contact")).click()
    await panel.get_by_label("Name of the contact").fill("Renamed Customer")
    await page.keyboard.press("Enter")
    await expect(page.locator(".thread-who h2")).to_have_text("Renamed Customer")
    await panel.get_by_role("button", name="E-mail").click()
    await panel.get_by_label("E-mail").fill("customer@example.com")
    await page.keyboard.press("Enter")
    await panel.get_by_role("button", name="Copy customer@example.com").wait_for()
    await panel.get_by_label("Plan").select_option("Plus")
    await panel.get_by_role("button", name=re.compile("^Size")).click()
    await panel.get_by_label("Size").fill("1234.5")
    await page.keyboard.press("Enter")
    await panel.get_by_role("button", name=re.compile(r"1,234\.5")).wait_for()

    async def kept() -> bool:
        contact = (await owner.get("/api/v1/contacts"))["results"][0]
        return (contact["name"], contact["fields"]) == ("Renamed Customer", {"plan": "Plus", "size": 1234.5})

    await until(kept)
    await panel.get_by_role("button", name="Remove customer@example.com").click()
    await expect(panel.get_by_text("customer@example.com")).to_have_count(0)


async def test_the_panel_says_on_which_page_the_visitor_is_and_when_they_have_left(
    browser: Browser, running: Stack, desk: BrowserContext, owner: Person
) -> None:
    async with website(running, owner) as (origin, channel), visiting(browser) as visit:
        await owner.patch(f"/api/v1/channels/{channel}", {
            "settings": {"allowed_origins": [origin], "greeting": "Hello", "share_page": "always"},
        })
        await visit.add_init_script(OPEN_SHADOWS)
        site = await visit.new_page()
        await site.goto(origin)
        await site.get_by_role("button").first.click()
        await site.get_by_role("textbox").first.fill("Hello from the page")
        await site.get_by_role("textbox").first.press("Enter")
        page = await desk.new_page()
        await sign_in(page, running.url, owner)
        await page.goto(f"{running.url}/app#/inbox/all")
        await page.locator("a.row", has_text="Hello from the page").click()
        await expect(page.locator(".visitor-now")).to_contain_text("On the page")
        await expect(page.locator(".visitor-page a")).to_have_attribute("href", f"{origin}/")
        await expect(page.locator(".visitor-page b")).to_have_text("Shop")
        await site.close()
        await expect(page.locator(".visitor-now")).to_contain_text("Has left the page", timeout=60_000)


async def test_a_card_leads_to_the_conversation_with_that_person_or_says_why_there_is_none(
    browser: Browser, running: Stack, client: httpx2.AsyncClient, page: Page, owner: Person, agent: Person,
    phone: Phone, line: WhatsAppLine,
) -> None:
    friend = Phone(client, line, "Known Friend")
    await friend.write("I write here")
    channel = await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Shop", "settings": {}})
    shop = Shop(client, owner, channel)
    visit = await shop.write("Web Neighbour", "I write on the website")
    contact = (await owner.get(f"/api/v1/conversations/{visit}"))["contact"]["id"]
    await owner.post(f"/api/v1/contacts/{contact}/identities", {"kind": "phone", "value": "+5511955550100"})
    sales = await owner.post("/api/v1/departments", {"name": "Sales", "member_ids": [owner.id]})
    await owner.post(f"/api/v1/conversations/{visit}/assign", {"user_id": None, "department_id": sales["id"]})
    cards = {"Friend": friend.wa_id, "Neighbour": "+5511955550100", "Nobody": "+5511955550199"}
    await phone.send("contacts", [{"name": {"formatted_name": name}, "phones": [{"phone": number}]}
                                  for name, number in cards.items()])

    async def press(where: Page, name: str) -> None:
        await where.locator(".card.person", has_text=name).get_by_role("button", name="Open conversation").click()

    await press(page, "Nobody")
    await page.locator(".notice", has_text="no conversation with this person").wait_for()
    await press(page, "Friend")
    await page.locator(".thread-head h2", has_text="Known Friend").wait_for()
    await page.go_back()
    await press(page, "Neighbour")
    await page.locator(".thread-head h2", has_text="Web Neighbour").wait_for()
    async with visiting(browser) as elsewhere:
        other = await elsewhere.new_page()
        await sign_in(other, running.url, agent)
        await open_conversation(other, phone.name)
        await press(other, "Neighbour")
        await other.locator(".notice", has_text="On WhatsApp the first word").wait_for()
