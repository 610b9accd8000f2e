"""By hand, in a browser: two agents at one thread, a line that goes down, drafts, prepared words, voice, pictures."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.running import Person, Stack, WhatsAppLine, colleague, connect_whatsapp, register
from tests.waiting import until
from tests.web.inbox import Shop
from tests.web.pages import Troubles, on_message, open_conversation, sign_in, tick, visiting, write
from tests.web.phone import Phone
from tests.web.shop import OPEN_SHADOWS, website

pytestmark = pytest.mark.browser

RUNNING = re.compile("^0:(?!00)[0-5][0-9]$")  # a second or more, however late one looks


@pytest.fixture
async def owner(running: Stack, client: httpx2.AsyncClient) -> Person:
    return await register(client)


@pytest.fixture
async def agent(client: httpx2.AsyncClient, owner: Person) -> Person:
    return await colleague(client, owner, "agent", name="Second Agent")


@pytest.fixture
async def line(running: Stack, client: httpx2.AsyncClient, owner: Person) -> WhatsAppLine:
    return await connect_whatsapp(running, client, owner)


@pytest.fixture
async def phone(client: httpx2.AsyncClient, line: WhatsAppLine) -> Phone:
    made = Phone(client, line, "Thread Customer")
    await made.write("Hello, is anybody there?")
    return made


@pytest.fixture
async def desk(browser: Browser, running: Stack, owner: Person) -> AsyncIterator[BrowserContext]:
    """The owner's browser; whatever its pages complain of fails the test."""
    troubles = Troubles()
    async with visiting(browser) as context:
        await context.grant_permissions(["microphone", "clipboard-read", "clipboard-write"], origin=running.url)
        context.on("page", troubles.watch)
        yield context
    assert troubles == []


@pytest.fixture
async def page(desk: BrowserContext, running: Stack, owner: Person, phone: Phone) -> Page:
    """The owner with the customer's conversation open."""
    made = await desk.new_page()
    await sign_in(made, running.url, owner)
    await open_conversation(made, phone.name)
    return made


async def conversation_of(person: Person) -> str:
    """The id of the newest conversation that this person sees."""
    return str((await person.get("/api/v1/conversations?view=all"))["results"][0]["id"])


async def test_who_writes_at_the_same_time_is_warned_once_and_may_send(
    browser: Browser, running: Stack, page: Page, agent: Person, phone: Phone
) -> None:
    async with visiting(browser) as elsewhere:
        other = await elsewhere.new_page()
        await sign_in(other, running.url, agent)
        await open_conversation(other, phone.name)
        await other.locator("#composer-text").fill("So am I")
        await page.locator("#composer-text").press_sequentially("I am writing", delay=20)
        await other.locator(".writing.on").wait_for()
        await other.locator("#composer-text").press("Enter")
        await other.locator(".rival").wait_for()
        assert await other.locator("li.message", has_text="So am I").count() == 0
        await other.locator("#composer-text").press("Enter")
        await tick(other, "So am I", "delivered")

        await page.locator("li.message", has_text="So am I").wait_for()
        await page.locator("#composer-text").press("Enter")
        await expect(page.locator(".rival")).to_contain_text("Second Agent has just answered")
        await page.locator(".rival").get_by_role("button", name="Send anyway").click()
        await tick(page, "I am writing", "delivered")


