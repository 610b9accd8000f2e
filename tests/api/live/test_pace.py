"""Clients that read slowly, send too much, fall silent or come too often (O5, R5)."""

import asyncio
import time
from uuid import UUID

from api.live import limits
from api.live.fanout import Fanout
from api.live.frames import Close
from hub.core.clock import new_id
from tests.api.live.world import Tab, World, until


async def test_a_client_that_stops_reading_is_cut_and_holds_a_bounded_buffer(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    thread = world.thread(organization_id)
    stuck, healthy = (Tab(fanout, world.person(organization_id)) for _ in range(2))
    writer = asyncio.create_task(stuck.connection.write())
    for tab in (stuck, healthy):
        await tab.follow(thread)
    stuck.screen.stuck = True
    held = 0
    for _ in range(400):
        world.write(thread, size=1000)
        held = max(held, stuck.connection.outbox.size)
    assert stuck.connection.closing == 4008
    assert held <= world.buffer_bytes
    assert healthy.screen.numbers() == list(range(1, 401))
    await writer
    assert stuck.screen.cut


async def test_publishing_never_waits_for_a_client(fanout: Fanout, world: World, organization_id: UUID) -> None:
    thread = world.thread(organization_id)
    tabs = [Tab(fanout, world.person(organization_id)) for _ in range(200)]
    for tab in tabs:
        await tab.follow(thread)
    for tab in tabs[::5]:
        tab.screen.stuck = True
    started = time.perf_counter()
    world.write(thread, size=500)
    assert time.perf_counter() - started < 0.05
    assert all(tab.screen.numbers() == [1] for index, tab in enumerate(tabs) if index % 5)


async def test_a_slow_client_that_reads_again_has_lost_nothing_but_typing(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    thread = world.thread(organization_id)
    slow, typist = (Tab(fanout, world.person(organization_id)) for _ in range(2))
    writer = asyncio.create_task(slow.connection.write())
    await slow.say(t="subscribe", topic="inbox")
    await slow.follow(thread)
    slow.screen.stuck = True
    for _ in range(150):
        world.write(thread, size=1000)
        await typist.say(t="typing", id=thread.id, on=True)
    slow.screen.free()
    await until(lambda: slow.screen.numbers() and slow.screen.numbers()[-1] == 150)
    await until(lambda: not slow.connection.outbox)
    assert slow.screen.numbers() == list(range(1, 151))
    assert slow.screen.of("row")[-1]["row"]["head_seq"] == 150
    slow.connection.close(Close.GOING_AWAY)
    await writer




async def test_a_long_resumption_goes_at_the_clients_pace(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    thread = world.thread(organization_id)
    for _ in range(450):
        world.commit(thread, size=3000)
    tab = Tab(fanout, world.person(organization_id))
    tab.screen.direct = False
    writer = asyncio.create_task(tab.connection.write())
    following = asyncio.create_task(tab.say(
        t="subscribe", topic="conversation", id=thread.id, **{"from": 0, "epoch": "e1"}
    ))
    while not following.done():
        assert tab.connection.outbox.size <= world.buffer_bytes
        await asyncio.sleep(0)
    await until(lambda: tab.screen.numbers() == list(range(1, 451)))
    writer.cancel()


async def test_too_many_frames_close_with_flooding(fanout: Fanout, world: World, organization_id: UUID) -> None:
    tab = Tab(fanout, world.person(organization_id))
    for _ in range(int(world.user_rate * limits.BURST_SECONDS) + 10):
        await tab.say(t="pong")
    assert tab.connection.closing == 4029


async def test_bad_frames_are_answered_and_the_third_closes(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    tab = Tab(fanout, world.person(organization_id))
    await tab.say(t="nonsense")
    await tab.say(t="hello", ticket="again", v=1)
    assert tab.connection.closing is None
    await tab.say(t="pong", unknown=1)
    assert [frame["code"] for frame in tab.screen.of("error")] == ["bad_frame"] * 3
    assert tab.connection.closing == 4000


async def test_a_client_that_answered_beats_and_stopped_is_closed(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    answering, mute = (Tab(fanout, world.person(organization_id)) for _ in range(2))
    await answering.say(t="pong")
    now = asyncio.get_running_loop().time()
    await fanout.upkeep.expire(now + limits.SILENT_AFTER - 1)
    assert answering.connection.closing is None
    await fanout.upkeep.expire(now + limits.SILENT_AFTER + 1)
    assert answering.connection.closing == 4008
    assert mute.connection.closing is None  # it may be one that does not know pong; the transport's pings judge it


async def test_the_oldest_connection_of_a_user_makes_room(fanout: Fanout, world: World, organization_id: UUID) -> None:
    actor = world.person(organization_id)
    tabs = [Tab(fanout, actor) for _ in range(limits.PER_USER + 1)]
    assert [tab.connection.closing for tab in tabs] == [4009] + [None] * limits.PER_USER


async def test_a_beat_carries_the_heads_of_what_is_followed(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    thread = world.thread(organization_id, entries=7)
    tab, idle = (Tab(fanout, world.person(organization_id)) for _ in range(2))
    await tab.follow(thread)
    await fanout.upkeep.beat()
    assert tab.screen.of("beat")[0]["heads"] == {str(thread.id): 7}
    assert idle.screen.of("beat")[0]["heads"] == {}


async def test_subscriptions_are_counted(fanout: Fanout, world: World, organization_id: UUID) -> None:
    tab = Tab(fanout, world.person(organization_id))
    for _ in range(limits.SUBSCRIPTIONS):
        tab.connection.bucket._tokens = 50
        await tab.follow(world.thread(organization_id))
    assert (await tab.follow(world.thread(organization_id)))["code"] == "limit_reached"


async def test_sending_is_acknowledged_after_its_event_and_refused_with_a_reason(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    thread = world.thread(organization_id)
    tab = Tab(fanout, world.person(organization_id))
    await tab.follow(thread)
    await tab.say(t="send", client_id="client-1", conversation_id=thread.id, text="hi", ref="a")
    await tab.say(t="send", client_id="client-2", conversation_id=new_id(), text="hi", ref="b")
    world.away = True
    await tab.say(t="send", client_id="client-3", conversation_id=thread.id, text="hi")
    assert tab.screen.kinds() == ["subscribed", "event", "ack", "refused", "refused"]
    assert [frame["ref"] for frame in tab.screen.frames[2:4]] == ["a", "b"]
    assert [frame["code"] for frame in tab.screen.of("refused")] == ["not_found", "unavailable"]
    assert tab.connection.closing is None


async def test_stopping_sends_everybody_elsewhere(world: World, organization_id: UUID) -> None:
    fanout = Fanout(source=world)
    tab = Tab(fanout, world.person(organization_id))
    writer = asyncio.create_task(tab.connection.write())
    stopping = asyncio.create_task(fanout.stop())
    await writer
    fanout.leave(tab.connection)
    await stopping
    assert tab.screen.closed == 4010
