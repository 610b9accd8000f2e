"""The live feed of one process: hears the signals of commits and shows them to the sockets that may see them.

Publishing never awaits a client, every loop is supervised, and what was lost on the way is found by comparing heads.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from uuid import UUID

import structlog

from api.live import limits
from api.live.connection import Connection
from api.live.direct import Direct
from api.live.following import Following
from api.live.frames import Close, PresenceFrame, UserPresence, encode
from api.live.notices import Notices
from api.live.outbox import Kind
from api.live.registry import Registry
from api.live.screens import Screens
from api.live.source import Source
from api.live.upkeep import Upkeep
from hub.core.clock import new_id
from hub.core.errors import Unauthenticated
from hub.core.hub import Hub
from hub.core.signals import (
    ActorChanged,
    AnySignal,
    ConversationSignal,
    DraftSignal,
    MarkerSignal,
    NotificationSignal,
    NotificationsRead,
    PresenceSignal,
    ScheduledSignal,
    SessionEnded,
    TypingSignal,
    ViewersSignal,
    VisitorSignal,
)
from hub.core.supervise import Supervisor
from hub.presence.rules import OFFLINE

log = structlog.get_logger("live")
_CHANGES_KEPT = 2000


class Fanout:
    """One for each process. `source` is the hub unless a test gives another."""

    def __init__(self, hub: Hub | None = None, *, source: Source | None = None) -> None:
        if source is None:
            from api.live.hub_source import HubSource

            assert hub is not None
            source = HubSource(hub)
        self.source = source
        self.registry = Registry()
        self.screens = Screens(source, self.registry)
        self.following = Following(source, self.registry, on_gone=self._gone)
        self.screens.following = self.following
        self.direct = Direct(source, self.registry)
        self.notices = Notices(source, self.registry)
        self.upkeep = Upkeep(self)
        self.waiting_hello = 0
        self.admission = asyncio.Semaphore(limits.ADMITTED_AT_ONCE)
        self.stopping = False
        self._epoch: str | None = None
        self._stale: asyncio.Queue[Connection] = asyncio.Queue()
        self._changes: deque[tuple[int, SessionEnded | ActorChanged]] = deque(maxlen=_CHANGES_KEPT)
        self._changed = 0
        self._left = asyncio.Event()
        self._presence_due: dict[UUID, dict[UUID, str]] = {}  # organization → user → state
        self._presence_told: set[UUID] = set()  # organizations that were told a moment ago
        self._unlisten: Callable[[], None] = lambda: None

    def start(self, supervisor: Supervisor) -> None:
        """Listens to the signals and starts the loops."""
        self._unlisten = self.source.signals.listen(
            self.hear, self.upkeep.gap, wants=self.registry.has_organization,
        )
        supervisor.start("live-filler", self.following.run_filler)
        supervisor.start("live-actors", self._run_actors)
        supervisor.start("live-visitors", self.screens.run_visitors)
        supervisor.start("live-notices", self.notices.run)
        for name, run in self.upkeep.loops().items():
            supervisor.start(name, run)

    async def stop(self) -> None:
        """Closes every connection, to resume elsewhere. Presence is left to lapse, for they will soon be back."""
        self.stopping = True
        self._unlisten()
        for connection in self.registry:
            connection.close(Close.GOING_AWAY)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limits.CLOSE_WITHIN + 0.5):
                while len(self.registry):
                    self._left.clear()
                    await self._left.wait()

    async def epoch(self) -> str:
        """The name of the database's history, read once, and again when a history went backwards."""
        if self._epoch is None:
            self._epoch = await self.source.epoch()
        return self._epoch

    @property
    def known_epoch(self) -> str | None:
        return self._epoch

    def forget_epoch(self) -> None:
        self._epoch = None

    # Connections.

    def mark(self) -> int:
        """Taken before an actor is read; `join` then knows what changed in between."""
        return self._changed

    def join(self, connection: Connection, mark: int) -> None:
        """Takes the connection in; too many of one person replace the oldest, too many in all are not taken."""
        if self.stopping:
            connection.close(Close.GOING_AWAY)
            return
        if len(self.registry.of_organization(connection.organization_id)) >= limits.PER_ORGANIZATION:
            connection.close(Close.REPLACED)
            return
        self.registry.add(connection)
        most = limits.PER_VISITOR if connection.is_visitor else limits.PER_USER
        for oldest in self.registry.of_person(connection.organization_id, connection.person_id)[:-most]:
            self._drop(oldest, Close.REPLACED)
        if self._changed - mark > _CHANGES_KEPT:
            self.reread(connection)
        for number, change in tuple(self._changes):
            if number > mark:
                self._apply(change, connection)

    def leave(self, connection: Connection) -> None:
        """Takes the connection out of everything; may be called again."""
        if self.registry.remove(connection):
            self._forget(connection)
            self._left.set()

    def _drop(self, connection: Connection, code: Close) -> None:
        """Closes, and delivers nothing more from this very moment."""
        connection.close(code)
        self.leave(connection)

    def _forget(self, connection: Connection) -> None:
        for subscription in tuple(connection.subscriptions.values()):
            self.following.end(subscription)
        self.screens.leave(connection)

    def _gone(self, connection: Connection, conversation_id: UUID) -> None:
        if connection.viewing == conversation_id:
            self.screens.leave(connection)

    # Signals.

    def hear(self, signal: AnySignal) -> None:
        """What was committed somewhere; runs to its end without waiting for anybody."""
        match signal:
            case ConversationSignal():
                self.following.hear(signal)
            case TypingSignal() | ViewersSignal() | VisitorSignal():
                self.screens.hear(signal)
            case PresenceSignal():
                self._presence(signal)
            case MarkerSignal() | DraftSignal() | ScheduledSignal():
                self.direct.hear(signal)
            case NotificationSignal() | NotificationsRead():
                self.notices.hear(signal)
            case SessionEnded() | ActorChanged():
                self._changed += 1
                self._changes.append((self._changed, signal))
                for connection in self.registry.of_person(signal.organization_id, signal.user_id):
                    self._apply(signal, connection)

    def _apply(self, change: SessionEnded | ActorChanged, connection: Connection) -> None:
        if change.user_id != connection.actor.user_id:
            return
        if isinstance(change, ActorChanged):
            self.reread(connection)
        elif change.session_id in (None, connection.actor.session_id):
            self._drop(connection, Close.SESSION_ENDED)

    def _presence(self, signal: PresenceSignal) -> None:
        for user_id, state in signal.users:
            if state != OFFLINE:
                self.upkeep.chosen(signal.organization_id, user_id, state)
            self.show_presence(signal.organization_id, user_id, state)

    def show_presence(self, organization_id: UUID, user_id: UUID, state: str) -> None:
        """To the organization's people at once, or together with what else happens in the next moment."""
        self.upkeep.seen(organization_id, user_id, state)
        due = self._presence_due.setdefault(organization_id, {})
        due[user_id] = state
        if organization_id not in self._presence_told:
            self._presence_told.add(organization_id)
            self._tell_presence(organization_id)

    def _tell_presence(self, organization_id: UUID) -> None:
        """What is due; visitors learn nothing of it."""
        due = self._presence_due.pop(organization_id, None)
        if due is None:
            self._presence_told.discard(organization_id)
            return
        frame = encode(PresenceFrame(users=[UserPresence(user_id, state) for user_id, state in due.items()]))
        key = next(iter(due)) if len(due) == 1 else new_id()  # what tells of several replaces nothing in a queue
        for connection in self.registry.of_organization(organization_id):
            if not connection.is_visitor:
                connection.send(Kind.PRESENCE, frame, key)
        asyncio.get_running_loop().call_later(limits.PRESENCE_EVERY, self._tell_presence, organization_id)

    # Actors.

    def end_session(self, connection: Connection) -> None:
        self._drop(connection, Close.SESSION_ENDED)

    def reread(self, connection: Connection) -> None:
        """The actor is not what it was. From now on nothing is delivered on the old actor."""
        connection.changes += 1
        if not connection.rereading:
            connection.settled.clear()
            self._stale.put_nowait(connection)

    async def _run_actors(self) -> None:
        """Reads changed actors again. When that cannot be done, the client has to come again."""
        while True:
            connection = await self._stale.get()
            if connection not in self.registry:
                continue
            try:
                await self._settle(connection)
            except Unauthenticated:
                self._drop(connection, Close.SESSION_ENDED)
            except Exception as error:  # the database may be away; the old actor must not be used meanwhile
                log.warning("live_actor_unread", error=type(error).__name__)
                self._drop(connection, Close.GOING_AWAY)

    async def _settle(self, connection: Connection) -> None:
        seen = None
        actor = connection.actor
        while seen != connection.changes:
            seen = connection.changes
            actor = await self.source.reread(connection.actor)
        connection.actor = actor
        connection.settled.set()
        self.following.resettle(connection)
        self.screens.catch_up(connection)
