"""Real servers on loopback: scripted ones that misbehave, and uvicorn for whole applications."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn

Talk = Callable[["Exchange"], Awaitable[None]]


class QuietServer(uvicorn.Server):
    """A server that leaves the test runner's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Exchange:
    """One request as it came, and the way back."""

    head: str
    body: bytes
    writer: asyncio.StreamWriter

    @property
    def path(self) -> str:
        return self.head.split(" ")[1]

    def header(self, name: str) -> str | None:
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    async def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self.writer.drain()


@dataclass
class ScriptedServer:
    """A server whose every exchange is `talk`; it remembers what was asked."""

    port: int
    seen: list[Exchange] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def allow(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def scripted_server(talk: Talk, **options: Any) -> AsyncIterator[ScriptedServer]:
    found = ScriptedServer(0)
    talks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(serve(reader, writer)))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                exchange = Exchange(head.removesuffix("\r\n\r\n"), b"", writer)
                exchange.body = await reader.readexactly(int(exchange.header("content-length") or 0))
                found.seen.append(exchange)
                await talk(exchange)
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, **options)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for talk_under_way in talks:
            talk_under_way.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()


@pytest.fixture
async def scripted() -> AsyncIterator[Callable[..., Awaitable[ScriptedServer]]]:
    """Starts scripted servers that end with the test: `await scripted(talk)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(talk: Talk, **options: Any) -> ScriptedServer:
            return await stack.enter_async_context(scripted_server(talk, **options))

        yield start


@pytest.fixture
async def served() -> AsyncIterator[Callable[[Any], Awaitable[str]]]:
    """Serves an ASGI application over real HTTP: `url = await served(app)`."""
    running: list[tuple[uvicorn.Server, asyncio.Task[None]]] = []

    async def start(app: Any) -> str:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)  # connections queue from here on, so nobody waits for the server
        config = uvicorn.Config(app, ws="none", log_config=None, lifespan="off", timeout_graceful_shutdown=2)
        server = QuietServer(config)
        running.append((server, asyncio.create_task(server.serve(sockets=[listener]))))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, task in running:
        server.should_exit = True
        await task

