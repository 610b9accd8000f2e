"""Set-based SQL put together from parts: places renumbered, rows in arrays, what is the same passed once."""

import asyncio
from uuid import UUID

from hub.core.access import Actor
from hub.core.bus import EventRecord
from hub.core.clock import new_id
from hub.core.hub import Hub
from hub.core.outbox import OutboxRow
from hub.core.statements import Part, insertion, together


def test_one_statement_is_itself() -> None:
    assert together((Part("UPDATE a SET b = $2 WHERE c = $1", 1),)) == "UPDATE a SET b = $2 WHERE c = $1"


def test_places_follow_one_another_and_the_first_is_for_all() -> None:
    joined = together((Part("A $1 $2 $3", 2), Part("B $1 $2 $12", 11), Part("C $1 $2", 1)))
    assert joined == "WITH w0 AS (A $1 $2 $3), w1 AS (B $1 $4 $14), w2 AS (C $1 $15) SELECT"


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
