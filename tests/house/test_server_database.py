"""A PostgreSQL server of the operator's: an ordinary user that may create roles is enough, in the database it owns."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from api.doctor import examine
from hub.core.clock import new_id
from hub.core.db import create_engine
from hub.migrations.run import head, migrate
from tests.databases import administer, forget_the_disk, settings_for
from tests.waiting import until

CAREFUL = ("ALTER SYSTEM RESET fsync", "ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()")


@pytest.fixture
async def server_url(postgres_url: str) -> AsyncIterator[str]:
    """The database of a user without special powers, as docs/operations.md has it made, on a server that is careful."""
    name = f"operator_{new_id().hex[:12]}"
    await administer(
        postgres_url, f"CREATE ROLE {name} LOGIN", f"GRANT switchboard_app TO {name} WITH ADMIN OPTION",
        f"CREATE DATABASE {name} OWNER {name}",
    )
    url = make_url(postgres_url).set(username=name, database=name).render_as_string(hide_password=False)
    if await is_careful(url):
        yield url
        return
    await administer(postgres_url, *CAREFUL)
    await until(lambda: is_careful(url))
    yield url
    await forget_the_disk(postgres_url)


async def is_careful(url: str) -> bool:
    """Whether a new connection finds the server so; it reads its settings in its own time."""
    owner = create_engine(url, pool=1, role=None)
    async with owner.connect() as connection:
        found = [await connection.scalar(text(f"SHOW {name}")) for name in ("fsync", "full_page_writes")]
    await owner.dispose()
    return found == ["on", "on"]


async def test_an_ordinary_user_can_migrate_and_the_doctor_is_content(
    engine: object, server_url: str, tmp_path: object
) -> None:
    owner = create_engine(server_url, pool=1, role=None)
    assert await migrate(owner) == head()
    await owner.dispose()
    settings = settings_for(server_url, data_dir=str(tmp_path), secret_key="0123456789abcdef" * 3)
    checks = {check.name: check async for check in examine(settings)}
    assert [check for check in checks.values() if check.ok is False] == []
    assert checks["role"].detail == "works as switchboard_app"
