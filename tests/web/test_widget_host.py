"""The host page's word: who the visitor is, and which page they look at."""

import time
from typing import Any

import jwt
import pytest
from playwright.async_api import Browser

from tests.waiting import until
from tests.web.visits import SECRET, Shop, Visit, arrive, browsing

pytestmark = pytest.mark.browser


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
