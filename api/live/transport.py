"""What ASGI does not give: writing to a socket that is free without a task switch, and cutting one that is stuck.

`LiveProtocol` is uvicorn's own sans-I/O WebSocket protocol; it hands itself to the application through the scope. The
feed works without it (with another server, or under a test client), only slower with clients that stopped reading.
"""

import contextlib
import socket
from asyncio import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.live.gate import Gate, Mailbox

EXTENSION = "switchboard.socket"
GOING_AWAY = 4010
_UNANSWERED_MS = 30_000  # TCP gives up on a peer that takes nothing for so long (RFC 5482)


class LiveProtocol(WebSocketsSansIOProtocol):
    """Usable as uvicorn's `ws`."""

    _framed: tuple[bytes, bytes] = (b"", b"")  # the last frame offered to anybody: the same one goes to many

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
        """Writes a text message at once when the transport is free; False when it was not written."""
        if self.close_sent or self.disconnected or not self.writable.is_set() or self.transport.is_closing():
            return False
        known, framed = LiveProtocol._framed
        if known is not frame:
            framed = header(len(frame)) + frame
            LiveProtocol._framed = (frame, framed)
        try:
            self.transport.write(framed)
        except (OSError, RuntimeError):  # uvloop's word for a transport that closed in between
            return False
        return True

    def cut(self) -> None:
        self.transport.abort()

    def shutdown(self) -> None:
        """The server is stopping: clients are told to resume elsewhere, in our own code."""
        if self.handshake_complete and not self.close_sent and not self.disconnected:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
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
