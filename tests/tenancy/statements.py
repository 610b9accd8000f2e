"""Every SQL text of the product and the organization's tables in it: what the ORM's guard cannot see.

A statement names the organization for each table that it touches, so that it would hold with row-level security off.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.tenancy.rows import SCOPED

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("hub", "api", "workers", "providers")
# Statements about all organizations at once, each run under a logged scope across them: the outbox's claim and what
# tells a worker of due rows, the metrics' oldest row, the doctor's counts, the epoch.
ACROSS = frozenset({
    ("hub/core/outbox.py", "outbox"), ("api/system.py", "outbox"), ("api/doctor.py", "conversations"),
    ("api/doctor.py", "outbox"),
})
_TABLES = re.compile(r"\b(FROM|JOIN|UPDATE|INTO|USING)\s+(?:ONLY\s+)?(\w+)(?:\s+(?:AS\s+)?(\w+))?", re.IGNORECASE)
_WORDS = frozenset((
    "where", "set", "on", "order", "group", "limit", "left", "right", "inner", "outer", "join", "cross", "as", "using",
    "values", "returning", "for", "union", "select", "default", "and", "full", "natural", "offset", "having", "do",
    "lateral",
))


class Use(NamedTuple):
    """A table in a statement; `alias` is its own name where it has no other."""

    path: str
    statement: str
    verb: str
    table: str
    alias: str

    @property
    def label(self) -> str:
        return self.table if self.alias == self.table else f"{self.table} {self.alias}"

    @property
    def is_narrowed(self) -> bool:
        """Whether the statement says of which organization these rows are, or takes them from such rows."""
        return bool(re.search(self._predicate, self.statement))

    def without(self) -> "Use":
        """The same with its predicates taken away."""
        return self._replace(statement=re.sub(self._predicate, "", self.statement))

    @property
    def _predicate(self) -> str:
        if self.verb == "INTO":
            return rf"INTO\s+{self.table}\s*\([^)]*\borganization_id\b"
        prefix = rf"{self.alias}\." if self.alias != self.table else rf"(?:{self.table}\.|(?<![\w.]))"
        own, value = prefix + "organization_id", r"(?:\$\d+|:\w+|\w+\.organization_id)"
        return rf"{own}\s*=\s*{value}|\w+\.organization_id\s*=\s*{own}"


@cache
def uses() -> tuple[Use, ...]:
    """Every table of an organization in every SQL text."""
    return tuple(_uses())


def _uses() -> Iterator[Use]:
    for name in ROOMS:
        for path in sorted((ROOT / name).rglob("*.py")):
            relative = path.relative_to(ROOT).as_posix()
            if "migrations" in relative or "providers/postgres" in relative:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield from _of(relative, node.value)


def _of(path: str, statement: str) -> Iterator[Use]:
    if not re.search(r"\b(SELECT|UPDATE|INSERT|DELETE)\b", statement):  # in capitals, as we write it
        return
    for match in _TABLES.finditer(statement):
        table, alias = match[2], match[3] or match[2]
        if table in SCOPED:
            yield Use(path, statement, match[1].upper(), table, table if alias.lower() in _WORDS else alias)
