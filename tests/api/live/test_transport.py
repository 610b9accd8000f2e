"""Frames of one moment go out in one write for each socket, in their order, and before what is written otherwise."""

import asyncio
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.protocol import State

from api.live import transport as wire
from api.live.transport import LiveProtocol, header


class Line:
    """A transport that remembers each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True


async def _nothing(_scope: Any, _receive: Any, _send: Any) -> None:
    """An application that is never asked."""


CONFIG = Config(_nothing, interface="asgi3", log_config=None)


def opened() -> LiveProtocol:
    made = LiveProtocol(CONFIG, ServerState(), {}, asyncio.get_running_loop())
    made.transport = Line()  # type: ignore[assignment]
    made.handshake_complete, made.conn.state = True, State.OPEN
    return made


@pytest.fixture
async def protocol() -> LiveProtocol:
    return opened()


def written(protocol: LiveProtocol) -> list[bytes]:
    line: Any = protocol.transport
    return list(line.writes)


async def moment() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def framed(*frames: bytes) -> bytes:
    return b"".join(header(len(frame)) + frame for frame in frames)


async def test_what_comes_up_in_a_moment_is_one_write(protocol: LiveProtocol) -> None:
    assert protocol.offer(b"event")
    asyncio.get_running_loop().call_soon(protocol.offer, b"ack")  # whoever waited for the same commit
    assert written(protocol) == []
    await moment()
    assert written(protocol) == [framed(b"event", b"ack")]
    assert protocol.offer(b"later")
    await moment()
    assert written(protocol)[1:] == [framed(b"later")]


async def test_more_than_may_be_held_is_written_at_once(protocol: LiveProtocol) -> None:
    frames = [bytes([65 + number]) * 40_000 for number in range(3)]
    for frame in frames:
        assert protocol.offer(frame)
    assert written(protocol) == [framed(*frames[:2])]
    await moment()
    assert b"".join(written(protocol)) == framed(*frames)


async def test_frames_come_before_what_the_server_writes_itself(protocol: LiveProtocol) -> None:
    protocol.offer(b"event")
    protocol.shutdown()
    first, second = written(protocol)
    assert (first, second[:1]) == (framed(b"event"), b"\x88")  # the close frame
    await moment()
    assert len(written(protocol)) == 2


async def test_a_socket_that_closed_in_between_keeps_no_other_from_its_frames(protocol: LiveProtocol) -> None:
    other = opened()
    assert protocol.offer(b"event")
    assert other.offer(b"event")
    protocol.transport.close()
    await moment()
    assert (written(protocol), written(other)) == ([], [framed(b"event")])
    assert not protocol.offer(b"more")


def test_a_moment_that_never_ended_holds_up_no_later_one() -> None:
    """The loop of one was closed; another loop has moments of its own."""

    async def offer(*, ends: bool) -> list[bytes]:
        made = opened()
        assert made.offer(b"event")
        if ends:
            await moment()
        return written(made)

    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(offer(ends=False)) == []
    loop.close()
    assert asyncio.run(offer(ends=True)) == [framed(b"event")]
    assert wire._moment is not None


async def test_reading_stops_only_for_a_client_that_is_ahead(protocol: LiveProtocol) -> None:
    paused: list[bool] = []
    line: Any = protocol.transport
    line.pause_reading = lambda: paused.append(True)
    line.resume_reading = lambda: paused.append(False)
    for number in range(wire._AHEAD + 1):
        protocol.frames, protocol.curr_msg_data_type = [b"%d" % number], "text"
        protocol.send_receive_event_to_app()
        assert paused == [True] * (number == wire._AHEAD)
    for number in range(wire._AHEAD + 1):
        assert (await protocol.receive())["text"] == str(number)  # type: ignore[typeddict-item]
    assert paused == [True, False]
