"""How often something may be done: for each key a bucket that fills again at a steady rate (the algorithm GCRA).

Of a bucket only one thing is kept: when it will be full again. So it is forgotten once it is full, and losing it lets
somebody do a little more, never less.
"""

import math
from functools import lru_cache
from typing import Protocol

import msgspec

from hub.core.errors import LimitReached


class Rate(msgspec.Struct, frozen=True):
    """At most `burst` at once, and `per_minute` in the long run. `name` tells limits apart."""

    name: str
    per_minute: int
    burst: int

    @property
    def interval(self) -> float:
        """Seconds in which one more becomes available."""
        return 60 / self.per_minute

    @property
    def window(self) -> int:
        """Seconds, rounded up, in which an empty bucket fills."""
        return math.ceil(self.burst * self.interval)


class Taken(msgspec.Struct, frozen=True):
    """What a bucket answered: how many more it holds, and in how many seconds it is full again, or, when it gave
    nothing, has one to give."""

    rate: Rate
    allowed: bool
    remaining: int
    seconds: float


class RateStore(Protocol):
    """Buckets by key; a key belongs to one organization, and names it."""

    async def take(self, key: str, rate: Rate) -> Taken:
        """Takes one from this bucket, if there is one. Never raises, and answers within a moment."""


def taken(rate: Rate, seconds: float, *, allowed: bool) -> Taken:
    """The answer of a bucket that is full again, or has one to give, in so many seconds."""
    left = max(0, math.floor(rate.burst - seconds / rate.interval + 1e-6)) if allowed else 0
    return Taken(rate, allowed, left, seconds)


def drawn(full_at: float, now: float, rate: Rate) -> tuple[float, Taken]:
    """Takes one from a bucket that is or was full at this instant: (when it will be full now, the answer)."""
    next_full = max(full_at, now) + rate.interval
    over = next_full - now - rate.burst * rate.interval
    if over > 1e-6:
        return full_at, taken(rate, over, allowed=False)
    return next_full, taken(rate, next_full - now, allowed=True)


@lru_cache(maxsize=64)
def parsed(name: str, text: str) -> Rate | None:
    """A setting such as "600/100": 600 a minute, 100 of them at once; None for "0", which sets no limit."""
    per_minute, _, burst = text.partition("/")
    return Rate(name, int(per_minute), int(burst)) if int(per_minute) else None


async def take(store: RateStore, rate: Rate | None, key: str) -> Taken | None:
    """Takes one; None where no limit is set. Raises `LimitReached` ("rate_limited")."""
    if rate is None:
        return None
    answer = await store.take(f"{rate.name}:{key}", rate)
    if not answer.allowed:
        raise LimitReached("rate_limited", retry_after=answer.seconds, quota=(rate.name, rate.burst, rate.window))
    return answer
