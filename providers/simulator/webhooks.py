"""Webhooks to the hub: signed, in order for each number, repeated with growing gaps until the hub takes them.

A delivery that the hub refuses four times steps aside, so that one bad body does not hold up a number for good; while
the hub cannot be reached at all the order is kept.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

import httpx2
import msgspec
import structlog

from providers.simulator.config import NumberConfig, SimulatorConfig
from providers.simulator.envelopes import encode, sign
from providers.simulator.faults import Faults
from providers.simulator.journal import Journal
from providers.simulator.world import World

log = structlog.get_logger("simulator.webhooks")
REFUSALS_BEFORE_ASIDE = 4


class Delivery(msgspec.Struct, kw_only=True):
    """One POST to make; `message_id` when it carries a customer's message."""

    id: str
    phone_number_id: str
    body: str
    message_id: str | None = None
    attempts: int = 0
    last: str = ""


class Webhooks:
    """Sends what is pending; pending deliveries survive a restart."""

    def __init__(self, config: SimulatorConfig, world: World, faults: Faults, journal: Journal) -> None:
        self.pending = journal.table("webhook", Delivery, 100_000)
        self.taken: Callable[[str], None] = lambda message_id: None
        self.accepted = 0
        self.dropped = 0
        self._config = config
        self._world = world
        self._faults = faults
        self._lanes: dict[str, deque[Delivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx2.AsyncClient | None = None
        self._retry_now = asyncio.Event()

    def start(self) -> None:
        """Open the connection pool and go on with what an earlier run left."""
        self._client = httpx2.AsyncClient(timeout=self._config.webhook_timeout, trust_env=False)
        for delivery in self.pending:
            self._line_up(delivery)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lanes.clear()
        if self._client is not None:
            await self._client.aclose()

    def send(
        self,
        number: NumberConfig,
        payload: dict[str, Any],
        *,
        to: str | None = None,
        message_id: str | None = None,
        in_order: bool = True,
    ) -> None:
        """Post `payload` to the number's webhook, soon. `in_order=False` goes at once, beside the others."""
        if self._faults.take("drop_webhooks", phone_number_id=number.phone_number_id, to=to):
            self.dropped += 1
            return
        copies = 2 if self._faults.take("duplicate_webhooks", phone_number_id=number.phone_number_id, to=to) else 1
        for _ in range(copies):
            delivery = Delivery(
                id=secrets.token_hex(8),
                phone_number_id=number.phone_number_id,
                body=encode(payload),
                message_id=message_id,
            )
            self.pending.put(delivery.id, delivery)
            if in_order:
                self._line_up(delivery)
            else:
                self._spawn(self._alone(delivery))

    def waiting_messages(self) -> int:
        """How many of the pending deliveries carry a customer's message; the others are statuses."""
        return sum(delivery.message_id is not None for delivery in self.pending)

    def retry(self) -> None:
        """Try everything that waits for its next attempt now."""
        self._retry_now.set()
        self._retry_now = asyncio.Event()

    async def verify(self, number: NumberConfig) -> dict[str, Any]:
        """Meta's handshake for a new callback address: `{verified, status, body}`."""
        challenge = str(secrets.randbelow(10**9))
        asked = {"hub.mode": "subscribe", "hub.verify_token": number.verify_token, "hub.challenge": challenge}
        try:
            answer = await self._http().get(self._address(number), params=asked)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return {"verified": False, "status": None, "body": type(error).__name__}
        good = answer.status_code == 200 and answer.text == challenge
        return {"verified": good, "status": answer.status_code, "body": answer.text[:200]}

    def _http(self) -> httpx2.AsyncClient:
        if self._client is None:
            raise RuntimeError("the simulator is not started")
        return self._client

    def _address(self, number: NumberConfig) -> str:
        return urljoin(self._config.hub_url + "/", number.webhook_url)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _line_up(self, delivery: Delivery) -> None:
        lane = self._lanes.get(delivery.phone_number_id)
        if lane is not None:
            lane.append(delivery)
            return
        self._lanes[delivery.phone_number_id] = deque([delivery])
        self._spawn(self._drain(delivery.phone_number_id))

    async def _drain(self, phone_number_id: str) -> None:
        lane = self._lanes[phone_number_id]
        while lane:
            if not await self._until_taken(lane[0], refusals=REFUSALS_BEFORE_ASIDE):
                self._spawn(self._alone(lane[0]))
            lane.popleft()
        del self._lanes[phone_number_id]

    async def _alone(self, delivery: Delivery) -> None:
        await self._until_taken(delivery, refusals=None)

    async def _until_taken(self, delivery: Delivery, *, refusals: int | None) -> bool:
        """True when the delivery is over (taken or given up), False when it was refused `refusals` times."""
        refused = 0
        while not await self._attempt(delivery):
            if delivery.attempts >= self._config.retry_attempts:
                log.warning("webhook_given_up", attempts=delivery.attempts, last=delivery.last)
                self._over(delivery)
                return True
            refused += delivery.last.isdigit()
            if refusals is not None and refused >= refusals:
                return False
            await self._pause(delivery.attempts)
        self._over(delivery)
        self.accepted += 1
        if delivery.message_id is not None:
            self.taken(delivery.message_id)
        return True

    async def _attempt(self, delivery: Delivery) -> bool:
        number = self._world.numbers.get(delivery.phone_number_id)
        if number is None:
            delivery.attempts = self._config.retry_attempts
            return False
        raw = delivery.body.encode("ascii")
        headers = {
            "content-type": "application/json",
            "user-agent": "facebookexternalua",
            "x-hub-signature-256": sign(raw, number.app_secret),
        }
        delivery.attempts += 1
        try:
            answer = await self._http().post(self._address(number), content=raw, headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            delivery.last = type(error).__name__
            return False
        delivery.last = str(answer.status_code)
        return 200 <= answer.status_code < 300

    async def _pause(self, attempts: int) -> None:
        gap = min(self._config.retry_first * 2 ** min(attempts - 1, 20), self._config.retry_most)
        with suppress(TimeoutError):
            async with asyncio.timeout(gap):
                await self._retry_now.wait()

    def _over(self, delivery: Delivery) -> None:
        self.pending.drop(delivery.id)
        self._world.live.publish("webhook", {"pending": len(self.pending)})
