"""Presence that several processes share, and each process by itself while Redis is away."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

from redis.asyncio import Redis

from hub.core.clock import SystemClock, new_id
from providers.redis import namespace
from providers.redis_presence import RedisPresence
from tests.waiting import until
from tests.workers.servers import Valkey

ORGANIZATION, OTHER, USER = new_id(), new_id(), new_id()


@contextlib.asynccontextmanager
async def store(url: str, lease: float = 25) -> AsyncIterator[RedisPresence]:
    made = RedisPresence(url, namespace("secret"), SystemClock(), lease=timedelta(seconds=lease))
    try:
        yield made
    finally:
        await made.close()


async def test_who_is_present_on_one_process_is_seen_by_another(valkey: Valkey) -> None:
    async with store(valkey.url) as here, store(valkey.url) as there:
        await here.renew(ORGANIZATION, USER, "tab-1", "online")
        assert await there.states(ORGANIZATION) == {USER: "online"}
        assert await there.states(OTHER) == {}


async def test_the_state_chosen_last_holds_over_all_tabs(valkey: Valkey) -> None:
    async with store(valkey.url) as here, store(valkey.url) as there:
        await here.renew(ORGANIZATION, USER, "tab-1", "online")
        await there.renew(ORGANIZATION, USER, "tab-2", "online")
        await here.renew(ORGANIZATION, USER, "tab-1", "busy")
        await there.renew(ORGANIZATION, USER, "tab-2", "online")  # says nothing new, so it chooses nothing
        assert await there.states(ORGANIZATION) == {USER: "busy"}


async def test_a_user_leaves_with_the_last_connection(valkey: Valkey) -> None:
    async with store(valkey.url) as here:
        await here.renew(ORGANIZATION, USER, "tab-1", "online")
        await here.renew(ORGANIZATION, USER, "tab-2", "online")
        await here.leave(ORGANIZATION, USER, "tab-1")
        assert await here.states(ORGANIZATION) == {USER: "online"}
        await here.leave(ORGANIZATION, USER, "tab-2")
        assert await here.states(ORGANIZATION) == {}


async def test_a_lapsed_lease_is_swept_by_exactly_one_process(valkey: Valkey) -> None:
    async with store(valkey.url, lease=0.2) as here, store(valkey.url) as there:
        await here.renew(ORGANIZATION, USER, "tab-1", "online")
        assert await there.sweep() == []
        gone = await until(there.sweep)
        assert list(gone) == [(ORGANIZATION, USER)]
        assert await here.sweep() == []
        assert await there.states(ORGANIZATION) == {}


async def test_after_a_flush_the_next_heartbeat_brings_presence_back(valkey: Valkey) -> None:
    async with store(valkey.url) as here, contextlib.aclosing(Redis.from_url(valkey.url)) as admin:
        await here.renew(ORGANIZATION, USER, "tab-1", "away")
        await admin.flushall()
        assert await here.states(ORGANIZATION) == {}
        await here.renew(ORGANIZATION, USER, "tab-1", "away")
        assert await here.states(ORGANIZATION) == {USER: "away"}


async def test_without_redis_each_process_knows_its_own_people(valkey: Valkey) -> None:
    valkey.stop()
    async with store(valkey.url) as here, store(valkey.url) as there:
        await here.renew(ORGANIZATION, USER, "tab-1", "online")
        assert await here.states(ORGANIZATION) == {USER: "online"}
        assert await there.states(ORGANIZATION) == {}
        await here.leave(ORGANIZATION, USER, "tab-1")
        assert await here.states(ORGANIZATION) == {}
