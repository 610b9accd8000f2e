"""G9: everybody comes back at once and resumes, beside Socket.IO's login and join, which resumes nothing."""

from tests.load.exactness import all_delivered
from tests.load.goals import BY_KEY
from tests.load.ground import PUBLIC_URL, Ground
from tests.load.outcome import Outcome
from tests.load.processes import Server
from tests.load.ratios import in_turn
from tests.load.remote import Remote
from tests.load.scenarios.fanout import ROOMS
from tests.load.tenant import founded, places

CLIENTS = 3000
EACH_ROOM = 10
MISSED = 10
AT_ONCE = 500  # on their way in together, at both
A_USER = 20  # sockets that one user may have


async def run(ground: Ground) -> list[Outcome]:
    outcome = Outcome(key=BY_KEY["G9"].key)
    database, plain = await ground.database(), await ground.database(migrated=False)
    async with (
        ground.product(database) as product, founded(product) as tenant, ground.socketio(plain) as reference,
        Remote(ROOMS) as ours, Remote(ROOMS) as theirs,
    ):
        channel = await tenant.webchat()
        async with ground.connection(database) as connection:
            rooms = await tenant.history(connection, channel, count=CLIENTS // EACH_ROOM, messages=MISSED * 2)
        tokens = await tenant.agents(ground, database, CLIENTS // A_USER)
        seats = places(rooms, tokens, EACH_ROOM)
        epoch = (await tenant.owner.get(f"/api/v1/conversations/{rooms[0]}/messages?limit=1"))["epoch"]
        outcome.reference, outcome.product = await in_turn(
            ground.rounds, lambda: _login(theirs, reference), lambda: _storm(ours, product, seats, epoch, outcome),
        )
    outcome.notes.append(f"{CLIENTS} clients in rooms of {EACH_ROOM}; a ticket over HTTP, the socket, hello, resume")
    return [outcome]


async def _login(load: Remote, server: Server) -> float:
    seats = [{"room": f"r{index // EACH_ROOM}"} for index in range(CLIENTS)]
    entered = await load.enter(kind="socketio", port=server.port, places=seats, at_once=AT_ONCE)
    await load.leave()
    return float(entered["rate"])


async def _storm(load: Remote, server: Server, seats: list[dict[str, str]], epoch: str, outcome: Outcome) -> float:
    """Connections per second until the last has everything it missed."""
    await load.expect(kind="product", port=server.port, places=seats, origin=PUBLIC_URL, heads=MISSED * 2,
                      epoch=epoch)
    came = await load.storm(missed=MISSED, at_once=AT_ONCE)
    await load.leave()
    outcome.violations += came["violations"] + all_delivered(MISSED, len(seats), came["heard"])
    return float(came["rate"])
