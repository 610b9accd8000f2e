"""The list by hand: views that are renamed, shared and moved, days, orders, and acts on many with their way back."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.running import Stack, colleague
from tests.waiting import until
from tests.web.inbox import Shop, open_shop, row, show
from tests.web.pages import at_work, into_messages

pytestmark = pytest.mark.browser


@pytest.fixture
async def shop(client: httpx2.AsyncClient) -> Shop:
    return await open_shop(client)


@pytest.fixture
async def page(browser: Browser, running: Stack, shop: Shop) -> AsyncIterator[Page]:
    async with at_work(browser, running, shop.owner) as made:
        yield made


async def names(page: Page) -> list[str]:
    """The rows from top to bottom."""
    found: list[str] = await page.locator("a.row .row-name").evaluate_all(
        "(all) => all.map((one) => [one.getBoundingClientRect().top, one.firstChild.textContent])"
        ".sort((one, two) => one[0] - two[0]).map((one) => one[1])")
    return found


async def kept(shop: Shop) -> list[tuple[str, bool]]:
    found = (await shop.owner.get("/api/v1/views"))["results"]
    return [(view["name"], view["shared"]) for view in sorted(found, key=lambda view: int(view["position"]))]


async def test_views_are_renamed_shared_moved_and_deleted(
    browser: Browser, running: Stack, client: httpx2.AsyncClient, page: Page, shop: Shop
) -> None:
    agent = await colleague(client, shop.owner, "agent")
    for number, name in enumerate(("First", "Second", "Third")):
        await shop.owner.post("/api/v1/views", {"name": name, "query": {"view": "all", "unread": True}, "shared": False,
                                                "position": number})
    await page.locator('[data-act="views"]').click()
    await page.get_by_role("menuitem", name="Edit saved views").click()
    dialog = page.locator(".view-dialog")
    await dialog.get_by_label("Name of Second").fill("Urgent")
    await page.keyboard.press("Enter")
    await dialog.get_by_label("Name of Urgent").wait_for()
    await dialog.get_by_role("button", name="Move Urgent up").click()
    await until(lambda: matches(shop, [("Urgent", False), ("First", False), ("Third", False)]))
    await dialog.locator(".view-line").first.get_by_role("checkbox").check()
    await until(lambda: matches(shop, [("Urgent", True), ("First", False), ("Third", False)]))
    await dialog.get_by_role("button", name="Delete Third").click()
    await dialog.locator("button.danger").click()
    await until(lambda: matches(shop, [("Urgent", True), ("First", False)]))
    await expect(dialog.locator(".view-line")).to_have_count(2)
    await page.keyboard.press("Escape")
    async with at_work(browser, running, agent) as other:
        await other.locator(".row, .list-empty, .state").first.wait_for()
        await other.locator('[data-act="views"]').click()
        await other.get_by_role("menuitem", name="Urgent").click()
        await expect(other.locator("nav.views a.view[aria-current]")).to_contain_text("Urgent")
        await other.locator('[data-act="views"]').click()
        await other.get_by_role("menuitem", name="Edit saved views").click()
        await other.locator(".view-fixed", has_text="Urgent").wait_for()  # whose it is not can only look


async def matches(shop: Shop, wanted: list[tuple[str, bool]]) -> bool:
    return await kept(shop) == wanted


async def test_days_narrow_and_orders_turn_the_list(page: Page, shop: Shop) -> None:
    for name in ("Oldest", "Middle", "Newest"):
        await shop.write(f"{name} Customer", "Hello")
    await shop.owner.post(f"/api/v1/conversations/{await shop.write('Middle Customer', 'Hello')}/accept")
    await show(page, "all")
    await row(page, "Oldest Customer").wait_for()
    await until(lambda: is_listed(page, ["Middle", "Newest", "Oldest"]))
    await page.locator('[data-act="sort"]').click()
    await page.get_by_role("menuitemcheckbox", name="Oldest first").click()
    await page.mouse.move(900, 300)
    await until(lambda: is_listed(page, ["Oldest", "Newest", "Middle"]))
    assert "sort=oldest" in page.url
    await page.locator('[data-act="sort"]').click()
    await page.get_by_role("menuitemcheckbox", name=re.compile("wait", re.I)).click()
    await page.mouse.move(900, 300)
    await until(lambda: is_listed(page, ["Oldest", "Middle", "Newest"]))
    tomorrow = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    long_ago = f"{datetime.now(UTC) - timedelta(days=9):%Y-%m-%d}"
    await page.keyboard.press("f")
    await page.locator(".filter-dates input").first.fill(tomorrow)
    await expect(page.locator("a.row")).to_have_count(0)
    await page.locator(".filter-dates input").first.fill(long_ago)
    await expect(page.locator("a.row")).to_have_count(3)
    await page.locator(".filter-dates input").last.fill(long_ago)
    await expect(page.locator("a.row")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.locator(".chip")).to_have_count(2)
    await page.locator(".chips").get_by_role("button", name="Clear filters").click()
    await expect(page.locator("a.row")).to_have_count(3)


async def is_listed(page: Page, wanted: list[str]) -> bool:
    return [name.split()[0] for name in await names(page)] == wanted


async def picked(page: Page, *people: str) -> None:
    """Exactly these rows."""
    if await page.locator(".bulk-head").count():
        await page.get_by_role("button", name="Clear the selection").click()
    await page.mouse.move(900, 300)
    for name in people:  # under the pointer nothing more would come
        await row(page, name).wait_for()
    for name in people:
        await row(page, name).hover()
        await page.locator(".row-place", has_text=name).locator(".row-pick input").check(force=True)
    await page.mouse.move(900, 300)


async def test_acts_on_many_and_each_way_back(client: httpx2.AsyncClient, page: Page, shop: Shop) -> None:
    agent = await colleague(client, shop.owner, "agent", name="Helpful Colleague")
    people = ("Ada", "Bruno")
    ids = [await shop.write(f"{name} Customer", "Hello") for name in people]
    tag = await shop.owner.post("/api/v1/tags", {"name": "vip", "color": "#3452cf"})
    await page.reload()
    await show(page, "all")
    await row(page, "Ada").wait_for()

    async def state() -> list[Any]:
        found = [await shop.owner.get(f"/api/v1/conversations/{one}") for one in ids]
        return [(one["status"], (one["assignee"] or {}).get("id"), [tag["name"] for tag in one["tags"]],
                 one["inbound_count"] > one["marker"]["inbound_seen"]) for one in found]

    async def becomes(*wanted: Any) -> None:
        async def so() -> bool:
            return all(one == wanted for one in await state())
        try:
            await until(so)
        except AssertionError:
            raise AssertionError(f"{await state()} instead of {wanted}") from None

    async def undone() -> None:
        await page.locator('[data-act="undo"]').click()

    await picked(page, *people)
    await page.locator('[data-act="bulk-assign"]').click()
    await page.get_by_role("menuitemcheckbox", name="Helpful Colleague").click()
    await becomes("open", agent.id, [], True)
    await undone()
    await becomes("open", None, [], True)

    await picked(page, *people)
    await page.locator('[data-act="bulk-tag"]').click()
    await page.get_by_role("menuitem", name="vip").click()
    await becomes("open", None, ["vip"], True)
    await picked(page, *people)
    await page.locator('[data-act="bulk-untag"]').click()
    await page.get_by_role("menuitem", name="vip").click()
    await becomes("open", None, [], True)
    await undone()
    await becomes("open", None, ["vip"], True)
    assert tag["name"] == "vip"

    await picked(page, *people)
    await page.locator('[data-bulk="read"]').click()
    await becomes("open", None, ["vip"], False)
    await undone()
    await becomes("open", None, ["vip"], True)

    await picked(page, *people)
    await page.locator('[data-bulk="close"]').click()
    await becomes("closed", None, ["vip"], True)
    await undone()
    await becomes("open", None, ["vip"], True)

    await picked(page, *people)
    await page.locator('[data-bulk="close"]').click()
    await becomes("closed", None, ["vip"], True)
    await show(page, "closed")
    await row(page, "Ada").wait_for()
    await picked(page, *people)
    await page.locator('[data-bulk="reopen"]').click()
    await becomes("open", None, ["vip"], True)


async def test_many_put_aside_come_back_at_once_and_each_to_its_former_time(page: Page, shop: Shop) -> None:
    people = ("Ada", "Bruno")
    ids = [await shop.write(f"{name} Customer", "Hello") for name in people]
    sent: list[Any] = []
    page.on("request", lambda one: sent.append((one.url.partition("/conversations/")[2], one.post_data_json))
            if one.method == "POST" and re.search("bulk|resume|snooze", one.url) else None)

    async def times() -> list[str | None]:
        return [(await shop.owner.get(f"/api/v1/conversations/{one}"))["snoozed_until"] for one in ids]

    async def tomorrow_and_back(*before: str | None) -> list[Any]:
        async def aside() -> bool:
            first, second = await times()
            return first is not None and first == second and first not in before

        async def back() -> bool:
            return await times() == list(before)

        await picked(page, *people)
        await page.locator('[data-bulk="snooze"]').click()
        await page.locator(".choice-line", has_text="Tomorrow").click()
        await until(aside)
        sent.clear()
        await page.locator('[data-act="undo"]').click()
        await until(back)
        return [(where, body["action"], len(body["ids"])) for where, body in sent]

    await show(page, "all")
    assert await tomorrow_and_back(None, None) == [("bulk", "resume", 2)]
    day = datetime.now(UTC).replace(microsecond=0)
    for one, days in zip(ids, (3, 5), strict=True):
        former = (day + timedelta(days=days)).isoformat()
        await shop.owner.post(f"/api/v1/conversations/{one}/snooze", {"until": former})
    await show(page, "snoozed")
    assert await tomorrow_and_back(*await times()) == [("bulk", "snooze", 1)] * 2


async def test_closing_goes_on_to_the_next_for_those_who_like_it_so(page: Page, shop: Shop) -> None:
    for name in ("Third", "Second", "First"):
        await shop.write(f"{name} Customer", "Hello")
    await page.evaluate("localStorage.setItem('switchboard.after-close', JSON.stringify('next'))")
    await page.reload()
    await show(page, "unassigned")
    await row(page, "First Customer").click()
    head = page.locator(".thread-head h2")
    await expect(head).to_have_text("First Customer")
    await page.locator("#composer-text").wait_for()
    await into_messages(page)
    await page.keyboard.press("e")
    await expect(head).to_have_text("Second Customer")
    await into_messages(page)
    await page.keyboard.press("Shift+J")
    await expect(head).to_have_text("Third Customer")
    await page.keyboard.press("Shift+K")
    await expect(head).to_have_text("Second Customer")
