"""The conversations that this process follows: from signals in any order to every subscriber in order.

A signal is a hint. What does not follow on what went out last is pulled from the database, and what cannot be pulled in
reason is answered with a `reset`. Permission is decided here, on each connection's present actor.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

import structlog

from api.live.connection import Connection
from api.live.frames import Gone, Reset, encode
from api.live.limits import GAP_PATIENCE, PAGE, RESUME_SPAN
from api.live.outbox import Kind
from api.live.registry import Registry
from api.live.source import ConversationKey, Source
from api.live.topic import Coming, Entry, Subscription, Topic
from hub.core.errors import HubError, NotFound
from hub.core.signals import Audience, ConversationSignal

log = structlog.get_logger("live")
_REMEMBERED = 20_000  # conversations whose newest number is kept, so that no older row follows a newer one
_INBOX_RESET_EVERY = 2.0
_RETRY_AFTER = 1.0


class Following:
    """Topics by conversation. `on_gone` is told when a connection loses sight of one."""

    def __init__(self, source: Source, registry: Registry, on_gone: Callable[[Connection, UUID], None]) -> None:
        self.topics: dict[ConversationKey, Topic] = {}
        self._source = source
        self._registry = registry
        self._on_gone = on_gone
        self._newest: OrderedDict[ConversationKey, int] = OrderedDict()
        self._due: dict[Topic, None] = {}
        self._filling = asyncio.Event()
        self._inbox_reset_at: dict[UUID, float] = {}

    # Signals.

    def hear(self, signal: ConversationSignal) -> None:
        """An event was committed: events to the topic's subscribers, the row to the inboxes."""
        key = signal.organization_id, signal.conversation_id
        topic = self.topics.get(key)
        told: set[Connection] = set()
        if topic is not None and topic.learn_audience(signal.seq, signal.audience):
            told = self._audit(topic)
        if signal.seq > self._newest.get(key, 0):
            self._remember(key, signal.seq)
            self._show(signal, told)
        if topic is None:
            return
        self._deliver(topic, topic.accept(Entry(signal.seq, bytes(signal.event), bytes(signal.visitor_event))))
        if topic.behind:
            asyncio.get_running_loop().call_later(GAP_PATIENCE, self.fill_soon, topic)

    def _remember(self, key: ConversationKey, seq: int) -> None:
        self._newest[key] = seq
        self._newest.move_to_end(key)
        if len(self._newest) > _REMEMBERED:
            self._newest.popitem(last=False)

    def _show(self, signal: ConversationSignal, told: set[Connection]) -> None:
        """The newest row to the inboxes that may see it, `gone` to those that could before and were not told yet."""
        row = bytes(signal.row)
        for connection in self._registry.inboxes(signal.organization_id):
            if connection.rereading or connection in told:
                continue  # its inbox is reset afterwards, or it has lost sight
            if self._source.may_see(connection.actor, signal.audience):
                connection.send(Kind.ROW, row, signal.conversation_id)
            elif signal.was is not None and self._source.may_see(connection.actor, signal.was):
                self.lose(connection, signal.conversation_id)

    def _audit(self, topic: Topic) -> set[Connection]:
        """The audience is another: ends the subscriptions of those who may no longer see the topic; whom it told so."""
        told = set()
        for subscription in tuple(topic.subscriptions.values()):
            connection = subscription.connection
            if not subscription.admitted or connection.rereading:
                continue  # checked when that is done
            if not self.sees(connection, topic.conversation_id, topic.audience):
                self.lose(connection, topic.conversation_id)
                told.add(connection)
        return told

    def sees(self, connection: Connection, conversation_id: UUID, audience: Audience | None) -> bool:
        """Whether its actor, as it is now, may see the conversation. Nobody may while the actor is being read."""
        if connection.rereading or audience is None:
            return False
        if connection.is_visitor:
            return connection.conversation_id == conversation_id
        return self._source.may_see(connection.actor, audience)

    # Delivery.

    def _deliver(self, topic: Topic, entries: Iterable[Entry]) -> None:
        for entry in entries:
            for subscription in tuple(topic.subscriptions.values()):
                if subscription.live:
                    self._give(subscription, entry.seq, entry.frame(visitor=subscription.connection.is_visitor))

    def _give(self, subscription: Subscription, seq: int, frame: bytes) -> None:
        """The next number, once; any other is not for this subscriber."""
        if subscription.ended or subscription.connection.rereading or seq != subscription.last + 1:
            return
        if not frame:
            self._lost(subscription)
            return
        subscription.last = seq
        subscription.connection.send(Kind.EVENT, frame)

    async def catch_up(self, subscription: Subscription) -> None:
        """Replays from its number to the head, at the client's pace; from then on it is live."""
        topic, connection = subscription.topic, subscription.connection
        while not subscription.ended and topic.head is not None:
            found = topic.recent(subscription.last, visitor=connection.is_visitor)
            if found is None:
                upto = min(topic.head, subscription.last + PAGE)
                found = await self._events(topic, subscription.last, upto, visitor=connection.is_visitor)
                topic.remember(found, visitor=connection.is_visitor)
            before = subscription.last
            for seq, frame in found:
                if not await connection.drained():
                    return
                self._give(subscription, seq, frame)
            if subscription.last >= topic.head:
                subscription.live = True  # no await since the head was compared: nothing comes in between
                return
            if subscription.last == before:
                self._lost(subscription)  # the actor is being read again, or a number is not there
                return

    def _lost(self, subscription: Subscription) -> None:
        """The server lost this subscriber's place: it has to subscribe again."""
        if subscription.ended:
            return
        self.end(subscription)
        if subscription.admitted:
            reset = Reset(topic="conversation", id=subscription.topic.conversation_id)
            subscription.connection.send(Kind.ANSWER, encode(reset))

    def lose(self, connection: Connection, conversation_id: UUID) -> None:
        """The connection may no longer see the conversation: nothing of it follows `gone`."""
        if (subscription := connection.subscriptions.get(conversation_id)) is not None:
            self.end(subscription)
        self._on_gone(connection, conversation_id)
        connection.send(Kind.ANSWER, encode(Gone(id=conversation_id)))

    # Subscriptions.

    def register(self, connection: Connection, conversation_id: UUID) -> Subscription:
        """A subscription that does not receive yet; it takes the place of an earlier one."""
        key = connection.organization_id, conversation_id
        if (earlier := connection.subscriptions.get(conversation_id)) is not None:
            earlier.ended = True
        topic = self.topics.get(key)
        if topic is None:
            topic = self.topics[key] = Topic(*key)
        subscription = Subscription(connection, topic)
        topic.subscriptions[connection] = connection.subscriptions[conversation_id] = subscription
        return subscription

    def end(self, subscription: Subscription) -> None:
        """Ends it; a topic without subscribers goes."""
        subscription.ended = True
        connection, topic = subscription.connection, subscription.topic
        if connection.subscriptions.get(topic.conversation_id) is subscription:
            del connection.subscriptions[topic.conversation_id]
        if topic.subscriptions.get(connection) is subscription:
            del topic.subscriptions[connection]
        if not topic.subscriptions and self.topics.get(topic.key) is topic:
            del self.topics[topic.key]

    def reset(self, topic: Topic) -> None:
        """Sends every subscriber back to its snapshot."""
        for subscription in tuple(topic.subscriptions.values()):
            self._lost(subscription)

    def resettle(self, connection: Connection) -> None:
        """After the actor was read again: what it may not see is gone, what it missed meanwhile is reset."""
        for subscription in tuple(connection.subscriptions.values()):
            topic = subscription.topic
            if not subscription.admitted:
                continue  # checked when it is
            if not self.sees(connection, topic.conversation_id, topic.audience):
                self.lose(connection, topic.conversation_id)
            elif subscription.live and subscription.last != topic.head:
                self._lost(subscription)
        if connection.inbox:
            connection.send(Kind.ANSWER, encode(Reset(topic="inbox")))

    def reset_inboxes(self, organization_id: UUID) -> None:
        """Sends the organization's inboxes back to their lists, at most once in two seconds."""
        loop = asyncio.get_running_loop()
        wait = self._inbox_reset_at.get(organization_id, 0.0) + _INBOX_RESET_EVERY - loop.time()
        if wait > _INBOX_RESET_EVERY:
            return  # one is planned already
        self._inbox_reset_at[organization_id] = loop.time() + max(wait, 0.0)
        loop.call_later(max(wait, 0.0), self._reset_inboxes, organization_id)

    def _reset_inboxes(self, organization_id: UUID) -> None:
        frame = encode(Reset(topic="inbox"))
        connections = self._registry.inboxes(organization_id)
        for connection in connections:
            connection.send(Kind.ANSWER, frame)
        if not connections:
            self._inbox_reset_at.pop(organization_id, None)

    # The database.

    async def refresh(self, topic: Topic) -> None:
        """Head and audience by a read that began after this call; shared by everybody who waits. Raises `NotFound`."""
        while (coming := topic.coming) is not None:
            await coming.wait()
            if coming.was_read:
                return
        coming = topic.coming = Coming()
        try:
            async with topic.lock:
                topic.coming = None  # whoever asks from now on needs a later read
                head, audience = await self._source.head(topic.key)
                if topic.learn_audience(head, audience):
                    self._audit(topic)
                self._deliver(topic, topic.establish(head))
                coming.was_read = True
        finally:
            if topic.coming is coming:
                topic.coming = None
            coming.set()
        if topic.behind:
            asyncio.get_running_loop().call_later(GAP_PATIENCE, self.fill_soon, topic)

    async def fill(self, topic: Topic) -> bool:
        """Pulls what is missing up to the highest number known to exist; whether anything was."""
        await self.refresh(topic)
        async with topic.lock:
            missed = topic.behind
            while topic.behind and topic.subscriptions:
                assert topic.head is not None
                before = topic.head
                if topic.wanted - before > RESUME_SPAN:
                    self.reset(topic)
                    break
                for entry in await self._pull(topic, before, min(topic.wanted, before + PAGE)):
                    self._deliver(topic, topic.accept(entry))
                if topic.head == before:
                    log.error("live_number_missing", conversation=str(topic.conversation_id), after=before)
                    self.reset(topic)
                    break
        return missed

    async def _pull(self, topic: Topic, after: int, upto: int) -> list[Entry]:
        """(after, upto] in the flavours that have subscribers."""
        found: dict[bool, dict[int, bytes]] = {False: {}, True: {}}
        for visitor in {one.connection.is_visitor for one in topic.subscriptions.values()}:
            found[visitor] = dict(await self._events(topic, after, upto, visitor=visitor))
        numbers = sorted(found[False].keys() | found[True].keys())
        return [Entry(seq, found[False].get(seq, b""), found[True].get(seq, b"")) for seq in numbers]

    async def _events(self, topic: Topic, after: int, upto: int, *, visitor: bool) -> list[tuple[int, bytes]]:
        return list(await self._source.events(topic.key, after=after, upto=upto, visitor=visitor))

    def fill_soon(self, topic: Topic) -> None:
        """Lets the filler look at the topic, unless what was missing has come."""
        if topic.behind and topic.subscriptions:
            self._due[topic] = None
            self._filling.set()

    async def run_filler(self) -> None:
        """Fills the topics that lack a number; one that cannot be filled is tried again and holds up no other."""
        while True:
            await self._filling.wait()
            self._filling.clear()
            while self._due:
                topic, _ = self._due.popitem()
                try:
                    if topic.behind and await self.fill(topic):
                        self._missed_rows({topic.key: topic.wanted})  # the lost signal had a row as well
                except NotFound:
                    self._vanish(topic)
                except Exception as error:
                    # The database may be away: log, and try this topic again.
                    level = log.warning if isinstance(error, HubError | OSError) else log.error
                    level("live_fill_failed", error=type(error).__name__, conversation=str(topic.conversation_id))
                    asyncio.get_running_loop().call_later(_RETRY_AFTER, self.fill_soon, topic)

    async def verify(self) -> bool:
        """Compares every head with the database, in one query, and fills; whether a history went backwards."""
        known = {key: (topic, topic.head) for key, topic in self.topics.items() if topic.head is not None}
        if not known:
            return False
        heads = await self._source.heads(known.keys())
        reborn = False
        for key, (topic, head_then) in known.items():
            head = heads.get(key)
            if head is None:
                self._vanish(topic)
            elif head < head_then:
                reborn = True
                self.reset(topic)
            elif topic.head is not None and head > topic.head:
                topic.wanted = max(topic.wanted, head)
                asyncio.get_running_loop().call_later(GAP_PATIENCE, self.fill_soon, topic)
        return reborn

    async def verify_rows(self, organization_ids: Collection[UUID], since: datetime) -> None:
        """Compares what was committed lately with what was heard; inboxes that missed a row start anew."""
        heads = await self._source.recent_heads(organization_ids, since)
        if self._unheard(heads):
            await asyncio.sleep(GAP_PATIENCE)  # the signal may be on its way
            self._missed_rows(heads)

    def _unheard(self, heads: Mapping[ConversationKey, int]) -> dict[ConversationKey, int]:
        return {key: head for key, head in heads.items() if head > self._newest.get(key, 0)}

    def _missed_rows(self, heads: Mapping[ConversationKey, int]) -> None:
        for key, head in self._unheard(heads).items():
            self._remember(key, head)
            self.reset_inboxes(key[0])

    def _vanish(self, topic: Topic) -> None:
        for subscription in tuple(topic.subscriptions.values()):
            if subscription.admitted:
                self.lose(subscription.connection, topic.conversation_id)
            else:
                self.end(subscription)
