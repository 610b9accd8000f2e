"""The short form of the crash programme: one round with a bit of everything, and bugs that have to be found.

`python -m tests.chaos` is the long form, `python -m tests.chaos.bugs` plays every seeded bug.
"""

from pathlib import Path

import pytest

from tests.chaos import faults, faults_database, faults_network
from tests.chaos.bugs.bug import Bug, changed
from tests.chaos.bugs.catalogue import BUGS
from tests.chaos.bugs.play import hunt
from tests.chaos.checks import CHECKS
from tests.chaos.harness import ROOT
from tests.chaos.programme import plan, table
from tests.chaos.round import Verdict, play

FOUND_HERE = ("sent-twice", "frames-dropped")


@pytest.mark.timeout(240)
async def test_killed_cut_off_and_without_its_database_the_hub_keeps_its_promises(tmp_path: Path) -> None:
    faults_in_turn = faults.sequence(
        faults.kills(2, points=("send.after", "commit.before")),
        faults_database.database(("kill",)),
        faults_network.network(2, front=("unanswered",), back=("reset",)),
    )
    verdict = await play(tmp_path, family="short", fault=faults_in_turn, seed=20)
    assert verdict.violations == []
    assert verdict.kills >= 2
    assert verdict.acknowledged > 20


@pytest.mark.parametrize("name", FOUND_HERE)
async def test_a_seeded_bug_is_named_by_the_checker(name: str, tmp_path: Path) -> None:
    (bug,) = [bug for bug in BUGS if bug.name == name]
    outcome = await hunt(bug, tmp_path, seed=3, tries=2)
    assert outcome.caught, outcome.said


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_seeded_bug_can_still_be_planted(bug: Bug) -> None:
    for name, text in changed(bug, ROOT).items():
        compile(text, name, "exec")


def test_there_are_bugs_enough_each_with_a_name_and_an_invariant() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 25
    assert {name for bug in BUGS for name in bug.breaks} <= set(CHECKS)


def test_the_same_seed_makes_the_same_plan() -> None:
    assert plan(100, 4, {"kill", "network"}) == plan(100, 4, {"network", "kill"})
    assert plan(100, 4, {"kill"}) != plan(100, 5, {"kill"})


def test_the_table_says_what_zero_is_worth() -> None:
    verdict = Verdict(
        family="kill", seed=1, cycles=1, kills=300, acknowledged=6000, violations=[], recoveries=[1.0, 2.0],
    )
    lines = "\n".join(table([verdict]))
    assert "fewer than 1.00% of kills, 0.0500% of writes" in lines
    assert "p99 2.00 s" in lines
