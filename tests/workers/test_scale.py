"""Two servers, a worker and Redis: what one server takes in, the other shows, with Redis and without."""

import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from tests.journeys.meta import signed, text_webhook
from tests.live_client import LiveClient, live
from tests.running import Person, Stack, WhatsAppLine, connect_whatsapp, register, stack
from tests.waiting import until as until_answer
from tests.workers.servers import Valkey
from workers.main import working


class Floor:
    """Two servers that share a database and Redis; the webhooks arrive at the first, the agent sits at the second."""

    def __init__(
        self, first: Stack, second: Stack, client: httpx2.AsyncClient, agent: Person, line: WhatsAppLine
    ) -> None:
        self.first, self.second, self.client, self.agent, self.line = first, second, client, agent, line
        self.wa_id = f"5511{secrets.randbelow(10**9):09d}"

    async def customer_writes(self, text: str) -> None:
        body = text_webhook(self.line.number["phone_number_id"], self.wa_id, text)
        path = f"{self.first.url}/webhooks/whatsapp/{self.agent.organization_id}"
        answer = await self.client.post(path, content=body, headers=signed(body, self.line.number["app_secret"]))
        assert answer.status_code == 200

    async def conversation(self) -> str:
        async def rows() -> list[dict[str, Any]]:
            return list((await self.agent.get("/api/v1/conversations?view=all"))["results"])

        return str((await until_answer(rows))[0]["id"])


@pytest.fixture
async def floor(own_database: str, valkey: Valkey, tmp_path: Path) -> AsyncIterator[Floor]:
    shared = {"redis_url": valkey.url, "secret_key": secrets.token_urlsafe(48)}
    async with contextlib.AsyncExitStack() as entered:
        first = await entered.enter_async_context(stack(own_database, tmp_path, **shared))
        second = await entered.enter_async_context(stack(own_database, tmp_path, **shared))
        settings = msgspec.structs.replace(first.settings, outbox_workers=4)
        await entered.enter_async_context(working(settings, 4))
        here = await entered.enter_async_context(httpx2.AsyncClient(base_url=first.url, timeout=30))
        there = await entered.enter_async_context(httpx2.AsyncClient(base_url=second.url, timeout=30))
        owner = await register(here)
        line = await connect_whatsapp(first, here, owner)
        yield Floor(first, second, here, Person(there, owner.session), line)


async def _following(floor: Floor) -> tuple[LiveClient, str]:
    await floor.customer_writes("Hello?")
    conversation_id = await floor.conversation()
    tab = await live(floor.second.url, floor.agent)
    await tab.follow(conversation_id)
    return tab, conversation_id


def _says(text: str) -> Any:
    return lambda frame: frame["t"] == "event" and text in str(frame["d"])


async def test_a_message_to_one_server_is_answered_at_the_other(floor: Floor) -> None:
    tab, conversation_id = await _following(floor)
    await floor.customer_writes("Are you open today?")
    await tab.until(_says("Are you open today?"))
    await floor.agent.post(f"/api/v1/conversations/{conversation_id}/messages",
                           {"client_id": secrets.token_hex(8), "text": "Until six."})
    phone = f"{floor.first.simulator_url}/phones/{floor.wa_id}/chats/{floor.line.number['phone_number_id']}"

    async def arrived() -> bool:
        return "Until six." in (await floor.client.get(phone)).text

    await until_answer(arrived)
    await tab.close()


async def test_without_redis_screens_catch_up_from_the_database_and_work_goes_on(floor: Floor, valkey: Valkey) -> None:
    tab, conversation_id = await _following(floor)
    valkey.stop()
    await floor.customer_writes("Still there?")
    await tab.until(_says("Still there?"))
    valkey.start()
    mark = len(tab.frames)
    await floor.customer_writes("And now?")
    await tab.until(_says("And now?"), since=mark)
    head = (await floor.agent.get(f"/api/v1/conversations/{conversation_id}/messages?limit=1"))["head_seq"]
    assert tab.applied[conversation_id][-1] == head
    await tab.close()


async def test_presence_at_one_server_is_seen_at_the_other(floor: Floor) -> None:
    tab = await live(floor.second.url, floor.agent)
    here = Person(floor.client, floor.agent.session)

    async def state() -> str:
        found = {row["user_id"]: row["state"] for row in (await here.get("/api/v1/presence"))["results"]}
        return found.get(floor.agent.id, "offline")

    async def is_online() -> bool:
        return await state() == "online"

    async def is_offline() -> bool:
        return await state() == "offline"

    await until_answer(is_online)
    await tab.close()
    await until_answer(is_offline)
