"""What one group writes to the logs of its conversations: numbered in memory, then written in a few statements.

The same as `log` does for one entry, by the same rules: numbers are taken under the conversation's lock, one after
another and without gap, and a rollback takes all of them back.
"""

from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from hub.conversations import log, rendering, shapes
from hub.conversations.grouped import standings
from hub.conversations.models import Delivery, Message
from hub.conversations.rendering import Parts
from hub.conversations.values import Standing, Written
from hub.core.bulk import Bulk, Happened
from hub.core.clock import new_id
from hub.core.signals import ConversationSignal
from hub.events import ConversationEvent, DeliveryChanged

_SAME = ("organization_id", "state_at", "created_at")
_MESSAGE = tuple(name for name in Written.__struct_fields__ if name not in _SAME)
_values = attrgetter(*_MESSAGE)
_NOTHING = Parts()
_SHARED = ("channel_id", "author", "note", "kind", "content", "state")
_STEP = ("id", "message_id", "state", "source", "at")
# By the primary key alone, as in `standings`; the conversation is held.
_STATES = """
UPDATE messages m SET state = x.state, state_at = x.state_at, error = NULL
FROM unnest($2::uuid[], $3::text[], $4::timestamptz[]) AS x(id, state, state_at)
WHERE m.id = x.id AND (m.organization_id = $1) IS TRUE
"""


class Page:
    """Entries of one transaction's conversations, in their order."""

    def __init__(self, bulk: Bulk) -> None:
        self.bulk = bulk
        self._written: list[Written] = []
        self._steps: list[tuple[Any, ...]] = []
        self._moved: dict[UUID, Written] = {}
        self._happened: list[Happened] = []
        self._begun: dict[UUID, Standing] = {}
        self._changed: dict[UUID, Standing] = {}

    def begin(self, standing: Standing) -> None:
        """A conversation that is not there yet."""
        self._begun[standing.id] = standing

    def post(
        self, standing: Standing, message: Written, event: log.Happening, *, actor: str = "", **ids: Any
    ) -> None:
        """A new message and its event, which share the number."""
        message.seq = self._next(standing)
        log.spoken(standing, message, self.bulk.now)
        self._written.append(message)
        happened = event(conversation_id=standing.id, seq=message.seq, message_id=message.id, **ids)
        self._tell(standing, message, happened, actor)

    def step(self, message_id: UUID, state: str, *, source: str, at: datetime) -> None:
        """A step of a delivery, kept whatever the state becomes."""
        self._steps.append((new_id(), message_id, state, source, at))

    def move(self, standing: Standing, message: Written, state: str, at: datetime) -> None:
        """A message of ours takes a new state; the event takes a number of its own."""
        message.state, message.state_at, message.error = state, at, None
        self._moved[message.id] = message
        seq = self._next(standing)
        log.shown_last(standing, message)
        happened = DeliveryChanged(
            conversation_id=standing.id, seq=seq, message_id=message.id, state=state, state_at=at, error=None
        )
        self._tell(standing, message, happened)

    async def write(self) -> None:
        """Everything gathered, in as many statements as there are kinds of rows."""
        bulk = self.bulk
        standings.begin(bulk, list(self._begun.values()))
        bulk.insert(Message, _MESSAGE, map(_values, self._written), shared=_SHARED, state_at=bulk.now,
                    created_at=bulk.now)
        bulk.insert(Delivery, _STEP, self._steps, shared=("source",), again="ON CONFLICT DO NOTHING")
        if self._moved:
            rows = [(one.id, one.state, one.state_at) for one in self._moved.values()]
            bulk.write(_STATES, *zip(*rows, strict=True))
        standings.save(bulk, [one for one in self._changed.values() if one.id not in self._begun])
        await bulk.emit(self._happened)

    def _next(self, standing: Standing) -> int:
        self._changed[standing.id] = standing
        standing.head_seq += 1
        return standing.head_seq

    def _tell(self, standing: Standing, message: Written, event: ConversationEvent, actor: str = "") -> None:
        self._happened.append(Happened(event, (standing, message), actor))
        bulk = self.bulk  # which must not come to hold this page: what holds itself is left to the garbage collector
        bulk.show_made(partial(_signal, bulk.organization_id, bulk.now, standing, message, event))


def _signal(
    organization_id: UUID, now: datetime, standing: Standing, message: Written, event: ConversationEvent
) -> ConversationSignal:
    """Made once all is written: the row is as the group has left it."""
    return log.signal(
        organization_id, standing, standing.around, event, seen(message), at=now, audience=standing.audience,
    )


def seen(message: Written) -> shapes.Message:
    """The message as the outside sees it; nothing hangs on those that are written in groups."""
    return rendering.message(message, _NOTHING)
