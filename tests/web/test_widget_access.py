"""The widget for everybody: by keyboard alone, and as axe and the eye see it."""

import pytest
from playwright.async_api import Browser, Page

from tests.waiting import until
from tests.web.axe import violations
from tests.web.visits import ASKS, Shop, active, arrive, browsing, has_focus

pytestmark = pytest.mark.browser
WIDGET = "switchboard-chat"


async def test_everything_is_done_by_keyboard_alone(browser: Browser, shop: Shop) -> None:
    await shop.settle(pre_chat={"ask_name": True})
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        keys = visit.page.keyboard
        await keys.press("Tab")
        await keys.press("Enter")
        await has_focus(visit.page, "name")
        await keys.type("Vera Demo")
        await keys.press("Enter")
        await has_focus(visit.page, "Write a message")
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
        await until(lambda: has_left(visit.page, "More"))
        await keys.press("Escape")
        await visit.page.get_by_label("Your e-mail").wait_for(state="detached")
        await has_focus(visit.page, "More")
        await keys.press("Escape")
        await visit.panel.wait_for(state="detached")
        await has_focus(visit.page, "Open chat")
        assert visit.troubles == []


async def has_left(page: Page, name: str) -> bool:
    return await active(page) != name


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
