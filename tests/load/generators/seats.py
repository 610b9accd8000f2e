"""One participant of a room, for each server that is compared: how it comes in, how it speaks, what it hears."""

import asyncio
import json
import os
from collections.abc import Callable
from typing import Any, Protocol

from tests.load.generators.wire import Api, Wire

MARK = b"@@"  # around the number of a message, inside its text
WORDS = "Hello, your order leaves our warehouse today and will be with you on Thursday morning."
_RUN = os.urandom(4).hex()


class Room(Protocol):
    """Whoever counts. `heard` is called for each message that reaches a seat."""

    def heard(self, seat: "Seat", number: int) -> None: ...
    def acknowledged(self, number: int) -> None: ...
    def complained(self, words: str) -> None: ...


def text(number: int, length: int = 0) -> str:
    """What is said, recognisable by its number; `length` characters at least."""
    said = f"@@{number:08d}@@ {WORDS}"
    return said + " " * max(0, length - len(said) - 1) + "." if length else said


class Seat:
    """`room` is the name or id of the room; `seen` the numbers it heard, in order, until it is cleared."""

    wire: Wire

    def __init__(self, counter: Room, port: int, room: str) -> None:
        self.counter, self.port, self.room = counter, port, room
        self.seen: list[int] = []

    async def enter(self) -> None:
        """Connects, signs in and joins."""
        raise NotImplementedError

    def say(self, number: int, length: int = 0) -> None:
        raise NotImplementedError

    def _message(self, payload: bytes) -> None:
        at = payload.find(MARK)
        if at >= 0:
            number = int(payload[at + 2 : at + 10])
            self.seen.append(number)
            self.counter.heard(self, number)

    def leave(self) -> None:
        self.wire.transport.close()


class ProductSeat(Seat):
    """A tab of a signed-in user that follows a conversation, by the live protocol."""

    def __init__(self, counter: Room, port: int, room: str, *, token: str, origin: str, api: Api) -> None:
        super().__init__(counter, port, room)
        self.token, self.origin, self.api = token, origin, api
        self.resumed_from: int | None = None
        self.epoch = ""
        self.head = 0
        self.frame_bytes = 0  # of the last message heard

    async def enter(self) -> None:
        ticket = json.loads(await self.api.post("/api/v1/live/ticket", self.token))["ticket"]
        self.wire = await Wire.connect(self.port, "/api/v1/live", self.origin)
        self.wire.send(f'{{"t":"hello","ticket":"{ticket}","v":1}}'.encode())
        welcome = json.loads(await self.wire.receive(b'{"t":"welcome"'))
        resume = ""
        if self.resumed_from is not None:
            resume = f',"from":{self.resumed_from},"epoch":"{self.epoch}"'
        self.epoch = welcome["epoch"]
        self.wire.send(f'{{"t":"subscribe","topic":"conversation","id":"{self.room}"{resume}}}'.encode())
        subscribed = json.loads(await self.wire.receive(b'{"t":"subscribed"'))
        if self.resumed_from is not None and subscribed["mode"] != "resumed":
            raise ConnectionError(f"not resumed: {subscribed}")
        self.head = subscribed["head"]
        self.wire.listen(self.hear)

    def say(self, number: int, length: int = 0) -> None:
        self.wire.send(
            f'{{"t":"send","client_id":"{_RUN}-{number:08d}","conversation_id":"{self.room}",'
            f'"text":"{text(number, length)}"}}'.encode()
        )

    def hear(self, payload: bytes) -> None:
        if payload.startswith(b'{"t":"event"'):
            if self.resumed_from is not None:
                self.seen.append(int(payload[56:].partition(b'"s":')[2].partition(b",")[0]))
            elif b'"e":"message.sent"' in payload[60:110]:
                self.frame_bytes = len(payload)
                self._message(payload)
        elif payload.startswith(b'{"t":"ack"'):
            at = payload.find(_RUN.encode())
            self.counter.acknowledged(int(payload[at + 9 : at + 17]))
        elif payload.startswith(b'{"t":"beat"'):
            self.wire.send(b'{"t":"pong"}')
        elif payload.startswith((b'{"t":"refused"', b'{"t":"error"', b'{"t":"reset"', b'{"t":"gone"')):
            self.counter.complained(payload[:300].decode())


class SocketIoSeat(Seat):
    """A Socket.IO client (Engine.IO 4) that joined a room."""

    async def enter(self) -> None:
        self.wire = await Wire.connect(self.port, "/socket.io/?EIO=4&transport=websocket")
        await self.wire.receive(b"0{")
        self.wire.send(b"40")
        await self.wire.receive(b"40{")
        self.wire.send(f'42["join","{self.room}"]'.encode())
        await self.wire.receive(b'42["joined"')
        self.wire.listen(self.hear)

    def say(self, number: int, length: int = 0) -> None:
        self.wire.send(
            f'42["message",{{"room":"{self.room}","client_id":"{_RUN}-{number}","text":"{text(number, length)}"}}]'
            .encode()
        )

    def hear(self, payload: bytes) -> None:
        if payload == b"2":
            self.wire.send(b"3")
        else:
            self._message(payload)


class BroadcastSeat(Seat):
    """A socket of the bare broadcasting server, which sends on to all what one says."""

    async def enter(self) -> None:
        self.wire = await Wire.connect(self.port, "/")
        self.wire.listen(self._message)

    def say(self, number: int, length: int = 0) -> None:
        self.wire.send(text(number, length).encode())


class XmppSeat(Seat, asyncio.Protocol):
    """An anonymous XMPP client in a multi-user chat, over bare TCP (RFC 6120, XEP-0045)."""

    _OPEN = (b"<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
             b"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>")

    def __init__(self, counter: Room, port: int, room: str, *, nick: str) -> None:
        super().__init__(counter, port, room)
        self.nick, self.lost = nick, False
        self._held, self._live, self._arrived = b"", False, asyncio.Event()
        self.transport: Any = None

    async def enter(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self.port)
        self.transport.write(self._OPEN)
        await self._until(b"</stream:features>")
        self.transport.write(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>")
        await self._until(b"<success")
        self.transport.write(self._OPEN)
        await self._until(b"</stream:features>")
        self.transport.write(b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        await self._until(b"</jid>")
        self.transport.write((
            f"<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq><presence/>"
            f"<presence to='{self.room}@conference.localhost/{self.nick}'>"
            f"<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
        ).encode())
        await self._until(b"'110'", b'"110"')
        self._live = True

    def say(self, number: int, length: int = 0) -> None:
        self.transport.write((
            f"<message to='{self.room}@conference.localhost' type='groupchat' id='{number}'>"
            f"<body>{text(number, length)}</body></message>"
        ).encode())

    async def _until(self, *words: bytes) -> None:
        async with asyncio.timeout(30):
            while not any(word in self._held for word in words):
                self._arrived.clear()
                await self._arrived.wait()
        self._held = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True

    def data_received(self, data: bytes) -> None:
        if self._held:
            data = self._held + data
        if not self._live:
            self._held = data
            self._arrived.set()
            return
        *stanzas, self._held = data.split(b"</message>")
        for stanza in stanzas:
            self._message(stanza)

    def leave(self) -> None:
        self.transport.close()


def seat(kind: str, counter: Room, port: int, room: str, **who: Any) -> Seat:
    """A seat of the server of this kind: product, socketio, broadcast or xmpp."""
    kinds: dict[str, Callable[..., Seat]] = {
        "product": ProductSeat, "socketio": SocketIoSeat, "broadcast": BroadcastSeat, "xmpp": XmppSeat,
    }
    return kinds[kind](counter, port, room, **who)
