"""A database of its own with two organizations, which the checks change only inside transactions that roll back."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.db import create_engine
from tests.databases import fresh_database
from tests.tenancy.rows import House, build


@pytest.fixture(scope="package")
async def apart(postgres_url: str) -> str:
    return await fresh_database(postgres_url)


@pytest.fixture(scope="package")
async def owning(apart: str) -> AsyncIterator[AsyncEngine]:
    """Under the tables' owner."""
    made = create_engine(apart, pool=2, role=None)
    yield made
    await made.dispose()


@pytest.fixture(scope="package")
async def houses(owning: AsyncEngine) -> tuple[House, House]:
    async with owning.begin() as connection:
        return await build(connection), await build(connection)
