"""A simulator over real HTTP, and a receiver in the hub's place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.providers.simulator.stage import ANA, NUMBER, Receiver, Stage, serve, staged


@pytest.fixture
async def hub() -> AsyncIterator[Receiver]:
    return Receiver()


@pytest.fixture
async def hub_url(hub: Receiver) -> AsyncIterator[str]:
    async with serve(hub) as url:
        yield url


@pytest.fixture
async def stage(hub: Receiver, hub_url: str) -> AsyncIterator[Stage]:
    """A simulator whose customer Ana has just written, so that the window is open."""
    async with staged(hub, hub_url) as stage:
        await stage.phone.post(
            f"/phones/{ANA}/window", json={"phone_number_id": NUMBER.phone_number_id, "seconds_ago": 60}
        )
        yield stage


@pytest.fixture
def state_path(tmp_path: Path) -> str:
    return str(tmp_path / "simulator.jsonl")
