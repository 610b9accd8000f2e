"""Brings a database to the newest schema, one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 7_302_114_551


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


def head() -> str:
    """The revision this code works with."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None
    return found


def knows(revision: str) -> bool:
    """Whether this code has heard of the revision; if not, a newer version has been at the database."""
    return revision in {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}


async def migrate(engine: AsyncEngine) -> str:
    """Applies what is missing, as the tables' owner; the revision reached. Waits for another process that is at it."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.run_sync(_upgrade)
    return head()


async def current(engine: AsyncEngine) -> str | None:
    """The revision the database is at; None when it is empty."""
    async with engine.connect() as connection:
        exists = await connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
        return await connection.scalar(text("SELECT version_num FROM alembic_version")) if exists else None


def _upgrade(connection: Connection) -> None:
    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, "head")
