"""What the widget asks: who one is, how it was, and where to mail the thread."""

import secrets

import httpx2
import pytest
from playwright.async_api import Browser, expect

from tests.waiting import until
from tests.web.visits import ASKS, Shop, Visit, arrive, browsing, has_focus

pytestmark = pytest.mark.browser


async def ended(visit: Visit, text: str = "All done") -> str:
    """A conversation that was served and closed; its id."""
    conversation_id = await visit.begin()
    await visit.shop.answer(conversation_id, text)
    await visit.bubble(text)
    await visit.shop.owner.post(f"/api/v1/conversations/{conversation_id}/close")
    return conversation_id


async def test_what_is_asked_before_comes_before_the_first_message(browser: Browser, shop: Shop) -> None:
    await shop.settle(pre_chat=ASKS)
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.open()
        await visit.page.get_by_role("button", name="Start the chat").click()
        await visit.page.get_by_text("Please fill this in").first.wait_for()
        await has_focus(visit.page, "name")
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


async def test_what_is_asked_since_the_visitor_came_is_asked_in_place_and_their_words_wait(
    browser: Browser, shop: Shop
) -> None:
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.open()
        await visit.field.wait_for()
        await shop.settle(pre_chat=ASKS)
        await visit.write("Is anybody there?")
        await visit.page.get_by_text("Please say who you are before the first message.").wait_for()
        await visit.bubble("Is anybody there?")
        await expect(visit.page.get_by_role("button", name="Skip")).to_have_count(0)
        await visit.shoot("owed")
        assert await shop.conversations() == []
        await visit.page.get_by_label("Your name").fill("Vera Demo")
        await visit.page.get_by_label("Your e-mail").fill("vera@example.com")
        await visit.page.get_by_role("button", name="Start the chat").click()
        await visit.bubble("Is anybody there?", "sent")
        await visit.field.wait_for()
        (row,) = await shop.conversations()
        assert row["contact"]["name"] == "Vera Demo"
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
            await expect(one.page.get_by_text("How did we do?")).to_have_count(0)
        await visit.page.reload()
        await visit.page.get_by_text("You rated this conversation: 4 of 5").wait_for()
        messages = await shop.owner.get(f"/api/v1/conversations/{conversation_id}/messages")
        assert messages["results"][-1]["content"] == {"event": "rated", "score": 4, "comment": "Quick"}


async def test_writing_again_reopens_with_a_line_and_takes_the_question_away(visit: Visit) -> None:
    await ended(visit)
    await visit.page.get_by_text("How did we do?").wait_for()
    await visit.write("One more thing")
    await visit.page.get_by_text("The conversation was reopened").wait_for()
    await expect(visit.page.get_by_text("How did we do?")).to_have_count(0)


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
