"""The widget on its page: nothing leaks in, little is loaded, and it says who is there."""

import asyncio
import time
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser

from tests.live_client import live
from tests.running import Person, Stack
from tests.web.visits import Shop, Visit, arrive, browsing

pytestmark = pytest.mark.browser
NEVER: dict[str, Any] = {"days": {}}


async def test_nothing_of_a_strict_and_hostile_page_leaks_in(visit: Visit) -> None:
    await visit.begin()
    look = await visit.panel.evaluate(
        "it => { const s = getComputedStyle(it); return [s.color, s.fontSize, s.backgroundColor, s.display]; }"
    )
    assert look == ["rgb(20, 25, 34)", "14px", "rgb(255, 255, 255)", "flex"]


async def test_what_loads_on_open_is_small_and_kept_by_the_browser(browser: Browser, shop: Shop) -> None:
    async with browsing(browser) as context:
        sizes, kept = {}, {}
        page = await context.new_page()

        async def weigh(response: Any) -> None:
            if response.url.startswith(shop.running.url) and response.url.split("?")[0].endswith(".js"):
                sizes[response.url] = (await response.request.sizes())["responseBodySize"]
                kept[response.url] = response.headers["cache-control"]

        waiting = []
        page.on("requestfinished", lambda request: waiting.append(asyncio.ensure_future(_weigh(request, weigh))))
        visit = Visit(page, shop, [])  # type: ignore[arg-type]
        await visit.go()
        await visit.open()
        await visit.field.wait_for()
        await asyncio.gather(*waiting)
    assert sum(sizes.values()) < 40_000
    loader = f"{shop.running.url}/widget.js"
    assert kept.pop(loader) == "no-cache"
    assert set(kept.values()) == {"public, max-age=31536000, immutable"}


async def _weigh(request: Any, weigh: Any) -> None:
    await weigh(await request.response())


async def test_an_address_of_another_version_is_served_but_not_kept(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/web/v-0123456789abcdef/widget/app.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


async def test_the_button_wears_the_channels_look_before_it_is_pressed(browser: Browser, shop: Shop) -> None:
    await shop.settle(color="#117733", launcher={"position": "left", "label": "Ask us"})
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        box = await visit.button.bounding_box()
        assert box is not None
        assert box["x"] == 20
        assert await visit.button.inner_text() == "Ask us"
        color = await visit.button.evaluate("it => getComputedStyle(it).backgroundColor")
        assert color == "rgb(17, 119, 51)"
        await visit.open()
        panel = await visit.panel.bounding_box()
        assert panel is not None
        assert panel["x"] == 20
        await visit.shoot("left")


async def test_the_widget_speaks_the_companys_languages(browser: Browser, shop: Shop) -> None:
    await shop.settle(languages=["es", "pt-BR"])
    for language, words in (("pt-PT", "Escreva uma mensagem"), ("de-DE", "Escriba un mensaje")):
        async with browsing(browser, language=language) as context:
            visit = await arrive(context, shop)
            await visit.open()
            await visit.page.get_by_role("textbox", name=words).wait_for()


async def test_outside_the_hours_it_says_when_there_will_be_an_answer(browser: Browser, shop: Shop) -> None:
    tomorrow = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(time.gmtime().tm_wday + 1) % 7]
    await shop.settle(hours={"time_zone": "UTC", "days": {tomorrow: [["09:00", "10:00"]]}})
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.open()
        await visit.status("We are closed. We answer tomorrow, 9:00")
        await visit.shoot("closed")


async def test_without_anybody_there_it_says_what_may_be_expected(visit: Visit) -> None:
    await visit.shop.settle(reply_time="hours")
    await visit.open()
    await visit.status("We usually answer within a few hours")


async def test_with_somebody_there_it_says_so_only_while_open(
    browser: Browser, running: Stack, owner: Person, shop: Shop
) -> None:
    desk = await live(running.url, owner)
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.open()
        await visit.status("We are online")
        await shop.settle(hours=NEVER)
        await visit.page.reload()
        await visit.status("We are closed at the moment.")
    await desk.close()
