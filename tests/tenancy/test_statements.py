"""SQL of our own names the organization in every statement, so that it holds with row-level security off."""

from tests.tenancy.statements import ACROSS, LOCKED, uses


def test_every_statement_names_the_organization_for_each_of_its_tables() -> None:
    found = list(uses())
    wide = {(use.path, use.label) for use in found if not use.is_narrowed}
    assert wide - ACROSS - LOCKED == set()
    assert wide >= ACROSS, "take out of the list what is narrowed now"
    assert len(found) >= len(ACROSS)
