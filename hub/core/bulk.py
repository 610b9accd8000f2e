"""The unit of work for many things at once: one transaction of set-based SQL, in one organization.

It has the same ways out as `Work` (`emit`, `later`, `show`, returning) and keeps the same rules; what it has not is the
ORM, so every statement names the organization itself, and row-level security stands behind it.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy.dialects import postgresql

from hub.core import outbox
from hub.core.access import Actor
from hub.core.bus import Event, EventRecord
from hub.core.clock import new_id
from hub.core.failpoints import reach
from hub.core.signals import AnySignal
from hub.core.tenancy import Base, Scope

if TYPE_CHECKING:
    from hub.core.hub import Hub

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_PLACE = re.compile(r"\$(\d+)")
_EVENT = ("id", "type", "conversation_id", "seq", "data", "actor")
_OUTBOX = ("id", "job", "key", "order_key", "payload")


class Happened(msgspec.Struct, frozen=True):
    """An event with the values that it is about, which its grouped reactions know how to read."""

    event: Event
    about: Any = None
    actor: str = ""


class Reading:
    """What actions receive that only look: each statement sees what was there when it began."""

    def __init__(self, hub: "Hub", actor: Actor) -> None:
        assert actor.organization_id is not None
        self.hub = hub
        self.actor = actor
        self.organization_id: UUID = actor.organization_id
        self.now: datetime = hub.clock.now()

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        """The rows of one statement; by convention its `$1` is the organization."""
        scope = Scope.of(self.organization_id)
        return await self.hub.database.read(scope, statement, self.organization_id, *arguments)


class Bulk(Reading):
    """What grouped actions receive as their first argument.

    What is only written is collected, and sent as one statement before the next look and at the end: each way to
    PostgreSQL and back costs as much as several rows. Its parts do not see each other, so none may write a row twice.
    """

    def __init__(self, hub: "Hub", connection: asyncpg.Connection, actor: Actor) -> None:
        super().__init__(hub, actor)
        self._connection = connection
        self._signals: list[AnySignal] = []
        self._makings: list[Callable[[], AnySignal]] = []
        self._wakes = False
        self._writes: list[tuple[str, Sequence[Any]]] = []

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        await self.flush()
        found: list[Any] = await self._connection.fetch(statement, self.organization_id, *arguments)
        return found

    def write(self, statement: str, *arguments: Any) -> None:
        """Does a statement whose outcome nobody waits for; its `$1` is the organization, too."""
        self._writes.append((statement, arguments))

    async def flush(self) -> None:
        """Sends what was collected."""
        writes, self._writes = self._writes, []
        if writes:
            statement = together(tuple((statement, len(arguments)) for statement, arguments in writes))
            await self._connection.execute(
                statement, self.organization_id, *(one for _, arguments in writes for one in arguments)
            )

    def insert(
        self, table: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]], *,
        shared: Sequence[str] = (), again: str = "", **same: Any,
    ) -> None:
        """Adds rows to the organization's, given as tuples in the order of the columns; nothing when there are none.

        `same` are columns with one value for all rows. `shared` are those that mostly have: they are passed once when
        every one of them does, for values passed one by one cost more than the rest of a row. (All or none of them:
        each other form of the statement has to be planned.) A column that is empty in every row is left out. `again`
        is the clause that says what becomes of rows that are there already.
        """
        arrays: dict[str, Sequence[Any]] = dict(zip(columns, zip(*rows, strict=True), strict=False))
        if not arrays:
            return
        kinds, many = _json_columns(table), {}
        alike = shared if all(arrays[name].count(arrays[name][0]) == len(arrays[name]) for name in shared) else ()
        for name, array in arrays.items():
            if name in alike:
                same[name] = array[0]
            elif array.count(None) < len(array):
                many[name] = as_json(array) if name in kinds else array
        self.write(insertion(table, tuple(many), tuple(same), again), *same.values(), *many.values())

    async def emit(self, happened: Sequence[Happened]) -> None:
        """Writes events to the log and runs what follows from them, all of one type at a time.

        Raises `KeyError` for a type with a reaction that has no grouped form: ask `Reactions.groups` first.
        """
        records = [
            (new_id(), one.event.name(), getattr(one.event, "conversation_id", None), getattr(one.event, "seq", None),
             one.event, one.actor or self.actor.label)
            for one in happened
        ]
        self.insert(EventRecord, _EVENT, records, shared=("type", "actor"), depth=0, at=self.now)
        reactions = self.hub.reactions
        by_type: dict[type[Event], list[Happened]] = {}
        for one, record in zip(happened, records, strict=True):
            by_type.setdefault(type(one.event), []).append(one)
            for later in reactions.later.get(type(one.event), ()):
                self.later([(later.job, f"event:{record[0]}", later.order_key(one.event),
                             {"event_id": record[0], "event": one.event})])
        for event_type, those in by_type.items():
            for react in reactions.same.get(event_type, ()):
                await reactions.grouped[react](self, those)

    def later(self, jobs: Sequence[tuple[str, str, str | None, Any]]) -> None:
        """Writes new outbox rows: (job, key, order key, payload) of each."""
        self.insert(outbox.OutboxRow, _OUTBOX, [
            (new_id(), *job) for job in jobs
        ], shared=("job",), state="waiting", attempts=0, run_at=self.now, created_at=self.now)
        if jobs:
            self.wake()

    def show(self, signal: AnySignal) -> None:
        """Tells open screens, once the transaction has committed."""
        self._signals.append(signal)

    def show_made(self, make: Callable[[], AnySignal]) -> None:
        """The same for a signal that is only made if anybody listens by then."""
        self._makings.append(make)

    def wake(self) -> None:
        """Lets the runners look at the outbox as soon as this has committed."""
        self._wakes = True

    def committed(self) -> None:
        """Called right after the commit, with no await in between."""
        made = self._makings if self._makings and self.hub.signals.wanted(self.organization_id) else ()
        if signals := [*(make() for make in made), *self._signals]:
            self.hub.signals.publish(signals)
        if self._wakes:
            self.hub.wake_runners()


@asynccontextmanager
async def open_bulk(hub: "Hub", actor: Actor) -> AsyncIterator[Bulk]:
    """Opens a grouped unit of work; commits when the block ends, rolls back when it raises."""
    assert actor.organization_id is not None
    async with hub.database.raw(Scope.of(actor.organization_id)) as connection:
        bulk = Bulk(hub, connection, actor)
        yield bulk
        await bulk.flush()
        reach("commit.before")
        await connection.execute("COMMIT")
        reach("commit.after")
        bulk.committed()


def as_json(values: Iterable[Any]) -> list[str | None]:
    """Values for an array of texts that the statement makes `jsonb` of: the driver is slow at arrays of objects."""
    return [None if value is None else msgspec.json.encode(value).decode() for value in values]


@lru_cache(maxsize=1024)
def together(statements: tuple[tuple[str, int], ...]) -> str:
    """Statements, each with the number of its arguments after `$1`, as one; the arguments follow in the same order."""
    if len(statements) == 1:
        return statements[0][0]
    before, parts = 0, []
    for number, (statement, count) in enumerate(statements):
        parts.append(f"w{number} AS ({_PLACE.sub(partial(_moved, before), statement)})")
        before += count
    return f"WITH {', '.join(parts)} SELECT"


def _moved(before: int, place: re.Match[str]) -> str:
    number = int(place[1])
    return place[0] if number == 1 else f"${number + before}"


@cache
def _json_columns(table: type[Base]) -> frozenset[str]:
    return frozenset(column.name for column in table.__table__.columns if isinstance(column.type, postgresql.JSONB))


@cache
def insertion(table: type[Base], columns: tuple[str, ...], same: tuple[str, ...], again: str = "") -> str:
    """`INSERT` of any number of rows: the organization, what is the same for all of them, and one array for each of
    the other columns, with the types of the table."""
    types = {column.name: column.type.compile(_DIALECT) for column in table.__table__.columns}
    values = [f"${place}::{types[name]}" for place, name in enumerate(("organization_id", *same), 1)]
    json = _json_columns(table)
    arrays = [
        f"${place}::{'text' if name in json else types[name]}[]" for place, name in enumerate(columns, len(values) + 1)
    ]
    values += [f"x.{name}::jsonb" if name in json else f"x.{name}" for name in columns]
    names = ", ".join(("organization_id", *same, *columns))
    return (
        f"INSERT INTO {table.__tablename__} ({names}) "  # noqa: S608
        f"SELECT {', '.join(values)} FROM unnest({', '.join(arrays)}) AS x({', '.join(columns)}) {again}"
    )
