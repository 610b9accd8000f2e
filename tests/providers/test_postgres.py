"""The embedded PostgreSQL is brought back when it ends by itself."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from providers.postgres import EmbeddedPostgres
from tests.waiting import until


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server, stopping = EmbeddedPostgres(tmp_path / "postgres"), threading.Event()
    server.start()
    keeper = threading.Thread(target=server.keep, args=(stopping,))
    keeper.start()
    yield server
    stopping.set()
    keeper.join()
    server.stop()


async def test_a_server_that_was_killed_comes_back_with_what_was_committed(kept: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(kept.admin_url)
    await connection.execute("CREATE TABLE said (word text)")
    await connection.execute("INSERT INTO said VALUES ('yes')")
    first = kept.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    async def stands() -> bool:
        return kept.pid not in (None, first) and kept.running_url() is not None

    await until(stands, seconds=20)
    connection.terminate()
    again = await asyncpg.connect(kept.admin_url)
    assert await again.fetchval("SELECT word FROM said") == "yes"
    await again.close()