async def test_what_is_written_while_the_line_is_down_is_sent_once_even_from_a_new_page(
    desk: BrowserContext, running: Stack, page: Page, phone: Phone
) -> None:
    await page.locator("input[type=file]").set_input_files(
        {"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 an offer"}
    )
    await expect(page.locator(".composer-files progress")).to_have_count(0)
    await desk.set_offline(True)
    await write(page, "With the file")
    await write(page, "Only words")
    await write(page, "Better not")
    await page.locator("li.message", has_text="Better not").get_by_role("button", name="Do not send").click()
    await expect(page.locator("li.message", has_text="Better not")).to_have_count(0)
    await expect(page.locator(".trouble.waiting")).to_have_count(2)
    await page.close()
    await desk.set_offline(False)

    again = await desk.new_page()
    await again.goto(f"{running.url}/app#/inbox/all")
    await again.locator("a.row", has_text=phone.name).first.click()
    await tick(again, "With the file", "delivered")
    await tick(again, "Only words", "delivered")
    said = [message for message in (await phone.chat())["messages"] if message["author"] != "customer"]
    assert ["With the file" in str(message) for message in said] == [True, False]
    assert "offer.pdf" in str(said[0])
    assert "Better not" not in str(said)


async def test_a_canned_response_is_found_by_its_shortcut_and_filled_in(
    page: Page, owner: Person, phone: Phone
) -> None:
    await owner.post("/api/v1/canned-responses", {
        "shortcut": "hours", "title": "Opening hours", "scope": "organization",
        "body": "Hello {{contact.first_name}}, we open at nine. {{agent.name}}",
    })
    await page.locator("#composer-text").press_sequentially("/hou", delay=20)
    await page.get_by_role("option", name="Opening hours").wait_for()
    await page.locator("#composer-text").press("Enter")
    name = owner.session["user"]["name"]
    await expect(page.locator("#composer-text")).to_have_value(f"Hello Thread, we open at nine. {name}")
    await page.locator("#composer-text").press("Enter")
    await tick(page, "we open at nine", "delivered")


async def test_a_note_calls_a_colleague_by_name(page: Page, agent: Person, phone: Phone) -> None:
    await page.locator("button.mode.note").click()
    await page.locator("#composer-text").press_sequentially("Please look, @sec", delay=20)
    await page.get_by_role("option", name="Second Agent").wait_for()
    await page.locator("#composer-text").press("Tab")
    await page.locator("#composer-text").press("Enter")
    await expect(page.locator("li.message.note .mention")).to_have_text("@Second Agent")
    await page.locator("li.message.note:not(.local)", has_text="Please look").wait_for()
    told = (await agent.get("/api/v1/notifications"))["results"]
    assert [one["kind"] for one in told] == ["mention"]


async def test_a_voice_note_is_recorded_drawn_and_arrives_as_one(page: Page, phone: Phone) -> None:
    await page.get_by_role("button", name="Record a voice note").click()
    await expect(page.get_by_role("timer")).to_have_text(RUNNING)
    await page.locator(".recorder").get_by_role("button", name="Send").click()
    bubble = page.locator("li.message.by-agent", has=page.locator(".audio"))
    await bubble.locator(".ticks.delivered").wait_for()
    await expect(bubble.locator(".audio-time")).to_have_text(RUNNING)
    voice = (await phone.chat())["messages"][-1]
    assert voice["type"] == "audio"
    sound = await phone.client.get(f"{phone.line.stack.simulator_url}/media/{voice['body']['id']}")
    assert sound.headers["content-type"].startswith("audio/ogg")
    assert sound.content.startswith(b"OggS")


async def test_a_recording_that_is_cancelled_leaves_nothing(page: Page) -> None:
    await page.get_by_role("button", name="Record a voice note").click()
    await expect(page.get_by_role("timer")).to_have_text(RUNNING)
    await page.keyboard.press("Escape")
    await page.locator("#composer-text").wait_for()
    await expect(page.locator("li.message.by-agent")).to_have_count(0)
    await expect(page.locator(".composer-files")).to_have_count(0)


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


