"""A simulator over real HTTP, and a receiver in the hub's place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.providers.simulator.stage import ANA, NUMBER, Receiver, Slot, Stage, serve, staged


@pytest.fixture(scope="session")
async def hub_slot() -> AsyncIterator[Slot]:
    slot = Slot()
    async with serve(slot) as slot.url:
        yield slot


@pytest.fixture(scope="session")
async def slot() -> AsyncIterator[Slot]:
    """Where the simulator under test is served."""
    slot = Slot()
    async with serve(slot) as slot.url:
        yield slot


@pytest.fixture
async def hub(hub_slot: Slot) -> Receiver:
    hub_slot.app = Receiver()
    return hub_slot.app


@pytest.fixture
async def stage(slot: Slot, hub: Receiver, hub_slot: Slot) -> AsyncIterator[Stage]:
    """A simulator whose customer Ana wrote a minute ago, so that the window is open."""
    async with staged(slot, hub, hub_slot.url) as stage:
        await stage.phone.post(
            f"/phones/{ANA}/window", json={"phone_number_id": NUMBER.phone_number_id, "seconds_ago": 60}
        )
        yield stage


@pytest.fixture
def state_path(tmp_path: Path) -> str:
    return str(tmp_path / "simulator.jsonl")
