"""Databases and hubs of a test's own, for tests that must be alone with the outbox."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from functools import cache
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.accounts.models import Organization
from hub.core.bus import Reactions
from hub.core.clock import Clock, new_id
from hub.core.crypto import Keyring
from hub.core.db import Database, create_engine
from hub.core.hub import Hub
from hub.core.outbox import Handler
from hub.core.settings import Settings
from hub.core.tenancy import Scope
from hub.migrations.run import migrate
from providers.memory import MemorySignals

SECRET = "a secret of tests, long enough for a key"


@cache
def database_over(engine: AsyncEngine) -> Database:
    """The one of all hubs over this engine: grouped work has connections of its own, closed with it."""
    return Database(engine)


_migrated: dict[str, str] = {}  # server → the database on it that new ones are copied from


async def fresh_database(postgres_url: str) -> str:
    """A new, migrated database on this server; its URL."""
    if postgres_url not in _migrated:
        template = await _create(postgres_url)
        engine = create_engine(_on(postgres_url, template), pool=1, role=None)
        await migrate(engine)
        await engine.dispose()
        _migrated[postgres_url] = template
    return _on(postgres_url, await _create(postgres_url, f' TEMPLATE "{_migrated[postgres_url]}"'))


async def _create(postgres_url: str, like: str = "") -> str:
    name = f"alone_{uuid4().hex[:12]}"
    await administer(postgres_url, f'CREATE DATABASE "{name}"{like}')
    return name


def _on(postgres_url: str, name: str) -> str:
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


async def administer(postgres_url: str, *statements: str) -> None:
    """Runs statements that stand in no transaction."""
    engine = create_engine(postgres_url, role=None, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def forget_the_disk(postgres_url: str) -> None:
    """Lets the server answer before its data is on the disk: only a machine that loses power could tell."""
    await administer(postgres_url, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off",
                     "SELECT pg_reload_conf()")


@contextlib.asynccontextmanager
async def bare_hub(
    url: str, *, jobs: Mapping[str, Handler] | None = None, reactions: Reactions | None = None,
    clock: Clock | None = None, pool: int = 10,
) -> AsyncIterator[Hub]:
    """A hub with a database and nothing else outside the process."""
    database = Database(create_engine(url, pool=pool))
    try:
        yield Hub(
            settings=Settings(environment="test", database_url=url, secret_key=SECRET), database=database,
            keyring=Keyring(SECRET), signals=MemorySignals(), ports=None, reactions=reactions or Reactions(),
            jobs=jobs or {}, clock=clock,
        )
    finally:
        await database.close()


async def add_organization(hub: Hub) -> UUID:
    """An organization with nobody in it; its id."""
    organization_id = new_id()
    async with hub.database.transaction(Scope.across("test")) as session:
        session.add(Organization(
            id=organization_id, slug=organization_id.hex, name="Alone", locale="en", time_zone="UTC", settings={},
            created_at=hub.clock.now(),
        ))
        await session.flush()
    return organization_id


def settings_for(url: str, **values: object) -> Settings:
    """Settings of a process that works with this database."""
    given = Settings(environment="test", database_url=url, secret_key=SECRET, log_level="warning")
    return msgspec.structs.replace(given, **values)
