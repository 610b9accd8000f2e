"""Frames of every bad kind: an error frame or a documented close, never a failure of ours, and nobody else notices."""

import asyncio
import base64
import json
import os
import secrets
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import httpx2
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect
from structlog.testing import LogCapture
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.live.connection import Bucket
from api.live.frames import AnyClientFrame, Close, Hello
from tests.api.furnishing import Furnished, furnish
from tests.running import Stack, register
from tests.waiting import PATIENCE

pytestmark = pytest.mark.timeout(240)
PROTOCOL = frozenset({1002, 1003, 1007, 1009})  # what RFC 6455 says of broken framing, text that is none, and size
KNOWN = json.loads((Path(__file__).parents[3] / "hub/core/locales/en.json").read_text("utf-8"))
KINDS = [inspect.type_info(one) for one in get_args(AnyClientFrame) if one is not Hello]
SEEDED = settings(
    max_examples=int(os.environ.get("HUB_FUZZ_EXAMPLES", "150")), deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(
        ["\x00", "\u202e", "x" * 70_000, str(uuid4()), "1e999", "9" * 400]
    ),
    lambda leaf: st.lists(leaf, max_size=4) | st.dictionaries(st.text(max_size=8), leaf, max_size=4), max_leaves=8,
)
words = st.text(max_size=40) | st.sampled_from(
    ["\x00", "x" * 5000, "", " ", "a\ud7ff", "\u202e", "'; DROP TABLE users; --"]
)
numbers = st.integers(-2, 2**53 + 2) | st.integers()


