"""Set-based SQL put together from parts: places renumbered, rows in arrays, what is the same passed once."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.core.access import Actor, system_actor
from hub.core.bulk import Bulk, Outdated, open_attempt
from hub.core.bus import EventRecord
from hub.core.clock import new_id
from hub.core.hub import Hub
from hub.core.outbox import OutboxRow
from hub.core.statements import Part, insertion, together
from hub.core.turns import Turn
from tests.databases import add_organization


def test_one_statement_is_itself() -> None:
    assert together((Part("UPDATE a SET b = $2 WHERE c = $1", 1),)) == "UPDATE a SET b = $2 WHERE c = $1"


def test_places_follow_one_another_and_the_first_is_for_all() -> None:
    joined = together((Part("A $1 $2 $3", 2), Part("B $1 $2 $12", 11), Part("C $1 $2", 1)))
    assert joined == "WITH w0 AS (A $1 $2 $3), w1 AS (B $1 $4 $14), w2 AS (C $1 $15) SELECT"


def test_what_has_to_be_counted_and_what_is_told_make_the_answer() -> None:
    joined = together((Part("A $1 $2", 1, counted=True), Part("B $1", 0, returning=True),
                       Part("C $1", 0, counted=True)))
    assert joined == (
        "WITH w0 AS (A $1 $2), w1 AS (B $1), w2 AS (C $1) SELECT CASE WHEN (SELECT count(*) FROM w0) = $3 AND"
        " (SELECT count(*) FROM w2) = $4 THEN true ELSE outdated() END, (SELECT jsonb_agg(to_jsonb(w1)) FROM w1)"
    )


def test_json_goes_in_as_text_and_the_table_says_the_types() -> None:
    statement = insertion(EventRecord, ("id", "data"), ("at",), "ON CONFLICT DO NOTHING")
    assert "x.data::jsonb" in statement
    assert "$4::text[]" in statement
    assert "$2::TIMESTAMP WITH TIME ZONE" in statement
    assert statement.endswith("AS x(id, data) ON CONFLICT DO NOTHING")


async def test_rows_alike_and_unlike_are_written_as_they_are(hub: Hub, actor: Actor, organization_id: UUID) -> None:
    """The forms of a statement: everything shared is the same, something is not, and a column that nobody fills."""
    columns = ("id", "job", "key", "order_key", "payload")
    wanted = []
    for jobs, orders in ((("a", "a"), (None, None)), (("a", "b"), (None, None)), (("a", "a"), ("x", None))):
        rows = [(new_id(), job, new_id().hex, order, {"of": [job, None]})
                for job, order in zip(jobs, orders, strict=True)]
        wanted += rows
        async with hub.bulk(actor) as bulk:
            bulk.insert(OutboxRow, columns, rows, shared=("job",), state="done", attempts=0, run_at=bulk.now,
                        created_at=bulk.now)
            bulk.insert(OutboxRow, columns, [], shared=("job",), state="done")
    async with hub.bulk(actor) as bulk:
        found = await bulk.fetch(
            "SELECT id, job, key, order_key, payload FROM outbox WHERE organization_id = $1 AND id = ANY($2::uuid[])",
            [row[0] for row in wanted],
        )
    assert sorted(map(tuple, found)) == sorted(wanted)


async def test_what_was_collected_is_there_before_the_next_look_and_goes_with_a_rollback(
    hub: Hub, actor: Actor
) -> None:
    count = "SELECT count(*) AS n FROM outbox WHERE organization_id = $1 AND key = $2"
    key = new_id().hex
    try:
        async with hub.bulk(actor) as bulk:
            bulk.later([("never", key, None, {})])
            assert (await bulk.fetch(count, key))[0]["n"] == 1
            raise asyncio.InvalidStateError
    except asyncio.InvalidStateError:
        pass
    async with hub.bulk(actor) as bulk:
        assert (await bulk.fetch(count, key))[0]["n"] == 0


_COLUMNS = ("id", "job", "key", "order_key", "payload")
_SAME = {"state": "done", "attempts": 0}
_COUNT = "SELECT id FROM outbox WHERE organization_id = $1 AND key = $2"
_MARK = "UPDATE outbox SET order_key = $3 WHERE organization_id = $1 AND key = $2 RETURNING key, order_key"


def _put(bulk: Bulk, key: str) -> None:
    bulk.insert(OutboxRow, _COLUMNS, [(new_id(), "a", key, None, {})], run_at=bulk.now, created_at=bulk.now, **_SAME)


async def test_an_attempt_writes_all_or_nothing(hub: Hub, actor: Actor) -> None:
    key, after = new_id().hex, list[str]()

    async def write(rows: int) -> None:
        async with open_attempt(hub, actor) as attempt:
            _put(attempt, key)
            attempt.expect(rows, _COUNT, key)
            attempt.then(lambda: after.append("committed"))

    with pytest.raises(Outdated):
        await write(1)
    assert (await hub.reading(actor).fetch(_COUNT, key), after) == ([], [])
    await write(0)  # the parts do not see each other
    assert (len(await hub.reading(actor).fetch(_COUNT, key)), after) == (1, ["committed"])


async def test_what_an_attempt_returns_is_told_before_it_ends(hub: Hub, actor: Actor) -> None:
    key, told = new_id().hex, list[Any]()
    async with open_attempt(hub, actor) as attempt:
        attempt.write(_MARK, key, "x", told=told.append)
    assert told == [()]
    async with open_attempt(hub, actor) as attempt:
        _put(attempt, key)
    async with open_attempt(hub, actor) as attempt:
        attempt.write(_MARK, key, "y", told=told.append)
    assert told == [(), [{"key": key, "order_key": "y"}]]


async def test_what_is_outdated_is_done_under_locks(hub: Hub, actor: Actor) -> None:
    key, ways = new_id().hex, list[bool]()

    async def write(bulk: Bulk) -> str:
        ways.append(bulk.locks)
        _put(bulk, key)
        bulk.expect(int(not bulk.locks), _COUNT, key)
        return "done"

    assert await hub.written(actor, write) == "done"
    assert ways == [False, True]
    assert len(await hub.reading(actor).fetch(_COUNT, key)) == 1


async def test_a_key_that_somebody_else_has_by_now_is_outdated_and_other_errors_are_not(hub: Hub, actor: Actor) -> None:
    key = new_id().hex
    async with open_attempt(hub, actor) as attempt:
        _put(attempt, key)
    with pytest.raises(Outdated):
        async with open_attempt(hub, actor) as attempt:
            _put(attempt, key)
    with pytest.raises(asyncpg.NotNullViolationError):
        async with open_attempt(hub, actor) as attempt:
            attempt.write("UPDATE outbox SET attempts = NULL WHERE organization_id = $1 AND key = $2", key)


async def test_an_attempt_looks_and_writes_in_its_own_organization_only(hub: Hub, actor: Actor) -> None:
    """Row-level security alone: the statements here ask for everybody's, on a connection that others had before."""
    other = system_actor(await add_organization(hub), "test")
    everybody = "SELECT organization_id FROM outbox WHERE $1::uuid IS NOT NULL AND key = $2"
    key = new_id().hex
    for who in (actor, other, actor):
        async with open_attempt(hub, who) as attempt:
            _put(attempt, key) if who is other else None
            assert {row["organization_id"] for row in await attempt.fetch(everybody, key)} <= {who.organization_id}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with open_attempt(hub, actor) as attempt:
            attempt.write("INSERT INTO outbox (organization_id, id, job, key, payload, state, attempts, run_at,"
                          " created_at) SELECT $2, $1, 'a', 'k', '{}', 'done', 0, now(), now()", other.organization_id)


