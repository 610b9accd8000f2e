"""One floor for each test, on a database where no other runner takes the floor's work."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.channels.models import Channel
from hub.conversations import threads
from hub.core.clock import SteppingClock, new_id
from hub.core.db import Database, create_engine
from tests.databases import fresh_database
from tests.hub.conversations.floor import Floor, another_floor, open_floor, word
from tests.hub.conversations.scene import CARLA, Scene


@pytest.fixture(scope="session")
async def floor_database(postgres_url: str) -> str:
    """Where a test starts the whole product, that drains the shared database's outbox; it does not know this one."""
    return await fresh_database(postgres_url)


@pytest.fixture(scope="session")
async def engine(floor_database: str) -> AsyncIterator[AsyncEngine]:
    """The pool that the code under test uses, under the application's role."""
    made = create_engine(floor_database, pool=8)
    yield made
    await made.dispose()


@pytest.fixture(scope="session")
async def database(engine: AsyncEngine) -> AsyncIterator[Database]:
    """The one of all floors: grouped work has connections of its own."""
    made = Database(engine)
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def owner_engine(floor_database: str) -> AsyncIterator[AsyncEngine]:
    """A pool for looking at what the application cannot see."""
    made = create_engine(floor_database, pool=2, role=None)
    yield made
    await made.dispose()


@pytest.fixture
async def floor(database: Database, clock: SteppingClock) -> Floor:
    return await open_floor(database, clock)


@pytest.fixture
async def line(floor: Floor) -> Channel:
    """A WhatsApp number of the floor's."""
    return await floor.channel()


@pytest.fixture
async def stranger(floor: Floor) -> Floor:
    """Another organization on the same hub."""
    return await another_floor(floor.hub)


@pytest.fixture
async def elsewhere(floor: Floor, database: Database, clock: SteppingClock) -> Floor:
    """The same organization in another process, which remembers things of its own."""
    return Floor((await open_floor(database, clock)).hub, floor.organization_id)


@pytest.fixture
async def scene(floor: Floor, elsewhere: Floor) -> Scene:
    department_id = await floor.department()
    line, ana = await floor.channel(), await floor.actor(departments=[department_id])
    made = Scene(floor, elsewhere, line, ana)
    await floor.receive(line, word("first", at=floor.hub.clock.now(), sender=CARLA))
    made.id = (await floor.conversation()).id
    await made.sql("UPDATE contacts SET name_given = true WHERE organization_id = :org")
    await made.sql("UPDATE conversations SET department_id = :department WHERE organization_id = :org",
                   department=department_id)
    tag_id = new_id()
    await made.sql("INSERT INTO tags (id, organization_id, name, color, created_at)"
                   " VALUES (:id, :org, 'vip', '#64748b', now())", id=tag_id)
    await made.sql("INSERT INTO conversation_tags (id, organization_id, conversation_id, tag_id)"
                   " VALUES (gen_random_uuid(), :org, :thread, :tag)", thread=made.id, tag=tag_id)
    async with elsewhere.hub.work(ana) as work:
        await threads.accept(work, made.id)
    await made.hear("second")  # under locks, for what it knew of her is out of date
    return made
