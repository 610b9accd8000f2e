"""A hub with a database and a clock of its own for each test; the outbox is nobody else's."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from hub.core.access import Actor, system_actor
from hub.core.clock import SteppingClock
from hub.core.hub import Hub
from tests.databases import add_organization, bare_hub, fresh_database


@pytest.fixture(scope="module")
async def own_database(postgres_url: str) -> str:
    return await fresh_database(postgres_url)


@pytest.fixture
async def hub(own_database: str, clock: SteppingClock) -> AsyncIterator[Hub]:
    async with bare_hub(own_database, clock=clock, jobs={}) as made:
        yield made


@pytest.fixture
async def organization_id(hub: Hub) -> UUID:
    return await add_organization(hub)


@pytest.fixture
def actor(organization_id: UUID) -> Actor:
    return system_actor(organization_id, "test")
