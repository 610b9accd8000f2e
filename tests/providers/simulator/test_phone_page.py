"""The phone in a real browser: a newcomer writes, the business answers, and both see what happened."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from providers.simulator import samples
from tests.providers.simulator.stage import ANA, NUMBER, Stage

pytestmark = pytest.mark.browser


class Held:
    """Ana's phone, open in a page; `troubles` collects what the console says."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        page.on("console", lambda said: self.troubles.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    async def write(self, text: str) -> None:
        await self.page.get_by_label("Message", exact=True).fill(text)
        await self.page.keyboard.press("Enter")


@pytest.fixture(params=[(1440, 900, "light"), (360, 740, "dark")], ids=["wide", "narrow"])
async def held(stage: Stage, browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Held]:
    width, height, scheme = request.param
    viewport = {"width": width, "height": height}
    context = await browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-US")  # type: ignore[arg-type]
    held = Held(await context.new_page())
    await held.page.goto(f"{stage.url}/")
    await held.page.locator(".person", has_text="Ana (demo)").click()
    yield held
    assert held.troubles == []
    assert await held.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await context.close()


async def test_a_message_shows_how_far_it_is(stage: Stage, held: Held) -> None:
    stage.hub.gate.clear()
    await held.write("Oi, tudo bem?")
    row = held.page.locator(".bubble-row", has_text="Oi, tudo bem?")
    await expect(row.get_by_role("img", name="Sent")).to_be_visible()

    stage.hub.gate.set()
    await expect(row.get_by_role("img", name="Delivered to the hub")).to_be_visible()

    body = {"messaging_product": "whatsapp", "status": "read", "message_id": stage.hub.messages[0]["id"]}
    await stage.graph.post(f"/{NUMBER.phone_number_id}/messages", json=body | {"typing_indicator": {"type": "text"}})
    await expect(row.get_by_role("img", name="Read by the business")).to_be_visible()
    await expect(held.page.get_by_role("img", name="Demo shop is typing")).to_be_visible()

    await stage.sent("text", {"body": "All well, thank you"})
    await expect(held.page.get_by_text("All well, thank you").last).to_be_visible()
    await expect(held.page.get_by_role("img", name="Demo shop is typing")).to_have_count(0)
    await stage.hub.until(lambda hub: [s["status"] for s in hub.statuses] == ["sent", "delivered", "read"])


async def test_buttons_and_lists_are_answered(stage: Stage, held: Held) -> None:
    buttons = [{"type": "reply", "reply": {"id": i, "title": t}} for i, t in (("y", "Yes please"), ("n", "No"))]
    question = await stage.sent(
        "interactive", {"type": "button", "body": {"text": "Again?"}, "action": {"buttons": buttons}}
    )
    await held.page.get_by_role("button", name="Yes please").click()
    await stage.hub.until(lambda hub: len(hub.messages) == 1)
    answer = stage.hub.messages[0]
    assert answer["interactive"] == {"type": "button_reply", "button_reply": {"id": "y", "title": "Yes please"}}
    assert answer["context"]["id"] == question

    rows = [{"id": f"r{i}", "title": f"Row {i}", "description": "good"} for i in range(3)]
    action = {"button": "Ways to pay", "sections": [{"title": "All", "rows": rows}]}
    await stage.sent("interactive", {"type": "list", "body": {"text": "How?"}, "action": action})
    await held.page.get_by_role("button", name="Ways to pay").click()
    await held.page.get_by_role("radio", name="Row 2").check()
    await held.page.get_by_role("button", name="Send", exact=True).last.click()
    await stage.hub.until(lambda hub: len(hub.messages) == 2)
    assert stage.hub.messages[1]["interactive"]["list_reply"] == rows[2]


async def test_pictures_voice_and_stickers_are_sent(stage: Stage, held: Held) -> None:
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": samples.picture()}
    await held.page.locator("input[type=file]").first.set_input_files(files=[picture])  # type: ignore[list-item]
    await held.page.get_by_role("button", name="Send", exact=True).click()
    await expect(held.page.locator(".bubble img")).to_be_visible()

    await held.page.get_by_role("button", name="Record a voice note").click()
    await expect(held.page.get_by_role("timer")).to_contain_text(re.compile("[1-9] s"))
    await held.page.get_by_role("button", name="Send the voice note").click()
    await expect(held.page.locator("audio")).to_be_visible()

    for choice in ("Sticker", "Album of 4 pictures at once"):
        await held.page.get_by_role("button", name="Attach").click()
        await held.page.get_by_role("menuitem", name=choice).click()
    await stage.hub.until(lambda hub: len(hub.messages) == 7)

    kinds = [m["type"] for m in stage.hub.messages]
    assert sorted(kinds) == ["audio", "image", "image", "image", "image", "image", "sticker"]
    voice = stage.hub.messages[kinds.index("audio")]["audio"]
    assert (voice["mime_type"], voice["voice"]) == ("audio/ogg; codecs=opus", True)
    seconds = await held.page.evaluate(
        "new Promise((done) => { const a = document.querySelector('audio');"
        " a.readyState ? done(a.duration) : (a.onloadedmetadata = () => done(a.duration)); a.load(); })"
    )
    assert 0.2 < seconds < 60
    assert stage.hub.messages[kinds.index("sticker")]["sticker"]["mime_type"] == "image/webp"


