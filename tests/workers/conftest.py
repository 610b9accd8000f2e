"""What the tests of several processes share."""

from collections.abc import Iterator

import pytest

from tests.databases import fresh_database
from tests.workers.servers import Valkey


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A server of this test's own."""
    made = Valkey()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
async def own_database(postgres_url: str) -> str:
    """A database whose outbox nobody else looks at."""
    return await fresh_database(postgres_url)
