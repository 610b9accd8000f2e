"""One floor for each test, on the shared database."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.channels.models import Channel
from hub.core.clock import SteppingClock
from tests.hub.conversations.floor import Floor, another_floor, open_floor


@pytest.fixture
async def floor(engine: AsyncEngine, clock: SteppingClock) -> Floor:
    return await open_floor(engine, clock)


@pytest.fixture
async def line(floor: Floor) -> Channel:
    """A WhatsApp number of the floor's."""
    return await floor.channel()


@pytest.fixture
async def stranger(floor: Floor) -> Floor:
    """Another organization on the same hub."""
    return await another_floor(floor.hub)
