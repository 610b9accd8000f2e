"""The short form of the crash programme."""

from pathlib import Path

import pytest

from tests.chaos.kill import programme


@pytest.mark.timeout(150)
async def test_nothing_acknowledged_is_lost_doubled_or_out_of_order_when_killed_under_load(tmp_path: Path) -> None:
    found, recoveries, history = await programme(tmp_path, cycles=4, seed=20)
    assert found == []
    assert len(history.acknowledged) > 50
    assert len(history.answered) > 10
    assert len(recoveries) == 4
