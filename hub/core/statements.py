"""SQL of sets: statements that write any number of rows, and several of them joined as one."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.dialects import postgresql

from hub.core.tenancy import Base

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_PLACE = re.compile(r"\$(\d+)")
OUTDATED = "HB001"  # PostgreSQL's code of what its function `outdated` raises


class Part(NamedTuple):
    """A statement among others, and how many arguments it has after `$1`. `counted`: whether it has to give a number of
    rows that is known beforehand; `returning`: whether somebody waits for what it returns."""

    statement: str
    arguments: int
    counted: bool = False
    returning: bool = False


def as_json(values: Iterable[Any]) -> list[str | None]:
    """Values for an array of texts that the statement makes `jsonb` of: the driver is slow at arrays of objects."""
    return [None if value is None else msgspec.json.encode(value).decode() for value in values]


@lru_cache(maxsize=1024)
def together(parts: tuple[Part, ...]) -> str:
    """The parts as one statement, which gives one row: what each `returning` part returned, as JSON.

    The arguments follow in the same order, and then the numbers of rows that the `counted` parts have to give. Where
    one does not, PostgreSQL raises `OUTDATED` and nothing is written. They are done before the others, for the answer
    is made of them: what they lock is locked before anything else is written.
    """
    if len(parts) == 1 and not (parts[0].counted or parts[0].returning):
        return parts[0].statement
    before, said = 0, []
    for number, part in enumerate(parts):
        said.append(f"w{number} AS ({_PLACE.sub(partial(_moved, before), part.statement)})")
        before += part.arguments
    counted = [number for number, part in enumerate(parts) if part.counted]
    held = " AND ".join(
        f"(SELECT count(*) FROM w{one}) = ${place}" for place, one in enumerate(counted, before + 2)  # noqa: S608
    )
    shown = [f"CASE WHEN {held} THEN true ELSE outdated() END"] if held else []
    for number, part in enumerate(parts):
        if part.returning:
            shown.append(f"(SELECT jsonb_agg(to_jsonb(w{number})) FROM w{number})")  # noqa: S608
    return f"WITH {', '.join(said)} SELECT {', '.join(shown)}".rstrip()


def _moved(before: int, place: re.Match[str]) -> str:
    number = int(place[1])
    return place[0] if number == 1 else f"${number + before}"


@cache
def json_columns(table: type[Base]) -> frozenset[str]:
    """The names of those that are `jsonb`."""
    return frozenset(column.name for column in table.__table__.columns if isinstance(column.type, postgresql.JSONB))


@cache
def insertion(table: type[Base], columns: tuple[str, ...], same: tuple[str, ...], again: str = "") -> str:
    """`INSERT` of any number of rows: the organization, what is the same for all of them, and one array for each of
    the other columns, with the types of the table."""
    types = {column.name: column.type.compile(_DIALECT) for column in table.__table__.columns}
    values = [f"${place}::{types[name]}" for place, name in enumerate(("organization_id", *same), 1)]
    json = json_columns(table)
    arrays = [
        f"${place}::{'text' if name in json else types[name]}[]" for place, name in enumerate(columns, len(values) + 1)
    ]
    values += [f"x.{name}::jsonb" if name in json else f"x.{name}" for name in columns]
    names = ", ".join(("organization_id", *same, *columns))
    return (
        f"INSERT INTO {table.__tablename__} ({names}) "  # noqa: S608
        f"SELECT {', '.join(values)} FROM unnest({', '.join(arrays)}) AS x({', '.join(columns)}) {again}"
    )
