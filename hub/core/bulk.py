"""The unit of work for many things at once: one transaction of set-based SQL, in one organization.

It has the same ways out as `Work` (`emit`, `later`, `show`, returning) and keeps the same rules; what it has not is the
ORM, so every statement names the organization itself, and row-level security stands behind it.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
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
    """What grouped actions receive as their first argument."""

    def __init__(self, hub: "Hub", connection: asyncpg.Connection, actor: Actor) -> None:
        super().__init__(hub, actor)
        self._connection = connection
        self._signals: list[AnySignal] = []
        self._makings: list[Callable[[], AnySignal]] = []
        self._wakes = False

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        found: list[Any] = await self._connection.fetch(statement, self.organization_id, *arguments)
        return found

    async def insert(
        self, table: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]], **same: Any
    ) -> None:
        """Adds rows to the organization's, given as tuples in the order of the columns; nothing when there are none.

        `same` are columns with one value for all rows. A column that is empty in every row is left out.
        """
        arrays = list(zip(*rows, strict=True))
        if not arrays:
            return
        given = [(name, array) for name, array in zip(columns, arrays, strict=True) if any(
            value is not None for value in array
        )]
        statement = insertion(table, tuple(name for name, _ in given), tuple(same))
        await self._connection.execute(statement, self.organization_id, *same.values(), *(array for _, array in given))

    async def emit(self, happened: Sequence[Happened]) -> None:
        """Writes events to the log and runs what follows from them, all of one type at a time.

        Raises `KeyError` for a type with a reaction that has no grouped form: ask `Reactions.groups` first.
        """
        records = [
            (new_id(), one.event.name(), getattr(one.event, "conversation_id", None), getattr(one.event, "seq", None),
             one.event, one.actor or self.actor.label)
            for one in happened
        ]
        await self.insert(EventRecord, _EVENT, records, depth=0, at=self.now)
        reactions = self.hub.reactions
        by_type: dict[type[Event], list[Happened]] = {}
        for one, record in zip(happened, records, strict=True):
            by_type.setdefault(type(one.event), []).append(one)
            for later in reactions.later.get(type(one.event), ()):
                await self.later([(later.job, f"event:{record[0]}", later.order_key(one.event),
                                   {"event_id": record[0], "event": one.event})])
        for event_type, those in by_type.items():
            for react in reactions.same.get(event_type, ()):
                await reactions.grouped[react](self, those)

    async def later(self, jobs: Sequence[tuple[str, str, str | None, Any]]) -> None:
        """Writes new outbox rows: (job, key, order key, payload) of each."""
        await self.insert(outbox.OutboxRow, _OUTBOX, [
            (new_id(), *job) for job in jobs
        ], state="waiting", attempts=0, run_at=self.now, created_at=self.now)
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
        reach("commit.before")
        await connection.execute("COMMIT")
        reach("commit.after")
        bulk.committed()


@cache
def insertion(table: type[Base], columns: tuple[str, ...], same: tuple[str, ...]) -> str:
    """`INSERT` of any number of rows: the organization, what is the same for all of them, and one array for each of
    the other columns, with the types of the table."""
    types = {column.name: column.type.compile(_DIALECT) for column in table.__table__.columns}
    values = [f"${place}::{types[name]}" for place, name in enumerate(("organization_id", *same), 1)]
    arrays = [f"${place}::{types[name]}[]" for place, name in enumerate(columns, len(values) + 1)]
    names = ", ".join(("organization_id", *same, *columns))
    return (
        f"INSERT INTO {table.__tablename__} ({names}) "  # noqa: S608
        f"SELECT {', '.join(values)}, * FROM unnest({', '.join(arrays)})"
    )
