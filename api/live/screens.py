"""What people do at this moment, told to the others: who looks at a conversation, who is typing in it, and whether its
visitor is here."""

import asyncio
import contextlib
from uuid import UUID

from api.live.connection import Connection
from api.live.following import Following
from api.live.frames import LookedAt, TypingFrame, Viewer, ViewersFrame, VisitorFrame, Who, encode
from api.live.limits import TYPING_LASTS, VIEWERS_LAST
from api.live.outbox import Kind
from api.live.registry import Registry
from api.live.source import ConversationKey, Source
from hub.core.clock import new_id
from hub.core.errors import Forbidden, HubError, NotFound
from hub.core.signals import Audience, TypingSignal, ViewersSignal, VisitorSignal
from hub.presence.viewing import Viewers


class Screens:
    """The viewers and typists of this process; those of others are known by their signals."""

    def __init__(self, source: Source, registry: Registry) -> None:
        self.following: Following | None = None  # set once, by the fan-out that makes both
        self._source = source
        self._registry = registry
        self._origin = new_id().hex
        self._viewing: dict[UUID, dict[Connection, Audience]] = {}
        self._viewers = Viewers()
        self._typists: dict[Connection, None] = {}
        self._visitors_due: asyncio.Queue[ConversationKey] = asyncio.Queue()
        self._visitors_waiting: set[ConversationKey] = set()

    def hear(self, signal: TypingSignal | ViewersSignal | VisitorSignal) -> None:
        match signal:
            case TypingSignal():
                self.hear_typing(signal)
            case ViewersSignal():
                self.hear_viewers(signal)
            case VisitorSignal():
                self.hear_visitor(signal)

    # Looking.

    async def view(self, connection: Connection, conversation_id: UUID | None) -> None:
        """The conversation is on this screen; None: none is. Raises `NotFound` and `Forbidden`."""
        if connection.is_visitor:
            raise Forbidden
        audience = None if conversation_id is None else await self._audience(connection, conversation_id)
        self.leave(connection)
        if conversation_id is not None and audience is not None:
            connection.viewing = conversation_id
            self._viewing.setdefault(conversation_id, {})[connection] = audience
            self._tell(connection.organization_id, conversation_id, audience)

    async def _audience(self, connection: Connection, conversation_id: UUID) -> Audience:
        _, audience = await self._source.head((connection.organization_id, conversation_id))
        await connection.settled.wait()
        assert self.following is not None
        if not self.following.sees(connection, conversation_id, audience):
            raise NotFound
        return audience

    def leave(self, connection: Connection) -> None:
        """Nothing is on this screen any more."""
        conversation_id, connection.viewing = connection.viewing, None
        if conversation_id is None:
            return
        looking = self._viewing[conversation_id]
        audience = looking.pop(connection)
        if not looking:
            del self._viewing[conversation_id]
        self._tell(connection.organization_id, conversation_id, audience)

    def retell(self) -> None:
        """Says again who looks on here, so that other processes neither forget nor miss it."""
        for conversation_id, looking in tuple(self._viewing.items()):
            connection, audience = next(iter(looking.items()))
            self._tell(connection.organization_id, conversation_id, audience)

    def _tell(self, organization_id: UUID, conversation_id: UUID, audience: Audience) -> None:
        actors = [connection.actor for connection in self._viewing.get(conversation_id, ())]
        users = {actor.user_id: actor.name for actor in actors if actor.user_id is not None}
        self._source.signals.publish([ViewersSignal(
            organization_id=organization_id, conversation_id=conversation_id, audience=audience, origin=self._origin,
            users=tuple(sorted(users.items())),
        )])

    def hear_viewers(self, signal: ViewersSignal) -> None:
        until = asyncio.get_running_loop().time() + VIEWERS_LAST
        if self._viewers.hear(signal.conversation_id, signal.origin, dict(signal.users), until):
            self._show_viewers(signal.conversation_id, signal.organization_id)

    def lapse(self, now: float) -> None:
        """Forgets the viewers of processes that no longer tell of them."""
        assert self.following is not None
        changed = set(self._viewers.lapse(now))
        for organization_id, conversation_id in tuple(self.following.topics):
            if conversation_id in changed:
                self._show_viewers(conversation_id, organization_id)

    def _show_viewers(self, conversation_id: UUID, organization_id: UUID) -> None:
        assert self.following is not None
        if (topic := self.following.topics.get((organization_id, conversation_id))) is None:
            return
        frame = self._frame(conversation_id)
        for subscription in tuple(topic.subscriptions.values()):
            connection = subscription.connection
            if subscription.admitted and not connection.is_visitor and not connection.rereading:
                connection.send(Kind.VIEWERS, frame, conversation_id)

    def greet(self, connection: Connection, conversation_id: UUID) -> None:
        """Tells a new subscriber who looks on already."""
        if not connection.is_visitor and self._viewers.of(conversation_id):
            connection.send(Kind.VIEWERS, self._frame(conversation_id), conversation_id)

    def catch_up(self, connection: Connection) -> None:
        """Tells whole what may have been held back from it."""
        for conversation_id, subscription in connection.subscriptions.items():
            if subscription.admitted and not connection.is_visitor:
                connection.send(Kind.VIEWERS, self._frame(conversation_id), conversation_id)

    def _frame(self, conversation_id: UUID) -> bytes:
        users = [Viewer(user_id, name) for user_id, name in sorted(self._viewers.of(conversation_id).items())]
        return encode(ViewersFrame(id=conversation_id, users=users))

    # Visitors.

    def tell_visitor(self, connection: Connection) -> None:
        """A visitor came or went; before their first word there is nobody to tell."""
        if connection.conversation_id is not None:
            self._source.signals.publish([VisitorSignal(
                organization_id=connection.organization_id, conversation_id=connection.conversation_id,
            )])

    def hear_visitor(self, signal: VisitorSignal) -> None:
        """Read again only where somebody looks on, and once for many signals."""
        key = (signal.organization_id, signal.conversation_id)
        if key not in self._visitors_waiting and self._onlookers(key):
            self._visitors_waiting.add(key)
            self._visitors_due.put_nowait(key)

    async def run_visitors(self) -> None:
        while True:
            key = await self._visitors_due.get()
            self._visitors_waiting.discard(key)
            with contextlib.suppress(NotFound):
                await self._show_visitor(key)

    async def _show_visitor(self, key: ConversationKey) -> None:
        seen = await self._source.visitor_of(key)
        if seen is None:
            return
        page = LookedAt(seen.page.url, seen.page.title) if seen.page else None
        frame = encode(VisitorFrame(id=key[1], online=seen.online, page=page, since=seen.since))
        for connection in self._onlookers(key):
            connection.send(Kind.VISITOR, frame, key[1])

    def _onlookers(self, key: ConversationKey) -> list[Connection]:
        """The colleagues who follow the conversation here."""
        assert self.following is not None
        topic = self.following.topics.get(key)
        subscriptions = tuple(topic.subscriptions.values()) if topic is not None else ()
        return [one.connection for one in subscriptions
                if one.admitted and not one.connection.is_visitor and not one.connection.rereading]

    # Typing.

    async def type(self, connection: Connection, conversation_id: UUID, on: bool) -> None:
        """Passes it on; typing that is not repeated ends by itself. Raises the family's errors."""
        await self._source.typing(connection.actor, conversation_id, on)
        if on:
            connection.typing[conversation_id] = asyncio.get_running_loop().time() + TYPING_LASTS
            self._typists[connection] = None
        else:
            connection.typing.pop(conversation_id, None)

    async def expire(self, now: float) -> None:
        """Ends the typing that was not repeated, and that of connections that closed."""
        for connection in tuple(self._typists):
            for conversation_id, until in tuple(connection.typing.items()):
                if until <= now or connection not in self._registry:
                    connection.typing.pop(conversation_id, None)
                    await self._stop_typing(connection, conversation_id)
            if not connection.typing:
                self._typists.pop(connection, None)

    async def _stop_typing(self, connection: Connection, conversation_id: UUID) -> None:
        with contextlib.suppress(HubError):  # it can no longer be seen, so nobody needs to be told
            await self._source.typing(connection.actor, conversation_id, False)

    def hear_typing(self, signal: TypingSignal) -> None:
        """To the others in the conversation; a customer's typing to the inboxes as well, whose rows show it."""
        assert self.following is not None
        agents, visitors = _typing_frames(signal)
        topic = self.following.topics.get((signal.organization_id, signal.conversation_id))
        told = set()
        for subscription in tuple(topic.subscriptions.values()) if topic is not None else ():
            connection = subscription.connection
            told.add(connection)
            if not subscription.admitted or connection.rereading or connection.person_id == signal.who_id:
                continue
            if not connection.is_visitor:
                connection.send(Kind.TYPING, agents)
            elif signal.who_kind == "agent":
                connection.send(Kind.TYPING, visitors)
        if signal.who_kind != "customer":
            return
        for connection in self._registry.inboxes(signal.organization_id):
            if connection not in told and not connection.rereading and (
                self._source.may_see(connection.actor, signal.audience)
            ):
                connection.send(Kind.TYPING, agents)


def _typing_frames(signal: TypingSignal) -> tuple[bytes, bytes]:
    """For agents, and for the visitor, who learns no id of ours."""
    def frame(who_id: UUID | None) -> bytes:
        who = Who(kind=signal.who_kind, id=who_id, name=signal.who_name)
        return encode(TypingFrame(id=signal.conversation_id, who=who, on=signal.on))

    return frame(signal.who_id), frame(None)
