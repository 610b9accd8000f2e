"""What users are told of their notifications, each time with the number of all that are unread.

A transaction that counts does not see what others commit meanwhile, and what it counted may be told after theirs. So
each count is made here, one after the other, and begun after the commits that it is told of: whatever their order, the
last number told is the one that holds.
"""

import asyncio
from collections import deque
from uuid import UUID

import structlog

from api.live.frames import NotificationFrame, NotificationsFrame, encode
from api.live.outbox import Kind
from api.live.registry import Registry
from api.live.source import Source
from hub.core.signals import NotificationSignal, NotificationsRead

Notice = NotificationSignal | NotificationsRead

log = structlog.get_logger("live")
KEPT = 100  # of one user's that wait; older ones are in the list that the console loads
_RETRY_AFTER = 1.0


class Notices:
    """What was heard and waits for its number, by organization and user."""

    def __init__(self, source: Source, registry: Registry) -> None:
        self._source = source
        self._registry = registry
        self._waiting: dict[UUID, dict[UUID, deque[Notice]]] = {}
        self._due = asyncio.Event()

    def hear(self, signal: Notice) -> None:
        if self._registry.of_person(signal.organization_id, signal.user_id):
            self._of(signal.organization_id, signal.user_id).append(signal)
            self._due.set()

    async def run(self) -> None:
        """Counts for all of an organization that wait, in one query; what cannot be counted is tried again."""
        while True:
            await self._due.wait()
            self._due.clear()
            for organization_id in tuple(self._waiting):
                waiting = self._waiting.pop(organization_id)
                try:
                    unread = await self._source.unread(organization_id, set(waiting))
                except Exception as error:  # the database may be away
                    log.warning("live_unread_uncounted", error=type(error).__name__)
                    for user_id, older in waiting.items():
                        newer = self._of(organization_id, user_id)
                        newer.extendleft([*reversed(older)][: KEPT - len(newer)])
                    asyncio.get_running_loop().call_later(_RETRY_AFTER, self._due.set)
                    continue
                for user_id, notices in waiting.items():
                    for notice in notices:
                        self._tell(notice, unread.get(user_id, 0))

    def _of(self, organization_id: UUID, user_id: UUID) -> "deque[Notice]":
        of_all = self._waiting.setdefault(organization_id, {})
        return of_all.setdefault(user_id, deque(maxlen=KEPT))

    def _tell(self, notice: Notice, unread: int) -> None:
        """To all of the user's sockets; one that may not see what it is about learns the number alone."""
        number = whole = encode(NotificationsFrame(unread=unread))
        if isinstance(notice, NotificationSignal):
            whole = encode(NotificationFrame(notification=notice.notification, unread=unread))
        for connection in self._registry.of_person(notice.organization_id, notice.user_id):
            hidden = isinstance(notice, NotificationSignal) and (
                connection.rereading or not self._source.may_see(connection.actor, notice.audience)
            )
            connection.send(Kind.EVENT, number if hidden else whole)