async def test_a_place_and_a_card_are_sent(stage: Stage, held: Held) -> None:
    for choice in ("Location", "Contact card"):
        await held.page.get_by_role("button", name="Attach").click()
        await held.page.get_by_role("menuitem", name=choice).click()
        await held.page.get_by_role("dialog").get_by_role("button", name="Send").click()
        await expect(held.page.get_by_role("dialog")).to_have_count(0)
    await stage.hub.until(lambda hub: len(hub.messages) == 2)

    assert stage.hub.messages[0]["location"]["latitude"] == -23.5503
    assert stage.hub.messages[1]["contacts"][0]["phones"][0]["wa_id"] == "12025550105"


async def test_own_messages_are_edited_reacted_to_and_deleted(stage: Stage, held: Held) -> None:
    await held.write("helo")
    row = held.page.locator(".bubble-row.mine")

    async def choose(name: str) -> None:
        await row.hover()
        await row.get_by_role("button", name="Message actions").click()
        await held.page.get_by_role("menuitem", name=name).click()

    await choose("React with 👍")
    await expect(row.locator(".reactions")).to_have_text("👍")
    await choose("Edit")
    await held.write("hello")
    await expect(row).to_contain_text("hello")
    await expect(row).to_contain_text("edited")
    await choose("Delete for everyone")
    await expect(row).to_contain_text("This message was deleted")
    await stage.hub.until(lambda hub: len(hub.messages) == 4)

    assert [m["type"] for m in stage.hub.messages] == ["text", "reaction", "edit", "revoke"]


async def test_a_reply_quotes_what_it_answers(stage: Stage, held: Held) -> None:
    question = await stage.sent("text", {"body": "Which colour?"})
    row = held.page.locator(".bubble-row", has_text="Which colour?")
    await row.hover()
    await row.get_by_role("button", name="Message actions").click()
    await held.page.get_by_role("menuitem", name="Reply").click()
    await held.write("Blue")
    await expect(held.page.locator(".mine .quote")).to_contain_text("Which colour?")
    await stage.hub.until(lambda hub: hub.messages)

    assert stage.hub.messages[0]["context"]["id"] == question


async def test_an_offline_phone_keeps_its_messages(stage: Stage, held: Held) -> None:
    online = held.page.get_by_role("switch", name="Online")
    await held.page.locator(".switch").click()
    await expect(held.page.get_by_role("status")).to_contain_text("offline")
    await held.write("later")
    await expect(held.page.get_by_role("img", name="Waiting for connection")).to_be_visible()

    await held.page.locator(".switch").click()
    await expect(online).to_be_checked()
    await expect(held.page.get_by_role("img", name="Delivered to the hub")).to_be_visible()


async def test_it_is_used_by_keyboard_alone(stage: Stage, browser: Browser) -> None:
    page = await (await browser.new_context(viewport={"width": 1440, "height": 900}, locale="pt-BR")).new_page()
    await page.goto(f"{stage.url}/")
    await page.get_by_role("button", name="Novo cliente").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("Gil (demo)")
    await page.keyboard.press("Tab")
    await page.keyboard.type("+55 11 90000-0078")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Gil (demo)")).to_be_visible()
    await expect(page.get_by_label("Mensagem", exact=True)).to_be_focused()
    await page.keyboard.type("Bom dia")
    await page.keyboard.press("Enter")
    await stage.hub.until(lambda hub: hub.messages)
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Anexar")).to_be_focused()

    assert stage.hub.messages[0]["from"] == "5511900000078"
    await page.context.close()


async def test_every_control_has_a_name(stage: Stage, held: Held) -> None:
    await held.write("x")
    await expect(held.page.locator(".bubble-row")).to_have_count(1)

    nameless = await held.page.evaluate(
        "[...document.querySelectorAll('button, a, input, select, textarea')].filter((e) => !e.hidden"
        " && !(e.textContent.trim() || e.getAttribute('aria-label') || e.closest('label'))).map((e) => e.outerHTML)"
    )

    assert nameless == []


async def test_a_lost_connection_is_told_and_comes_back(stage: Stage, held: Held) -> None:
    await held.write("before")
    stage.simulator.live.close()
    await expect(held.page.get_by_text("Connection lost")).to_have_count(0)

    await stage.sent("text", {"body": "after"})

    await expect(held.page.locator(".bubble", has_text="after")).to_be_visible()


