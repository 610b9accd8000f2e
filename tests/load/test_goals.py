"""The judge of the load programme: it counts only if it finds what does not hold. Nothing here is timed."""

import msgspec
import pytest

from tests.load.__main__ import SCENARIOS, goals, measure
from tests.load.exactness import all_delivered, gap_free, same_for_all, stored_as_acknowledged
from tests.load.goals import BY_KEY, GOALS, NUMBERS
from tests.load.outcome import Outcome, Report, table
from tests.load.ratios import in_turn, judged, neighbours, percentile


async def test_phases_run_in_turn() -> None:
    ran: list[str] = []

    async def phase(name: str) -> float:
        ran.append(name)
        return float(len(ran))

    measured = await in_turn(3, lambda: phase("reference"), lambda: phase("product"))

    assert ran == ["reference", "product"] * 3
    assert measured == [[1, 3, 5], [2, 4, 6]]


def test_a_ratio_is_that_of_neighbours() -> None:
    assert neighbours([2, 8], [1, 4]) == [2, 0.5, 2]
    assert neighbours([3], [2]) == [1.5]


def test_the_median_ratio_is_judged_and_one_noisy_phase_changes_little() -> None:
    assert judged([10, 10, 1], [5, 5, 5]) == 2
    assert judged([], [1]) is None
    assert judged([1], [0]) is None


def test_a_percentile_lies_where_it_says() -> None:
    assert percentile(range(1, 101), 0.95) == 96
    assert percentile([7], 0.99) == 7
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


@pytest.mark.parametrize(("key", "value", "verdict"), [
    ("G1", 0.19, "missed"), ("G1", 0.20, "hold"), ("G1", 0.41, "aim"),
    ("G8", 1.51, "missed"), ("G8", 1.5, "hold"), ("G8", 1.2, "aim"), ("G8", None, "not here"),
])
def test_a_goal_knows_both_directions(key: str, value: float | None, verdict: str) -> None:
    assert BY_KEY[key].verdict(value) == verdict


def test_a_lost_row_or_delivery_is_found() -> None:
    assert stored_as_acknowledged(5, 5) == all_delivered(3, 10, 30) == []
    assert stored_as_acknowledged(5, 4) == ["5 acknowledged, 4 stored"]
    assert stored_as_acknowledged(4, 5) == ["4 acknowledged, 5 stored"]
    assert all_delivered(3, 10, 29) == ["29 deliveries of 30"]


def test_a_double_and_a_changed_order_are_found() -> None:
    assert same_for_all("r", [[1, 2, 3], [1, 2, 3]]) == []
    assert same_for_all("r", [[1, 2], [2, 1]]) == ["r: participants saw different orders"]
    assert "r: participant 1 got 2 twice (1 such)" in same_for_all("r", [[1, 2], [1, 2, 2]])


def test_a_gap_is_found() -> None:
    assert gap_free({"c": [0, 1, 2, 3]}) == []
    assert gap_free({"c": [0, 1, 3]}) == gap_free({"c": [0, 2, 1]}) == ["c: numbers with a gap or out of order"]


@pytest.mark.parametrize(("outcome", "failed"), [
    (Outcome(key="G4", product=[10, 10], reference=[5, 5]), False),
    (Outcome(key="G4", product=[4, 4], reference=[5, 5]), True),
    (Outcome(key="G4", product=[10], reference=[5], violations=["2 of 3"]), True),
    (Outcome(key="G4", missing="Node.js"), False),
    (Outcome(key="G11 memory", product=[600, 700, 500]), True),
    (Outcome(key="G11 memory", product=[100, 700, 200]), False),
])
def test_a_run_fails_for_what_does_not_hold_or_is_not_exact_but_not_for_what_is_not_here(
    outcome: Outcome, failed: bool
) -> None:
    assert outcome.failed is failed
    assert Report(facts={}, outcomes=[outcome]).failed is failed


def test_the_table_shows_every_outcome_with_its_verdict() -> None:
    lines = table([
        Outcome(key="G4", product=[1200.0], reference=[1000.0]),
        Outcome(key="G5", missing="ejabberd"),
        Outcome(key="G11 memory", product=[120.0], violations=["lost"]),
    ]).splitlines()

    assert lines[2] == ("| G4 | chat: sent, stored, with all 10 | Socket.IO and pg | 1,200 messages/s "
                        "| 1,000 messages/s | 1.20 | ≥ 1 | ≥ 1.5 | hold |")
    assert lines[3].endswith("| – | – | – | ≥ 2.5 | ≥ 4 | not here |")
    assert lines[4].endswith("| 120 KiB | – | – | ≤ 512 | ≤ 256 | aim, not exact |")


def test_the_report_can_be_read_by_programs() -> None:
    report = Report(facts={"seed": "20"}, outcomes=[Outcome(key="G4", product=[3.0], reference=[2.0])])

    read = msgspec.json.decode(report.json())

    assert read["facts"] == {"seed": "20"}
    assert (read["outcomes"][0]["key"], read["outcomes"][0]["ratio"], read["outcomes"][0]["verdict"]) == (
        "G4", 1.5, "aim"
    )


def test_every_goal_has_a_scenario() -> None:
    assert sorted(number for numbers in SCENARIOS.values() for number in numbers) == sorted(NUMBERS)
    assert len({goal.key for goal in GOALS}) == len(GOALS)


def test_goals_are_asked_for_by_number() -> None:
    assert goals("g1, G7") == ["G1", "G7"]
    with pytest.raises(Exception, match="no such goal: G99"):
        goals("G99")


async def test_nothing_is_measured_when_nothing_is_wanted() -> None:
    assert await measure(None, []) == []  # type: ignore[arg-type]
