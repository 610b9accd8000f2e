"""The socket itself: who may open it, the hello within five seconds, one reader and one writer until either ends."""

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
import structlog
from litestar import WebSocket, post, websocket
from litestar.exceptions import WebSocketDisconnect

from api.deps import TheActor, TheHub
from api.live import limits
from api.live.commands import take
from api.live.connection import Connection
from api.live.fanout import Fanout
from api.live.frames import BadFrame, Close, Hello, Welcome, WelcomeUser, WelcomeVisitor, decode
from api.live.transport import EXTENSION, LiveProtocol
from hub.accounts import tickets
from hub.core.clock import new_id
from hub.core.errors import HubError
from hub.core.metrics import SOCKET_CLOSES

log = structlog.get_logger("live")
_REFUSED = 1008  # before the socket is accepted, servers answer this with 403

Socket = WebSocket[Any, Any, Any]


class TicketView(msgspec.Struct, frozen=True):
    """A single-use pass for one socket; `expires_in` seconds."""

    ticket: str
    expires_in: int


@post("/api/v1/live/ticket", opt={"access": "signed_in", "repeatable": False}, status_code=200,
      operation_id="issue_live_ticket", tags=["Live"], summary="Get a single-use ticket for the live socket")
async def issue_ticket(hub: TheHub, actor: TheActor) -> TicketView:
    async with hub.work(actor) as work:
        return TicketView(*await tickets.issue(work, session_id=actor.session_id))


