"""One conversation as this process follows it: a head that moves by one, and the newest events in memory.

No I/O and no clock: numbers come in in any order and with holes, and leave in order.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from api.live.gate import Gate
from api.live.limits import AHEAD_FRAMES, KEPT_BYTES, KEPT_FRAMES
from hub.core.signals import Audience

if TYPE_CHECKING:
    from api.live.connection import Connection


class Entry(NamedTuple):
    """A numbered event as agents and as the visitor see it; empty bytes: not known here, pull it."""

    seq: int
    event: bytes
    visitor_event: bytes

    def frame(self, *, visitor: bool) -> bytes:
        return self.visitor_event if visitor else self.event


class Subscription:
    """A connection's place in a topic. `last` is the number it was given last; `live` once it has caught up.

    `admitted` once `subscribed` was sent: before that nothing tells the client whether the conversation exists.
    """

    __slots__ = ("admitted", "connection", "ended", "last", "live", "topic")

    def __init__(self, connection: "Connection", topic: "Topic") -> None:
        self.connection = connection
        self.topic = topic
        self.last = 0
        self.admitted = False
        self.live = False
        self.ended = False


class Coming(Gate):
    """A read of the head that has not begun; set once it has ended, `was_read` when it did so well."""

    __slots__ = ("was_read",)

    def __init__(self) -> None:
        super().__init__()
        self.was_read = False


class Topic:
    """`head` is the last number that has gone out in order, None until it was read once."""

    def __init__(self, organization_id: UUID, conversation_id: UUID) -> None:
        self.key = organization_id, conversation_id
        self.organization_id = organization_id
        self.conversation_id = conversation_id
        self.head: int | None = None
        self.wanted = 0  # the highest number known to exist
        self.audience: Audience | None = None
        self.subscriptions: dict[Connection, Subscription] = {}
        self.lock = asyncio.Lock()  # one reader of the database at a time
        self.coming: Coming | None = None
        self._audience_seq = -1
        self._ahead: dict[int, Entry] = {}
        self._recent: deque[Entry] = deque()
        self._recent_bytes = 0

    @property
    def behind(self) -> bool:
        """Whether a number is known to exist that has not gone out."""
        return self.head is not None and self.wanted > self.head

    def learn_audience(self, seq: int, audience: Audience) -> bool:
        """Keeps the newest: what is known of number `seq` decides, in whatever order it came. Whether it is another."""
        if seq < self._audience_seq:
            return False
        before, self._audience_seq, self.audience = self.audience, seq, audience
        return audience != before

    def establish(self, head: int) -> list[Entry]:
        """The head as read from the database; the entries that were waiting for it, in order."""
        if self.head is None:
            self.head = head
            self._ahead = {seq: entry for seq, entry in self._ahead.items() if seq > head}
        self.wanted = max(self.wanted, head)
        return self._release()

    def accept(self, entry: Entry) -> list[Entry]:
        """Takes an entry in; what may go out now, in order. A number that already went out is ignored."""
        self.wanted = max(self.wanted, entry.seq)
        if self.head is not None and entry.seq <= self.head:
            return []
        if len(self._ahead) < AHEAD_FRAMES or (self.head is not None and entry.seq == self.head + 1):
            self._ahead[entry.seq] = entry
        return self._release()

    def recent(self, after: int, *, visitor: bool) -> list[tuple[int, bytes]] | None:
        """(number, frame) for all of (after, head]; None when memory does not reach back that far."""
        assert self.head is not None
        if after >= self.head:
            return []
        if not self._recent or self._recent[0].seq > after + 1:
            return None
        found = [(entry.seq, entry.frame(visitor=visitor)) for entry in self._recent if entry.seq > after]
        return found if all(frame for _, frame in found) else None

    def remember(self, found: Sequence[tuple[int, bytes]], *, visitor: bool) -> None:
        """Keeps what was pulled for one, where it ends at what is kept already, for the others who come back."""
        if not found or (self._recent[0].seq if self._recent else (self.head or 0) + 1) != found[-1][0] + 1:
            return
        for seq, frame in reversed(found):
            entry = Entry(seq, b"", frame) if visitor else Entry(seq, frame, b"")
            size = len(frame)
            if len(self._recent) >= KEPT_FRAMES or self._recent_bytes + size > KEPT_BYTES:
                return
            self._recent.appendleft(entry)
            self._recent_bytes += size

    def _release(self) -> list[Entry]:
        released: list[Entry] = []
        while self.head is not None and (entry := self._ahead.pop(self.head + 1, None)) is not None:
            self.head = entry.seq
            self._keep(entry)
            released.append(entry)
        return released

    def _keep(self, entry: Entry) -> None:
        self._recent.append(entry)
        self._recent_bytes += len(entry.event) + len(entry.visitor_event)
        while len(self._recent) > KEPT_FRAMES or (self._recent_bytes > KEPT_BYTES and len(self._recent) > 1):
            old = self._recent.popleft()
            self._recent_bytes -= len(old.event) + len(old.visitor_event)
