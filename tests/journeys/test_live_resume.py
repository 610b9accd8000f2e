"""A client that is cut off at random and resumes has every number once and in order, or an explicit reset."""

import asyncio
import random
import secrets
from typing import Any

import httpx2

from tests.journeys.meta import signed, text_webhook
from tests.live_client import live
from tests.running import Stack, connect_whatsapp, register
from tests.waiting import until


async def test_cut_off_at_random_every_number_arrives_once_and_in_order(
    running: Stack, client: httpx2.AsyncClient
) -> None:
    owner = await register(client)
    line = await connect_whatsapp(running, client, owner)
    path = f"/webhooks/whatsapp/{owner.organization_id}"
    wa_id, count, chance = f"5511{secrets.randbelow(10**9):09d}", 100, random.Random(7)

    async def write(index: int) -> None:
        body = text_webhook(line.number["phone_number_id"], wa_id, f"message {index}")
        answer = await client.post(path, content=body, headers=signed(body, line.number["app_secret"]))
        assert answer.status_code == 200

    await write(0)

    async def rows() -> list[dict[str, Any]]:
        return list((await owner.get("/api/v1/conversations?view=all"))["results"])

    conversation_id = (await until(rows))[0]["id"]

    cuts = written_in_all = 0

    async def flood() -> None:
        nonlocal written_in_all
        while written_in_all < count or cuts < 3:
            written_in_all += 1
            await write(written_in_all)

    flooding = asyncio.create_task(flood())
    tab = await live(running.url, owner)
    await tab.follow(conversation_id)
    while not flooding.done():
        await asyncio.wait([flooding], timeout=chance.uniform(0.0, 0.08))
        await tab.drop()
        await tab.connect()
        await tab.follow(conversation_id)
        cuts += 1
    await flooding

    async def all_written() -> dict[str, Any] | None:
        row: dict[str, Any] = (await rows())[0]
        return row if row["inbound_count"] == written_in_all + 1 else None

    head = (await until(all_written, seconds=30))["head_seq"]
    texts = [one["text"] for one in await owner.history(conversation_id) if one["author"] == "customer"]
    assert texts == [f"message {index}" for index in range(written_in_all + 1)]

    async def caught_up() -> bool:
        return tab.applied[conversation_id][-1] == head

    await until(caught_up)
    numbers = tab.applied[conversation_id]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert tab.resets <= 1  # only the first time, when it had no number
    await tab.close()
