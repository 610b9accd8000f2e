"""G8: what one idle, signed-in, subscribed connection costs, beside a Socket.IO connection that joined a room."""

import asyncio

from tests.load.goals import BY_KEY
from tests.load.ground import PUBLIC_URL, Ground
from tests.load.outcome import Outcome
from tests.load.processes import Server
from tests.load.remote import Remote
from tests.load.scenarios.fanout import ROOMS
from tests.load.tenant import founded, places

CONNECTIONS = 1000
FIRST = 100  # sit down before the first measurement, so that what is made once is not counted
EACH_ROOM = 10
_SETTLES = 2.0


async def run(ground: Ground) -> list[Outcome]:
    outcome = Outcome(key=BY_KEY["G8"].key)
    for _ in range(min(ground.rounds, 2)):  # memory does not swing with the neighbours
        outcome.reference.append(await _socketio(ground))
        outcome.product.append(await _product(ground))
    outcome.notes.append(f"USS of the server over {CONNECTIONS} connections, kernel buffers not counted")
    return [outcome]


async def _socketio(ground: Ground) -> float:
    database = await ground.database(migrated=False)
    seats = [{"room": f"r{index // EACH_ROOM}"} for index in range(FIRST + CONNECTIONS)]
    async with ground.socketio(database) as server, Remote(ROOMS) as load:
        return await _each(server, load, "socketio", seats)


async def _product(ground: Ground) -> float:
    database = await ground.database()
    async with ground.product(database) as server, founded(server) as tenant, Remote(ROOMS) as load:
        channel = await tenant.webchat()
        async with ground.connection(database) as connection:
            rooms = await tenant.history(connection, channel, count=(FIRST + CONNECTIONS) // EACH_ROOM, messages=20)
        tokens = await tenant.agents(ground, database, (FIRST + CONNECTIONS) // 20)
        return await _each(server, load, "product", places(rooms, tokens, EACH_ROOM))


async def _each(server: Server, load: Remote, kind: str, seats: list[dict[str, str]]) -> float:
    """KiB for each connection."""
    await load.enter(kind=kind, port=server.port, places=seats[:FIRST], origin=PUBLIC_URL)
    await asyncio.sleep(_SETTLES)
    before = server.unique_bytes()
    await load.enter(kind=kind, port=server.port, places=seats[FIRST:], origin=PUBLIC_URL)
    await asyncio.sleep(_SETTLES)
    used = server.unique_bytes() - before
    await load.leave()
    return used / (len(seats) - FIRST) / 1024
