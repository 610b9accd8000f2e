"""What one message costs between two processes over Redis publish/subscribe, with the client that the product uses."""

import asyncio
import time

from redis.asyncio import Redis

from tests.load.ratios import percentile

_CHANNEL = "hop"
_SIZE = 200


class Generator:
    """One process listens, another publishes; the clock is the machine's own and shared."""

    def __init__(self) -> None:
        self._taken: list[float] = []
        self._listener: asyncio.Task[None] | None = None

    async def listen(self, port: int) -> None:
        subscription = Redis(port=port).pubsub()
        await subscription.subscribe(_CHANNEL)
        await subscription.get_message(timeout=5)

        async def hear() -> None:
            async for message in subscription.listen():
                if message["type"] == "message":
                    self._taken.append(time.perf_counter() - float(message["data"][:24]))

        self._listener = asyncio.create_task(hear())

    async def publish(self, port: int, rate: float, seconds: float) -> None:
        redis = Redis(port=port)
        ends = time.perf_counter() + seconds
        while time.perf_counter() < ends:
            await redis.publish(_CHANNEL, f"{time.perf_counter():.9f}".ljust(_SIZE))
            await asyncio.sleep(1 / rate)
        await redis.aclose()

    async def p50(self) -> float:
        """Milliseconds since this was asked last."""
        taken, self._taken = self._taken, []
        return percentile(taken, 0.5) * 1e3
