"""Lists: narrowed by who asks, paged without skipping, in a constant number of queries, by index."""

from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.conversations import pages, rules, search, threads, views, visibility
from hub.conversations.views import Wanted
from hub.core.access import Actor
from hub.core.clock import SteppingClock
from hub.core.errors import Forbidden, Invalid, NotFound
from hub.crm import views as crm
from tests.hub.conversations.floor import Floor, sender, word


async def fill(floor: Floor, count: int, clock: SteppingClock, **fields: Any) -> Any:
    line = await floor.channel(**fields)
    for number in range(count):
        clock.advance(seconds=1)
        await floor.receive(line, word(f"word {number}", at=clock.now(), sender=sender(
            f"55119{number:08d}", f"Customer {number}")))
    return line


async def page(floor: Floor, actor: Actor, **wanted: Any) -> Any:
    async with floor.hub.work(actor) as work:
        return await views.page(work, Wanted(**wanted))


async def test_pages_follow_each_other_without_gap_or_repeat(floor: Floor, clock: SteppingClock) -> None:
    await fill(floor, 7, clock)
    ana, cursor, names = await floor.actor(), None, []
    while True:
        found = await page(floor, ana, limit=3, cursor=cursor)
        names += [row.contact.name for row in found.results]
        if (cursor := found.next_cursor) is None:
            break
    assert names == [f"Customer {number}" for number in reversed(range(7))]


async def test_views_and_counts_agree(floor: Floor, clock: SteppingClock) -> None:
    await fill(floor, 4, clock)
    ana = await floor.actor()
    ids = [row.id for row in (await page(floor, ana)).results]
    async with floor.hub.work(ana) as work:
        await threads.accept(work, ids[0])
    async with floor.hub.work(ana) as work:
        await threads.close(work, ids[1])
    sizes = {view: len((await page(floor, ana, view=view)).results) for view in ("mine", "unassigned", "all", "closed")}
    async with floor.hub.work(ana) as work:
        counts = await views.counts(work)
    assert sizes == {"mine": 1, "unassigned": 2, "all": 3, "closed": 1}
    assert (counts.mine, counts.unassigned, counts.all, counts.closed, counts.unread) == (1, 2, 3, 1, 3)


async def test_agents_see_their_own_departments_nobodys_and_what_is_theirs(
    floor: Floor, clock: SteppingClock
) -> None:
    sales, support = await floor.department("Sales"), await floor.department("Support")
    await fill(floor, 1, clock, department_id=sales)
    (found,) = (await page(floor, floor.system)).results
    inside, outside = await floor.actor(departments=[sales]), await floor.actor(departments=[support])
    assert [row.id for row in (await page(floor, inside)).results] == [found.id]
    assert (await page(floor, outside)).results == []
    async with floor.hub.work(outside) as work:
        for refused in (views.detail, views.head, views.audience, visibility.find, threads.accept):
            with pytest.raises(NotFound):
                await refused(work, found.id)
        assert await views.heads(work, [found.id]) == {}
    with pytest.raises(NotFound):
        await pages.page(floor.hub, outside, found.id)
    async with floor.hub.work(outside) as work:
        assert (await search.find(work, "word")).messages == []
        assert await views.counts(work) == views.Counts(mine=0, unassigned=0, all=0, closed=0, unread=0)
    async with floor.hub.work(inside) as work:
        await threads.assign(work, found.id, user_id=outside.user_id)
    assert [row.id for row in (await page(floor, outside, view="mine")).results] == [found.id]


async def test_sql_and_rule_decide_alike(floor: Floor, clock: SteppingClock) -> None:
    sales, support = await floor.department("Sales"), await floor.department("Support")
    await fill(floor, 1, clock, department_id=sales)
    (row,) = (await page(floor, floor.system)).results
    actors = [
        await floor.actor(role, departments=own) for role in ("owner", "manager", "agent", "viewer")
        for own in ([], [sales], [support])
    ]
    for actor in actors:
        async with floor.hub.work(actor) as work:
            seen = bool(await views.heads(work, [row.id]))
        async with floor.hub.work(floor.system) as work:
            assert seen == rules.may_see(actor, await views.audience(work, row.id))


async def test_another_organization_sees_nothing(floor: Floor, stranger: Floor, clock: SteppingClock) -> None:
    await fill(floor, 1, clock)
    (row,) = (await page(floor, floor.system)).results
    boss = await stranger.actor("owner")
    assert (await page(stranger, boss)).results == []
    async with stranger.hub.work(boss) as work:
        with pytest.raises(NotFound):
            await views.detail(work, row.id)
        assert (await search.find(work, "word")).messages == []


async def test_a_page_takes_as_many_queries_for_twenty_rows_as_for_two(
    floor: Floor, engine: AsyncEngine, clock: SteppingClock
) -> None:
    await fill(floor, 20, clock)
    ana = await floor.actor()
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    sizes = []
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        for limit in (2, 20):
            statements.clear()
            assert len((await page(floor, ana, limit=limit)).results) == limit
            sizes.append(len(statements))
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert sizes[0] == sizes[1] <= 4


