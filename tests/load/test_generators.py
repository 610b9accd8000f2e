"""The load itself: signed as the provider signs, framed as the standard says, counted to the last delivery."""

import asyncio
import hashlib
import hmac

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.load.generators.meta import Meta
from tests.load.generators.rooms import Generator
from tests.load.generators.seats import text
from tests.load.generators.wire import Wire, frame


def meta() -> Meta:
    return Meta(path="/webhooks/whatsapp/x", phone_number_id="123", app_secret="s", customers=10, seed=3)


def test_webhooks_are_unique_and_really_signed() -> None:
    requests = meta().texts(50)

    bodies = [request.partition(b"\r\n\r\n")[2] for request in requests]
    assert len(set(bodies)) == 50
    for request, body in zip(requests, bodies, strict=True):
        assert f"sha256={hmac.new(b's', body, hashlib.sha256).hexdigest()}".encode() in request
        assert f"Content-Length: {len(body)}\r\n".encode() in request
        assert 300 < len(body) < 700


def test_a_burst_has_three_statuses_of_each_message_in_their_order_and_the_texts_between() -> None:
    burst = meta().burst(["wamid.a", "wamid.b"], messages=2)

    assert len(burst) == 8
    of_a = [request for request in burst if b"wamid.a" in request]
    assert [state in request for state, request in zip((b'"sent"', b'"delivered"', b'"read"'), of_a, strict=True)] == (
        [True] * 3
    )
    assert sum(b'"text"' in request for request in burst) == 2


@pytest.mark.parametrize("length", [5, 126, 65_535, 65_536])
async def test_frames_of_every_length_go_there_and_back(length: int) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "127.0.0.1", 0, compression=None, max_size=2**20) as server:
        wire = await Wire.connect(server.sockets[0].getsockname()[1], "/")
        wire.send(b"x" * length)

        assert len(await wire.receive(b"x")) == length
        wire.transport.close()
    assert len(frame(b"")) == 6


async def test_a_refused_socket_is_said() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        with pytest.raises(ConnectionError, match="closed"):
            await Wire.connect(server.sockets[0].getsockname()[1], "/")


class Broadcasting:
    """A server that sends on to all what one says; `spoil` may change what each gets."""

    def __init__(self, spoil: str = "") -> None:
        self.spoil = spoil
        self.everybody: list[ServerConnection] = []

    async def __call__(self, connection: ServerConnection) -> None:
        self.everybody.append(connection)
        async for message in connection:
            for place, one in enumerate(self.everybody):
                if self.spoil == "lost" and place == 0:
                    continue
                await one.send(message)
                if self.spoil == "double" and place == 1:
                    await one.send(message)


@pytest.mark.parametrize(("spoil", "found"), [
    ("", []), ("double", ["got 1 twice"]), ("lost", ["never reached everybody", "different orders"]),
])
async def test_a_room_counts_what_everybody_heard(
    spoil: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.load.generators.rooms._STRAGGLERS", 0.2)
    rooms = Generator()
    async with serve(Broadcasting(spoil), "127.0.0.1", 0, compression=None) as server:
        await rooms.enter(kind="broadcast", port=server.sockets[0].getsockname()[1], places=[{"room": "all"}] * 3)
        measured = await rooms.steady(rate=50, seconds=0.02)
        await rooms.leave()

    assert measured["sent"] == 1
    assert all(any(words in one for one in measured["violations"]) for words in found)
    assert bool(measured["violations"]) is bool(found)


def test_a_text_is_as_long_as_it_is_asked_to_be() -> None:
    assert len(text(7, 3000)) == 3000
    assert text(7).startswith("@@00000007@@")
