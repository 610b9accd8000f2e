"""Faults of the network: each toxic in turn between clients and server, and between server and provider."""

import asyncio
import contextlib

from tests.chaos.faults import Fault
from tests.chaos.round import Round
from tests.chaos.toxics import BLACKHOLE, CLEAN, Down, Proxy, Toxic, Up

IN_FRONT = {
    "slow": Toxic(latency=0.05, jitter=0.1),
    "pieces": Toxic(slice=200),
    "narrow": Toxic(bandwidth=20_000),
    "reset": Toxic(reset_within=4000),
    "unanswered": Toxic(lose=(Down,)),
    "unheard": Toxic(lose=(Up,)),
    "blackhole": BLACKHOLE,
    "refused": Toxic(refuse=True),
}
BEHIND = {name: IN_FRONT[name] for name in ("slow", "reset", "unanswered", "unheard", "refused")}


def network(times: int, *, front: tuple[str, ...] = tuple(IN_FRONT), back: tuple[str, ...] = tuple(BEHIND)) -> Fault:
    """`times` toxics, one after another, each for a second or so; then everything is clean."""

    async def run(round_: Round) -> None:
        round_.history.hurried = False  # what waits for a provider that does not answer is nobody's fault
        town, plan = round_.town, [("front", name) for name in front] + [("back", name) for name in back]
        round_.chance.shuffle(plan)
        for turn in range(times):
            side, name = plan[turn % len(plan)]
            proxies = [town.front, town.second_front] if side == "front" else [town.back]
            await asyncio.sleep(round_.chance.uniform(0.2, 0.5))
            async with round_.outage(name):
                await _for_a_while(round_, proxies, IN_FRONT[name])
        await asyncio.sleep(0.5)

    return run


async def _for_a_while(round_: Round, proxies: list[Proxy], toxic: Toxic) -> None:
    for proxy in proxies:
        proxy.set(toxic)
    await asyncio.sleep(round_.chance.uniform(0.6, 1.6))
    for proxy in proxies:
        proxy.set(CLEAN)


def cuts(times: int) -> Fault:
    """Every line to the clients is cut, again and again; tabs come back and resume, mostly in time for the next."""

    async def run(round_: Round) -> None:
        for _ in range(times):
            await asyncio.sleep(round_.chance.uniform(0.2, 0.8))
            round_.town.front.cut()
            round_.town.second_front.cut()
            for screen in round_.screens if round_.chance.random() < 0.8 else ():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(screen.up.wait(), 5)
        await asyncio.sleep(0.5)

    return run
