"""Signals, presence and rates inside one process: what a single `serve` needs, with nothing to install."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from hub.core.clock import Clock
from hub.core.rates import Rate, Taken, drawn
from hub.core.signals import AnySignal, Listener

log = structlog.get_logger("providers.memory")

LEASE = timedelta(seconds=25)


class MemorySignals:
    """A `SignalBus` whose listeners are called before `publish` returns; nothing is missed, so there are no gaps."""

    def __init__(self) -> None:
        self._listeners: dict[object, tuple[Listener, Callable[[UUID], bool] | None]] = {}

    def publish(self, signals: Sequence[AnySignal]) -> None:
        for signal in signals:
            for listener, _ in tuple(self._listeners.values()):
                try:
                    listener(signal)
                except Exception:
                    # Outermost edge: one who commits must not fail because one who looks on does.
                    log.exception("signal_listener_failed", signal=type(signal).__name__)

    def wanted(self, organization_id: UUID) -> bool:
        return any(wants is None or wants(organization_id) for _, wants in self._listeners.values())

    def listen(
        self, listener: Listener, on_gap: Callable[[], None], *, wants: Callable[[UUID], bool] | None = None
    ) -> Callable[[], None]:
        token = object()
        self._listeners[token] = listener, wants

        def stop() -> None:
            self._listeners.pop(token, None)

        return stop


@dataclass
class _Present:
    """A user who is here: the state last chosen, and for each connection what it said and until when it lives."""

    state: str
    leases: dict[str, tuple[str, datetime]] = field(default_factory=dict)


class MemoryPresence:
    """A `PresenceStore`. A connection chooses when it says something else than it said before; a further connection
    that opens (a second tab, a reconnect) takes part in what was chosen already."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._present: dict[tuple[UUID, UUID], _Present] = {}

    async def renew(self, organization_id: UUID, user_id: UUID, connection_id: str, state: str) -> None:
        now = self._clock.now()
        key = (organization_id, user_id)
        present = self._present.get(key)
        if present is None or not _alive(present, now):
            present = self._present[key] = _Present(state)
        said = present.leases.get(connection_id)
        if said is not None and said[0] != state:
            present.state = state
        present.leases[connection_id] = (state, now + LEASE)

    async def leave(self, organization_id: UUID, user_id: UUID, connection_id: str) -> None:
        key = (organization_id, user_id)
        if (present := self._present.get(key)) is not None:
            present.leases.pop(connection_id, None)
            if not present.leases:
                del self._present[key]

    async def state(self, organization_id: UUID, user_id: UUID) -> str | None:
        present = self._present.get((organization_id, user_id))
        return present.state if present is not None and _alive(present, self._clock.now()) else None

    async def states(self, organization_id: UUID) -> Mapping[UUID, str]:
        now = self._clock.now()
        return {
            user_id: present.state
            for (organization, user_id), present in self._present.items()
            if organization == organization_id and _alive(present, now)
        }

    async def sweep(self) -> Sequence[tuple[UUID, UUID]]:
        now = self._clock.now()
        gone = []
        for key, present in list(self._present.items()):
            present.leases = {name: lease for name, lease in present.leases.items() if lease[1] > now}
            if not present.leases:
                del self._present[key]
                gone.append(key)
        return gone


def _alive(present: _Present, now: datetime) -> bool:
    return any(until > now for _, until in present.leases.values())


class MemoryRates:
    """A `RateStore`. Buckets that are full again are forgotten, two at most with each taking, those not used for the
    longest time first: so there is never much to do at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()

    async def take(self, key: str, rate: Rate) -> Taken:
        now = self._clock.now().timestamp()
        self._full_at[key], answer = drawn(self._full_at.pop(key, 0.0), now, rate)
        for _ in range(2):
            if self._full_at[oldest := next(iter(self._full_at))] > now:
                break
            del self._full_at[oldest]
        return answer

    def __len__(self) -> int:
        return len(self._full_at)
