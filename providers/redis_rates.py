"""Rates over Redis: one bucket for all processes. While Redis is away, each process counts for itself.

Redis runs each taking whole, by its own clock, so neither a race nor the clocks of our machines let more through.
"""

import math
from typing import Any

from hub.core.clock import Clock
from hub.core.rates import Rate, Taken, taken
from providers.memory import MemoryRates
from providers.redis_optional import OptionalRedis

_MICRO = 1_000_000
_PATIENCE = 0.25  # seconds: a request waits no longer for being counted
_PAUSE = 5.0

_TAKE = """
local t = redis.call('TIME')
local now, interval, burst = t[1] * 1000000 + t[2], tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = tonumber(redis.call('GET', KEYS[1]) or 0)
local next_full = math.max(full_at, now) + interval
local over = next_full - now - burst * interval
if over > 0 then return {0, over} end
redis.call('SET', KEYS[1], string.format('%.0f', next_full), 'PX', math.ceil((next_full - now) / 1000))
return {1, next_full - now}
"""


class RedisRates:
    """A `RateStore` that several processes share."""

    def __init__(self, url: str, prefix: str, clock: Clock) -> None:
        self._prefix = f"{prefix}:rate"
        self._own = MemoryRates(clock)
        self._link = OptionalRedis(url, "rates", patience=_PATIENCE, pause=_PAUSE)
        self._script = self._link.redis.register_script(_TAKE)

    async def take(self, key: str, rate: Rate) -> Taken:
        numbers = [math.ceil(rate.interval * _MICRO), rate.burst]
        found: Any = await self._link.ask(lambda: self._script(keys=[f"{self._prefix}:{key}"], args=numbers))
        if found is None:
            return await self._own.take(key, rate)
        return taken(rate, found[1] / _MICRO, allowed=found[0] == 1)

    async def close(self) -> None:
        await self._link.close()
