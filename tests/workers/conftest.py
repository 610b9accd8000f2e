"""What the tests of several processes share."""

from collections.abc import Iterator

import pytest

from tests.workers.servers import Valkey


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A server of this test's own."""
    made = Valkey()
    made.start()
    yield made
    made.stop()
