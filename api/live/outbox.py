"""What waits to be written to one connection: bounded in bytes and in frames, never dropped without a sign."""

from collections import deque
from enum import StrEnum
from uuid import UUID

from api.live.limits import BUFFERED_FRAMES


class Kind(StrEnum):
    """What a frame is worth when its client reads too slowly."""

    ANSWER = "answer"
    EVENT = "event"
    ROW = "row"
    TYPING = "typing"
    VIEWERS = "viewers"
    VISITOR = "visitor"
    PRESENCE = "presence"
    BEAT = "beat"


FLEETING = frozenset({Kind.TYPING, Kind.BEAT})  # the next one, or the client's own timer, heals what is lost
COALESCED = frozenset({Kind.ROW, Kind.VIEWERS, Kind.VISITOR, Kind.PRESENCE})  # whole states: the newest of each key
Waiting = tuple[Kind, UUID | None, bytes]


class Outbox:
    """A queue that sheds what is fleeting, and all but the newest of what is coalesced, before it gives up."""

    __slots__ = ("_bytes_limit", "_frames", "_frames_limit", "size")

    def __init__(self, bytes_limit: int, frames_limit: int = BUFFERED_FRAMES) -> None:
        self._frames: deque[Waiting] | None = None  # made when something has to wait, which is rare
        self._bytes_limit = bytes_limit
        self._frames_limit = frames_limit
        self.size = 0

    def __len__(self) -> int:
        return len(self._frames) if self._frames is not None else 0

    def put(self, kind: Kind, frame: bytes, key: UUID | None = None) -> bool:
        """Queues the frame; False when it does not fit even after shedding, and the connection has to close."""
        if not self._fits(len(frame)):
            if kind in FLEETING:
                return True
            self._shed(kind, key)
            if not self._fits(len(frame)):
                return False
        if self._frames is None:
            self._frames = deque()
        self._frames.append((kind, key, frame))
        self.size += len(frame)
        return True

    def take(self) -> tuple[Kind, bytes] | None:
        """The oldest frame, or None."""
        if not self._frames:
            self._frames = None
            return None
        kind, _, frame = self._frames.popleft()
        self.size -= len(frame)
        return kind, frame

    def clear(self) -> None:
        self._frames = None
        self.size = 0

    def _fits(self, length: int) -> bool:
        if not self._frames:
            return True  # one frame alone always fits, however large
        return self.size + length <= self._bytes_limit and len(self._frames) < self._frames_limit

    def _shed(self, kind: Kind, key: UUID | None) -> None:
        """Makes room for a frame of this kind and key."""
        kept: deque[Waiting] = deque()
        newest = {(kind, key)}
        for waiting in reversed(self._frames or ()):
            name = waiting[0], waiting[1]
            if waiting[0] in FLEETING or (waiting[0] in COALESCED and name in newest):
                continue
            newest.add(name)
            kept.appendleft(waiting)
        self._frames = kept
        self.size = sum(len(frame) for _, _, frame in kept)
