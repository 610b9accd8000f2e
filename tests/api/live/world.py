"""A small world behind the `Source` port: conversations with logs, people, and signals that a test sends or loses."""

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from api.live.commands import take
from api.live.connection import Connection
from api.live.fanout import Fanout
from api.live.frames import Send
from api.live.source import ConversationKey, Sent, Standing
from hub.conversations.rules import may_see
from hub.conversations.shapes import VisitorView
from hub.core.access import PERMISSIONS, Actor, Role
from hub.core.clock import new_id
from hub.core.errors import NotFound, Unauthenticated
from hub.core.signals import AnySignal, Audience, ConversationSignal, PresenceSignal, TypingSignal
from hub.presence.actions import Lease
from hub.presence.visitors import VisitorLease
from providers.memory import MemorySignals
from tests.waiting import PATIENCE

EVERYBODY = Audience(None, None)


@dataclass
class Thread:
    """A conversation of the world; entry n of `log` has number n + 1."""

    organization_id: UUID
    id: UUID = field(default_factory=new_id)
    audience: Audience = EVERYBODY
    log: list[tuple[bytes, bytes]] = field(default_factory=list)
    written_at: datetime | None = None

    @property
    def key(self) -> ConversationKey:
        return self.organization_id, self.id

    @property
    def head(self) -> int:
        return len(self.log)


