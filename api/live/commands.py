"""What each client frame does. Errors are answered to the one who asked; none of them ends the connection by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.live import limits
from api.live.connection import Connection
from api.live.fanout import Fanout
from api.live.frames import (
    Ack,
    BadFrame,
    ChoosePresence,
    ClientFrame,
    Close,
    Hello,
    Look,
    Pong,
    Read,
    Refused,
    Reset,
    Send,
    Subscribe,
    Subscribed,
    Typing,
    Unsubscribe,
    Viewing,
    decode,
)
from hub.core.access import Permission
from hub.core.db import is_away, is_busy
from hub.core.errors import Forbidden, HubError, LimitReached, NotFound, Unavailable
from hub.core.failpoints import reach
from hub.core.i18n import translate

log = structlog.get_logger("live")
_AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError)


async def take(fanout: Fanout, connection: Connection, text: str | None) -> None:
    """Carries out one message of the client (None: it was binary)."""
    now = asyncio.get_running_loop().time()
    connection.heard_at = now
    if not connection.bucket.take(now):
        connection.close(Close.FLOODING)
        return
    try:
        frame = decode(text)
        if isinstance(frame, Hello):
            raise BadFrame
    except BadFrame:
        _strike(connection)
        return
    connection.busy = True
    try:
        await obey(fanout, connection, frame)
    finally:
        connection.busy = False
        connection.heard_at = asyncio.get_running_loop().time()


def _strike(connection: Connection) -> None:
    connection.strikes += 1
    connection.refuse(None, "bad_frame")
    if connection.strikes >= limits.BAD_FRAMES:
        connection.close(Close.BAD_FRAME)


async def obey(fanout: Fanout, connection: Connection, frame: ClientFrame) -> None:
    """Runs the frame's command; what goes wrong becomes an answer in the client's language."""
    try:
        await connection.settled.wait()
        if connection.closing is None:
            await _COMMANDS[type(frame)](fanout, connection, frame)
    except HubError as error:
        _refuse(connection, frame, error)
    except _AWAY as error:
        log.warning("live_unavailable", frame=type(frame).__name__, error=type(error).__name__)
        _refuse(connection, frame, Unavailable())
    except DBAPIError as error:
        passing = is_away(error) or is_busy(error)
        if not passing:
            log.exception("live_command_failed", frame=type(frame).__name__)
        _refuse(connection, frame, Unavailable() if passing else HubError("internal"))
    except Exception:  # the edge of a client's command: log, answer, keep the connection
        log.exception("live_command_failed", frame=type(frame).__name__)
        _refuse(connection, frame, HubError("internal"))


def _refuse(connection: Connection, frame: ClientFrame, error: HubError) -> None:
    if isinstance(frame, Subscribe) and isinstance(error, Unavailable):
        connection.close(Close.GOING_AWAY)  # coming again is the one way to try a subscription again
    elif isinstance(frame, Send):
        detail = translate(f"error.{error.code}", connection.actor.locale, **error.values)
        connection.answer(Refused(ref=frame.ref, client_id=frame.client_id, code=error.code, detail=detail))
    else:
        connection.refuse(frame, error.code, **error.values)


async def _subscribe(fanout: Fanout, connection: Connection, frame: Subscribe) -> None:
    if frame.topic == "inbox":
        if connection.is_visitor or not connection.actor.may(Permission.CONVERSATION_READ):
            raise Forbidden
        connection.inbox = True
        fanout.registry.follow_inbox(connection)
        connection.answer(Subscribed(ref=frame.ref, topic="inbox"))
        return
    if frame.id is None:
        raise NotFound
    if frame.id not in connection.subscriptions and len(connection.subscriptions) >= limits.SUBSCRIPTIONS:
        raise LimitReached
    if connection.is_visitor and connection.conversation_id != frame.id:
        connection.conversation_id = await fanout.source.visitor_conversation(connection.actor)
        if connection.conversation_id != frame.id:
            raise NotFound
    await _follow(fanout, connection, frame, frame.id)


async def _follow(fanout: Fanout, connection: Connection, frame: Subscribe, conversation_id: UUID) -> None:
    """Registered first, then read: what is committed from now on is in memory or in what is pulled."""
    following = fanout.following
    subscription = following.register(connection, conversation_id)
    topic = subscription.topic
    try:
        epoch = await fanout.epoch()
        await following.refresh(topic)
        if frame.from_ is not None and topic.head is not None and frame.from_ > topic.head:
            await following.fill(topic)  # it has seen more than we: it read what we have yet to hear of
        await connection.settled.wait()
        if topic.head is None or not following.sees(connection, conversation_id, topic.audience):
            raise NotFound
    except BaseException:
        following.end(subscription)
        raise
    if connection not in fanout.registry:
        following.end(subscription)
        return
    if subscription.ended:  # the topic was reset meanwhile
        connection.answer(Reset(topic="conversation", id=conversation_id))
        return
    start = frame.from_
    resumed = start is not None and frame.epoch == epoch and 0 <= topic.head - start <= limits.RESUME_SPAN
    subscription.last = start if resumed and start is not None else topic.head
    subscription.admitted = True
    connection.answer(Subscribed(
        ref=frame.ref, topic="conversation", id=conversation_id, head=topic.head,
        mode="resumed" if resumed else "reset",
    ))
    fanout.screens.greet(connection, conversation_id)
    try:
        await following.catch_up(subscription)
    except BaseException:
        following.end(subscription)
        raise


async def _unsubscribe(fanout: Fanout, connection: Connection, frame: Unsubscribe) -> None:
    if frame.topic == "inbox":
        connection.inbox = False
        fanout.registry.unfollow_inbox(connection)
    elif frame.id is not None and (subscription := connection.subscriptions.get(frame.id)) is not None:
        fanout.following.end(subscription)


async def _send(fanout: Fanout, connection: Connection, frame: Send) -> None:
    """Acknowledged after the commit, never before."""
    sent = await fanout.source.send(connection.actor, frame)
    reach("ack.before")
    connection.answer(Ack(
        ref=frame.ref, client_id=frame.client_id, id=sent.id, seq=sent.seq, conversation_id=sent.conversation_id,
    ))


async def _read(fanout: Fanout, connection: Connection, frame: Read) -> None:
    await fanout.source.read(connection.actor, frame.id, frame.seq)


async def _type(fanout: Fanout, connection: Connection, frame: Typing) -> None:
    await fanout.screens.type(connection, frame.id, frame.on)


async def _view(fanout: Fanout, connection: Connection, frame: Viewing) -> None:
    await fanout.screens.view(connection, frame.id)
    if frame.id is not None:
        await fanout.source.viewed(connection.actor, frame.id)


async def _look(fanout: Fanout, connection: Connection, frame: Look) -> None:
    if not connection.is_visitor:
        raise Forbidden
    await fanout.source.look_at(connection.actor, frame.url, frame.title)


async def _choose(fanout: Fanout, connection: Connection, frame: ChoosePresence) -> None:
    if connection.is_visitor:
        raise Forbidden
    await fanout.source.choose(connection.actor, connection.id, frame.state)
    connection.state = frame.state


async def _pong(fanout: Fanout, connection: Connection, _frame: Pong) -> None:
    """Frames keep their order, so whoever answers a beat has what was sent before it."""
    connection.answers_beats = True
    if connection.is_visitor and connection.beaten > connection.arrived:
        connection.arrived = connection.beaten
        await fanout.source.delivered(connection.actor, connection.arrived)


_COMMANDS: dict[type[ClientFrame], Callable[[Fanout, Connection, Any], Awaitable[None]]] = {
    Subscribe: _subscribe, Unsubscribe: _unsubscribe, Send: _send, Read: _read, Typing: _type, Viewing: _view,
    ChoosePresence: _choose, Look: _look, Pong: _pong,
}
