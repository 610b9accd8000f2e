"""Defence in depth: each layer holds with the others out of the way (T1, T5)."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.db import APP_ROLE, Database, create_engine
from hub.core.tenancy import Scope
from tests.tenancy import layers
from tests.tenancy.rows import SCOPED, House

Houses = tuple[House, House]


@pytest.mark.parametrize("table", layers.PROTECTED)
async def test_row_level_security_alone_keeps_a_table_apart(owning: AsyncEngine, houses: Houses, table: str) -> None:
    await layers.policy_holds(owning, table, *houses)
    await layers.policy_is_forced(owning, table)


@pytest.mark.parametrize("name", sorted(layers.KEYS))
async def test_a_foreign_key_alone_keeps_rows_from_pointing_elsewhere(
    owning: AsyncEngine, houses: Houses, name: str
) -> None:
    await layers.key_holds(owning, name, *houses)


@pytest.mark.parametrize("table", SCOPED)
async def test_the_orms_guard_alone_keeps_a_table_apart(owning: AsyncEngine, houses: Houses, table: str) -> None:
    await layers.guard_holds(owning, table, *houses)


async def test_the_orms_guard_narrows_to_several_organizations(owning: AsyncEngine, houses: Houses) -> None:
    await layers.guard_holds_for_several(owning, *houses)


async def test_the_orms_guard_refuses_what_has_no_scope_or_leaves_it(owning: AsyncEngine, houses: Houses) -> None:
    await layers.guard_refuses(owning, *houses)


async def test_no_unique_index_spans_organizations(owning: AsyncEngine, houses: Houses) -> None:
    await layers.uniqueness_tells_nothing(owning)


async def test_a_transaction_carries_its_scope_and_leaves_nothing_behind(apart: str, houses: Houses) -> None:
    """Seen from below, on the pool's only connection, by plain SQL under the application's role."""
    own, _ = houses
    engine = create_engine(apart, pool=1)
    database, count = Database(engine), text("SELECT count(*) FROM organizations")
    try:
        async with database.transaction(Scope.of(own.id)) as session:
            assert await session.scalar(text("SELECT current_user")) == APP_ROLE
            assert (await session.scalars(text("SELECT id FROM organizations"))).all() == [own.id]
        async with engine.connect() as connection:
            assert await connection.scalar(count) == 0
        async with database.transaction(Scope.across("test")) as session:
            assert await session.scalar(count) == 2
        async with engine.connect() as connection:
            assert await connection.scalar(count) == 0
    finally:
        await database.close()


async def test_a_grouped_transaction_carries_its_scope_and_leaves_nothing_behind(apart: str, houses: Houses) -> None:
    """The same for transactions in the driver's own terms, whether they were committed or not."""
    own, _ = houses
    database, count = Database(create_engine(apart, pool=1)), "SELECT count(*) FROM organizations"
    try:
        for end in ("COMMIT", "ROLLBACK"):
            async with database.raw(Scope.of(own.id)) as connection:
                assert await connection.fetchval("SELECT current_user") == APP_ROLE
                assert [row["id"] for row in await connection.fetch("SELECT id FROM organizations")] == [own.id]
                await connection.execute(end)
                assert await connection.fetchval(count) == 0
    finally:
        await database.close()


async def test_a_single_look_carries_its_scope_and_leaves_nothing_behind(apart: str, houses: Houses) -> None:
    """The same for a statement that sets its scope itself."""
    own, _ = houses
    database = Database(create_engine(apart, pool=1))
    try:
        look = "SELECT id, current_user::text FROM organizations WHERE $1::text <> ''"
        assert [tuple(row) for row in await database.read(Scope.of(own.id), look, "all")] == [(own.id, APP_ROLE)]
        async with database._raw.lend() as connection:
            assert await connection.fetchval("SELECT count(*) FROM organizations") == 0
    finally:
        await database.close()


async def test_a_connection_is_held_to_one_organization_at_a_time_and_others_to_none(
    apart: str, houses: Houses
) -> None:
    """Whoever has it next sees their own and nothing else, and all other connections see nothing, as before."""
    database, count = Database(create_engine(apart, pool=1)), "SELECT count(*) FROM organizations"
    try:
        for house in (*houses, houses[0]):
            async with database.held(Scope.of(house.id)) as connection:
                assert await connection.fetchval("SELECT current_user") == APP_ROLE
                assert [row["id"] for row in await connection.fetch("SELECT id FROM organizations")] == [house.id]
        async with database._raw.lend() as connection:
            assert await connection.fetchval(count) == 0
        async with database.engine.connect() as other:
            assert await other.scalar(text(count)) == 0
    finally:
        await database.close()
