"""G4, G5 and G6: somebody in a room says something; it is stored, and all ten have it on their open connections."""

import contextlib
import statistics
from collections.abc import AsyncIterator

import asyncpg

from tests.load.exactness import all_delivered, gap_free, stored_as_acknowledged
from tests.load.goals import BY_KEY
from tests.load.ground import PUBLIC_URL, Ground, Missing
from tests.load.outcome import Outcome
from tests.load.ratios import in_turn
from tests.load.remote import Remote
from tests.load.scenarios.fanout import ROOMS
from tests.load.scenarios.ingestion import numbers
from tests.load.tenant import founded, places

ROOM_COUNT = 10
EACH_ROOM = 10
IN_FLIGHT = 4  # messages of each room
_ROOMS = [f"room{index}" for index in range(ROOM_COUNT)]


class Peer:
    """A server with everybody seated, and the statement that counts what it stored."""

    def __init__(self, name: str, load: Remote, connection: asyncpg.Connection, stored: str) -> None:
        self.name, self.load, self._connection, self._stored = name, load, connection, stored
        self.sent = self.acknowledged = 0
        self.violations: list[str] = []

    async def most(self, seconds: float) -> float:
        """Messages per second with a window in each room."""
        return float(self._counted(await self.load.closed(seconds=seconds, window=IN_FLIGHT))["rate"])

    async def steady(self, rate: float, seconds: float) -> dict[str, float]:
        return self._counted(await self.load.steady(rate=rate, seconds=seconds))

    def _counted(self, measured: dict[str, float]) -> dict[str, float]:
        self.sent += int(measured["sent"])
        self.acknowledged += int(measured["acknowledged"])
        self.violations += measured["violations"]  # type: ignore[operator]
        self.violations += all_delivered(int(measured["sent"]), EACH_ROOM, int(measured["all_deliveries"]))
        return measured

    async def exact(self) -> list[str]:
        """What was not exact, each line with the peer's name."""
        found = self.violations + stored_as_acknowledged(self.sent, await self._connection.fetchval(self._stored))
        if self.name == "product":
            found += stored_as_acknowledged(self.acknowledged, self.sent) + gap_free(await numbers(self._connection))
        return [f"{self.name}: {words}" for words in found]


async def run(ground: Ground) -> list[Outcome]:
    most, xmpp = Outcome(key=BY_KEY["G4"].key), Outcome(key=BY_KEY["G5"].key)
    middle, tail = Outcome(key=BY_KEY["G6 p50"].key), Outcome(key=BY_KEY["G6 p95"].key)
    async with _product(ground) as ours, _socketio(ground) as theirs, contextlib.AsyncExitStack() as stack:
        phases = [lambda: theirs.most(ground.seconds), lambda: ours.most(ground.seconds)]
        ejabberd = None
        try:
            ejabberd = await stack.enter_async_context(_ejabberd(ground))
            phases.append(lambda: ejabberd.most(ground.seconds))
        except Missing as problem:
            xmpp.missing = str(problem)
        for phase in phases:
            await phase()
        most.reference, most.product, *rest = await in_turn(ground.rounds, *phases)
        xmpp.product, xmpp.reference = most.product, rest[0] if rest else []
        rate = statistics.median(most.reference) / 2
        for _ in range(ground.rounds):
            for peer, name in ((theirs, "reference"), (ours, "product")):
                measured = await peer.steady(rate, ground.seconds)
                getattr(middle, name).append(measured["p50"])
                getattr(tail, name).append(measured["p95"])
        most.violations = await theirs.exact() + await ours.exact()
        xmpp.violations = await ejabberd.exact() if ejabberd else []
    most.notes.append(f"{ROOM_COUNT} rooms of {EACH_ROOM} connections, {IN_FLIGHT} messages in flight in each")
    middle.notes.append(f"open loop at {rate:.0f} messages/s")
    return [most, xmpp, middle, tail]


@contextlib.asynccontextmanager
async def _product(ground: Ground) -> AsyncIterator[Peer]:
    database = await ground.database()
    async with (
        ground.product(database) as server, founded(server) as tenant, Remote(ROOMS) as load,
        ground.connection(database) as connection,
    ):
        channel = await tenant.webchat()
        rooms = [await tenant.visit(channel) for _ in range(ROOM_COUNT)]
        tokens = await tenant.agents(ground, database, ROOM_COUNT * EACH_ROOM // 10)
        await load.enter(kind="product", port=server.port, places=places(rooms, tokens, EACH_ROOM), origin=PUBLIC_URL)
        yield Peer("product", load, connection,
                   "SELECT count(*) FROM messages WHERE author = 'agent' AND client_id IS NOT NULL")


@contextlib.asynccontextmanager
async def _socketio(ground: Ground) -> AsyncIterator[Peer]:
    database = await ground.database(migrated=False)
    async with (
        ground.socketio(database) as server, Remote(ROOMS) as load, ground.connection(database) as connection,
    ):
        await load.enter(kind="socketio", port=server.port, places=[{"room": one} for one in _ROOMS * EACH_ROOM])
        yield Peer("Socket.IO", load, connection, "SELECT count(*) FROM messages")


@contextlib.asynccontextmanager
async def _ejabberd(ground: Ground) -> AsyncIterator[Peer]:
    database = await ground.database(migrated=False)
    async with (
        ground.ejabberd(database) as server, Remote(ROOMS) as load, ground.connection(database) as connection,
    ):
        await load.enter(kind="xmpp", port=server.port, places=[{"room": one} for one in _ROOMS * EACH_ROOM])
        yield Peer("ejabberd", load, connection, "SELECT count(*) FROM archive")
