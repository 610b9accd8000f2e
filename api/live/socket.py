"""The socket itself: who may open it, the hello within five seconds, one reader and one writer until either ends."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import structlog
from litestar import asgi, post
from litestar.enums import ScopeType
from litestar.exceptions import NotFoundException, WebSocketDisconnect
from litestar.types import ASGIApp, Receive, Scope, Send

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
PATH = "/api/v1/live"
_REFUSED = 1008  # before the socket is accepted, servers answer this with 403


class TicketView(msgspec.Struct, frozen=True):
    """A single-use pass for one socket; `expires_in` seconds."""

    ticket: str
    expires_in: int


@post("/api/v1/live/ticket", opt={"access": "signed_in", "repeatable": False}, status_code=200,
      operation_id="issue_live_ticket", tags=["Live"], summary="Get a single-use ticket for the live socket")
async def issue_ticket(hub: TheHub, actor: TheActor) -> TicketView:
    assert actor.organization_id is not None
    return TicketView(*await tickets.issue(hub, actor.organization_id, session_id=actor.session_id))


class AsgiPipe:
    """A `Pipe` over ASGI, and past it where the server lets us."""

    __slots__ = ("_protocol", "_receive", "_send", "ended", "offer", "task", "writer")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        extensions: Any = scope.get("extensions") or {}
        protocol = extensions.get(EXTENSION, {}).get("protocol")
        self._protocol = protocol if isinstance(protocol, LiveProtocol) else None
        self.offer: Callable[[bytes], bool] = self._protocol.offer if self._protocol is not None else _not_at_once
        self.task = asyncio.current_task()  # reads, for as long as the socket is open
        self.writer: asyncio.Task[None] | None = None  # from when something has to wait
        self.ended = False  # the writer is done with the socket, and with it the reader

    async def accept(self) -> None:
        """Opens the socket. Raises `ConnectionResetError` when the client has left."""
        await self._receive()
        await self._put({"type": "websocket.accept", "subprotocol": None, "headers": []})
        if self._protocol is not None:
            self._protocol.forget_handshake()

    async def send(self, frame: bytes) -> None:
        await self._put({"type": "websocket.send", "bytes": None, "text": frame.decode()})

    async def close(self, code: int) -> None:
        await self._put({"type": "websocket.close", "code": code, "reason": ""})

    async def _put(self, message: Any) -> None:
        try:
            await self._send(message)
        except (WebSocketDisconnect, RuntimeError) as error:  # what Litestar and uvicorn say of a socket that closed
            raise ConnectionResetError from error

    def abort(self) -> None:
        if self._protocol is not None:
            self._protocol.cut()
        elif self.writer is not None:
            self.writer.cancel()

    def write(self, connection: Connection) -> None:
        """Has the connection's writer running; once that has closed the socket, nothing more is read from it."""
        if self.writer is None:
            self.writer = asyncio.create_task(connection.write(), name="live-writer")
            self.writer.add_done_callback(self._written)

    def _written(self, _writer: asyncio.Task[None]) -> None:
        if self.task is not None:
            self.ended = True
            self.task.cancel()

    async def receive(self) -> tuple[bool, str | None]:
        """(whether it is still open, the text of a message or None for a binary one)."""
        message: Any = await self._receive()
        return message["type"] == "websocket.receive", message.get("text")


def _not_at_once(_frame: bytes) -> bool:
    """Another server's sockets are written to by ASGI alone."""
    return False


def entrance(app: ASGIApp) -> ASGIApp:
    """Middleware: takes live sockets in itself, for what the framework keeps of a request they would hold for hours."""

    async def entered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET and scope["path"] == PATH:
            await serve(scope["litestar_app"].state.fanout, scope, receive, send)
        else:
            await app(scope, receive, send)

    return entered


@asgi(PATH, opt={"access": "public"}, copy_scope=False)
async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """The route itself, where nothing stands in front of it."""
    if scope["type"] != ScopeType.WEBSOCKET:
        raise NotFoundException
    await serve(scope["litestar_app"].state.fanout, scope, receive, send)


async def serve(fanout: Fanout, scope: Any, receive: Receive, send: Send) -> None:
    """One socket from its opening to its end. The ticket in the hello authenticates; before it only the Origin is
    known."""
    origins = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
    full = fanout.waiting_hello >= limits.WAITING_HELLO
    if fanout.stopping or full or not await _may_come_from(fanout, origins):
        await receive()
        await send({"type": "websocket.close", "code": _REFUSED, "reason": ""})
        return
    fanout.waiting_hello += 1
    try:
        pipe = AsgiPipe(scope, receive, send)
        await pipe.accept()
        connection = await _greet(fanout, pipe, origins[0] if origins else None)
    except ConnectionResetError:
        return  # it left while it was being let in
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


async def _greet(fanout: Fanout, pipe: AsgiPipe, origin: str | None) -> Connection | None:
    """From the first frame to the welcome; None when the socket was closed instead."""
    hello = await _hello(pipe)
    if not isinstance(hello, Hello):
        await _close(pipe, hello)
        return None
    mark = fanout.mark()
    try:
        actor = await fanout.source.admit(hello.ticket)
        epoch, own, allowed = await fanout.epoch(), None, fanout.source.own_origins
        if actor.kind == "visitor":
            async with fanout.admission:
                own = await fanout.source.visitor_conversation(actor)
                allowed = await fanout.source.origins(actor)
    except HubError:
        await _close(pipe, Close.NOT_AUTHENTICATED)
        return None
    except Exception as error:  # the database is away
        log.warning("live_hello_failed", error=type(error).__name__)
        await _close(pipe, Close.GOING_AWAY)
        return None
    if origin is not None and origin not in allowed:
        await _close(pipe, Close.NOT_AUTHENTICATED)
        return None
    connection = Connection(
        new_id().hex, actor, pipe, bytes_limit=fanout.source.buffer_bytes, user_rate=fanout.source.user_rate,
    )
    connection.on_waiting = partial(pipe.write, connection)
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
    """Reads until the client leaves or we close it; what has to wait is written beside that."""
    try:
        await _read(fanout, pipe, connection)
    except asyncio.CancelledError:
        if not pipe.ended or pipe.task is None:
            raise  # the server is being ended, not this socket
        pipe.task.uncancel()
    except OSError:
        pass  # the client went away
    except Exception:
        log.exception("live_connection_failed")
    finally:
        fanout.leave(connection)
        pipe.task = None
        await _finish(pipe, connection)
        if connection.present and not fanout.stopping:
            fanout.upkeep.departed(connection)
            await fanout.upkeep.release(connection)


async def _finish(pipe: AsgiPipe, connection: Connection) -> None:
    """Gives the writer its time to close the socket, where it was us who wanted that."""
    writer = pipe.writer
    if writer is None:
        return
    if connection.closing is not None and not writer.done():
        await asyncio.wait({writer}, timeout=limits.CLOSE_WITHIN + 0.5)
    writer.cancel()
    (outcome,) = await asyncio.gather(writer, return_exceptions=True)
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
