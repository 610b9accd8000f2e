"""The pair of organizations: `owned` has one of everything, `other` tries to get at it and is watched."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.furnishing import Furnished, furnish
from tests.api.tenancy.watching import Watch
from tests.running import Stack, register


@pytest.fixture(scope="package")
async def owned(running: Stack, client: httpx2.AsyncClient, running_engine: AsyncEngine) -> Furnished:
    return await furnish(running, client, await register(client, "Owned"), running_engine)


@pytest.fixture(scope="package")
async def watch(owned: Furnished) -> AsyncIterator[Watch]:
    made = Watch(owned.canary)
    with made.reading_logs():
        yield made
    assert made.found == []


@pytest.fixture(scope="package")
async def watched(running: Stack, watch: Watch) -> AsyncIterator[httpx2.AsyncClient]:
    """HTTP to the hub, for `other` and for strangers."""
    hooks: dict[str, list[Callable[..., Any]]] = {"response": [watch.answer]}
    async with httpx2.AsyncClient(base_url=running.url, timeout=30, event_hooks=hooks) as made:
        yield made


@pytest.fixture(scope="package")
async def other(running: Stack, watched: httpx2.AsyncClient, running_engine: AsyncEngine) -> Furnished:
    return await furnish(running, watched, await register(watched, "Other"), running_engine)


@pytest.fixture(scope="package")
def document(running: Stack) -> dict[str, Any]:
    schema: dict[str, Any] = running.app.openapi_schema.to_schema()
    return schema


@pytest.fixture(autouse=True)
def nothing_seen(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test that was watched: no canary; the cells it ran are told at the end of the run."""
    if "watch" not in request.fixturenames:
        yield
        return
    watch: Watch = request.getfixturevalue("watch")
    before = watch.cells
    yield
    seen, watch.found = watch.found, []
    assert seen == []
    request.node.user_properties.append(("cells of the tenant matrix", watch.cells - before))
