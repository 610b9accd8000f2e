"""Tabs, lines that break, and channels that pause."""

import asyncio

import pytest
from playwright.async_api import Browser

from tests.web.visits import Shop, Visit, arrive, browsing

pytestmark = pytest.mark.browser


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
