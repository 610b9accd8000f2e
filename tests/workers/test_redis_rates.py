"""Rates that several processes share, and each process by itself while Redis is away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from hub.core.clock import SystemClock
from hub.core.rates import Rate
from providers.redis import namespace
from providers.redis_rates import RedisRates
from tests.workers.servers import Valkey

SLOW = Rate("user", 1, 5)  # one a minute: nothing comes back while a test runs


@contextlib.asynccontextmanager
async def store(url: str) -> AsyncIterator[RedisRates]:
    made = RedisRates(url, namespace("secret"), SystemClock())
    try:
        yield made
    finally:
        await made.close()


async def test_several_processes_count_in_one_bucket_whatever_the_race(valkey: Valkey) -> None:
    async with store(valkey.url) as here, store(valkey.url) as there:
        answers = await asyncio.gather(*(one.take("user:key", SLOW) for one in (here, there) for _ in range(6)))
        assert sorted(answer.remaining for answer in answers if answer.allowed) == [0, 1, 2, 3, 4]
        refused = [answer for answer in answers if not answer.allowed]
        assert len(refused) == 7
        assert all(0 < answer.seconds <= 60 for answer in refused)
        assert (await there.take("user:other", SLOW)).remaining == 4


async def test_a_bucket_is_forgotten_by_itself_and_lost_without_harm(valkey: Valkey) -> None:
    async with store(valkey.url) as here, contextlib.aclosing(Redis.from_url(valkey.url)) as admin:
        for _ in range(5):
            await here.take("user:key", SLOW)
        (key,) = await admin.keys("*")
        assert 0 < await admin.pttl(key) <= 300_000
        await admin.flushall()
        assert (await here.take("user:key", SLOW)).remaining == 4


async def test_without_redis_each_process_counts_for_itself_and_refuses_nobody_for_it(valkey: Valkey) -> None:
    valkey.stop()
    async with store(valkey.url) as here, store(valkey.url) as there:
        for one in (here, there):
            assert [(await one.take("user:key", SLOW)).allowed for _ in range(6)] == [True] * 5 + [False]
