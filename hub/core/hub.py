"""The hub: what one process holds, put together once by a composition root."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import structlog

from hub.core import idempotency, outbox
from hub.core.access import Actor
from hub.core.bulk import Bulk, Reading, open_bulk, written
from hub.core.bus import Reactions
from hub.core.clock import Clock, SystemClock
from hub.core.crypto import Keyring
from hub.core.db import Database
from hub.core.grouping import Grouping
from hub.core.settings import Settings
from hub.core.signals import SignalBus
from hub.core.tenancy import Scope
from hub.core.work import Work, open_work

T = TypeVar("T")
GroupedAction = Callable[["Hub", UUID, Sequence[Any]], Awaitable[Sequence[Any]]]


class Hub:
    """Settings, database, keys, ports and the tables of reactions and jobs of this process.

    `ports` is the bundle of `hub/ports.py`; it is untyped here because the ground floor knows no slice.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        keyring: Keyring,
        signals: SignalBus,
        ports: Any,
        reactions: Reactions,
        jobs: Mapping[str, outbox.Handler],
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.database = database
        self.keyring = keyring
        self.signals = signals
        self.ports = ports
        self.reactions = reactions
        self.jobs = jobs
        self.clock: Clock = clock or SystemClock()
        self.log = structlog.get_logger("hub")
        self.outbox_due = asyncio.Event()
        self.announce_work: Callable[[], None] = lambda: None  # tells other processes, where there are any
        self._groupings: dict[Callable[..., Any], Grouping] = {}
        self._kept: dict[Callable[..., Any], Any] = {}

    def work(
        self, actor: Actor, scope: Scope | None = None, *, fence: outbox.Job | None = None
    ) -> AbstractAsyncContextManager[Work]:
        """A unit of work for this actor, in its own organization unless a scope is given."""
        opened = open_work(self, actor, scope, fence=fence)
        return opened if actor.claim_id is None else idempotency.marking(opened)

    def bulk(self, actor: Actor) -> AbstractAsyncContextManager[Bulk]:
        """A unit of work for many things at once, in the actor's organization."""
        return open_bulk(self, actor)

    async def written(self, actor: Actor, write: Callable[[Bulk], Awaitable[T]]) -> T:
        """What `write` gives of a unit of work for many things at once, attempted first; it may be called twice."""
        return await written(self, actor, write)

    def kept(self, kind: Callable[["Hub"], T]) -> T:
        """The one thing of this kind that this process keeps, made of the hub when somebody first asks for it."""
        if kind not in self._kept:
            self._kept[kind] = kind(self)
        found: T = self._kept[kind]
        return found

    def reading(self, actor: Actor) -> Reading:
        """For looking only, in the actor's organization: no transaction to begin and to end."""
        return Reading(self, actor)

    def grouping(self, do: GroupedAction) -> Grouping:
        """Where this process collects what is to be done by this grouped action."""
        if do not in self._groupings:
            self._groupings[do] = Grouping(partial(do, self))
        return self._groupings[do]

    async def close(self) -> None:
        """Waits for what is being done in groups; before the database goes."""
        for grouping in tuple(self._groupings.values()):
            await grouping.close()

    def wake_runners(self) -> None:
        self.outbox_due.set()
        self.announce_work()
