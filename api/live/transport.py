"""What ASGI does not give: writing to a socket that is free without a task switch, and cutting one that is stuck.

`LiveProtocol` is uvicorn's own sans-I/O WebSocket protocol; it hands itself to the application through the scope. The
feed works without it (with another server, or under a test client), only slower with clients that stopped reading.
"""

import asyncio
import contextlib
import socket
from asyncio import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.live.gate import Gate, Mailbox
from hub.core.failpoints import reach

EXTENSION = "switchboard.socket"
GOING_AWAY = 4010
_UNANSWERED_MS = 30_000  # TCP gives up on a peer that takes nothing for so long (RFC 5482)
_AHEAD = 4  # messages of a client that wait before no more are read
_MOST_HELD = 65_536  # bytes of frames that wait for the end of this moment before they are written


class _Moment:
    """The sockets with frames to write. What comes up in one moment, the events of a group of commits and the answers
    to those who caused them, goes out in one write for each socket: a write costs more than making what is written."""

    def __init__(self) -> None:
        self._waiting: list[LiveProtocol] = []
        self._loop: asyncio.AbstractEventLoop | None = None  # whose moment it is

    def add(self, protocol: "LiveProtocol") -> None:
        if not self._waiting or self._loop is not protocol.loop:
            loop = self._loop = protocol.loop
            self._waiting = []
            loop.call_soon(loop.call_soon, self._end)  # those who wait for the same commit come first
        self._waiting.append(protocol)

    def _end(self) -> None:
        waiting, self._waiting = self._waiting, []
        for protocol in waiting:
            protocol.flush()
        reach("ack.after")


_moment = _Moment()


class LiveProtocol(WebSocketsSansIOProtocol):
    """Usable as uvicorn's `ws`."""

    _framed: tuple[bytes, bytes] = (b"", b"")  # the last frame offered to anybody: the same one goes to many
    _held: bytes | list[bytes] | None = None  # mostly one frame
    _held_bytes = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = Mailbox()  # type: ignore[assignment] # as much of a queue as is used, at a tenth of the memory
        self.writable = Gate(is_open=True)  # type: ignore[assignment] # the same for the event

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        option = getattr(socket, "TCP_USER_TIMEOUT", None)
        wire = transport.get_extra_info("socket")
        if option is not None and wire is not None and wire.family in (socket.AF_INET, socket.AF_INET6):
            with contextlib.suppress(OSError):
                wire.setsockopt(socket.IPPROTO_TCP, option, _UNANSWERED_MS)

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope.setdefault("extensions", {})
        extensions[EXTENSION] = {"protocol": self}
        await super().run_asgi()

    def forget_handshake(self) -> None:
        """Lets go of what was needed only until the socket was accepted: the request and all copies of its headers."""
        del self.request, self.response
        self.scope["headers"] = []

    def offer(self, frame: bytes) -> bool:
        """Takes a text message to write in this moment when the transport is free; False when it was not taken."""
        if self.close_sent or self.disconnected or not self.writable.is_set() or self.transport.is_closing():
            return False
        known, framed = LiveProtocol._framed
        if known is not frame:
            framed = header(len(frame)) + frame
            LiveProtocol._framed = (frame, framed)
        held = self._held
        if held is None:
            self._held = framed
            _moment.add(self)
            return True
        if isinstance(held, bytes):
            held = self._held = [held]
            self._held_bytes = len(held[0])
        held.append(framed)
        self._held_bytes += len(framed)
        if self._held_bytes > _MOST_HELD:
            self.flush()
        return True

    def flush(self) -> None:
        """Writes what is held."""
        held, self._held = self._held, None
        if held is None or self.transport.is_closing():
            return
        try:
            self.transport.write(held if isinstance(held, bytes) else b"".join(held))
        except (OSError, RuntimeError):  # uvloop's word for a transport that closed in between
            return

    async def send(self, message: Any) -> None:
        self.flush()  # what was taken before comes first
        await super().send(message)

    def send_receive_event_to_app(self) -> None:
        """Hands a message on; reading stops only for a client that is ahead of us, for that is two system calls."""
        paused, self.read_paused = self.read_paused, self.read_paused or self.queue.qsize() < _AHEAD
        super().send_receive_event_to_app()
        self.read_paused = self.read_paused and (paused or self.queue.qsize() > _AHEAD)

    def cut(self) -> None:
        self.transport.abort()

    def shutdown(self) -> None:
        """The server is stopping: clients are told to resume elsewhere, in our own code."""
        if self.handshake_complete and not self.close_sent and not self.disconnected:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
            self.flush()
            self.conn.send_close(GOING_AWAY)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()
        else:
            super().shutdown()


def header(length: int) -> bytes:
    """The head of an unmasked, final text frame (RFC 6455, section 5.2)."""
    if length < 126:
        return bytes((0x81, length))
    if length < 65_536:
        return b"\x81\x7e" + length.to_bytes(2, "big")
    return b"\x81\x7f" + length.to_bytes(8, "big")
