"""Real parts for every test: PostgreSQL with a migrated database for each worker, the app over real HTTP."""

import os
import socket
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.clock import SteppingClock
from hub.core.db import create_engine
from providers.postgres import EmbeddedPostgres
from tests.databases import database_over, forget_the_disk, fresh_database

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.running import Stack


# A traceback drawn in boxes with all its variables takes longer than the test that brings it about.
structlog.configure(processors=[
    structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
])


@pytest.fixture(scope="session")
async def postgres_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AsyncIterator[str]:
    """A PostgreSQL of this worker's own, below its temporary folder; ended by its own handle."""
    if given := os.environ.get("HUB_TEST_DATABASE_URL"):
        yield given
        return
    # Several hubs, each with a pool of its own, stand beside the one that runs for the whole session.
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / worker_id, connections=150)
    server.start()
    await forget_the_disk(server.admin_url)
    yield server.admin_url
    server.stop()


@pytest.fixture(scope="session")
async def database_url(postgres_url: str) -> str:
    """A migrated database; its name is unique to the run."""
    return await fresh_database(postgres_url)


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The pool that the code under test uses, under the application's role."""
    made = create_engine(database_url, pool=8)
    yield made
    await database_over(made).close()


@pytest.fixture(scope="session")
async def owner_engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool under the tables' owner, for looking at what the application cannot see."""
    made = create_engine(database_url, pool=2, role=None)
    yield made
    await made.dispose()


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture(scope="session")
def worker_id() -> str:
    """The name of this test process; pytest-xdist overrides it."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def data_path(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(scope="session")
async def running_url(postgres_url: str) -> str:
    """The running product's own database: its runner takes whatever work lies there, so nobody else's may."""
    return await fresh_database(postgres_url)


@pytest.fixture(scope="session")
async def running_engine(running_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool under the tables' owner, for looking at what the running product cannot see."""
    made = create_engine(running_url, pool=2, role=None)
    yield made
    await made.dispose()


@pytest.fixture(scope="session")
async def running(running_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator["Stack"]:
    """The whole product on loopback, one for each worker; each test makes an organization of its own."""
    from tests.running import stack

    async with stack(running_url, tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture(scope="session")
async def client(running: "Stack") -> AsyncIterator[httpx2.AsyncClient]:
    """HTTP to the hub."""
    async with httpx2.AsyncClient(base_url=running.url, timeout=30) as made:
        yield made


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator["Browser"]:
    """A real Chromium; where there is none, the tests that need it say so and are skipped."""
    from tests.browser import installed, launched

    path = installed()
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium-headless-shell")
    async with launched(path) as made:
        yield made


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Sums what tests counted (`record_property`), over all processes."""
    counted: Counter[str] = Counter()
    for report in terminalreporter.stats.get("", []):
        if report.when == "teardown":  # the last of a test's reports has them all
            counted.update({name: value for name, value in report.user_properties if isinstance(value, int)})
    for name, number in sorted(counted.items()):
        terminalreporter.write_line(f"{number} {name}")
