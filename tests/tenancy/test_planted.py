"""The checks of the database's layers can fail: whatever safeguard is taken away is missed.

Every fourth here; all of them by `python -m tests.tenancy.mutants`.
"""

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.tenancy import layers
from tests.tenancy.planted import is_missed, planted
from tests.tenancy.rows import House

EVERY = 4


async def test_a_safeguard_that_is_taken_away_is_missed(owning: AsyncEngine, houses: tuple[House, House]) -> None:
    every = [one async for one in planted(owning, *houses)]
    assert len(every) > 6 * len(layers.PROTECTED) + len(layers.KEYS)
    unnoticed = [one.name for one in every[::EVERY] if not await is_missed(owning, one)]
    assert unnoticed == []
