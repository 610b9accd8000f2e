"""What others wrote is named, with its licence, and is what it says it is."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from api.reference import RECORDS, ROOT

OWN = {"api/web/console/emoji/picker.js"}  # lies beside what others wrote, and is ours
CODE = {".js", ".css", ".json"}
LONGEST_LINE = 1000  # what people write by hand; what a tool made for others is longer


def recorded(folder: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROOT / folder / "vendor.json").read_text(encoding="utf-8"))
    return found


ALL = {f"{folder}/{one['file']}": one for folder in RECORDS for one in recorded(folder)}


@pytest.mark.parametrize("path", ALL)
def test_a_file_is_the_one_that_was_recorded(path: str) -> None:
    one, file = ALL[path], ROOT / path
    assert hashlib.sha256(file.read_bytes()).hexdigest() == one["sha256"]
    assert all(one[key].strip() for key in ("package", "version", "licence", "from", "changes"))
    if "licence_file" in one:
        assert len((file.parent / one["licence_file"]).read_text(encoding="utf-8")) > 500
    else:
        assert one["licence_note"]


def test_everything_in_these_folders_is_recorded() -> None:
    there = {
        path.relative_to(ROOT).as_posix() for folder in ("api/web/vendor", "api/web/console/emoji")
        for path in (ROOT / folder).iterdir() if path.suffix in CODE and path.name != "vendor.json"
    }
    assert there - OWN == {path for path in ALL if not path.startswith("tests/")}


def test_nothing_else_that_browsers_load_looks_as_if_a_tool_had_made_it() -> None:
    suspects = [
        path.relative_to(ROOT).as_posix() for folder in ("api/web", "providers/simulator/static", "tests/web")
        for path in sorted(Path(ROOT / folder).rglob("*")) if path.suffix in CODE
        if max(map(len, path.read_bytes().splitlines()), default=0) > LONGEST_LINE
    ]
    assert [path for path in suspects if path not in ALL] == []