def member(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a member's type; ids are placeholders, filled with real ones."""
    match kind:
        case inspect.UnionType():
            return st.one_of([member(one) for one in kind.types])
        case inspect.UUIDType():
            return st.sampled_from(["OWN", "VISIT", "MISSING", "00000000-0000-0000-0000-000000000000"])
        case inspect.LiteralType():
            return st.sampled_from(list(kind.values))
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return numbers
        case inspect.StrType():
            return words
        case _:
            return st.none()


def frame(kind: inspect.Type) -> st.SearchStrategy[dict[str, Any]]:
    assert isinstance(kind, inspect.StructType)
    return st.fixed_dictionaries(
        {"t": st.just(str(kind.tag))}, optional={field.encode_name: member(field.type) for field in kind.fields}
    )


frames = st.one_of([frame(kind) for kind in KINDS])
mutated = st.builds(lambda one, more: one | more, frames, st.dictionaries(
    st.sampled_from(["t", "id", "topic", "from", "seq", "text", "client_id", "on", "x", "ref"]), junk, min_size=1,
    max_size=3,
))


class Site:
    """An agent's socket that comes back when it was closed, and one beside it that must not notice."""

    def __init__(self, running: Stack, own: Furnished, log: LogCapture) -> None:
        self.running, self.own, self.log = running, own, log
        self.ids = {"OWN": own.ids["conversation_id"], "VISIT": own.visitor_ids["conversation_id"]}
        self.tab: ClientConnection | None = None
        self.closes: list[int | None] = []

    async def opened(self) -> ClientConnection:
        ticket = (await self.own.owner.post("/api/v1/live/ticket"))["ticket"]
        address = self.running.url.replace("http", "ws", 1) + "/api/v1/live"
        made = await connect(address, origin=self.running.url, compression=None,  # type: ignore[arg-type]
                             max_size=None)
        await made.send(json.dumps({"t": "hello", "ticket": ticket, "v": 1}))
        assert json.loads(await made.recv())["t"] == "welcome"
        now = asyncio.get_running_loop().time()
        for one in self.running.app.state.fanout.registry:
            one.bucket = Bucket(1e6, 1e6, now)  # how much is too much is tested elsewhere
        return made

    async def say(self, raw: str | bytes) -> list[dict[str, Any]]:
        """What is answered until a good question after it is; nothing when the socket was closed."""
        self.tab = self.tab or await self.opened()
        heard: list[dict[str, Any]] = []
        mark = secrets.token_hex(4)
        for one in self.running.app.state.fanout.registry:
            one.strikes = 0
        try:
            await self.tab.send(raw)
            await self.tab.send(json.dumps({"t": "subscribe", "topic": "conversation", "ref": mark}))
            async with asyncio.timeout(PATIENCE):
                while not heard or heard[-1].get("ref") != mark:
                    heard.append(json.loads(await self.tab.recv()))
        except ConnectionClosed as closed:
            self.closes.append(closed.rcvd.code if closed.rcvd else None)
            self.tab = None
        return heard

    def is_sound(self, heard: list[dict[str, Any]]) -> None:
        """Known error codes, documented closes, and nothing in the log that we would have to look at."""
        for one in heard:
            if one["t"] in ("error", "refused"):
                assert one["code"] != "internal"
                assert f"error.{one['code']}" in KNOWN
        assert set(self.closes) <= {int(code) for code in Close} | PROTOCOL
        assert [entry for entry in self.log.entries if entry["log_level"] in ("error", "critical")] == []


@pytest.fixture(scope="module")
async def site(running: Stack, client: httpx2.AsyncClient, running_engine: Any) -> AsyncIterator[Site]:
    own = await furnish(running, client, await register(client, "Fuzz"), running_engine)
    log = LogCapture()
    structlog.configure(processors=[structlog.processors.add_log_level, log])
    made = Site(running, own, log)
    yield made
    structlog.reset_defaults()
    if made.tab is not None:
        await made.tab.close()


@SEEDED
@given(one=frames | mutated)
async def test_a_frame_of_the_right_shape_with_any_values_is_answered(site: Site, one: dict[str, Any]) -> None:
    text = json.dumps({name: site.ids.get(value, value) if isinstance(value, str) else value
                       for name, value in one.items()}).replace("MISSING", str(uuid4()))
    site.is_sound(await site.say(text))


@SEEDED
@given(raw=junk.map(json.dumps) | st.text() | st.binary(max_size=400))
async def test_anything_else_is_a_bad_frame(site: Site, raw: str | bytes) -> None:
    site.is_sound(await site.say(raw))


def raw_frame(opcode: int, payload: bytes, *, final: bool = True, mask: bool = True, reserved: int = 0,
              length: int | None = None) -> bytes:
    """A WebSocket frame as nobody's library would write it (RFC 6455, section 5.2)."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65_536:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    return head + (b"\0\0\0\0" if mask else b"") + payload


PONG = b'{"t":"pong"}'
WIRE: dict[str, list[bytes]] = {
    "unmasked": [raw_frame(1, PONG, mask=False)],
    "reserved bits": [raw_frame(1, PONG, reserved=4)],
    "unknown opcode": [raw_frame(5, PONG)], "unknown control opcode": [raw_frame(0xD, b"")],
    "text that is no UTF-8": [raw_frame(1, b'{"t":"\xff\xfe"}')],
    "a surrogate in UTF-8": [raw_frame(1, b'{"t":"\xed\xa0\x80"}')],
    "continuation of nothing": [raw_frame(0, PONG)],
    "a new message inside another": [raw_frame(1, b'{"t"', final=False), raw_frame(1, PONG)],
    "fragments": [raw_frame(1, b'{"t":', final=False), raw_frame(0, b'"pong"}')],
    "fragments of one byte": [raw_frame(1 if at == 0 else 0, PONG[at:at + 1], final=at == len(PONG) - 1)
                              for at in range(len(PONG))],
    "a ping between fragments": [raw_frame(1, b'{"t":', final=False), raw_frame(9, b"?"), raw_frame(0, b'"pong"}')],
    "a fragmented ping": [raw_frame(9, b"x", final=False)],
    "a ping of 126 bytes": [raw_frame(9, b"x" * 126)],
    "a thousand pings": [raw_frame(9, b"") * 1000], "pongs that nobody asked for": [raw_frame(10, b"x") * 100],
    "a character cut by fragments": [raw_frame(1, b'{"t":"\xc3', final=False), raw_frame(0, b'\xa9"}')],
    "binary": [raw_frame(2, b"\x00\x01\x02")], "empty": [raw_frame(1, b"")],
    "close without a code": [raw_frame(8, b"")], "close with one byte": [raw_frame(8, b"\x03")],
    "close with a code that is none": [raw_frame(8, struct.pack(">H", 999))],
    "close with words that are no UTF-8": [raw_frame(8, struct.pack(">H", 1000) + b"\xff")],
    "words after the close": [raw_frame(8, struct.pack(">H", 1000)), raw_frame(1, PONG)],
    "larger than any frame": [raw_frame(1, b"x" * 100_000)],
    "larger than any message": [raw_frame(1, b"x" * (2**20 + 1))],
    "a length of 2^62": [raw_frame(1, b"x", length=2**62)],
    "a length of 2^64 - 1": [raw_frame(1, b"x", length=2**64 - 1)],
    "half a frame": [raw_frame(1, PONG)[:7]], "HTTP": [b"GET / HTTP/1.1\r\n\r\n"], "noise": [bytes(range(256)) * 4],
}


@pytest.mark.parametrize("name", list(WIRE))
async def test_no_bytes_on_the_wire_harm_anybody(site: Site, name: str) -> None:
    """After them the socket is closed with a code of the protocol or goes on; one beside it works all the time."""
    beside = await site.opened()
    ticket = (await site.own.owner.post("/api/v1/live/ticket"))["ticket"]
    host, port = site.running.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    headers = {"Host": f"{host}:{port}", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key,
               "Sec-WebSocket-Version": "13", "Origin": site.running.url}
    writer.write("\r\n".join(["GET /api/v1/live HTTP/1.1", *map(": ".join, headers.items()), "", ""]).encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.write(raw_frame(1, json.dumps({"t": "hello", "ticket": ticket, "v": 1}).encode()))
    assert b"welcome" in await reader.read(4096)
    for piece in WIRE[name]:
        writer.write(piece)
    await writer.drain()
    await beside.send(json.dumps({"t": "subscribe", "topic": "conversation", "ref": "beside"}))
    async with asyncio.timeout(PATIENCE):
        while json.loads(await beside.recv()).get("ref") != "beside":
            pass
    writer.close()
    await beside.close()
    site.is_sound([])


async def test_a_flood_is_closed_and_memory_stays_bounded(site: Site) -> None:
    before, codes = resident(), []
    for size in (10, 60_000, 1_000_000):
        tab = await site.opened()
        held = max(site.running.app.state.fanout.registry, key=lambda one: one.heard_at)
        held.bucket = Bucket(20.0, 80.0, asyncio.get_running_loop().time())
        try:
            for _ in range(300):
                await tab.send(json.dumps({"t": "pong", "x": "x" * size}))
            while True:
                await tab.recv()
        except ConnectionClosed as closed:
            codes.append(closed.rcvd.code if closed.rcvd else None)
    assert set(codes) <= {Close.BAD_FRAME, Close.FLOODING, None}
    assert resident() - before < 64 * 2**20
    site.is_sound([])


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
