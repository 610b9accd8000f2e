"""Signals between processes: told here at once, told there soon, and a gap is never kept quiet."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec
import pytest
from redis.asyncio import Redis

from hub.core.clock import new_id
from hub.core.signals import AnySignal, Audience, ConversationSignal, PresenceSignal
from providers.redis import BUFFER, RedisSignals, namespace
from tests.waiting import PATIENCE
from tests.workers.servers import Valkey, until

PREFIX = namespace("the secret of this installation")


class Ear:
    """Remembers what one process hears."""

    def __init__(self, bus: RedisSignals) -> None:
        self.bus = bus
        self.heard: list[AnySignal] = []
        self.gaps = 0
        bus.listen(self.heard.append, self._gap)

    def _gap(self) -> None:
        self.gaps += 1


@contextlib.asynccontextmanager
async def process(url: str, prefix: str = PREFIX) -> AsyncIterator[Ear]:
    bus = RedisSignals(url, prefix)
    try:
        yield Ear(bus)
    finally:
        await bus.close()


def online(state: str = "online") -> PresenceSignal:
    return PresenceSignal(organization_id=new_id(), users=((new_id(), state),))


async def test_a_signal_reaches_the_listeners_of_every_process(valkey: Valkey) -> None:
    async with process(valkey.url) as here, process(valkey.url) as there:
        await there.bus.connected.wait()
        signal = ConversationSignal(
            organization_id=uuid4(), conversation_id=uuid4(), seq=7,
            event=msgspec.Raw(b'{"t":"event","text":"ol\xc3\xa1"}'),
            visitor_event=msgspec.Raw(b"null"), row=msgspec.Raw(b'{"t":"row"}'),
            audience=Audience(department_id=None, assignee_id=uuid4()),
        )
        here.bus.publish([signal])
        assert here.heard == [signal]
        await until(lambda: bool(there.heard))
        assert there.heard == [signal]


async def test_a_process_does_not_hear_its_own_signals_twice(valkey: Valkey) -> None:
    async with process(valkey.url) as here, process(valkey.url) as there:
        await asyncio.gather(here.bus.connected.wait(), there.bus.connected.wait())
        here.bus.publish([online()])
        there.bus.publish([online("away")])
        await until(lambda: len(here.heard) == 2 and len(there.heard) == 2)
        here.bus.publish([online("busy")])
        await until(lambda: len(there.heard) == 3)
        assert len(here.heard) == 3


async def test_order_is_kept_over_many_batches(valkey: Valkey) -> None:
    async with process(valkey.url) as here, process(valkey.url) as there:
        await there.bus.connected.wait()
        signals = [online(str(number)) for number in range(2000)]
        for start in range(0, 2000, 7):
            here.bus.publish(signals[start : start + 7])
        await until(lambda: len(there.heard) == 2000)
        assert there.heard == signals
        assert there.gaps == 0


async def test_local_delivery_goes_on_without_redis(valkey: Valkey) -> None:
    valkey.stop()
    async with process(valkey.url) as here:
        here.bus.publish([online()])
        assert len(here.heard) == 1


async def test_an_outage_is_told_as_a_gap_until_signals_flow_again(valkey: Valkey) -> None:
    async with process(valkey.url) as here, process(valkey.url) as there:
        await there.bus.connected.wait()
        valkey.stop()
        await until(lambda: there.gaps > 0)
        here.bus.publish([online("lost")])
        valkey.start()
        await asyncio.wait_for(there.bus.connected.wait(), PATIENCE)
        gaps = there.gaps
        assert gaps > 1
        here.bus.publish([online("after")])
        await until(lambda: any(signal.users[0][1] == "after" for signal in there.heard))  # type: ignore[union-attr]


async def test_a_receiver_notices_that_the_sender_could_not_send(valkey: Valkey) -> None:
    async with process(valkey.url) as here, process(valkey.url) as there:
        await there.bus.connected.wait()
        here.bus.publish([online()])
        await until(lambda: len(there.heard) == 1)
        here.bus.publish([online()] * (BUFFER + 1))  # more than is ever kept
        await until(lambda: there.gaps == 1)
        here.bus.publish([online("after")])
        await until(lambda: len(there.heard) == 2)


async def test_a_connection_that_was_cut_is_made_again(valkey: Valkey) -> None:
    async with process(valkey.url) as here, process(valkey.url) as there:
        await there.bus.connected.wait()
        async with contextlib.aclosing(Redis.from_url(valkey.url)) as admin:
            await admin.client_kill_filter(_type="pubsub")
        await until(lambda: there.gaps > 0)
        await asyncio.wait_for(there.bus.connected.wait(), PATIENCE)
        here.bus.publish([online("after")])
        await until(lambda: len(there.heard) == 1)


async def test_installations_on_one_server_do_not_hear_each_other(valkey: Valkey) -> None:
    async with process(valkey.url) as here, process(valkey.url, namespace("another secret")) as foreign:
        async with process(valkey.url) as there:
            await asyncio.gather(there.bus.connected.wait(), foreign.bus.connected.wait())
            here.bus.publish([online()])
            await until(lambda: len(there.heard) == 1)
        assert foreign.heard == []


async def test_announced_work_wakes_the_other_processes_only(valkey: Valkey) -> None:
    async with process(valkey.url) as here, process(valkey.url) as there:
        woken: list[str] = []
        here.bus.on_work(lambda: woken.append("here"))
        there.bus.on_work(lambda: woken.append("there"))
        await asyncio.gather(here.bus.connected.wait(), there.bus.connected.wait())
        here.bus.announce_work()
        await until(lambda: "there" in woken)
        assert woken == ["there"]


async def test_a_failing_listener_does_not_keep_others_from_hearing(valkey: Valkey) -> None:
    async with process(valkey.url) as here:
        def broken(_signal: AnySignal) -> None:
            raise RuntimeError("on purpose")

        here.bus.listen(broken, lambda: None)
        late = Ear(here.bus)
        here.bus.publish([online()])
        assert len(late.heard) == 1


@pytest.mark.parametrize("junk", [b"", b"{}", b"[1]", b"\xff\x00", b'["x",1,[{"type":"Nothing"}]]'])
async def test_what_cannot_be_read_is_a_gap_and_no_crash(valkey: Valkey, junk: bytes) -> None:
    async with process(valkey.url) as here:
        await here.bus.connected.wait()
        async with contextlib.aclosing(Redis.from_url(valkey.url)) as stranger:
            await stranger.publish(f"{PREFIX}:signals", junk)
        await until(lambda: here.gaps == 1)
        assert here.bus.connected.is_set()
