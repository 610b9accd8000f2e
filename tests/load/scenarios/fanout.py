"""G7: one message to a thousand open connections, against the library's own broadcast."""

from tests.load.exactness import all_delivered, stored_as_acknowledged
from tests.load.goals import BY_KEY
from tests.load.ground import PUBLIC_URL, Ground
from tests.load.outcome import Outcome
from tests.load.processes import Server
from tests.load.ratios import in_turn
from tests.load.remote import Remote
from tests.load.tenant import founded, places

SUBSCRIBERS = 1000
AGENTS = 50
IN_FLIGHT = 2
ROOMS = "tests.load.generators.rooms"


async def run(ground: Ground) -> list[Outcome]:
    outcome = Outcome(key=BY_KEY["G7"].key)
    database = await ground.database()
    async with ground.product(database) as product, founded(product) as tenant, Remote(ROOMS) as ours:
        room = await tenant.visit(await tenant.webchat())
        tokens = await tenant.agents(ground, database, AGENTS)
        await ours.enter(kind="product", port=product.port, places=places([room], tokens, SUBSCRIBERS),
                         origin=PUBLIC_URL)
        length = (await ours.closed(seconds=0.5, window=1))["frame_bytes"]
        async with ground.broadcast(length) as reference, Remote(ROOMS) as theirs:
            await theirs.enter(kind="broadcast", port=reference.port, places=[{"room": "all"}] * SUBSCRIBERS)
            outcome.reference, outcome.product = await in_turn(
                ground.rounds,
                lambda: _phase(ground, theirs, reference, outcome, "reference"),
                lambda: _phase(ground, ours, product, outcome, "product"),
            )
    outcome.notes.append(f"frames of {length} bytes on both sides, {IN_FLIGHT} messages in flight")
    return [outcome]


async def _phase(ground: Ground, load: Remote, server: Server, outcome: Outcome, side: str) -> float:
    """Deliveries for each second of the server's processor time."""
    before = server.cpu_seconds()
    measured = await load.closed(seconds=ground.seconds, window=IN_FLIGHT, warm=0.0)
    used = server.cpu_seconds() - before
    violations = all_delivered(measured["sent"], SUBSCRIBERS, measured["all_deliveries"]) + measured["violations"]
    if side == "product":
        violations += stored_as_acknowledged(measured["acknowledged"], measured["complete"])
    outcome.violations += [f"{side}: {words}" for words in violations]
    return float(measured["all_deliveries"] / used) if used else 0.0
