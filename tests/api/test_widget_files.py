"""The widget's scripts as they travel."""

from pathlib import Path

import pytest

from api import widget_files

SCRIPTS = sorted((widget_files.ROOT / "widget").rglob("*.js"))


def test_comments_and_indentation_stay_at_home() -> None:
    given = b"/* What it is. */\n// Why.\n\n  if (a) { // for people\n    b('x // y'); // not 'this'\n  }\n"
    assert widget_files.lean(given) == b"if (a) {\nb('x // y'); // not 'this'\n}\n"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_what_is_left_out_is_only_what_nobody_runs(path: Path) -> None:
    """Words in quotes are as many as before: no string was cut."""
    whole = path.read_bytes()
    kept = widget_files.lean(whole)
    lines = [line for line in whole.splitlines() if line.strip() and not line.strip().startswith((b"//", b"/*"))]
    assert len(kept.splitlines()) == len(lines)
    for before, after in zip(lines, kept.splitlines(), strict=True):
        assert before.strip().startswith(after)
        for quote in (b"'", b'"', b"`"):
            assert before.count(quote) == after.count(quote)
