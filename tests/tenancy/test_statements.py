"""SQL of our own names the organization in every statement, so that it holds with row-level security off."""

from tests.tenancy.statements import ACROSS, uses


def test_every_statement_names_the_organization_for_each_of_its_tables() -> None:
    wide = {(use.path, use.label) for use in uses() if not use.is_narrowed}
    assert wide - ACROSS == set()
    assert wide >= ACROSS, "take out of the list what is narrowed now"


def test_a_predicate_that_is_taken_away_is_missed() -> None:
    narrowed = [use for use in uses() if use.is_narrowed]
    assert len(narrowed) > 40
    assert [use.label for use in narrowed if use.without().is_narrowed] == []
