"""By hand, in a browser: two agents at one thread, a line that goes down, drafts, prepared words, voice, later."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.running import Person, Stack
from tests.waiting import until
from tests.web.inbox import conversation_of
from tests.web.pages import open_conversation, sign_in, tick, visiting, write
from tests.web.phone import Phone

pytestmark = pytest.mark.browser

RUNNING = re.compile("^0:(?!00)[0-5][0-9]$")  # a second or more, however late one looks


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