@pytest.mark.parametrize("wanted", [{"view": "other"}, {"limit": 0}, {"limit": 101}, {"cursor": "abc"}])
async def test_what_cannot_be_listed_is_refused(floor: Floor, wanted: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await page(floor, await floor.actor(), **wanted)


async def test_visitors_list_nothing(floor: Floor) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"))
    await floor.say(visitor)
    with pytest.raises(Forbidden):
        await page(floor, visitor)


async def test_messages_are_read_before_after_and_around_a_number(floor: Floor, clock: SteppingClock) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"))
    for number in range(9):
        _, conversation_id, _ = await floor.say(visitor, str(number))  # numbers 2 … 10; the opening is 1
    ana = await floor.actor()

    async def numbers(**bounds: int) -> tuple[list[int], bool, bool]:
        found = await pages.page(floor.hub, ana, conversation_id, **bounds)
        return [one.seq for one in found.results], found.has_before, found.has_after

    assert await numbers(limit=3) == ([8, 9, 10], True, False)
    assert await numbers(limit=3, before=8) == ([5, 6, 7], True, True)
    assert await numbers(limit=20, before=4) == ([1, 2, 3], False, True)
    assert await numbers(limit=3, after=8) == ([9, 10], True, False)
    assert await numbers(limit=4, around=6) == ([4, 5, 6, 7], True, True)
    assert await numbers(limit=4, around=1) == ([1, 2, 3, 4], False, True)
    assert await numbers(limit=4, around=10) == ([8, 9, 10], True, False)


async def test_lists_run_on_indexes(
    floor: Floor, engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    """The plans of the statements as they are really sent, under the application's role and row-level security."""
    ana, line = await floor.actor(), await floor.channel()
    await crowd(floor, owner_engine, line.id, ana)
    mine = await plan_of(floor, engine, ana, "conversations", views.page, Wanted(view="mine"))
    assert "ix_conversations_assignee" in mine
    for view in ("unassigned", "all", "closed"):
        plan = await plan_of(floor, engine, ana, "conversations", views.page, Wanted(view=view))
        assert "using ix_conversations_a" in plan
        assert "Seq Scan on conversations" not in plan


async def test_search_runs_on_its_indexes_where_an_administrator_marked_the_match(
    floor: Floor, engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    """The tests migrate as a superuser; the product's own owner is none, and there search reads the whole table."""
    ana, line = await floor.actor(), await floor.channel()
    await crowd(floor, owner_engine, line.id, ana)
    async with owner_engine.connect() as connection:
        assert await connection.scalar(text("SELECT proleakproof FROM pg_proc WHERE proname = 'ts_match_vq'"))
    assert "ix_messages_search" in await plan_of(floor, engine, ana, "messages", search.find, "word77")
    assert "ix_contacts_search" in await plan_of(
        floor, engine, ana, "contacts", crm.search, "person77", limit=5
    )


async def crowd(floor: Floor, owner_engine: AsyncEngine, channel_id: Any, ana: Actor) -> None:
    """Twelve thousand conversations of two messages each, most of them closed."""
    given = {"org": floor.organization_id, "line": channel_id, "ana": ana.user_id}
    async with owner_engine.begin() as connection:
        for statement in (
            "CREATE TEMP TABLE crowd ON COMMIT DROP AS SELECT n, gen_random_uuid() contact, gen_random_uuid() thread"
            " FROM generate_series(1, 12000) n",
            "INSERT INTO contacts (id, organization_id, name, name_given, search_text, created_at, updated_at)"
            " SELECT contact, :org, 'Person', false, 'person' || n, now(), now() FROM crowd",
            "INSERT INTO conversations (id, organization_id, channel_id, contact_id, status, assignee_id, head_seq,"
            " inbound_count, last_activity_at, created_at) SELECT thread, :org, :line, contact, CASE WHEN n % 10 = 0"
            " THEN 'open' ELSE 'closed' END, CASE WHEN n % 100 = 0 THEN CAST(:ana AS uuid) END, 2, 2,"
            " now() - n * interval '1 minute', now() FROM crowd",
            "INSERT INTO messages (id, organization_id, conversation_id, channel_id, seq, author, author_name, note,"
            " kind, text, content, state, state_at, search_text, created_at, occurred_at)"
            " SELECT gen_random_uuid(), :org, thread, :line, seq, 'customer', '', false, 'text', 'w', '{}', 'received',"
            " now(), 'word' || n, now(), now() FROM crowd, generate_series(1, 2) seq",
        ):
            wanted = {name: value for name, value in given.items() if f":{name}" in statement}
            await connection.execute(text(statement), wanted)
        await connection.execute(text("ANALYZE contacts, conversations, messages"))


async def plan_of(
    floor: Floor, engine: AsyncEngine, actor: Actor, table: str, read: Any, *args: Any, **options: Any
) -> str:
    """The plan of the first statement on this table that a read sends."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    async with floor.hub.work(actor) as work:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        try:
            await read(work, *args, **options)
        finally:
            event.remove(engine.sync_engine, "before_cursor_execute", note)
        statement, parameters = next(one for one in sent if f"FROM {table}" in one[0])
        connection = await work.session.connection()
        return "\n".join(row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
