"""One seeded bug: where the code is changed, what that breaks, and the shortest round that shows it."""

import shutil
from pathlib import Path

import msgspec

COPIED = ("hub", "api", "workers", "providers", "docs")


class Stale(Exception):
    """The code that a bug changes is not there any more: the bug has to be written anew."""


class Edit(msgspec.Struct, frozen=True):
    """`old` stands once in the file and becomes `new`."""

    file: str
    old: str
    new: str


class Bug(msgspec.Struct, frozen=True, kw_only=True):
    """`breaks`: invariants of which at least one has to be named. `round`: a name in `rounds.ROUNDS`. `sql` is run by
    the superuser before the load, for what the schema itself would prevent."""

    name: str
    breaks: tuple[str, ...]
    says: str
    edits: tuple[Edit, ...]
    round: str
    sql: tuple[str, ...] = ()


def changed(bug: Bug, source: Path) -> dict[str, str]:
    """The text of each file that the bug changes, with the bug in it. Raises `Stale`."""
    texts: dict[str, str] = {}
    for edit in bug.edits:
        text = texts.get(edit.file) or (source / edit.file).read_text(encoding="utf-8")
        if text.count(edit.old) != 1:
            raise Stale(f"{bug.name}: {edit.file} has the text {text.count(edit.old)} times:\n{edit.old}")
        texts[edit.file] = text.replace(edit.old, edit.new)
    return texts


def infect(bug: Bug, source: Path, target: Path) -> Path:
    """A copy of the tree with the bug in it. Raises `Stale`."""
    texts = changed(bug, source)
    for name in COPIED:
        shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "web"))
    (target / "api" / "web").symlink_to(source / "api" / "web")
    for name, text in texts.items():
        (target / name).write_text(text, encoding="utf-8")
    return target
