"""G11: some clients stop reading; what the others notice, and what each of the stalled costs the server."""

import asyncio

from tests.load.goals import BY_KEY
from tests.load.ground import PUBLIC_URL, Ground
from tests.load.outcome import Outcome
from tests.load.remote import Remote
from tests.load.scenarios.fanout import ROOMS
from tests.load.tenant import founded, places

SUBSCRIBERS = 200
STALLED = 0.05
RATE = 50.0  # messages a second into the one room
LENGTH = 3000  # characters: long enough that what waits for the stalled is soon more than a socket takes


async def run(ground: Ground) -> list[Outcome]:
    delay, memory = Outcome(key=BY_KEY["G11 p95"].key), Outcome(key=BY_KEY["G11 memory"].key)
    database = await ground.database()
    async with ground.product(database) as product, founded(product) as tenant:
        room = await tenant.visit(await tenant.webchat())
        tokens = await tenant.agents(ground, database, SUBSCRIBERS // 20)
        for _ in range(ground.rounds):
            async with Remote(ROOMS) as load:
                await load.enter(kind="product", port=product.port, places=places([room], tokens, SUBSCRIBERS),
                                 origin=PUBLIC_URL)
                for _ in range(2):  # the first wakes everything up
                    whole = await load.steady(rate=RATE, seconds=ground.seconds, length=LENGTH)
                stalled = await load.stall(part=STALLED)
                before, most = product.unique_bytes(), 0
                phase = asyncio.create_task(load.steady(rate=RATE, seconds=ground.seconds, length=LENGTH))
                while not phase.done():
                    most = max(most, product.unique_bytes())
                    await asyncio.sleep(0.1)
                with_stalled = phase.result()
                await load.leave()
            delay.reference.append(whole["p95"])
            delay.product.append(with_stalled["p95"])
            memory.product.append(max(0, most - before) / stalled / 1024)
            delay.violations += whole["violations"] + with_stalled["violations"]
    delay.notes.append(f"{SUBSCRIBERS} followers of a conversation, {RATE:g} messages of {LENGTH} characters a second")
    memory.notes.append("growth of the server's USS at its most, divided by the stalled clients")
    return [delay, memory]
