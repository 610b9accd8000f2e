"""WebSocket clients over bare TCP: they mask, they count, and cost the machine as little as they can."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Self

from tests.load.remote import key

_MASK = b"\0\0\0\0"  # a mask that changes nothing is a mask (RFC 6455, section 5.3)


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """A final, masked client frame."""
    length = len(payload)
    if length < 126:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length < 65_536:
        head = bytes((0x80 | opcode, 0xFE)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0xFF)) + length.to_bytes(8, "big")
    return head + _MASK + payload


class Wire(asyncio.Protocol):
    """One socket. Messages go to `on_message` once it is set, else they wait for `receive`."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.on_message: Callable[[bytes], None] | None = None
        self.lost = False
        self.close_code: int | None = None
        self._held = b""
        self._upgraded = False
        self._messages: list[bytes] = []
        self._arrived = asyncio.Event()

    @classmethod
    async def connect(cls, port: int, path: str, origin: str = "") -> Self:
        """Opens the socket. Raises `ConnectionError` when it is refused."""
        _, wire = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        extra = f"Origin: {origin}\r\n" if origin else ""
        wire.transport.write(
            f"GET {path} HTTP/1.1\r\nHost: hub.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{extra}"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key().decode()}\r\n\r\n".encode()
        )
        while not wire._upgraded:
            await wire._wait()
        return wire

    def send(self, payload: bytes) -> None:
        self.transport.write(frame(payload))

    async def receive(self, start: bytes, *, within: float = 60.0) -> bytes:
        """The next message that begins so; others before it are dropped. Raises `ConnectionError`, `TimeoutError`."""
        async with asyncio.timeout(within):
            while True:
                while self._messages:
                    message = self._messages.pop(0)
                    if message.startswith(start):
                        return message
                await self._wait()

    async def _wait(self) -> None:
        if self.lost:
            raise ConnectionError(f"the server closed the socket: {self.close_code}")
        self._arrived.clear()
        await self._arrived.wait()

    def listen(self, on_message: Callable[[bytes], None]) -> None:
        """From here on every message is handed over at once, those that wait first."""
        self.on_message = on_message
        for message in self._messages:
            on_message(message)
        self._messages.clear()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        self._arrived.set()

    def data_received(self, data: bytes) -> None:
        if self._held:
            data = self._held + data
        at = 0
        if not self._upgraded:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._held = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self.lost = True
                self._arrived.set()
                return
            self._upgraded, at = True, end + 4
            self._arrived.set()
        size = len(data)
        while size - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            end = start + length
            if start > size or end > size:
                break
            self._take(data[at] & 15, data[start:end])
            at = end
        self._held = data[at:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == 1:
            if self.on_message is not None:
                self.on_message(payload)
            else:
                self._messages.append(payload)
                self._arrived.set()
        elif opcode == 9:
            self.transport.write(frame(payload, 10))
        elif opcode == 8:
            self.close_code = int.from_bytes(payload[:2], "big")


class Api:
    """Short HTTP requests over one kept connection, answers in whole."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, token: str, body: bytes = b"") -> bytes:
        """The body of a 2xx answer. Raises `ConnectionError` with any other."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        assert self._reader is not None
        self._writer.write(
            f"POST {path} HTTP/1.1\r\nHost: hub.example\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        answer = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 2"):
            raise ConnectionError(f"{path}: {head[:40]!r} {answer[:300]!r}")
        return answer

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


async def paced(count: int, rate: float, do: Callable[[int, float], None]) -> None:
    """Calls `do(index, instant)` at each instant of an open loop."""
    began, done = time.perf_counter(), 0
    while done < count:
        now = time.perf_counter()
        while done < count and began + done / rate <= now:
            do(done, began + done / rate)
            done += 1
        await asyncio.sleep(0.001)
