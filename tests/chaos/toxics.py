"""A TCP proxy that harms what passes through it: late, slow, in pieces, cut at any byte, or not at all.

The random choices come from a seed. A line that has lost a byte stays dead: what comes after a hole is never passed on.
"""

import asyncio
import contextlib
import random
import socket
import struct

import msgspec

CHUNK = 64 * 1024
Up, Down = "up", "down"  # from the client to the server, and back


class Toxic(msgspec.Struct, frozen=True, kw_only=True):
    """What is done to lines while it is set. Times are seconds, sizes bytes; `lose` names directions."""

    latency: float = 0.0
    jitter: float = 0.0
    bandwidth: int = 0  # per second; 0: as fast as it goes
    slice: int = 0  # the largest piece; 0: as it comes
    reset_within: int = 0  # each line is reset after fewer bytes than this; 0: never
    lose: tuple[str, ...] = ()  # (up, down) is a black hole, one alone a one-way loss
    refuse: bool = False


CLEAN = Toxic()
BLACKHOLE = Toxic(lose=(Up, Down))


class Line:
    """One client's connection and the one made for it."""

    def __init__(self, chance: random.Random, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.chance, self.ends = chance, (client, server)
        self.passed, self.limit = 0, -1
        self.holed: set[str] = set()

    def arm(self, within: int) -> None:
        """The line will be reset after some number of further bytes below `within`."""
        self.limit = self.passed + self.chance.randrange(within)

    def reset(self) -> None:
        """Ends both connections with RST, as a middlebox does."""
        for end in self.ends:
            raw = end.get_extra_info("socket")
            if raw is not None and raw.family != socket.AF_UNIX:
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()


class Proxy:
    """Listens on a port of loopback, or on a Unix socket, and leads to `target`: a port or a path."""

    def __init__(self, target: int | str, *, seed: int = 0, listen: int | str = 0) -> None:
        self.target, self.listen = target, listen
        self.toxic = CLEAN
        self.refused = 0
        self._chance = random.Random(seed)
        self._lines: set[Line] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        if isinstance(self.listen, str):
            self._server = await asyncio.start_unix_server(self._accept, self.listen)
        else:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.listen)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def set(self, toxic: Toxic) -> None:
        """For the lines there are and those to come. Lifting a loss cuts the lines that have a hole."""
        self.toxic = toxic
        for line in tuple(self._lines):
            if line.holed - set(toxic.lose):
                line.reset()
            elif toxic.reset_within:
                line.arm(toxic.reset_within)

    def cut(self) -> None:
        """Resets every line there is."""
        for line in tuple(self._lines):
            line.reset()

    @property
    def lines(self) -> int:
        return len(self._lines)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            if not self.toxic.refuse:
                await self._join(reader, writer)
            else:
                self.refused += 1
        except (OSError, asyncio.CancelledError):
            pass  # the server is not there, either side went away, or the proxy stops
        finally:
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if isinstance(self.target, str):
            back, forth = await asyncio.open_unix_connection(self.target)
        else:
            back, forth = await asyncio.open_connection("127.0.0.1", self.target)
        line = Line(self._chance, writer, forth)
        if self.toxic.reset_within:
            line.arm(self.toxic.reset_within)
        self._lines.add(line)
        pumps = [asyncio.create_task(self._pump(line, reader, forth, Up)),
                 asyncio.create_task(self._pump(line, back, writer, Down))]
        try:
            await asyncio.gather(*pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            self._lines.discard(line)
            forth.transport.abort()

    async def _pump(self, line: Line, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: str) -> None:
        while data := await source.read(CHUNK):
            if way in line.holed or way in self.toxic.lose:
                line.holed.add(way)
                continue
            for piece in self._pieces(data):
                await self._pass_on(line, piece, sink)
        while way in line.holed or way in self.toxic.lose:
            await asyncio.sleep(0.05)  # a hole swallows the goodbye as well
        if sink.can_write_eof():
            sink.write_eof()

    def _pieces(self, data: bytes) -> list[bytes]:
        size = self.toxic.slice or len(data)
        return [data[start : start + size] for start in range(0, len(data), size)]

    async def _pass_on(self, line: Line, piece: bytes, sink: asyncio.StreamWriter) -> None:
        toxic = self.toxic
        if toxic.latency or toxic.jitter:
            await asyncio.sleep(toxic.latency + line.chance.random() * toxic.jitter)
        if toxic.bandwidth:
            await asyncio.sleep(len(piece) / toxic.bandwidth)
        if 0 <= line.limit < line.passed + len(piece):
            sink.write(piece[: line.limit - line.passed])
            with contextlib.suppress(OSError):
                await sink.drain()
            line.reset()
            raise ConnectionResetError
        line.passed += len(piece)
        sink.write(piece)
        await sink.drain()
