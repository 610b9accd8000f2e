"""A simulator over real HTTP, and a receiver in the hub's place."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

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


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium; where there is none, the tests that need it say so and are skipped."""
    names = ("chromium", "chromium-browser", "google-chrome")
    system = next((path for name in names if (path := shutil.which(name))), None)
    if system is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=system, args=["--no-sandbox"])
        yield browser
        await browser.close()
