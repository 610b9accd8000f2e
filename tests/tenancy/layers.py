"""What each layer of the tenancy promises, as checks that raise `AssertionError`; each looks at its layer alone.

The database's layers are checked with plain SQL, past the ORM; the ORM's guard with row-level security out of the way.
"""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import aliased

from hub.core.db import APP_ROLE
from hub.core.tenancy import Scope, ScopedSession, Unscoped
from hub.models import METADATA
from tests.tenancy.rows import MODELS, SCOPED, House

PROTECTED = [*SCOPED, "organizations"]
KEYS: dict[str, ForeignKeyConstraint] = {
    str(key.name): key for name in SCOPED for key in METADATA.tables[name].foreign_key_constraints
    if len(key.column_keys) > 1
}


def column_of(table: str) -> str:
    return "id" if table == "organizations" else "organization_id"


async def _as_application(connection: AsyncConnection, *organization_ids: UUID) -> None:
    """The application's role, narrowed to these organizations, for the rest of the transaction."""
    await connection.execute(text(f"SET LOCAL ROLE {APP_ROLE}"))
    await connection.execute(
        text("SELECT set_config('hub.scope', :ids, true), set_config('hub.across', 'off', true)"),
        {"ids": ",".join(map(str, organization_ids))},
    )


async def policy_holds(engine: AsyncEngine, table: str, own: House, foreign: House) -> None:
    """Row-level security of a table: no statement of the application's reads, changes, adds or moves foreign rows."""
    column, key = column_of(table), foreign.ids[table]
    async with engine.connect() as connection:
        await _as_application(connection)
        assert await connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, f"{table}: read without a scope"
        await connection.rollback()
        await _as_application(connection, own.id)
        found = (await connection.scalars(text(f"SELECT DISTINCT {column} FROM {table}"))).all()
        assert found == [own.id], f"{table}: read"
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            touched = await _touched(connection, f"{statement} WHERE id = :id", id=key)
            assert touched == 0, f"{table}: {statement.split()[0]}"
        columns = dict.fromkeys(("id", column))
        values = ", ".join([":new"] * len(columns))
        await _refused(connection, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})", new=uuid4())
        await _refused(connection, f"UPDATE {table} SET {column} = :new WHERE id = :id", new=uuid4(), id=own.ids[table])
        await connection.rollback()


async def _touched(connection: AsyncConnection, statement: str, **values: object) -> int:
    """How many rows; none where the application may not even try."""
    try:
        async with connection.begin_nested():
            return (await connection.execute(text(statement), values)).rowcount
    except DBAPIError as error:
        if "permission denied" not in str(error.orig):
            raise
        return 0


async def _refused(connection: AsyncConnection, statement: str, **values: object) -> None:
    try:
        async with connection.begin_nested():
            await connection.execute(text(statement), values)
    except DBAPIError as error:
        said = str(error.orig)
        assert "row-level security" in said or "permission denied" in said, f"{statement}: {said}"
        return
    raise AssertionError(f"not refused: {statement}")


async def policy_is_forced(engine: AsyncEngine, table: str) -> None:
    """Not even the tables' owner reads without a scope: security is on, forced, and has one policy for everything."""
    async with engine.connect() as connection:
        row = (await connection.execute(text("""
            SELECT relrowsecurity, relforcerowsecurity,
              (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid AND polcmd = '*') AS policies,
              (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS every
            FROM pg_class c WHERE oid = CAST(:name AS regclass)"""), {"name": table})).one()
    assert tuple(row) == (True, True, 1, 1), table


async def key_holds(engine: AsyncEngine, name: str, own: House, foreign: House) -> None:
    """A foreign key alone keeps a row from pointing into another organization, seen by one who may write anywhere."""
    key = KEYS[name]
    table, (column,) = key.table.name, [one for one in key.column_keys if one != "organization_id"]
    (target,) = {element.column.table.name for element in key.elements}
    async with engine.connect() as connection:
        await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
        if target != table:  # one row for each thing it points to: the foreign one makes room
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
            await connection.execute(text(f"DELETE FROM {table} WHERE id = :id"), {"id": foreign.ids[table]})
            await connection.execute(text("SET LOCAL session_replication_role = origin"))
        said = ""
        try:
            await connection.execute(text(f"UPDATE {table} SET {column} = :id WHERE id = :row"),
                                     {"id": foreign.ids[target], "row": own.ids[table]})
        except DBAPIError as error:
            said = str(error.orig)
        await connection.rollback()
    assert name in said, f"{table}.{column} points into another organization: {said}"


