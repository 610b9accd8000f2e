"""The loops that keep the live feed true when nothing is told: beats, heads, sessions, leases and expiries."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from api.live import limits
from api.live.connection import Connection
from api.live.frames import Beat, Close, encode
from api.live.outbox import Kind
from hub.presence.actions import Lease
from hub.presence.rules import OFFLINE
from hub.presence.visitors import VisitorLease

if TYPE_CHECKING:
    from api.live.fanout import Fanout

log = structlog.get_logger("live")
_COMMITS_WITHIN = timedelta(seconds=30)  # an event carries the instant at which its transaction began
_BREATH = 200  # connections that are served before others get a turn


class Upkeep:
    """Each loop is one method, started by the supervisor under its own name."""

    def __init__(self, fanout: "Fanout") -> None:
        self._fanout = fanout
        self._source = fanout.source
        self._registry = fanout.registry
        self._heads_due = asyncio.Event()
        self._sessions_due = asyncio.Event()
        self._leases_due = asyncio.Event()
        self._started_at = self._rows_known_at = self._source.now()
        self._presences: dict[UUID, dict[UUID, str]] = {}
        self._departed: dict[Connection, float] = {}

    def loops(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {
            "live-beats": self._run_beats, "live-heads": self._run_heads, "live-sessions": self._run_sessions,
            "live-leases": self._run_leases, "live-visitor-leases": self._run_visitors,
            "live-sweep": self._run_sweep, "live-expiry": self._run_expiry,
        }

    def gap(self) -> None:
        """Signals may have been missed: everything is compared with the database."""
        self._heads_due.set()
        self._sessions_due.set()

    # Beats.

    async def _run_beats(self) -> None:
        while True:
            await asyncio.sleep(limits.BEAT_EVERY)
            await self.beat()

    async def beat(self) -> None:
        """The heads that were shown to each connection, and again who looks at what."""
        at = self._source.now()
        nothing = encode(Beat(at=at, heads={}))
        for count, connection in enumerate(self._registry, 1):
            heads = {
                str(conversation_id): subscription.topic.head
                for conversation_id, subscription in connection.subscriptions.items()
                if subscription.live and subscription.topic.head is not None
            }
            connection.send(Kind.BEAT, encode(Beat(at=at, heads=heads)) if heads else nothing)
            connection.beaten = max(heads.values(), default=0)
            if count % _BREATH == 0:
                await asyncio.sleep(0)
        self._fanout.screens.retell()

    # Heads.

    async def _run_heads(self) -> None:
        while True:
            missed = await _due(self._heads_due, limits.BEAT_EVERY)
            with _kept(self._heads_due):
                await self.verify(missed=missed)

    async def verify(self, *, missed: bool) -> None:
        """Compares heads and lately written rows with the database, and the epoch when there is cause."""
        following, now = self._fanout.following, self._source.now()
        if await following.verify() or missed:
            await self._compare_epoch()
        if organization_ids := self._registry.organizations():
            since = max(self._rows_known_at - _COMMITS_WITHIN, self._started_at)
            await following.verify_rows(organization_ids, since)
        self._rows_known_at = now

    async def _compare_epoch(self) -> None:
        """Another epoch means another history: everybody connects anew and learns it."""
        before = self._fanout.known_epoch
        self._fanout.forget_epoch()
        if before is not None and await self._fanout.epoch() != before:
            for connection in self._registry:
                connection.close(Close.GOING_AWAY)

    # Sessions.

    async def _run_sessions(self) -> None:
        while True:
            await _due(self._sessions_due, limits.SESSIONS_EVERY)
            with _kept(self._sessions_due):
                await self.check_sessions()
                await self.check_visitors()

    async def check_sessions(self) -> None:
        """Closes what belongs to ended sessions, re-reads changed actors: for when their signals were lost."""
        asked = {connection: connection.changes for connection in self._registry if connection.actor.session_id}
        sessions = {connection.actor.session_id for connection in asked if connection.actor.session_id}
        standing = await self._source.standing(sessions) if sessions else {}
        for connection, changes in asked.items():
            actor = connection.actor
            if connection not in self._registry or connection.rereading or connection.changes != changes:
                continue
            now = standing.get(actor.session_id) if actor.session_id else None
            if now is None:
                self._fanout.end_session(connection)
            elif (now.role, now.department_ids) != (actor.role, actor.department_ids):
                self._fanout.reread(connection)

    async def check_visitors(self) -> None:
        """Closes the sockets of visitors whose channel was paused or deleted."""
        visiting = [connection for connection in self._registry if connection.is_visitor]
        if visiting:
            welcome = await self._source.welcome_visitors({connection.person_id for connection in visiting})
            for connection in visiting:
                if connection.person_id not in welcome:
                    self._fanout.end_session(connection)

    # Presence.

    def chosen(self, organization_id: UUID, user_id: UUID, state: str) -> None:
        """The user's connections hold the state that was chosen last, wherever that was."""
        for connection in self._registry.of_person(organization_id, user_id):
            if connection.state != state:
                connection.state = state
                self._leases_due.set()

    def departed(self, connection: Connection) -> None:
        """A connection closed: offline is told a moment later, unless another one is there by then."""
        patience = limits.VISITOR_DEPARTED_AFTER if connection.is_visitor else limits.DEPARTED_AFTER
        self._departed[connection] = asyncio.get_running_loop().time() + patience

    async def _run_leases(self) -> None:
        while True:
            await _due(self._leases_due, limits.LEASE_EVERY)
            with _kept(self._leases_due):
                await self.renew()
                await self.reconcile()

    def seen(self, organization_id: UUID, user_id: UUID, state: str) -> None:
        """A presence that screens were told."""
        self._presences.setdefault(organization_id, {})[user_id] = state

    async def reconcile(self) -> None:
        """Tells the screens of this process what they missed of presence, when a signal was lost."""
        leaving = {connection.person_id for connection in self._departed}
        for organization_id in self._registry.organizations():
            now = await self._source.presences(organization_id)
            seen = self._presences.get(organization_id, {})
            changed = {user_id: state for user_id, state in now.items() if seen.get(user_id, OFFLINE) != state}
            gone = {user_id for user_id, state in seen.items() if state != OFFLINE} - now.keys() - leaving
            for user_id, state in [*changed.items(), *((user_id, OFFLINE) for user_id in gone)]:
                self._fanout.show_presence(organization_id, user_id, state)
        for organization_id in self._presences.keys() - set(self._registry.organizations()):
            del self._presences[organization_id]

    async def renew(self) -> None:
        leases: defaultdict[UUID, list[Lease]] = defaultdict(list)
        for connection in self._registry:
            if not connection.is_visitor and connection.present:
                leases[connection.organization_id].append((connection.person_id, connection.id, connection.state))
        for organization_id, held in leases.items():
            await self._source.renew(organization_id, held)

    async def renew_visitors(self) -> None:
        leases: defaultdict[UUID, list[VisitorLease]] = defaultdict(list)
        for connection in self._registry:
            if connection.is_visitor and connection.present:
                leases[connection.organization_id].append((connection.person_id, connection.id))
        for organization_id, held in leases.items():
            await self._source.renew_visitors(organization_id, held)

    async def release(self, connection: Connection) -> None:
        """Gives up the lease of a connection that closed."""
        if connection.is_visitor:
            await self._source.visitor_went(connection.actor, connection.id)
        else:
            await self._source.depart(connection.actor, connection.id)

    async def _run_visitors(self) -> None:
        while True:
            await asyncio.sleep(limits.VISITOR_LEASE_EVERY)
            await self.renew_visitors()

    async def _run_sweep(self) -> None:
        while True:
            await asyncio.sleep(limits.SWEEP_EVERY)
            await self._source.sweep()

    # Expiries.

    async def _run_expiry(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            await self.expire(asyncio.get_running_loop().time())

    async def expire(self, now: float) -> None:
        """Ends what was not said again in time: typing, viewers, presence of the departed, silent connections."""
        self._close_silent(now)
        self._fanout.screens.lapse(now)
        for connection, due in tuple(self._departed.items()):
            if due <= now:
                await self.release(connection)  # a renewal may have crossed the first
                if connection.is_visitor:
                    self._fanout.screens.tell_visitor(connection)
                else:
                    await self._source.tell_if_offline(connection.organization_id, connection.person_id)
                del self._departed[connection]
        await self._fanout.screens.expire(now)

    def _close_silent(self, now: float) -> None:
        for connection in self._registry:
            silent = now - connection.heard_at > limits.SILENT_AFTER
            if silent and connection.answers_beats and not connection.busy:
                connection.close(Close.TOO_SLOW)


@contextlib.contextmanager
def _kept(event: asyncio.Event) -> Iterator[None]:
    """Clears the event for the work that it calls for, and sets it again when that failed."""
    was_set = event.is_set()
    event.clear()
    try:
        yield
    except BaseException:
        if was_set:
            event.set()
        raise


async def _due(event: asyncio.Event, every: float) -> bool:
    """Waits for the event, at most so many seconds; whether it was set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(every):
            await event.wait()
    return event.is_set()
