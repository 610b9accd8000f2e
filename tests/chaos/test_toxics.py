"""The proxy does what it says to real connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from tests.chaos.toxics import BLACKHOLE, CLEAN, Down, Proxy, Toxic

SENT = bytes(range(256)) * 40


class Echo:
    """A server that says everything back, and keeps what it heard."""

    def __init__(self) -> None:
        self.heard = bytearray()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(4096):
                self.heard += data
                writer.write(data)
                await writer.drain()
        writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[tuple[Echo, Proxy]]:
    heard = Echo()
    server = await asyncio.start_server(heard, "127.0.0.1", 0)
    proxy = Proxy(server.sockets[0].getsockname()[1], seed=5)
    await proxy.start()
    yield heard, proxy
    await proxy.stop()
    server.close()


async def said_back(proxy: Proxy, sent: bytes = SENT) -> bytes:
    """What came back of what was sent, until the line ended or all was there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    back = bytearray()
    try:
        writer.write(sent)
        while len(back) < len(sent) and (data := await reader.read(4096)):
            back += data
    except OSError:
        pass
    finally:
        writer.close()
    return bytes(back)


async def silent(act: Callable[[], Awaitable[bytes]]) -> bool:
    try:
        async with asyncio.timeout(0.3):
            await act()
    except TimeoutError:
        return True
    return False


async def test_a_clean_line_changes_nothing(echo: tuple[Echo, Proxy]) -> None:
    assert await said_back(echo[1]) == SENT


async def test_pieces_arrive_whole_and_in_order(echo: tuple[Echo, Proxy]) -> None:
    echo[1].set(Toxic(slice=997))
    assert await said_back(echo[1]) == SENT


@pytest.mark.parametrize("toxic", [Toxic(latency=0.1), Toxic(bandwidth=len(SENT) * 5)], ids=["latency", "bandwidth"])
async def test_a_slow_line_takes_its_time(echo: tuple[Echo, Proxy], toxic: Toxic) -> None:
    echo[1].set(toxic)
    began = asyncio.get_running_loop().time()
    assert await said_back(echo[1]) == SENT
    assert asyncio.get_running_loop().time() - began >= 0.19


async def test_a_line_is_reset_after_some_byte_and_what_passed_is_the_beginning(echo: tuple[Echo, Proxy]) -> None:
    heard, proxy = echo
    proxy.set(Toxic(reset_within=len(SENT)))
    for _ in range(5):
        heard.heard.clear()
        assert await said_back(proxy) != SENT
        assert SENT.startswith(bytes(heard.heard))


async def test_a_black_hole_says_nothing_and_its_lines_are_dead_afterwards(echo: tuple[Echo, Proxy]) -> None:
    heard, proxy = echo
    proxy.set(BLACKHOLE)
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(SENT)
    assert await silent(lambda: reader.read(1))
    assert heard.heard == b""
    proxy.set(CLEAN)
    with pytest.raises(ConnectionError):
        await reader.readexactly(1)
    writer.close()
    assert await said_back(proxy) == SENT


async def test_a_one_way_loss_lets_the_server_hear_what_is_never_answered(echo: tuple[Echo, Proxy]) -> None:
    heard, proxy = echo
    proxy.set(Toxic(lose=(Down,)))
    assert await silent(lambda: said_back(proxy))
    assert bytes(heard.heard) == SENT


async def test_a_refusal_ends_the_line_at_once(echo: tuple[Echo, Proxy]) -> None:
    heard, proxy = echo
    proxy.set(Toxic(refuse=True))
    assert await said_back(proxy) == b""
    assert (proxy.refused, heard.heard) == (1, b"")


async def test_cutting_ends_every_line_there_is(echo: tuple[Echo, Proxy]) -> None:
    _, proxy = echo
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"x")
    assert await reader.readexactly(1) == b"x"
    assert proxy.lines == 1
    proxy.cut()
    with pytest.raises(ConnectionError):
        await reader.readexactly(1)
    writer.close()
