"""Brings a database to the newest schema, one process at a time.

Alembic is imported only when there is something to migrate: a start of an up-to-date hub does not wait for it.
Revisions are the numbers that the files' names begin with, in a straight line; `tests/house` holds the two together.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 7_302_114_551


def config() -> "Config":
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


@cache
def revisions() -> tuple[str, ...]:
    """Every revision this code knows, oldest first."""
    return tuple(sorted(path.name[:4] for path in (Path(__file__).parent / "versions").glob("[0-9]*_*.py")))


def head() -> str:
    """The revision this code works with."""
    return revisions()[-1]


def knows(revision: str) -> bool:
    """Whether this code has heard of the revision; if not, a newer version has been at the database."""
    return revision in revisions()


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
    from alembic import command

    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, "head")
