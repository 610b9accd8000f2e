"""A JSON-lines journal under a few bounded tables: the simulator's whole memory, and what survives a restart."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, TextIO, TypeVar

import msgspec

Row = TypeVar("Row")
# Lines after which the file is written anew, when little of it still counts.
FIRST_ROOM = 50_000


class Line(msgspec.Struct):
    """One change: row `k` of table `t` is now `v`, or is gone when `v` is null."""

    t: str
    k: str
    v: Any = None


class Table(Generic[Row]):
    """Rows by key in order of arrival; beyond `limit` the oldest leave."""

    def __init__(self, journal: "Journal", name: str, row_type: type[Row], limit: int) -> None:
        self.name = name
        self.row_type = row_type
        self.limit = limit
        self.rows: dict[str, Row] = {}
        self.on_drop: Callable[[Row], None] = lambda row: None
        self._journal = journal

    def put(self, key: str, row: Row) -> Row:
        """Keep `row` under `key`, in memory and in the journal."""
        self.rows[key] = row
        self._journal.write(self.name, key, row)
        while len(self.rows) > self.limit:
            self.drop(next(iter(self.rows)))
        return row

    def drop(self, key: str) -> None:
        """Forget `key`; unknown keys are fine."""
        if (row := self.rows.pop(key, None)) is not None:
            self.on_drop(row)
            self._journal.write(self.name, key, None)

    def get(self, key: str) -> Row | None:
        return self.rows.get(key)

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self.rows.values()))

    def __len__(self) -> int:
        return len(self.rows)


class Journal:
    """The file below the tables; with no path everything stays in memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._tables: dict[str, Table[Any]] = {}
        self._file: TextIO | None = None
        self._room = FIRST_ROOM

    def table(self, name: str, row_type: type[Row], limit: int) -> Table[Row]:
        table = Table(self, name, row_type, limit)
        self._tables[name] = table
        return table

    def open(self) -> None:
        """Read what an earlier run wrote, write it anew without the history, and go on from there."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            self._replay(self.path.read_bytes())
        self._rewrite(self.path)

    def _rewrite(self, path: Path) -> None:
        self.close()
        fresh = path.with_suffix(path.suffix + ".new")
        with fresh.open("w", encoding="utf-8") as out:
            for table in self._tables.values():
                out.writelines(_line(table.name, key, row) for key, row in table.rows.items())
        fresh.replace(path)
        self._file = path.open("a", encoding="utf-8")
        self._room = max(FIRST_ROOM, 4 * sum(len(table) for table in self._tables.values()))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def write(self, table: str, key: str, row: object) -> None:
        if self._file is None or self.path is None:
            return
        self._file.write(_line(table, key, row))
        self._file.flush()
        self._room -= 1
        if self._room <= 0:
            self._rewrite(self.path)

    def _replay(self, content: bytes) -> None:
        for raw in content.splitlines():
            # A crash tears the last line; a line of another version is worth less than a start.
            try:
                line = msgspec.json.decode(raw, type=Line)
                table = self._tables[line.t]
                row = None if line.v is None else msgspec.convert(line.v, table.row_type)
            except (msgspec.DecodeError, KeyError):
                continue
            if row is None:
                table.rows.pop(line.k, None)
            else:
                table.rows[line.k] = row


def _line(table: str, key: str, row: object) -> str:
    return msgspec.json.encode(Line(t=table, k=key, v=row)).decode() + "\n"
