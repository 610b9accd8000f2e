"""The socket over real TCP: who may open it, with what, and how it ends (SEC-3, SEC-4)."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.live.fanout import Fanout
from api.live.socket import live
from hub.core.access import Actor
from hub.core.clock import new_id
from hub.core.signals import SessionEnded
from tests.api.live.world import World, until
from tests.running import listener, serving
from tests.waiting import PATIENCE

OURS = "https://hub.example"
SHOP = "https://shop.example"


@pytest.fixture
async def address(fanout: Fanout) -> AsyncIterator[str]:
    app = Litestar([live], openapi_config=None, logging_config=None)
    app.state.fanout = fanout
    async with serving(app, listener()) as url:
        yield url.replace("http", "ws", 1) + "/api/v1/live"


@pytest.fixture
def actor(world: World, organization_id: UUID) -> Actor:
    return world.person(organization_id)


def opening(address: str, origin: str | None = OURS, **more: Any) -> connect:
    return connect(address, origin=origin, compression=None, **more)  # type: ignore[arg-type]


async def say(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(json.dumps(frame, default=str))


async def hear(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        frame: dict[str, Any] = json.loads(await socket.recv())
    return frame


async def greet(socket: ClientConnection, ticket: str) -> dict[str, Any]:
    await say(socket, t="hello", ticket=ticket, v=1)
    return await hear(socket)


async def closing(socket: ClientConnection) -> int | None:
    """The code that the server closes with."""
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


async def test_a_ticket_opens_one_socket(address: str, world: World, actor: Actor) -> None:
    ticket = world.ticket(actor)
    async with opening(address) as first, opening(address) as second:
        welcome = await greet(first, ticket)
        assert (welcome["t"], welcome["epoch"], welcome["heartbeat"]) == ("welcome", "e1", 10)
        assert welcome["user"] == {"id": str(actor.user_id), "name": "Ana"}
        assert welcome["visitor"] is None
        await say(second, t="hello", ticket=ticket, v=1)
        assert await closing(second) == 4001


@pytest.mark.parametrize("origin", [
    None, "null", "https://hub.example.evil.com", "https://evil-hub.example", "https://sub.hub.example",
    "https://hub.example:8443", "https://HUB.example", "http://hub.example", "https://hub.example/", "hub.example",
    "https://hub.example, https://hub.example", "",
])
async def test_any_other_origin_is_refused_before_the_socket_opens(address: str, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opening(address, origin):
            pass
    assert refused.value.response.status_code == 403


async def test_two_origins_are_refused(address: str) -> None:
    with pytest.raises(InvalidStatus):
        async with opening(address, OURS, additional_headers=[("Origin", OURS)]):
            pass


async def test_no_origin_is_let_in_where_settings_say_so(address: str, world: World, actor: Actor) -> None:
    world.may_miss_origin = True
    async with opening(address, None) as socket:
        assert (await greet(socket, world.ticket(actor)))["t"] == "welcome"


async def test_a_widgets_origin_serves_visitors_and_not_users(
    address: str, world: World, actor: Actor, organization_id: UUID
) -> None:
    thread = world.thread(organization_id)
    async with opening(address, SHOP) as visiting, opening(address, SHOP) as posing:
        welcome = await greet(visiting, world.ticket(world.visitor(thread)))
        assert welcome["visitor"]["conversation_id"] == str(thread.id)
        await say(posing, t="hello", ticket=world.ticket(actor), v=1)
        assert await closing(posing) == 4001


async def test_a_late_hello_is_closed(address: str) -> None:
    started = asyncio.get_running_loop().time()
    async with opening(address) as socket:
        assert await closing(socket) == 4001
    assert 4.5 < asyncio.get_running_loop().time() - started < 20


@pytest.mark.parametrize(("first", "code"), [
    ("nonsense", 4000), (b"binary", 4000), ('{"t":"pong"}', 4001), ('{"t":"hello","ticket":"unknown","v":1}', 4001),
    ('{"t":"hello","ticket":"x","v":2}', 4000), ("[" * 10_000, 4000), ("x" * 100_000, 4000),
])
async def test_anything_but_a_good_hello_is_closed(address: str, first: str | bytes, code: int) -> None:
    async with opening(address) as socket:
        await socket.send(first)
        assert await closing(socket) == code


async def test_bad_frames_close_one_socket_and_no_other(address: str, world: World, actor: Actor) -> None:
    async with opening(address) as bad, opening(address) as good:
        for one in (bad, good):
            await greet(one, world.ticket(actor))
        for junk in ("{", b"\x00\xff", '{"t":"read"}'):
            await bad.send(junk)
        assert [(await hear(bad))["code"] for _ in range(3)] == ["bad_frame"] * 3
        assert await closing(bad) == 4000
        await say(good, t="subscribe", topic="inbox", ref="r")
        assert await hear(good) == {"t": "subscribed", "topic": "inbox", "ref": "r"}


async def test_an_ended_session_closes_at_once(address: str, world: World, actor: Actor, fanout: Fanout) -> None:
    async with opening(address) as socket:
        await greet(socket, world.ticket(actor))
        assert actor.organization_id is not None
        assert actor.user_id is not None
        world.tell(SessionEnded(organization_id=actor.organization_id, user_id=actor.user_id))
        assert len(fanout.registry) == 0
        assert await closing(socket) == 4003


async def test_a_client_that_leaves_is_forgotten(address: str, world: World, actor: Actor, fanout: Fanout) -> None:
    thread = world.thread(actor.organization_id or new_id())
    async with opening(address) as socket:
        await greet(socket, world.ticket(actor))
        await say(socket, t="subscribe", topic="conversation", id=thread.id)
        assert (await hear(socket))["t"] == "subscribed"
        socket.transport.abort()
    await until(lambda: len(fanout.registry) == 0)
    assert not fanout.following.topics
    await until(lambda: "depart" in world.calls)


async def test_a_stalled_socket_is_closed_and_harms_nobody(
    address: str, world: World, actor: Actor, fanout: Fanout
) -> None:
    thread = world.thread(actor.organization_id or new_id())
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.setblocking(False)
    host, port = address.removeprefix("ws://").split("/")[0].split(":")
    await asyncio.get_running_loop().sock_connect(wire, (host, int(port)))
    async with opening(address) as healthy, opening(address, sock=wire, max_queue=1) as stalled:
        for one in (healthy, stalled):
            await greet(one, world.ticket(actor))
            await say(one, t="subscribe", topic="conversation", id=thread.id)
            await hear(one)
        stalled.transport.pause_reading()
        held = next(one for one in reversed(tuple(fanout.registry)))
        written = 0
        while held.closing is None:
            written += 1
            assert written < 20_000
            started = asyncio.get_running_loop().time()
            world.write(thread, size=2000)
            assert (await hear(healthy))["s"] == written
            assert asyncio.get_running_loop().time() - started < 5
            assert held.outbox.size <= world.buffer_bytes
        assert held.closing == 4008
        await until(lambda: held not in fanout.registry)
        stalled.transport.abort()


async def test_the_servers_end_sends_clients_elsewhere(fanout: Fanout, world: World, actor: Actor) -> None:
    app = Litestar([live], openapi_config=None, logging_config=None)
    app.state.fanout = fanout
    async with serving(app, listener()) as url:
        socket = await opening(url.replace("http", "ws", 1) + "/api/v1/live")
        await greet(socket, world.ticket(actor))
        leaving = asyncio.create_task(closing(socket))
    assert await leaving == 4010
    await socket.close()
