"""The crash programme: load from a provider and an agent, kill -9 at random, start again, and check the history.

`python -m tests.chaos.kill --cycles 100 --seed 7` runs it long; a short form runs with the tests.
"""

import argparse
import asyncio
import random
import secrets
import tempfile
from pathlib import Path

import asyncpg
import httpx2

from providers.postgres import EmbeddedPostgres
from tests.chaos.harness import Town, patient
from tests.chaos.history import Held, History, violations
from tests.journeys.meta import signed, text_webhook, wamid
from tests.running import Person, register
from tests.waiting import until

CUSTOMERS = 6
PAUSE = 0.1  # seconds between a customer's messages: a steady load, not a backlog that grows with every kill


class Load:
    """Customers who write through the provider and an agent who answers, each until stopped."""

    def __init__(self, town: Town, client: httpx2.AsyncClient, owner: Person, number: dict[str, str]) -> None:
        self.town, self.client, self.owner, self.number = town, client, owner, number
        self.history = History()
        self.stopping = asyncio.Event()
        self.customers = [f"5511{secrets.randbelow(10**9):09d}" for _ in range(CUSTOMERS)]

    async def customer(self, wa_id: str) -> None:
        path = f"{self.town.url}/webhooks/whatsapp/{self.owner.organization_id}"
        while not self.stopping.is_set():
            vendor_id = wamid()
            body = text_webhook(self.number["phone_number_id"], wa_id, "hello", vendor_id=vendor_id)
            headers = signed(body, self.number["app_secret"])
            answer = await patient(self.client, "POST", path, content=body, headers=headers)
            assert answer.status_code == 200, answer.text
            self.history.acknowledged.add(vendor_id)
            await asyncio.sleep(PAUSE)

    async def agent(self) -> None:
        while not self.stopping.is_set():
            listed = await self._ask("GET", "/api/v1/conversations?view=all")
            for row in listed.json()["results"]:
                client_id = secrets.token_hex(8)
                self.history.tried.add(client_id)
                answer = await self._ask("POST", f"/api/v1/conversations/{row['id']}/messages",
                                         json={"client_id": client_id, "text": "answer"})
                assert answer.status_code in (200, 201), answer.text
                self.history.answered[client_id] = answer.json()["id"]

    async def _ask(self, method: str, path: str, **more: object) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.owner.token}"}
        return await patient(self.client, method, self.town.url + path, headers=headers, **more)


async def programme(folder: Path, *, cycles: int, seed: int) -> tuple[list[str], list[float], History]:
    """Kills the hub `cycles` times; violations, seconds to serve again after each kill, and the history."""
    town, chance, recoveries = Town(folder), random.Random(seed), []
    await town.start()
    try:
        async with httpx2.AsyncClient(base_url=town.url, timeout=5) as client:
            owner, number = await _furnish(town, client)
            load = Load(town, client, owner, number)
            async with asyncio.TaskGroup() as group:
                for wa_id in load.customers:
                    group.create_task(load.customer(wa_id))
                group.create_task(load.agent())
                for _ in range(cycles):
                    await asyncio.sleep(chance.uniform(0.2, 1.2))
                    town.hub.kill()
                    recoveries.append(await town.start_hub())
                await asyncio.sleep(0.5)
                load.stopping.set()
            return await _judge(town, client, load), recoveries, load.history
    finally:
        town.stop()


async def _furnish(town: Town, client: httpx2.AsyncClient) -> tuple[Person, dict[str, str]]:
    owner = await register(client, "Crash")
    phone_number_id = str(10**14 + secrets.randbelow(10**14))
    secret = {name: secrets.token_urlsafe(24) for name in ("access_token", "app_secret", "verify_token")}
    channel = await owner.post("/api/v1/channels", {
        "kind": "whatsapp_business", "name": "Line", "credentials": secret,
        "settings": {"phone_number_id": phone_number_id, "waba_id": "1"},
    })
    number = {"phone_number_id": phone_number_id, "waba_id": "1", "display_phone_number": "15550001111", "name": "Line",
              "webhook_url": channel["webhook_url"], **secret}
    answer = await client.post(f"{town.simulator_url}/numbers", json=number)
    assert answer.status_code < 300, answer.text
    return owner, number


async def _judge(town: Town, client: httpx2.AsyncClient, load: Load) -> list[str]:
    """Waits until all that was taken is done, then compares what everybody knows."""
    connection = await asyncpg.connect(EmbeddedPostgres(town.data / "postgres").admin_url)
    try:
        await until(lambda: _quiet(connection), seconds=120, pause=0.1)
        held = await _held(connection)
    finally:
        await connection.close()
    calls = (await client.get(f"{town.simulator_url}/record?limit=100000")).json()
    transmitted = [call["callback"] for call in calls if call["callback"] and call["outcome"].startswith("accepted")]
    return violations(load.history, held, transmitted)


async def _quiet(connection: asyncpg.Connection) -> bool:
    return not await connection.fetchval("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'running')")


async def _held(connection: asyncpg.Connection) -> Held:
    messages = await connection.fetch(
        "SELECT id::text, conversation_id::text, seq, vendor_id, client_id, state FROM messages WHERE kind <> 'system'"
    )
    numbers: dict[str, list[int]] = {}
    for row in await connection.fetch(
        "SELECT conversation_id::text AS id, seq FROM events WHERE conversation_id IS NOT NULL ORDER BY 1, 2"
    ):
        numbers.setdefault(row["id"], []).append(row["seq"])
    heads = await connection.fetch("SELECT id::text, head_seq FROM conversations")
    return Held([tuple(row) for row in messages], numbers, {row["id"]: row["head_seq"] for row in heads})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        found, recoveries, history = asyncio.run(programme(Path(folder), cycles=options.cycles, seed=options.seed))
    slowest = sorted(recoveries)[int(len(recoveries) * 0.99) - 1 if len(recoveries) > 1 else 0]
    print(f"seed {options.seed}: {options.cycles} kills, {len(history.acknowledged)} webhooks and "
          f"{len(history.answered)} replies acknowledged, {len(found)} violations, "
          f"serving again in {slowest:.2f} s (p99)")
    for line in found:
        print(line)
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