async def test_two_customers_do_not_mix(stage: Stage, held: Held) -> None:
    await stage.write("text", {"body": "I am Bruno"}, wa_id="5521900000002")
    await stage.sent("text", {"body": "For Bruno"}, to="5521900000002")

    assert await held.page.locator(".bubble").count() == 0
    unread = held.page.locator(".person", has_text="Bruno (demo)").locator(".unread")
    await expect(unread).to_have_text("1")
    assert ANA in held.page.url


PASTE = """(kind) => {
  const data = new DataTransfer();
  const png = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="), (c) => c.charCodeAt(0));
  data.items.add(new File([png], "pasted.png", { type: "image/png" }));
  data.items.add(new File(["a,b"], "table.csv", { type: "text/csv" }));
  const target = document.querySelector(kind === "paste" ? "textarea" : ".messages");
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
}"""  # noqa: E501


@pytest.mark.parametrize("way", ["paste", "drop"])
async def test_files_are_pasted_and_dropped_and_sent_with_the_words(stage: Stage, held: Held, way: str) -> None:
    await held.page.evaluate(PASTE, way)
    chips = held.page.get_by_role("list", name="To be sent").get_by_role("listitem")
    await expect(chips).to_have_count(2)
    assert stage.hub.messages == []

    await held.write("Here they are")
    await stage.hub.until(lambda hub: len(hub.messages) == 2)
    await expect(chips).to_have_count(0)
    picture, table = stage.hub.messages
    assert (picture["type"], picture["image"]["caption"]) == ("image", "Here they are")
    assert (table["type"], table["document"]["filename"]) == ("document", "table.csv")


async def test_a_file_can_be_taken_out_before_sending(stage: Stage, held: Held) -> None:
    await held.page.evaluate(PASTE, "paste")
    await held.page.get_by_role("button", name="Remove pasted.png").click()
    await held.page.get_by_role("button", name="Send", exact=True).click()
    await stage.hub.until(lambda hub: hub.messages)

    assert [m["type"] for m in stage.hub.messages] == ["document"]


async def test_pictures_open_in_full_and_the_arrows_go_through_them(stage: Stage, held: Held) -> None:
    for index, caption in enumerate(("The first", "The second")):
        made = await stage.phone.post(
            f"/phones/{ANA}/media", content=samples.picture(index), headers={"content-type": "image/png"}
        )
        await stage.write("image", {"id": made.json()["id"], "caption": caption})
    small = held.page.get_by_role("button", name="Open the picture: The first")
    await small.click()
    viewer = held.page.get_by_role("dialog")
    await expect(viewer.get_by_role("img", name="The first")).to_be_visible()

    await held.page.keyboard.press("ArrowRight")
    await expect(viewer.get_by_role("img", name="The second")).to_be_visible()
    await expect(viewer.get_by_role("button", name="Next picture")).to_be_disabled()
    await held.page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)
    await expect(held.page.get_by_role("button", name="Open the picture: The second")).to_be_focused()


async def test_words_survive_a_reply_that_is_given_up(stage: Stage, held: Held) -> None:
    await stage.sent("text", {"body": "Which colour?"})
    box = held.page.get_by_label("Message", exact=True)
    await box.fill("I think")
    row = held.page.locator(".bubble-row", has_text="Which colour?")
    await row.hover()
    await row.get_by_role("button", name="Message actions").click()
    await held.page.get_by_role("menuitem", name="Reply").click()
    await held.page.keyboard.press("Escape")

    await expect(box).to_have_value("I think")
    await expect(held.page.locator(".composer-aside")).to_be_hidden()


async def test_what_the_business_sends_is_not_on_an_offline_phone(stage: Stage, held: Held) -> None:
    await held.page.locator(".switch").click()
    await expect(held.page.get_by_role("status")).to_contain_text("offline")
    await stage.sent("text", {"body": "Are you there?"})
    await stage.hub.until(lambda hub: [s["status"] for s in hub.statuses] == ["sent"])
    await expect(held.page.get_by_text("Are you there?")).to_have_count(0)

    await held.page.locator(".switch").click()
    await expect(held.page.locator(".bubble", has_text="Are you there?")).to_be_visible()
    await stage.hub.until(lambda hub: [s["status"] for s in hub.statuses] == ["sent", "delivered", "read"])


async def test_a_refused_act_says_why(stage: Stage, held: Held) -> None:
    await stage.phone.delete(f"/numbers/{NUMBER.phone_number_id}")
    await held.write("lost?")

    await expect(held.page.get_by_role("status").first).to_contain_text("no such business number")
    await expect(held.page.get_by_label("Message", exact=True)).to_have_value("lost?")
    held.troubles.clear()  # the browser reports the refusal too
