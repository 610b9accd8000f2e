"""Every table belongs to an organization or is known not to, and PostgreSQL itself keeps organizations apart."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.accounts.models import Organization
from hub.core.clock import new_id
from hub.core.db import APP_ROLE
from hub.core.tenancy import Base, Scoped
from hub.migrations.run import config, current, head, knows, migrate, revisions
from hub.models import METADATA

SHARED = {"organizations", "installation", "login_attempts"}  # belong to no organization, or are one
MAPPED = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
SCOPED = sorted(name for name, model in MAPPED.items() if issubclass(model, Scoped))


def test_every_table_is_scoped_or_known_to_be_shared() -> None:
    assert set(METADATA.tables) - set(SCOPED) == SHARED


@pytest.mark.parametrize("name", SCOPED)
def test_a_scoped_table_carries_its_organization_into_its_keys(name: str) -> None:
    table = METADATA.tables[name]
    assert not table.c.organization_id.nullable
    for key in table.foreign_key_constraints:
        (target,) = {element.column.table.name for element in key.elements}
        assert target == "organizations" or "organization_id" in key.column_keys, f"{key.name} does not"


@pytest.fixture
async def catalogue(owner_engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with owner_engine.connect() as connection:
        yield connection


async def test_row_level_security_is_forced_with_one_sound_policy_on_every_scoped_table(
    catalogue: AsyncConnection,
) -> None:
    found = await catalogue.execute(text("""
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, count(p.polname) AS policies,
          min(pg_get_expr(p.polqual, p.polrelid)) AS reads, min(pg_get_expr(p.polwithcheck, p.polrelid)) AS writes,
          bool_and(p.polcmd = '*') AS every_command
        FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY c.oid"""))
    rows = {row.relname: row for row in found}
    assert set(rows) == set(METADATA.tables) | {"alembic_version"}
    for name in [*SCOPED, "organizations"]:
        row = rows[name]
        assert (row.relrowsecurity, row.relforcerowsecurity, row.policies) == (True, True, 1), name
        assert row.every_command, name
        column = "id" if name == "organizations" else "organization_id"
        for condition in (row.reads, row.writes):
            assert f"(strpos(current_setting('hub.scope'::text, true), ({column})::text) > 0)" in condition, name


async def test_the_applications_role_owns_nothing_and_bypasses_nothing(catalogue: AsyncConnection) -> None:
    role = (await catalogue.execute(text("SELECT * FROM pg_roles WHERE rolname = :role"), {"role": APP_ROLE})).one()
    powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolcanlogin")
    assert [power for power in powers if getattr(role, power)] == []
    owned = await catalogue.scalar(text("""
        SELECT (SELECT count(*) FROM pg_class WHERE relowner = r.oid)
          + (SELECT count(*) FROM pg_proc WHERE proowner = r.oid)
          + (SELECT count(*) FROM pg_namespace WHERE nspowner = r.oid)
        FROM pg_roles r WHERE rolname = :role"""), {"role": APP_ROLE})
    assert owned == 0


async def test_the_applications_role_can_only_add_to_the_log(catalogue: AsyncConnection) -> None:
    expected = {"SELECT": True, "INSERT": True, "UPDATE": False, "DELETE": False, "TRUNCATE": False}
    for privilege, granted in expected.items():
        held = await catalogue.scalar(
            text("SELECT has_table_privilege(:role, 'events', :privilege)"), {"role": APP_ROLE, "privilege": privilege}
        )
        assert held is granted, privilege


@pytest.fixture
async def two(owner_engine: AsyncEngine) -> tuple[UUID, UUID]:
    """Two organizations with a department each."""
    ids = new_id(), new_id()
    async with owner_engine.begin() as connection:
        for one in ids:
            await connection.execute(Organization.__table__.insert().values(  # type: ignore[attr-defined]
                id=one, slug=one.hex, name="n", locale="en", time_zone="UTC", settings={}, created_at=text("now()")))
            await _add_department(connection, one)
    return ids


async def _add_department(connection: AsyncConnection, organization_id: UUID) -> None:
    await connection.execute(
        text("INSERT INTO departments (id, organization_id, name, created_at) VALUES (:id, :org, :name, now())"),
        {"id": new_id(), "org": organization_id, "name": new_id().hex},
    )


async def _scope(connection: AsyncConnection, *organization_ids: UUID) -> None:
    await connection.execute(
        text("SELECT set_config('hub.scope', :ids, true)"), {"ids": ",".join(str(one) for one in organization_ids)}
    )


@pytest.mark.parametrize("name", [*SCOPED, "organizations"])
async def test_without_a_scope_nothing_is_there(engine: AsyncEngine, two: tuple[UUID, UUID], name: str) -> None:
    async with engine.begin() as connection:
        assert await connection.scalar(text(f"SELECT count(*) FROM {name}")) == 0


async def test_without_a_scope_nothing_can_be_written(engine: AsyncEngine, two: tuple[UUID, UUID]) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with engine.begin() as connection:
            await _add_department(connection, two[0])
    async with engine.begin() as connection:
        assert (await connection.execute(text("UPDATE departments SET name = 'x'"))).rowcount == 0
        assert (await connection.execute(text("DELETE FROM departments"))).rowcount == 0


async def test_a_scope_shows_its_own_organization_only(engine: AsyncEngine, two: tuple[UUID, UUID]) -> None:
    async with engine.begin() as connection:
        await _scope(connection, two[0])
        found = (await connection.scalars(text("SELECT DISTINCT organization_id FROM departments"))).all()
    assert found == [two[0]]


async def test_a_row_cannot_be_written_into_another_organization(engine: AsyncEngine, two: tuple[UUID, UUID]) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with engine.begin() as connection:
            await _scope(connection, two[0])
            await _add_department(connection, two[1])


async def test_a_row_cannot_be_moved_into_another_organization(engine: AsyncEngine, two: tuple[UUID, UUID]) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with engine.begin() as connection:
            await _scope(connection, two[0])
            await connection.execute(text("UPDATE departments SET organization_id = :other"), {"other": two[1]})


async def test_the_scope_ends_with_its_transaction(engine: AsyncEngine, two: tuple[UUID, UUID]) -> None:
    async with engine.connect() as connection:
        async with connection.begin():
            await _scope(connection, two[0])
            assert await connection.scalar(text("SELECT count(*) FROM departments")) == 1
        async with connection.begin():
            assert await connection.scalar(text("SELECT count(*) FROM departments")) == 0


async def test_models_and_migrations_agree(owner_engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)

    async with owner_engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(owner_engine: AsyncEngine) -> None:
    assert await migrate(owner_engine) == head()
    assert await current(owner_engine) == head()


def test_a_revision_of_a_newer_version_is_not_known() -> None:
    assert knows(head())
    assert not knows("9999")


def test_the_files_names_and_alembic_tell_the_same_line_of_revisions() -> None:
    script = ScriptDirectory.from_config(config())
    assert script.get_heads() == [revisions()[-1]]
    assert [found.revision for found in script.walk_revisions()][::-1] == list(revisions())
