"""A circuit breaker for each origin: after a row of failures calls are refused at once, until a probe gets through."""

import time
from collections.abc import Callable

from providers.guard import NotSent

Origin = tuple[str, str, int]

FAILURES = 5
REST_SECONDS = 10.0


class Resting(NotSent):
    """The origin failed too often just now; nothing was sent."""

    default_code = "provider_resting"


class Breaker:
    """Counts failures in a row. Only origins that fail are remembered, so many healthy ones cost nothing."""

    def __init__(
        self, *, failures: int = FAILURES, rest: float = REST_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._rest = rest
        self._clock = clock
        self._failures: dict[Origin, int] = {}
        self._rests_until: dict[Origin, float] = {}

    def admit(self, origin: Origin) -> None:
        """Raises `Resting`. After the rest one call is let through as a probe, and the next only after another rest
        unless the probe succeeds; a probe that is cancelled therefore blocks nobody for longer."""
        until = self._rests_until.get(origin)
        if until is None:
            return
        now = self._clock()
        if now < until:
            raise Resting(after=round(until - now, 1))
        self._rests_until[origin] = now + self._rest

    def settle(self, origin: Origin, *, healthy: bool) -> None:
        """Tells how an admitted call ended."""
        if healthy:
            self._failures.pop(origin, None)
            self._rests_until.pop(origin, None)
            return
        count = self._failures[origin] = self._failures.get(origin, 0) + 1
        if count >= self._limit:
            self._rests_until[origin] = self._clock() + self._rest
