"""Waiting for something that another part of the product brings about, by asking it until it is so."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 30.0  # seconds: what is awaited is not timed, so a busy machine may take its while


async def until(ask: Callable[[], Awaitable[T]], *, seconds: float = PATIENCE, pause: float = 0.02) -> T:
    """The first truthy answer. Raises `AssertionError` when none came in time."""
    answer: T | None = None
    try:
        async with asyncio.timeout(seconds):
            while not (answer := await ask()):
                await asyncio.sleep(pause)
    except TimeoutError:
        raise AssertionError(f"still {answer!r} after {seconds} s") from None
    return answer