class World:
    """Implements `Source`. `ticks`: turns of the event loop that each read takes before and after its instant."""

    def __init__(self) -> None:
        self.signals = MemorySignals()
        self.buffer_bytes = 256 * 1024
        self.user_rate = 20.0
        self.own_origins = frozenset({"https://hub.example"})
        self.may_miss_origin = False
        self.threads: dict[ConversationKey, Thread] = {}
        self.tickets: dict[str, Actor] = {}
        self.people: dict[UUID, Actor] = {}  # by session
        self.visitor_conversations: dict[UUID, UUID] = {}
        self.widget_origins: frozenset[str] = frozenset({"https://shop.example"})
        self.states: dict[tuple[UUID, UUID], str] = {}
        self.unwelcome: set[UUID] = set()
        self.visitors: dict[ConversationKey, VisitorView] = {}
        self.unread_of: dict[UUID, int] = {}
        self.calls: list[str] = []
        self.typed: list[tuple[UUID, bool]] = []
        self.epoch_name = "e1"
        self.ticks = 1
        self.away = False
        self.reading: asyncio.Event | None = None  # when set, re-reading an actor waits for it

    # What a test does.

    def thread(self, organization_id: UUID, audience: Audience = EVERYBODY, entries: int = 0) -> Thread:
        made = Thread(organization_id, audience=audience)
        self.threads[made.key] = made
        for _ in range(entries):
            self.commit(made)
        return made

    def commit(self, thread: Thread, audience: Audience | None = None, size: int = 0) -> ConversationSignal:
        """The next entry is there; its signal is still to be published."""
        was = thread.audience if audience not in (None, thread.audience) else None
        thread.audience = audience or thread.audience
        seq = thread.head + 1
        event = json.dumps({"t": "event", "c": str(thread.id), "s": seq, "d": {"secret": "x" * size}}).encode()
        visible = json.dumps({"t": "event", "c": str(thread.id), "s": seq, "e": "hidden"}).encode()
        row = json.dumps({"t": "row", "row": {"id": str(thread.id), "head_seq": seq, "pad": "x" * size}}).encode()
        thread.log.append((event, visible))
        thread.written_at = self.now()
        return ConversationSignal(
            organization_id=thread.organization_id, conversation_id=thread.id, seq=seq, event=msgspec.Raw(event),
            visitor_event=msgspec.Raw(visible), row=msgspec.Raw(row), audience=thread.audience, was=was,
        )

    def tell(self, *signals: AnySignal) -> None:
        self.signals.publish(signals)

    def write(self, thread: Thread, audience: Audience | None = None, size: int = 0) -> None:
        """Commits and publishes."""
        self.tell(self.commit(thread, audience, size))

    def person(self, organization_id: UUID, role: Role = Role.AGENT, *departments: UUID) -> Actor:
        actor = Actor(
            kind="user", organization_id=organization_id, user_id=new_id(), name="Ana", role=role, session_id=new_id(),
            department_ids=frozenset(departments), permissions=PERMISSIONS[role],
        )
        assert actor.session_id is not None
        self.people[actor.session_id] = actor
        return actor

    def visitor(self, thread: Thread | None = None, organization_id: UUID | None = None) -> Actor:
        actor = Actor(
            kind="visitor", organization_id=thread.organization_id if thread else organization_id, visitor_id=new_id(),
            channel_id=new_id(), name="Visitor",
        )
        if thread is not None and actor.visitor_id is not None:
            self.visitor_conversations[actor.visitor_id] = thread.id
        return actor

    def ticket(self, actor: Actor) -> str:
        ticket = new_id().hex
        self.tickets[ticket] = actor
        return ticket

    # The port.

    async def _instant(self, call: str) -> None:
        self.calls.append(call)
        for _ in range(self.ticks):
            await asyncio.sleep(0)
        if self.away:
            raise ConnectionRefusedError

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def epoch(self) -> str:
        return self.epoch_name

    async def admit(self, ticket: str) -> Actor:
        await self._instant("admit")
        if (actor := self.tickets.pop(ticket, None)) is None:
            raise Unauthenticated("ticket_invalid")
        return actor

    async def reread(self, actor: Actor) -> Actor:
        await self._instant("reread")
        if self.reading is not None:
            await self.reading.wait()
        assert actor.session_id is not None
        if (now := self.people.get(actor.session_id)) is None:
            raise Unauthenticated("session_ended")
        return now

    async def standing(self, session_ids: Collection[UUID]) -> Mapping[UUID, Standing]:
        await self._instant("standing")
        return {
            session_id: Standing(actor.role, actor.department_ids)
            for session_id in session_ids
            if (actor := self.people.get(session_id)) is not None and actor.role is not None
        }

    async def welcome_visitors(self, visitor_ids: Collection[UUID]) -> frozenset[UUID]:
        return frozenset(visitor_ids) - self.unwelcome

    async def origins(self, actor: Actor) -> frozenset[str]:
        return self.own_origins | self.widget_origins if actor.kind == "visitor" else self.own_origins

    async def knows_origin(self, origin: str) -> bool:
        await self._instant("knows_origin")
        return origin in self.widget_origins

    async def visitor_conversation(self, actor: Actor) -> UUID | None:
        await self._instant("visitor_conversation")
        assert actor.visitor_id is not None
        return self.visitor_conversations.get(actor.visitor_id)

    async def head(self, key: ConversationKey) -> tuple[int, Audience]:
        await self._instant("head")
        if (thread := self.threads.get(key)) is None:
            raise NotFound
        found = thread.head, thread.audience
        await self._instant("head-answer")
        return found

    async def heads(self, keys: Collection[ConversationKey]) -> Mapping[ConversationKey, int]:
        await self._instant("heads")
        found = {key: self.threads[key].head for key in keys if key in self.threads}
        await self._instant("heads-answer")
        return found

    async def recent_heads(
        self, organization_ids: Collection[UUID], since: datetime
    ) -> Mapping[ConversationKey, int]:
        await self._instant("recent_heads")
        return {
            key: thread.head for key, thread in self.threads.items()
            if key[0] in organization_ids and thread.written_at is not None and thread.written_at > since
        }

    async def unread(self, organization_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
        await self._instant(f"unread of {len(user_ids)}")
        found = {user_id: self.unread_of[user_id] for user_id in user_ids if user_id in self.unread_of}
        await self._instant("unread-answer")
        return found

    async def events(
        self, key: ConversationKey, *, after: int, upto: int, visitor: bool
    ) -> Sequence[tuple[int, bytes]]:
        await self._instant("events")
        log = self.threads[key].log
        found = [(seq, log[seq - 1][1 if visitor else 0]) for seq in range(after + 1, min(upto, len(log)) + 1)]
        await self._instant("events-answer")
        return found

    def may_see(self, actor: Actor, audience: Audience) -> bool:
        return may_see(actor, audience)

    async def send(self, actor: Actor, frame: Send) -> Sent:
        await self._instant("send")
        assert actor.organization_id is not None
        assert frame.conversation_id is not None
        if (thread := self.threads.get((actor.organization_id, frame.conversation_id))) is None:
            raise NotFound
        self.write(thread)
        return Sent(new_id(), thread.head, thread.id)

    async def read(self, actor: Actor, conversation_id: UUID, seq: int) -> None:
        await self._instant(f"read {seq}")

    async def delivered(self, actor: Actor, seq: int) -> None:
        await self._instant(f"delivered {seq}")

    async def viewed(self, actor: Actor, conversation_id: UUID) -> None:
        await self._instant("viewed")

    async def typing(self, actor: Actor, conversation_id: UUID, on: bool) -> None:
        self.typed.append((conversation_id, on))
        assert actor.organization_id is not None
        self.tell(TypingSignal(
            organization_id=actor.organization_id, conversation_id=conversation_id, on=on, audience=EVERYBODY,
            who_kind="customer" if actor.kind == "visitor" else "agent", who_id=actor.user_id or actor.visitor_id,
            who_name=actor.name,
        ))

    async def arrive(self, actor: Actor, connection_id: str) -> str:
        return "online"

    async def renew(self, organization_id: UUID, leases: Sequence[Lease]) -> None:
        for user_id, _, state in leases:
            self.states[organization_id, user_id] = state

    async def choose(self, actor: Actor, connection_id: str, state: str) -> None:
        assert actor.organization_id is not None
        assert actor.user_id is not None
        self.tell(PresenceSignal(organization_id=actor.organization_id, users=((actor.user_id, state),)))

    async def depart(self, actor: Actor, connection_id: str) -> None:
        self.calls.append("depart")

    async def tell_if_offline(self, organization_id: UUID, user_id: UUID) -> None:
        self.tell(PresenceSignal(organization_id=organization_id, users=((user_id, "offline"),)))

    async def visitor_came(self, actor: Actor, connection_id: str) -> None:
        self.calls.append("visitor_came")

    async def visitor_went(self, actor: Actor, connection_id: str) -> None:
        self.calls.append("visitor_went")

    async def renew_visitors(self, organization_id: UUID, leases: Sequence[VisitorLease]) -> None:
        self.calls.append("renew_visitors")

    async def look_at(self, actor: Actor, url: str | None, title: str) -> None:
        self.calls.append(f"look_at {url}")

    async def visitor_of(self, key: ConversationKey) -> VisitorView | None:
        await self._instant("visitor_of")
        return self.visitors.get(key)

    async def presences(self, organization_id: UUID) -> Mapping[UUID, str]:
        return {user_id: state for (owner, user_id), state in self.states.items() if owner == organization_id}

    async def sweep(self) -> None:
        pass


class Screen:
    """A `Pipe` whose frames are what the client was given; while `stuck` it takes nothing."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.cut = False
        self.stuck = False
        self.direct = True
        self._free = asyncio.Event()

    def offer(self, frame: bytes) -> bool:
        if self.stuck or not self.direct:
            return False
        self._show(frame)
        return True

    async def send(self, frame: bytes) -> None:
        while self.stuck:
            await self._free.wait()
            if self.cut:
                raise ConnectionResetError
        self._show(frame)

    def _show(self, frame: bytes) -> None:
        assert self.closed is None, "a frame after the close"
        self.frames.append(json.loads(frame))

    async def close(self, code: int) -> None:
        while self.stuck:
            await self._free.wait()
            if self.cut:
                raise ConnectionResetError
        self.closed = code

    def abort(self) -> None:
        self.cut = True
        self._free.set()

    def free(self) -> None:
        self.stuck = False
        self._free.set()

    def kinds(self) -> list[str]:
        return [frame["t"] for frame in self.frames]

    def numbers(self) -> list[int]:
        return [frame["s"] for frame in self.frames if frame["t"] == "event"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["t"] == kind]


class Tab:
    """A connection in the fan-out, without a socket."""

    def __init__(self, fanout: Fanout, actor: Actor) -> None:
        self.fanout = fanout
        self.screen = Screen()
        self.connection = Connection(new_id().hex, actor, self.screen, bytes_limit=fanout.source.buffer_bytes)
        if actor.visitor_id is not None and isinstance(fanout.source, World):
            self.connection.conversation_id = fanout.source.visitor_conversations.get(actor.visitor_id)
        fanout.join(self.connection, fanout.mark())

    async def say(self, **frame: Any) -> None:
        await take(self.fanout, self.connection, json.dumps(frame, default=str))

    async def follow(self, thread: Thread, **place: Any) -> dict[str, Any]:
        """Subscribes; the answer, of whatever kind."""
        mark = len(self.screen.frames)
        await self.say(t="subscribe", topic="conversation", id=thread.id, **place)
        return self.screen.frames[mark]


async def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Turns the event loop until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)