class AsgiPipe:
    """A `Pipe` over ASGI, and past it where the server lets us."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        extensions: Any = socket.scope.get("extensions") or {}
        protocol = extensions.get(EXTENSION, {}).get("protocol")
        self._protocol = protocol if isinstance(protocol, LiveProtocol) else None
        self.writer: asyncio.Task[None] | None = None

    def offer(self, frame: bytes) -> bool:
        return self._protocol is not None and self._protocol.offer(frame)

    async def send(self, frame: bytes) -> None:
        await self._put({"type": "websocket.send", "bytes": None, "text": frame.decode()})

    async def close(self, code: int) -> None:
        await self._put({"type": "websocket.close", "code": code, "reason": ""})

    async def _put(self, message: Any) -> None:
        try:
            await self._socket.send(message)
        except (WebSocketDisconnect, RuntimeError) as error:  # what Litestar and uvicorn say of a socket that closed
            raise ConnectionResetError from error

    def abort(self) -> None:
        if self._protocol is not None:
            self._protocol.cut()
        elif self.writer is not None:
            self.writer.cancel()

    async def receive(self) -> tuple[bool, str | None]:
        """(whether it is still open, the text of a message or None for a binary one)."""
        message: Any = await self._socket.receive()
        return message["type"] == "websocket.receive", message.get("text")


@websocket("/api/v1/live", opt={"access": "public"})
async def live(socket: WebSocket[Any, Any, Any]) -> None:
    """The ticket in the hello authenticates; before it only the Origin is known."""
    fanout: Fanout = socket.app.state.fanout
    full = fanout.waiting_hello >= limits.WAITING_HELLO
    if fanout.stopping or full or not await _may_come_from(fanout, socket.headers.getall("origin", [])):
        await socket.close(_REFUSED)
        return
    fanout.waiting_hello += 1
    try:
        await socket.accept()
        pipe = AsgiPipe(socket)
        connection = await _greet(fanout, pipe, socket)
    finally:
        fanout.waiting_hello -= 1
    if connection is not None:
        await _serve(fanout, pipe, connection)


async def _may_come_from(fanout: Fanout, origins: list[str]) -> bool:
    """Exact membership, nothing else. No Origin means no browser: that is for development and tests."""
    if not origins:
        return fanout.source.may_miss_origin
    if len(origins) > 1 or origins[0] in ("", "null") or len(origins[0]) > limits.ORIGIN_LENGTH:
        return False
    try:
        return origins[0] in fanout.source.own_origins or await fanout.source.knows_origin(origins[0])
    except Exception as error:  # the database is away: the client comes again
        log.warning("live_origin_unread", error=type(error).__name__)
        return False


async def _greet(fanout: Fanout, pipe: AsgiPipe, socket: Socket) -> Connection | None:
    """From the first frame to the welcome; None when the socket was closed instead."""
    hello = await _hello(pipe)
    if not isinstance(hello, Hello):
        await _close(pipe, hello)
        return None
    mark = fanout.mark()
    try:
        async with fanout.admission:
            actor = await fanout.source.admit(hello.ticket)
            epoch = await fanout.epoch()
            own = await fanout.source.visitor_conversation(actor) if actor.kind == "visitor" else None
            allowed = await fanout.source.origins(actor)
    except HubError:
        await _close(pipe, Close.NOT_AUTHENTICATED)
        return None
    except Exception as error:  # the database is away
        log.warning("live_hello_failed", error=type(error).__name__)
        await _close(pipe, Close.GOING_AWAY)
        return None
    origin = socket.headers.get("origin")
    if origin is not None and origin not in allowed:
        await _close(pipe, Close.NOT_AUTHENTICATED)
        return None
    connection = Connection(new_id().hex, actor, pipe, bytes_limit=fanout.source.buffer_bytes)
    connection.conversation_id = own
    connection.answer(_welcome(fanout, connection, hello, epoch))
    fanout.join(connection, mark)
    return connection


async def _hello(pipe: AsgiPipe) -> Hello | Close | None:
    """The hello, or the code to close with; None when the client left."""
    try:
        async with asyncio.timeout(limits.HELLO_WITHIN):
            is_open, text = await pipe.receive()
        if not is_open:
            return None
        frame = decode(text)
    except TimeoutError:
        return Close.NOT_AUTHENTICATED
    except BadFrame:
        return Close.BAD_FRAME
    return frame if isinstance(frame, Hello) else Close.NOT_AUTHENTICATED


async def _close(pipe: AsgiPipe, code: Close | None) -> None:
    if code is None:
        return
    SOCKET_CLOSES.labels(str(int(code))).inc()
    try:
        async with asyncio.timeout(limits.CLOSE_WITHIN):
            await pipe.close(code)
    except (OSError, TimeoutError):
        pipe.abort()


def _welcome(fanout: Fanout, connection: Connection, hello: Hello, epoch: str) -> Welcome:
    actor = connection.actor
    return Welcome(
        ref=hello.ref, epoch=epoch, connection=connection.id, at=fanout.source.now(),
        user=WelcomeUser(actor.user_id, actor.name) if actor.user_id else None,
        visitor=WelcomeVisitor(actor.visitor_id, connection.conversation_id) if actor.visitor_id else None,
    )


async def _serve(fanout: Fanout, pipe: AsgiPipe, connection: Connection) -> None:
    """Reads and writes until the client leaves or we close it."""
    pipe.writer = writer = asyncio.create_task(connection.write(), name="live-writer")
    reader = asyncio.create_task(_read(fanout, pipe, connection), name="live-reader")
    try:
        await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        if connection.closing is not None and not writer.done():
            await asyncio.wait({writer}, timeout=limits.CLOSE_WITHIN + 0.5)
    finally:
        fanout.leave(connection)
        for task in (reader, writer):
            task.cancel()
        outcomes = await asyncio.gather(reader, writer, return_exceptions=True)
        _report(outcomes)
        if connection.present and not fanout.stopping:
            fanout.upkeep.departed(connection)
            await fanout.upkeep.release(connection)


def _report(outcomes: Iterable[BaseException | None]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
            log.error("live_connection_failed", exc_info=outcome)


async def _read(fanout: Fanout, pipe: AsgiPipe, connection: Connection) -> None:
    if connection.closing is None:
        await _arrive(fanout, connection)
    while connection.closing is None:
        is_open, text = await pipe.receive()
        if not is_open:
            return
        if connection.closing is None:
            await take(fanout, connection, text)


async def _arrive(fanout: Fanout, connection: Connection) -> None:
    """Takes part in presence. Its store may be away: the lease is then taken by the next renewal."""
    connection.present = True
    try:
        if connection.is_visitor:
            await fanout.source.visitor_came(connection.actor, connection.id)
            fanout.screens.tell_visitor(connection)
        else:
            connection.state = await fanout.source.arrive(connection.actor, connection.id)
    except Exception as error:  # presence is no reason to refuse a connection
        log.warning("presence_unreachable", error=type(error).__name__)
