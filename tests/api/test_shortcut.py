"""Webhooks over a bare connection: answered past ASGI as they would be through it, whatever shape they come in."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import httpx2
import pytest

from api import hooks
from hub.core.metrics import HTTP_REQUESTS
from tests.journeys.meta import signed, text_webhook
from tests.running import Person, Stack, WhatsAppLine, connect_whatsapp, register

_HEALTH = b"GET /healthz HTTP/1.1\r\nHost: hub.example\r\n\r\n"


class Wire:
    """One connection, on which bytes are written as they are and answers read one by one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 20)).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        return int(head[0].split()[1]), headers, await self.reader.readexactly(int(headers.get("content-length", 0)))

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), 20) == b""


class Line:
    """A number, and the requests that its provider would send."""

    def __init__(self, owner: Person, line: WhatsAppLine) -> None:
        self.owner, self._number = owner, line.number
        self.path = f"/webhooks/whatsapp/{owner.organization_id}"

    def request(
        self, text: str, *headers: str, version: str = "1.1", sign: bool = True, chunks: int = 0
    ) -> bytes:
        body = text_webhook(self._number["phone_number_id"], f"5511{secrets.randbelow(10**9):09d}", text)
        lines = [*headers, *(f"{name}: {value}" for name, value in signed(body, self._number["app_secret"]).items()
                             if sign or "ignature" not in name)]
        if chunks:
            size = len(body) // chunks + 1
            parts = [body[at : at + size] for at in range(0, len(body), size)]
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
            lines.append("Transfer-Encoding: chunked")
        else:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([f"POST {self.path} HTTP/{version}", "Host: hub.example", *lines])
        return head.encode() + b"\r\n\r\n" + body

    async def texts(self) -> set[str]:
        rows = (await self.owner.get("/api/v1/conversations?view=all&limit=100"))["results"]
        return {row["last_message"]["text"] for row in rows}


@pytest.fixture
async def line(running: Stack, client: httpx2.AsyncClient) -> Line:
    owner = await register(client)
    return Line(owner, await connect_whatsapp(running, client, owner))


@pytest.fixture
async def wire(running: Stack) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.settings.port)
    yield Wire(reader, writer)
    writer.close()


async def test_one_after_the_other_on_one_connection(line: Line, wire: Wire) -> None:
    for text in ("one", "two"):
        wire.writer.write(line.request(text))
        status, headers, body = await wire.answer()
        assert (status, body) == (200, b"")
        assert {"date", "x-request-id", "content-type", "referrer-policy"} < headers.keys()
        assert (headers["content-length"], headers["x-content-type-options"]) == ("0", "nosniff")
        assert "connection" not in headers
    assert await line.texts() == {"one", "two"}


async def test_they_are_counted_as_requests(line: Line, wire: Wire) -> None:
    count = HTTP_REQUESTS.labels("POST", "/webhooks/whatsapp/{org_id:uuid}", 200)
    before = count._value.get()
    wire.writer.write(line.request("counted"))
    await wire.answer()
    assert count._value.get() == before + 1


async def test_several_in_one_piece_are_answered_in_their_order(line: Line, wire: Wire) -> None:
    wire.writer.write(line.request("one") + _HEALTH + line.request("two", sign=False) + line.request("three") + _HEALTH)
    answers = [await wire.answer() for _ in range(5)]
    assert [status for status, _, _ in answers] == [200, 200, 403, 200, 200]
    assert [bool(body) for _, _, body in answers] == [False, True, True, False, True]
    assert await line.texts() == {"one", "three"}


@pytest.mark.parametrize("chunks", [0, 3])
async def test_one_in_pieces_is_taken_when_it_is_whole(line: Line, wire: Wire, chunks: int) -> None:
    whole = line.request("in pieces " + "x" * 3000, chunks=chunks)
    for at in range(0, len(whole), 700):
        wire.writer.write(whole[at : at + 700])
        await wire.writer.drain()
        await asyncio.sleep(0)
    assert (await wire.answer())[0] == 200
    assert [text[:9] for text in await line.texts()] == ["in pieces"]


async def test_one_larger_than_what_is_read_ahead_is_taken(line: Line, wire: Wire) -> None:
    wire.writer.write(line.request("y" * 200_000))
    assert (await wire.answer())[0] == 200


@pytest.mark.parametrize(("version", "header"), [("1.1", "Connection: close"), ("1.0", "X-Nothing: 1")])
async def test_who_wants_the_connection_closed_gets_that(line: Line, wire: Wire, version: str, header: str) -> None:
    wire.writer.write(line.request("last", header, version=version))
    status, headers, _ = await wire.answer()
    assert (status, headers["connection"]) == (200, "close")
    assert await wire.is_closed()


async def test_what_is_wrong_is_said_the_long_way_and_the_connection_goes_on(line: Line, wire: Wire) -> None:
    wire.writer.write(line.request("forged", sign=False))
    status, headers, body = await wire.answer()
    assert (status, b"signature_invalid" in body) == (403, True)
    assert headers["content-type"].startswith("application/problem+json")
    wire.writer.write(line.request("good"))
    assert (await wire.answer())[0] == 200
    assert await line.texts() == {"good"}


async def test_too_much_is_refused_before_it_is_all_there(line: Line, wire: Wire) -> None:
    wire.writer.write((f"POST {line.path} HTTP/1.1\r\nHost: hub.example\r\nContent-Type: application/json\r\n"
                       f"Content-Length: {2 * hooks.BODY_LIMIT}\r\n\r\n").encode())
    wire.writer.write(b"x" * (hooks.BODY_LIMIT + 1))
    status, _, body = await wire.answer()
    assert (status, b"too_large" in body) == (413, True)


async def test_who_asks_first_whether_to_go_on_is_told_to(line: Line, wire: Wire) -> None:
    head, _, body = line.request("after 100", "Expect: 100-continue").partition(b"\r\n\r\n")
    wire.writer.write(head + b"\r\n\r\n")
    assert await wire.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.writer.write(body)
    assert (await wire.answer())[0] == 200


async def test_who_leaves_in_the_middle_leaves_nothing(line: Line, wire: Wire, client: httpx2.AsyncClient) -> None:
    whole = line.request("half")
    wire.writer.write(whole[:-20])
    await wire.writer.drain()
    wire.writer.close()
    await wire.writer.wait_closed()
    assert (await client.get("/healthz")).status_code == 200
    assert await line.texts() == set()