async def test_an_attempt_is_made_in_its_turn_and_not_after_one_that_was_not_written(hub: Hub, actor: Actor) -> None:
    """What it leaves is for the next one alone, and told before it is written."""
    key, said = new_id().hex, list[str]()

    async def attempt(name: str, turn: Turn, rows: int = 0) -> None:
        async with open_attempt(hub, actor, turn) as made:
            said.append(f"{name} finds {made.left('it')}")
            made.leave("it", name)
            made.then(lambda: said.append(f"{name} committed"))
            _put(made, key + name)
            made.expect(rows, _COUNT, key + "none")

    first = Turn()
    first.leave("it", "a")
    second = asyncio.create_task(attempt("b", Turn(first)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert said == ["b finds a"]
    assert await hub.reading(actor).fetch(_COUNT, key + "b") == []
    await attempt("a", first)
    await second
    assert said == ["b finds a", "a finds None", "a committed", "b committed"]

    said.clear()
    first = Turn()
    second = asyncio.create_task(attempt("c", Turn(first)))
    with pytest.raises(Outdated):
        await attempt("d", first, rows=1)
    first.over()
    with pytest.raises(Outdated):
        await second
    assert not [words for words in said if words.endswith("committed")]
    assert [await hub.reading(actor).fetch(_COUNT, key + name) for name in "cd"] == [[], []]