async def test_what_was_begun_here_stands_in_the_other_browser_and_goes_when_it_is_sent(
    browser: Browser, running: Stack, page: Page, owner: Person, phone: Phone
) -> None:
    async with visiting(browser) as elsewhere:
        other = await elsewhere.new_page()
        await sign_in(other, running.url, owner)
        await open_conversation(other, phone.name)
        await page.locator("#composer-text").fill("Begun at the desk")
        await expect(other.locator("#composer-text")).to_have_value("Begun at the desk")
        await other.reload()
        await expect(other.locator("#composer-text")).to_have_value("Begun at the desk")
        await other.locator("#composer-text").press("End")
        await other.locator("#composer-text").press_sequentially(", ended on the way", delay=10)
        await other.locator("#composer-text").press("Enter")
        await tick(other, "Begun at the desk, ended on the way", "delivered")
        await expect(page.locator("#composer-text")).to_have_value("")


async def has_draft(owner: Person, conversation: str, text: str) -> bool:
    kept = (await owner.get(f"/api/v1/conversations/{conversation}"))["drafts"]["reply"]
    return bool(kept and kept["text"] == text)


async def test_words_from_elsewhere_never_replace_those_being_typed(
    browser: Browser, running: Stack, page: Page, owner: Person, phone: Phone
) -> None:
    conversation = await conversation_of(owner)
    await page.locator("#composer-text").press_sequentially("My own", delay=10)
    await owner.put(f"/api/v1/conversations/{conversation}/draft", {"mode": "reply", "text": "From elsewhere"})
    await page.locator("#composer-text").press_sequentially(" words", delay=10)
    await page.locator("#composer-text").press("!")
    await expect(page.locator("#composer-text")).to_have_value("My own words!")
    await until(lambda: has_draft(owner, conversation, "My own words!"))
    await expect(page.locator("#composer-text")).to_have_value("My own words!")


async def test_what_is_begun_after_sending_survives_the_sending(
    desk: BrowserContext, page: Page, owner: Person, phone: Phone
) -> None:
    conversation = await conversation_of(owner)
    await desk.set_offline(True)
    await write(page, "Sent later")
    await page.locator("#composer-text").fill("The next one")
    await desk.set_offline(False)
    await tick(page, "Sent later", "delivered")
    await page.reload()
    await expect(page.locator("#composer-text")).to_have_value("The next one")
    await until(lambda: has_draft(owner, conversation, "The next one"))


async def test_a_message_for_later_waits_above_the_composer_is_changed_and_leaves_by_itself(
    page: Page, owner: Person, phone: Phone
) -> None:
    await page.locator("#composer-text").fill("See you tomorrow")
    await page.get_by_role("button", name="More ways to send").click()
    await page.get_by_role("menuitem", name="Send later…").click()
    await page.get_by_role("button", name=re.compile("^Tomorrow morning")).click()
    waiting = page.locator(".scheduled li")
    await expect(waiting).to_contain_text("See you tomorrow")
    await expect(page.locator("#composer-text")).to_have_value("")
    await waiting.get_by_role("button", name="Change the scheduled message").click()
    await page.get_by_label("Message", exact=True).fill("See you on Tuesday")
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(waiting).to_contain_text("See you on Tuesday")

    conversation = await conversation_of(owner)
    item = (await owner.get(f"/api/v1/conversations/{conversation}/scheduled"))["results"][0]
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await owner.patch(f"/api/v1/conversations/{conversation}/scheduled/{item['id']}", {"send_at": soon.isoformat()})
    await tick(page, "See you on Tuesday", "delivered")
    await expect(waiting).to_have_count(0)
    assert [message["body"]["body"] for message in (await phone.chat())["messages"]][1:] == ["See you on Tuesday"]


async def test_a_message_for_later_can_be_taken_back(page: Page, phone: Phone) -> None:
    await page.locator("#composer-text").fill("Perhaps not")
    await page.get_by_role("button", name="More ways to send").click()
    await page.get_by_role("menuitem", name="Send later…").click()
    await page.get_by_role("button", name=re.compile("^In an hour")).click()
    await page.get_by_role("button", name="Do not send this later").click()
    await expect(page.locator(".scheduled li")).to_have_count(0)


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
