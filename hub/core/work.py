"""The unit of work: one transaction, one actor, one instant. Nobody else commits.

Four ways out of it: `emit` (it happened), `later` (do it after, durably), `show` (tell open screens), and returning.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hub.core import outbox
from hub.core.access import Actor
from hub.core.bus import MAX_DEPTH, Event, EventRecord
from hub.core.clock import new_id
from hub.core.db import commit
from hub.core.signals import AnySignal
from hub.core.tenancy import Scope

if TYPE_CHECKING:
    from hub.core.hub import Hub


class Work:
    """What actions receive as their first argument."""

    def __init__(self, hub: "Hub", session: AsyncSession, actor: Actor, scope: Scope) -> None:
        self.hub = hub
        self.session = session
        self.actor = actor
        self.scope = scope
        self.now: datetime = hub.clock.now()
        self._signals: list[AnySignal] = []
        self._wakes = False
        self._cause: EventRecord | None = None

    @property
    def organization_id(self) -> UUID:
        """The one organization of this work."""
        (only,) = self.scope.organization_ids
        return only

    async def emit(self, event: Event) -> EventRecord:
        """Writes the event to the log and runs what follows from it, by the table of reactions."""
        cause = self._cause
        record = EventRecord(
            id=new_id(), organization_id=self.organization_id, type=event.name(),
            conversation_id=getattr(event, "conversation_id", None), seq=getattr(event, "seq", None),
            data=msgspec.to_builtins(event), actor=self.actor.label,
            cause_id=cause.id if cause else None, depth=cause.depth + 1 if cause else 0, at=self.now,
        )
        self.session.add(record)
        if record.depth >= MAX_DEPTH:
            self.hub.log.warning("event_chain_cut", type=record.type, depth=record.depth)
            return record
        reactions = self.hub.reactions
        for reaction in reactions.later.get(type(event), ()):
            await self.later(reaction.job, {"event_id": record.id, "event": record.data}, key=f"event:{record.id}",
                             order_key=reaction.order_key(event))
        self._cause = record
        try:
            for react in reactions.same.get(type(event), ()):
                await react(self, event)
        finally:
            self._cause = cause
        return record

    async def later(
        self, job: str, payload: Any, *, key: str, run_at: datetime | None = None, order_key: str | None = None
    ) -> None:
        """Writes an outbox row. The same job and key is written once, however often it is asked for."""
        await self.session.execute(
            insert(outbox.OutboxRow).values(
                id=new_id(), organization_id=self.organization_id, job=job, key=key, order_key=order_key,
                payload=msgspec.to_builtins(payload), state="waiting", attempts=0, run_at=run_at or self.now,
                created_at=self.now,
            ).on_conflict_do_nothing()
        )
        self.wake()

    def show(self, signal: AnySignal) -> None:
        """Tells open screens, once the transaction has committed."""
        self._signals.append(signal)

    def wake(self) -> None:
        """Lets the runners look at the outbox as soon as this has committed."""
        self._wakes = True

    def committed(self) -> None:
        """Called by the hub right after the commit, with no await in between."""
        if self._signals:
            self.hub.signals.publish(self._signals)
        if self._wakes:
            self.hub.wake_runners()


@asynccontextmanager
async def open_work(
    hub: "Hub", actor: Actor, scope: Scope | None = None, *, fence: "outbox.Job | None" = None
) -> AsyncIterator[Work]:
    """Opens a unit of work; commits when the block ends, rolls back when it raises."""
    if scope is None:
        if actor.organization_id is None:
            raise ValueError("an actor without an organization needs an explicit scope")
        scope = Scope.of(actor.organization_id)
    async with hub.database.transaction(scope) as session:
        work = Work(hub, session, actor, scope)
        if fence is not None:
            await outbox.hold(work, fence)
        yield work
        await commit(session)
        work.committed()
