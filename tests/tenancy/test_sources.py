"""The mutants of the source: their places exist, and a sample of them is caught here; all by
`python -m tests.tenancy.mutants`."""

from pathlib import Path

import pytest

from tests.tenancy.mutants import Tree
from tests.tenancy.sources import MUTANTS, SIGNALS, STATEMENTS, Mutant
from tests.tenancy.statements import ROOT

QUICK = [one for one in MUTANTS if one.tests in (SIGNALS, STATEMENTS)][:2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one.layer}, {one.name}")
def test_the_place_of_a_mutant_exists(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text("utf-8")
    assert text.count(mutant.old) == 1
    assert all((ROOT / test).exists() for test in mutant.tests.split())


def test_a_sample_of_the_mutants_is_caught(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "tree", "")
    assert [one.name for one in QUICK if not tree.is_missed(one)[0]] == []
