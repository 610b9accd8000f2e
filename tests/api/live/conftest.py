"""A world without a database, and the fan-out over it."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from api.live.fanout import Fanout
from hub.core.clock import new_id
from hub.core.supervise import Supervisor
from tests.api.live.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def organization_id() -> UUID:
    return new_id()


@pytest.fixture
async def fanout(world: World) -> AsyncIterator[Fanout]:
    made, supervisor = Fanout(source=world), Supervisor()
    made.start(supervisor)
    yield made
    for connection in made.registry:
        made.leave(connection)
    await made.stop()
    await supervisor.stop()
