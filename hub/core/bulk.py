"""The unit of work for many things at once: one transaction of set-based SQL, in one organization.

It has the same ways out as `Work` (`emit`, `later`, `show`, returning) and keeps the same rules; what it has not is the
ORM, so every statement names the organization itself, and row-level security stands behind it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from hub.core import outbox, turns
from hub.core.access import Actor
from hub.core.bus import Event, EventRecord
from hub.core.clock import new_id
from hub.core.db import sqlstate
from hub.core.failpoints import reach
from hub.core.metrics import ATTEMPTS
from hub.core.signals import AnySignal
from hub.core.statements import OUTDATED, Part, as_json, insertion, json_columns, together
from hub.core.tenancy import Base, Scope
from hub.core.turns import Turn

if TYPE_CHECKING:
    from hub.core.hub import Hub

T = TypeVar("T")
Told = Callable[[Sequence[Any]], None]

_EVENT = ("id", "type", "conversation_id", "seq", "data", "actor")
_OUTBOX = ("id", "job", "key", "order_key", "payload")
# What an attempt is given up for: what it rested on is not so, a key that somebody else has by now, one that is gone, a
# deadlock. Under locks it comes out whatever it is.
_GIVEN_UP = frozenset({OUTDATED, "23505", "23503", "40001", "40P01"})
_DONE, _AGAIN = ATTEMPTS.labels("done"), ATTEMPTS.labels("outdated")


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
    """What grouped actions receive as their first argument: a transaction, in which what is locked stays so.

    What is only written is collected, and sent as one statement before the next look and at the end: each way to
    PostgreSQL and back costs as much as several rows. Its parts do not see each other, so none may write a row twice.
    """

    locks: ClassVar[bool] = True

    def __init__(self, hub: "Hub", actor: Actor, connection: asyncpg.Connection | None = None) -> None:
        super().__init__(hub, actor)
        self._connection = connection
        self._signals: list[AnySignal] = []
        self._makings: list[Callable[[], AnySignal]] = []
        self._afterwards: list[Callable[[], None]] = []
        self._wakes = False
        self._parts: list[tuple[Part, Sequence[Any]]] = []
        self._rows: list[int] = []
        self._told: list[Told] = []

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        await self.flush()
        return await self._send(statement, *arguments)

    async def _send(self, statement: str, *arguments: Any) -> list[Any]:
        assert self._connection is not None
        found: list[Any] = await self._connection.fetch(statement, self.organization_id, *arguments)
        return found

    def write(self, statement: str, *arguments: Any, told: Told | None = None) -> None:
        """Does a statement, whose `$1` is the organization, too. What it returns is `told` when it has been done, each
        row as an object of JSON; without that nobody waits for its outcome."""
        self._parts.append((Part(statement, len(arguments), returning=told is not None), arguments))
        if told is not None:
            self._told.append(told)

    def expect(self, rows: int, statement: str, *arguments: Any) -> None:
        """The same for a statement that has to give so many rows; else nothing of all this is written."""
        self._parts.append((Part(statement, len(arguments), counted=True), arguments))
        self._rows.append(rows)

    async def flush(self) -> None:
        """Sends what was collected."""
        parts, rows, told = self._parts, self._rows, self._told
        self._parts, self._rows, self._told = [], [], []
        if parts:
            statement = together(tuple(part for part, _ in parts))
            given = (one for _, arguments in parts for one in arguments)
            outcome = await self._send(statement, *given, *rows)
            for tell, returned in zip(told, outcome[0][-len(told):] if told else (), strict=True):
                tell(returned or ())

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
        kinds, many = json_columns(table), {}
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

    def then(self, do: Callable[[], None]) -> None:
        """Does something in this process, once the transaction has committed and screens have been told."""
        self._afterwards.append(do)

    def leave(self, key: Hashable, thought: Any) -> None:
        """Tells the group that thinks ahead on this one how something will be."""

    def left(self, _key: Hashable) -> Any:
        """What the group before this one has left, where that may be used; else None."""
        return None

    async def in_turn(self) -> None:
        """Before a look that has to see what the group before this one writes. Raises `Outdated`."""

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
        for do in self._afterwards:
            do()


class Attempt(Bulk):
    """The same without a transaction to begin and to end, and without a lock that is held while we think.

    Looks see what has committed by then. All that is written goes as one statement, which commits itself; what it rests
    on is `expect`ed in it, so that it is written as if everything had been locked, or not at all. It is sent in its
    `turn`, and may be thought out before.
    """

    locks: ClassVar[bool] = False

    def __init__(self, hub: "Hub", actor: Actor, turn: Turn) -> None:
        super().__init__(hub, actor)
        self._turn = turn

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        assert statement.lstrip().startswith("SELECT"), "an attempt writes in one statement"
        return await self._send(statement, *arguments)

    async def _send(self, statement: str, *arguments: Any) -> list[Any]:
        async with self.hub.database.held(Scope.of(self.organization_id)) as connection:
            found: list[Any] = await connection.fetch(statement, self.organization_id, *arguments)
            return found

    def leave(self, key: Hashable, thought: Any) -> None:
        self._turn.leave(key, thought)

    def left(self, key: Hashable) -> Any:
        return self._turn.found(key)

    async def in_turn(self) -> None:
        if not await self._turn.come():
            raise Outdated

    async def make(self) -> None:
        """Writes it. Raises `Outdated`."""
        await self.in_turn()
        reach("commit.before")
        self._turn.send()
        try:
            await self.flush()
        except asyncpg.PostgresError as error:
            if sqlstate(error) in _GIVEN_UP:
                raise Outdated from error
            raise
        self._turn.written()
        reach("commit.after")
        try:
            if self._turn.has_next:
                await asyncio.sleep(0)  # that one is sent before screens are told of this one
        finally:
            self.committed()


class Outdated(Exception):
    """An attempt has written nothing, because something that it rested on is not so, or by now not so any more."""


@asynccontextmanager
async def open_bulk(hub: "Hub", actor: Actor) -> AsyncIterator[Bulk]:
    """Opens a grouped unit of work; commits when the block ends, rolls back when it raises."""
    assert actor.organization_id is not None
    async with hub.database.raw(Scope.of(actor.organization_id)) as connection:
        bulk = Bulk(hub, actor, connection)
        yield bulk
        await bulk.flush()
        reach("commit.before")
        await connection.execute("COMMIT")
        reach("commit.after")
        bulk.committed()


@asynccontextmanager
async def open_attempt(hub: "Hub", actor: Actor, turn: Turn | None = None) -> AsyncIterator[Attempt]:
    """Opens an attempt, which is made when the block ends. Raises `Outdated`."""
    attempt = Attempt(hub, actor, turn or Turn())
    yield attempt
    await attempt.make()


async def written(hub: "Hub", actor: Actor, write: Callable[[Bulk], Awaitable[T]]) -> T:
    """What `write` gives: attempted, and done under locks where that was outdated. It may be called twice."""
    turn = turns.take()
    try:
        async with open_attempt(hub, actor, turn) as attempt:
            given = await write(attempt)
        _DONE.inc()
    except Outdated:
        _AGAIN.inc()
        async with open_bulk(hub, actor) as bulk:
            given = await write(bulk)
    return given