async def uniqueness_tells_nothing(engine: AsyncEngine) -> None:
    """No unique index spans organizations, which would tell one of them what the other has. Those without the
    organization begin with the id of something that has one, or are of secrets too random to guess."""
    async with engine.connect() as connection:
        rows = await connection.execute(text("""
            SELECT t.relname AS name, i.relname AS index, array_agg(a.attname::text ORDER BY k.place) AS columns
            FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid,
              unnest(x.indkey) WITH ORDINALITY AS k(number, place)
              JOIN LATERAL
                (SELECT attname FROM pg_attribute WHERE attrelid = x.indrelid AND attnum = k.number) a ON true
            WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace GROUP BY 1, 2"""))
        found = [(row.name, row.index, row.columns) for row in rows if row.name in MODELS]
    wide = [
        (index, columns) for name, index, columns in found
        if "organization_id" not in columns and columns not in (["id"], ["hash"])
        and not any(columns[0] in key.column_keys for key in METADATA.tables[name].foreign_key_constraints)
    ]
    assert wide == []
    assert len(found) > len(SCOPED)


def _session(engine: AsyncEngine, scope: Scope | None) -> AsyncSession:
    made = AsyncSession(engine, sync_session_class=ScopedSession, expire_on_commit=False, autoflush=False)
    if scope is not None:
        made.info["scope"] = scope
    return made


async def guard_holds(engine: AsyncEngine, table: str, own: House, foreign: House) -> None:
    """The ORM's guard alone narrows reading, changing and deleting to one organization, under aliases and in joins."""
    await _narrowed(engine, table, Scope.of(own.id), own, foreign, seen=1)


async def guard_holds_for_several(engine: AsyncEngine, own: House, foreign: House) -> None:
    """And so it does to several organizations."""
    await _narrowed(engine, "users", Scope.of(own.id, uuid4()), own, foreign, seen=1)
    await _narrowed(engine, "users", Scope.of(own.id, foreign.id), own, foreign, seen=2)


async def _narrowed(
    engine: AsyncEngine, table: str, scope: Scope, own: House, foreign: House, *, seen: int
) -> None:
    model, ids = MODELS[table], (own.ids[table], foreign.ids[table])
    other = aliased(model)
    joined = select(model.id).join(other, other.id == ids[1]).where(model.id == ids[0])
    reads: dict[str, tuple[Any, int]] = {
        "select": (select(model).where(model.id.in_(ids)), seen),
        "columns": (select(model.id).where(model.id.in_(ids)), seen),
        "alias": (select(other.id).where(other.id.in_(ids)), seen),
        "join": (joined, seen - 1),
        "subquery": (select(model.id).where(model.id.in_(select(other.id).where(other.id == ids[1]))), seen - 1),
    }
    same = {"synchronize_session": False}
    async with _session(engine, scope) as session:
        await session.execute(text("SELECT set_config('hub.across', 'on', true)"))
        for name, (statement, expected) in reads.items():
            assert len((await session.execute(statement)).all()) == expected, f"{table}: {name}"
        changing = update(model).where(model.id.in_(ids)).values(organization_id=model.organization_id)
        assert _rows(await session.execute(changing, execution_options=same)) == seen, f"{table}: update"
        await session.execute(text("SET LOCAL session_replication_role = replica"))  # keys are not what is asked
        removing = delete(model).where(model.id.in_(ids))
        assert _rows(await session.execute(removing, execution_options=same)) == seen, f"{table}: delete"
        await session.rollback()


def _rows(result: Any) -> int:
    return int(result.rowcount)


async def guard_refuses(engine: AsyncEngine, own: House, foreign: House) -> None:
    """Nothing runs without a scope, and no new row leaves it."""
    from hub.conversations.models import Tag
    from hub.core.clock import SystemClock, new_id

    def tag(organization_id: UUID | None) -> Tag:
        return Tag(id=new_id(), organization_id=organization_id, name=new_id().hex, color="#2563eb",
                   created_at=SystemClock().now())

    async def refused(scope: Scope | None, row: Tag | None) -> None:
        async with _session(engine, scope) as session:
            try:
                if row is None:
                    await session.execute(select(Tag))
                else:
                    session.add(row)
                    await session.flush()
            except Unscoped:
                return
            finally:
                await session.rollback()
        raise AssertionError(f"not refused: {scope}, {row}")

    await refused(None, None)
    await refused(None, tag(own.id))
    await refused(Scope.of(own.id), tag(foreign.id))
    await refused(Scope.of(own.id, own.ids["users"]), tag(foreign.id))
    async with _session(engine, Scope.of(own.id)) as session:
        await session.execute(text("SELECT set_config('hub.across', 'on', true)"))
        stamped = tag(None)
        session.add(stamped)
        await session.flush()
        assert stamped.organization_id == own.id
        await session.rollback()
