"""A customer at the simulator's phone, by its control API."""

import secrets
from typing import Any

import httpx2

from tests.running import WhatsAppLine


class Phone:
    """Somebody with WhatsApp, who writes to the organization's number."""

    def __init__(self, client: httpx2.AsyncClient, line: WhatsAppLine, name: str) -> None:
        self.client, self.line, self.name = client, line, name
        self.wa_id = f"5511{secrets.randbelow(10**9):09d}"
        self.base = f"{line.stack.simulator_url}/phones/{self.wa_id}"

    async def write(self, text: str) -> None:
        await self.send("text", {"body": text})

    async def send(self, kind: str, content: Any) -> None:
        """A message of any kind, as the phone's control API takes it."""
        await self.client.post(f"{self.line.stack.simulator_url}/phones", json={"wa_id": self.wa_id, "name": self.name})
        answer = await self.client.post(f"{self.base}/messages", json={
            "phone_number_id": self.line.number["phone_number_id"], "type": kind, kind: content,
        })
        assert answer.status_code < 300, answer.text

    async def look(self) -> None:
        await self.client.post(f"{self.base}/open", json={"phone_number_id": self.line.number["phone_number_id"]})

    async def chat(self) -> Any:
        """What the phone shows of the chat."""
        return (await self.client.get(f"{self.base}/chats/{self.line.number['phone_number_id']}")).json()
