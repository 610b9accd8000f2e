"""G10: two processes that serve the same organization; what a screen at the other one waits longer."""

from tests.load.goals import BY_KEY
from tests.load.ground import PUBLIC_URL, Ground
from tests.load.outcome import Outcome
from tests.load.ratios import in_turn
from tests.load.remote import Remote
from tests.load.scenarios.fanout import ROOMS
from tests.load.tenant import founded, places

RATE = 100.0
EACH_SIDE = 5
HOP = "tests.load.generators.hop"


async def run(ground: Ground) -> list[Outcome]:
    outcome = Outcome(key=BY_KEY["G10"].key)
    database = await ground.database()
    async with (
        ground.valkey() as redis, Remote(HOP) as listener, Remote(HOP) as publisher, Remote(ROOMS) as load,
        ground.product(database, HUB_REDIS_URL=f"redis://127.0.0.1:{redis}/0") as here, founded(here) as tenant,
        ground.product(database, HUB_REDIS_URL=f"redis://127.0.0.1:{redis}/0") as there,
    ):
        await listener.listen(port=redis)
        room = await tenant.visit(await tenant.webchat())
        seats = places([room], await tenant.agents(ground, database, 2), EACH_SIDE)
        for server in (here, there):
            await load.enter(kind="product", port=server.port, places=seats, origin=PUBLIC_URL)
        await load.speak_at(port=here.port)
        await load.steady(rate=RATE, seconds=1)

        async def hop() -> float:
            await publisher.publish(port=redis, rate=200.0, seconds=ground.seconds)
            return float(await listener.p50())

        async def delivery() -> float:
            measured = await load.steady(rate=RATE, seconds=ground.seconds)
            outcome.violations += measured["violations"]
            at = measured["p50_at"]
            return float(at[str(there.port)] - at[str(here.port)])

        outcome.reference, outcome.product = await in_turn(ground.rounds, hop, delivery)
    outcome.notes.append(f"{RATE:g} messages/s, {EACH_SIDE} screens at each process; p50 there minus p50 here")
    return [outcome]
