"""Redis as something that one can do without: what cannot be asked is answered by this process for a while."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from providers.redis import connect

log = structlog.get_logger("providers.redis")
_FAILURES = (RedisError, OSError, TimeoutError)


class OptionalRedis:
    """`patience`: seconds that a call may take; `pause`: for how many Redis is left alone after a failure."""

    def __init__(self, url: str, use: str, *, patience: float = 2.0, pause: float = 1.0) -> None:
        self.redis: Redis = connect(url)
        self._use = use
        self._patience = patience
        self._pause = pause
        self._pause_until = 0.0

    async def ask(self, call: Callable[[], Any]) -> Any:
        """What Redis answers, [] for nothing; None without Redis."""
        now = asyncio.get_running_loop().time()
        if now < self._pause_until:
            return None
        try:
            async with asyncio.timeout(self._patience):
                return await call() or []
        except _FAILURES as error:
            self._pause_until = asyncio.get_running_loop().time() + self._pause
            log.warning("redis_unavailable", use=self._use, error=type(error).__name__)
            return None

    async def close(self) -> None:
        await self.redis.aclose()
