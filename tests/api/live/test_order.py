"""Whatever becomes of signals and connections, a client has each number once and in order or is told to start anew."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.live.fanout import Fanout
from api.live.limits import RESUME_SPAN
from hub.core.access import Actor
from hub.core.clock import new_id
from hub.core.signals import ConversationSignal
from hub.core.supervise import Supervisor
from tests.api.live.world import Tab, Thread, World, until


class Client:
    """Follows the protocol to the letter; `applied` are the numbers it knows, a snapshot counting as one step."""

    def __init__(self, fanout: Fanout, world: World, actor: Actor, thread: Thread) -> None:
        self.fanout, self.world, self.actor, self.thread = fanout, world, actor, thread
        self.applied = 0
        self.tab: Tab | None = None
        self.task: asyncio.Task[None] | None = None
        self.read = 0
        self.next: int | None = None  # the number that has to come next, None while nothing may come

    def connect(self) -> None:
        self.tab, self.read, self.next = Tab(self.fanout, self.actor), 0, None
        self.task = asyncio.create_task(self._live(self.tab))

    async def disconnect(self) -> None:
        """What was sent and not read yet is lost."""
        if self.tab is not None and self.task is not None:
            self.fanout.leave(self.tab.connection)
            self.task.cancel()
            [outcome] = await asyncio.gather(self.task, return_exceptions=True)
            self.tab = None
            if isinstance(outcome, Exception):
                raise outcome

    async def _live(self, tab: Tab) -> None:
        subscribing = asyncio.create_task(self._subscribe(tab))
        try:
            while True:
                while self.read < len(tab.screen.frames):
                    frame = tab.screen.frames[self.read]
                    self.read += 1
                    if self.take(frame):
                        await subscribing
                        subscribing = asyncio.create_task(self._subscribe(tab))
                await asyncio.sleep(0)
        finally:
            subscribing.cancel()

    async def _subscribe(self, tab: Tab) -> None:
        place = {"from": self.applied, "epoch": "e1"} if self.applied else {}
        await tab.say(t="subscribe", topic="conversation", id=self.thread.id, **place)

    def take(self, frame: dict[str, Any]) -> bool:
        """Applies one frame; whether to subscribe again."""
        if frame["t"] == "subscribed":
            if frame["mode"] == "reset":
                self.applied = max(frame["head"], self.thread.head)  # GET, after the answer
                self.next = frame["head"] + 1
            else:
                self.next = self.applied + 1
        elif frame["t"] == "event":
            assert frame["s"] == self.next, f"{frame['s']} came, {self.next} was next"
            self.next += 1
            if frame["s"] > self.applied:
                assert frame["s"] == self.applied + 1
                self.applied = frame["s"]
        elif frame["t"] == "reset":
            self.next = None
            return True
        return False


class Play:
    """One conversation, an agent's client and a visitor's, and the acts that a generated play is made of."""

    def __init__(self, fanout: Fanout, world: World, chance: random.Random) -> None:
        self.world, self.chance = world, chance
        organization_id = new_id()
        self.thread = world.thread(organization_id, entries=3)
        actors = (world.person(organization_id), world.visitor(self.thread))
        self.clients = [Client(fanout, world, actor, self.thread) for actor in actors]
        self.pending: list[ConversationSignal] = []
        self.told: list[ConversationSignal] = []

    async def commit(self) -> None:
        self.pending.append(self.world.commit(self.thread))

    async def write(self) -> None:
        self.world.write(self.thread)

    async def tell(self) -> None:
        if self.pending:
            self.told.append(self._any_pending())
            self.world.tell(self.told[-1])

    async def lose(self) -> None:
        if self.pending:
            self._any_pending()

    async def repeat(self) -> None:
        if self.told:
            self.world.tell(self.chance.choice(self.told))

    async def cut(self) -> None:
        await self.chance.choice(self.clients).disconnect()

    async def connect(self) -> None:
        client = self.chance.choice(self.clients)
        if client.tab is None:
            client.connect()

    def _any_pending(self) -> ConversationSignal:
        return self.pending.pop(self.chance.randrange(len(self.pending)))

    def is_whole(self) -> bool:
        head = self.thread.head
        return all(client.applied == head and client.next == head + 1 for client in self.clients)


ACTS = st.sampled_from([
    Play.commit, Play.write, Play.write, Play.write, Play.tell, Play.tell, Play.lose, Play.repeat, Play.cut, Play.cut,
    Play.connect, Play.connect,
])


@asynccontextmanager
async def feed(world: World) -> AsyncIterator[Fanout]:
    fanout, supervisor = Fanout(source=world), Supervisor()
    fanout.start(supervisor)
    yield fanout
    await fanout.stop()
    await supervisor.stop()


@settings(max_examples=120, deadline=None)
@given(acts=st.lists(ACTS, min_size=20, max_size=80), seed=st.integers(0, 2**16), ticks=st.integers(0, 4))
async def test_every_number_once_and_in_order(acts: list[Any], seed: int, ticks: int) -> None:
    world, chance = World(), random.Random(seed)
    world.ticks = ticks
    async with feed(world) as fanout:
        play = Play(fanout, world, chance)
        for act in acts:
            await act(play)
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
        for client in play.clients:
            if client.tab is None:
                client.connect()
        await until(lambda: all(client.next is not None for client in play.clients))
        await fanout.following.verify()
        await until(play.is_whole)
        for client in play.clients:
            await client.disconnect()
        assert not fanout.following.topics, "a topic without subscribers stayed"


async def test_what_happens_while_subscribing_is_neither_lost_nor_doubled(fanout: Fanout, world: World) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id, entries=5)
    tab = Tab(fanout, world.person(organization_id))
    world.ticks = 5
    subscribing = asyncio.create_task(tab.follow(thread, **{"from": 2, "epoch": "e1"}))
    for _ in range(12):
        world.write(thread)
        await asyncio.sleep(0)
    await subscribing
    await until(lambda: tab.screen.numbers() and tab.screen.numbers()[-1] == thread.head)
    assert tab.screen.numbers() == list(range(3, thread.head + 1))


async def test_too_far_behind_starts_anew(fanout: Fanout, world: World) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id, entries=RESUME_SPAN + 10)
    tab = Tab(fanout, world.person(organization_id))
    assert (await tab.follow(thread, **{"from": 9, "epoch": "e1"}))["mode"] == "reset"
    assert (await tab.follow(thread, **{"from": 10, "epoch": "e1"}))["mode"] == "resumed"


async def test_another_epoch_or_a_number_above_the_head_starts_anew(fanout: Fanout, world: World) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id, entries=5)
    tab = Tab(fanout, world.person(organization_id))
    assert (await tab.follow(thread, **{"from": 5, "epoch": "other"}))["mode"] == "reset"
    assert (await tab.follow(thread, **{"from": 6, "epoch": "e1"}))["mode"] == "reset"
    assert (await tab.follow(thread))["mode"] == "reset"
    assert (await tab.follow(thread, **{"from": 5, "epoch": "e1"}))["mode"] == "resumed"


async def test_a_number_that_only_the_client_has_heard_of_is_pulled_first(fanout: Fanout, world: World) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id, entries=3)
    first, second = (Tab(fanout, world.person(organization_id)) for _ in range(2))
    await first.follow(thread)
    world.commit(thread)  # read by the second client's GET, its signal still on the way
    answer = await second.follow(thread, **{"from": 4, "epoch": "e1"})
    assert (answer["mode"], answer["head"]) == ("resumed", 4)
    assert first.screen.numbers() == [4]


async def test_a_lost_signal_is_found_by_the_next_one(fanout: Fanout, world: World) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id)
    tab = Tab(fanout, world.person(organization_id))
    await tab.follow(thread)
    world.commit(thread)
    world.write(thread)
    await until(lambda: tab.screen.numbers() == [1, 2])


async def test_a_lost_last_signal_is_found_by_comparing_heads_and_the_list_is_reset(
    fanout: Fanout, world: World
) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id)
    tab = Tab(fanout, world.person(organization_id))
    await tab.say(t="subscribe", topic="inbox")
    await tab.follow(thread)
    world.commit(thread)
    await fanout.upkeep.verify(missed=False)
    await until(lambda: tab.screen.numbers() == [1])
    await until(lambda: {"t": "reset", "topic": "inbox"} in tab.screen.frames)


async def test_a_lost_row_of_a_conversation_nobody_follows_resets_the_list_once(
    fanout: Fanout, world: World
) -> None:
    organization_id = new_id()
    losing, whole = (Tab(fanout, world.person(one)) for one in (organization_id, new_id()))
    heard, lost = (world.thread(organization_id) for _ in range(2))
    for tab in (losing, whole):
        await tab.say(t="subscribe", topic="inbox")
    world.write(heard)
    world.commit(lost)
    for _ in range(3):
        await fanout.upkeep.verify(missed=True)
    await until(lambda: "reset" in losing.screen.kinds())
    assert losing.screen.kinds() == ["subscribed", "row", "reset"]
    assert whole.screen.kinds() == ["subscribed"]


async def test_heads_of_all_topics_cost_one_query(fanout: Fanout, world: World) -> None:
    organization_id = new_id()
    tab = Tab(fanout, world.person(organization_id))
    for _ in range(5):
        await tab.follow(world.thread(organization_id))
    world.calls.clear()
    await fanout.following.verify()
    assert world.calls == ["heads", "heads-answer"]


async def test_a_crowd_that_resumes_costs_queries_for_conversations_not_for_clients(
    fanout: Fanout, world: World
) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id, entries=20)
    tabs = [Tab(fanout, world.person(organization_id)) for _ in range(50)]
    await asyncio.gather(*(tab.follow(thread, **{"from": 20, "epoch": "e1"}) for tab in tabs))
    assert world.calls.count("head") <= 2
    assert "events" not in world.calls


async def test_what_was_pulled_for_one_is_there_for_those_who_come_after(fanout: Fanout, world: World) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id, entries=20)
    tabs = [Tab(fanout, world.person(organization_id)) for _ in range(5)]
    for tab in tabs:
        await tab.follow(thread, **{"from": 10, "epoch": "e1"})
    assert all(tab.screen.numbers() == list(range(11, 21)) for tab in tabs)
    assert world.calls.count("events") == 1
    visitor = Tab(fanout, world.visitor(thread))
    await visitor.follow(thread, **{"from": 10, "epoch": "e1"})
    assert visitor.screen.numbers() == list(range(11, 21))
    assert world.calls.count("events") == 2


async def test_a_history_that_went_backwards_closes_everybody_to_learn_the_new_epoch(
    fanout: Fanout, world: World
) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id, entries=5)
    tab = Tab(fanout, world.person(organization_id))
    await tab.follow(thread)
    del thread.log[3:]
    world.epoch_name = "e2"
    await fanout.upkeep.verify(missed=False)
    assert {"t": "reset", "topic": "conversation", "id": str(thread.id)} in tab.screen.frames
    assert tab.connection.closing == 4010


async def test_while_the_database_is_away_a_subscriber_is_sent_to_come_again(fanout: Fanout, world: World) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id)
    tab = Tab(fanout, world.person(organization_id))
    world.away = True
    await tab.say(t="subscribe", topic="conversation", id=thread.id)
    assert tab.connection.closing == 4010
    assert not fanout.following.topics


async def test_what_could_not_be_pulled_is_pulled_when_the_database_is_back(fanout: Fanout, world: World) -> None:
    organization_id = new_id()
    thread = world.thread(organization_id)
    tab = Tab(fanout, world.person(organization_id))
    await tab.follow(thread)
    world.away = True
    world.commit(thread)
    world.write(thread)
    await until(lambda: world.calls[-1] == "head" and fanout.following.topics)
    world.away = False
    await until(lambda: tab.screen.numbers() == [1, 2])
