"""Safeguards of the database taken away one at a time, each with what puts it back and the check that must miss it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.models import METADATA
from tests.tenancy import layers
from tests.tenancy.rows import SCOPED, House

Check = Callable[[], Awaitable[None]]


class Planted(NamedTuple):
    """`take` and `put` are statements of the tables' owner."""

    name: str
    take: str
    put: str
    check: Check


async def planted(engine: AsyncEngine, own: House, foreign: House) -> AsyncIterator[Planted]:
    """Every one, made from the models and the catalogue."""
    for table in layers.PROTECTED:
        for one in await _of_policy(engine, table, own, foreign):
            yield one
    for name in sorted(layers.KEYS):
        yield await _of_key(engine, name, own, foreign)
    for table in SCOPED:
        for one in _of_uniqueness(engine, table):
            yield one


async def _of_policy(engine: AsyncEngine, table: str, own: House, foreign: House) -> list[Planted]:
    async def apart() -> None:
        await layers.policy_holds(engine, table, own, foreign)

    async def forced() -> None:
        await layers.policy_is_forced(engine, table)

    async with engine.connect() as connection:
        reads, writes = (await connection.execute(text(
            "SELECT pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy "
            "WHERE polrelid = CAST(:name AS regclass)"
        ), {"name": table})).one()
    unset = f"{reads} OR current_setting('hub.scope', true) = ''"
    whole = f"ALTER POLICY scope ON {table} USING {reads} WITH CHECK {writes}"
    return [
        Planted(f"policy of {table}: reading", f"ALTER POLICY scope ON {table} USING (true)", whole, apart),
        Planted(f"policy of {table}: writing", f"ALTER POLICY scope ON {table} WITH CHECK (true)", whole, apart),
        Planted(f"policy of {table}: no scope", f"ALTER POLICY scope ON {table} USING ({unset})", whole, apart),
        Planted(f"security of {table}: on", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", apart),
        Planted(f"security of {table}: forced", f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY", forced),
        Planted(f"policy of {table}: a second one", f"CREATE POLICY more ON {table} FOR SELECT USING (true)",
                f"DROP POLICY more ON {table}", apart),
    ]


async def _of_key(engine: AsyncEngine, name: str, own: House, foreign: House) -> Planted:
    async def holds() -> None:
        await layers.key_holds(engine, name, own, foreign)

    async with engine.connect() as connection:
        table, definition = (await connection.execute(text(
            "SELECT CAST(CAST(conrelid AS regclass) AS text), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conname = :name"
        ), {"name": name})).one()
    return Planted(f"foreign key {name}", f"ALTER TABLE {table} DROP CONSTRAINT {name}",
                   f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}", holds)


def _of_uniqueness(engine: AsyncEngine, table: str) -> list[Planted]:
    async def told() -> None:
        await layers.uniqueness_tells_nothing(engine)

    texts = [column.name for column in METADATA.tables[table].columns if column.name in ("name", "key", "value")]
    return [
        Planted(f"uniqueness of {table}.{name} over organizations",
                f"CREATE UNIQUE INDEX planted ON {table} ({name}, id)", "DROP INDEX planted", told)
        for name in texts
    ]


async def is_missed(engine: AsyncEngine, one: Planted) -> bool:
    """Takes the safeguard away, asks its check, and puts it back: whether the check noticed."""
    async with engine.begin() as connection:
        await connection.execute(text(one.take))
    try:
        await one.check()
    except AssertionError:
        return True
    else:
        return False
    finally:
        async with engine.begin() as connection:
            await connection.execute(text(one.put))
