"""What is told beside the conversations' numbers: to the sockets of one person, or to whoever may see a conversation.

None of it is replayed; what was missed is in the next answer of the API.
"""

from uuid import UUID

from api.live.frames import DraftFrame, MarkerFrame, encode
from api.live.outbox import Kind
from api.live.registry import Registry
from api.live.source import Source
from hub.core.signals import Audience, DraftSignal, MarkerSignal, ScheduledSignal

Directed = MarkerSignal | DraftSignal | ScheduledSignal


class Direct:
    def __init__(self, source: Source, registry: Registry) -> None:
        self._source = source
        self._registry = registry

    def hear(self, signal: Directed) -> None:
        match signal:
            case MarkerSignal():
                self._own(signal, encode(MarkerFrame(
                    id=signal.conversation_id, seq=signal.seq, inbound_seen=signal.inbound_seen
                )))
            case DraftSignal():
                self._own(signal, encode(DraftFrame(
                    id=signal.conversation_id, mode=signal.mode, text=signal.text, reply_to_id=signal.reply_to_id,
                    updated_at=signal.updated_at, from_=signal.origin or None,
                )), but=signal.origin)
            case ScheduledSignal():
                self._to_viewers(signal.organization_id, bytes(signal.frame), signal.audience)

    def _own(self, signal: MarkerSignal | DraftSignal, frame: bytes, *, but: str = "") -> None:
        """Their own, whatever their role."""
        for connection in self._registry.of_person(signal.organization_id, signal.user_id):
            if connection.id != but:
                connection.send(Kind.EVENT, frame)

    def _to_viewers(self, organization_id: UUID, frame: bytes, audience: Audience) -> None:
        for connection in self._registry.of_organization(organization_id):
            if not connection.is_visitor and not connection.rereading and (
                self._source.may_see(connection.actor, audience)
            ):
                connection.send(Kind.EVENT, frame)
