"""The console's list in the words of the tests: visitors who write to a shop, a colleague at work, rows and views."""

import secrets
from typing import Any

import httpx2
from playwright.async_api import Page

from tests.running import Person, register


class Shop:
    """An organization with a web chat, and visitors who write there."""

    def __init__(self, client: httpx2.AsyncClient, owner: Person, channel: dict[str, Any]) -> None:
        self.client, self.owner, self.channel = client, owner, channel
        self._visitors: dict[str, str] = {}

    async def write(self, name: str, text: str) -> str:
        """A visitor of this name writes; the id of the conversation."""
        base = f"/api/v1/widget/{self.channel['id']}"
        if name not in self._visitors:
            answer = await self.client.post(f"{base}/session", json={"name": name})
            assert answer.status_code < 300, answer.text
            self._visitors[name] = answer.json()["visitor_token"]
        answer = await self.client.post(
            f"{base}/messages", json={"client_id": secrets.token_hex(12), "text": text},
            headers={"authorization": f"Visitor {self._visitors[name]}"},
        )
        assert answer.status_code < 300, answer.text
        return str(answer.json()["conversation_id"])


async def open_shop(client: httpx2.AsyncClient) -> Shop:
    owner = await register(client)
    channel = await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Shop", "settings": {}})
    return Shop(client, owner, channel)


def row(page: Page, name: str) -> Any:
    return page.locator("a.row", has_text=name)


async def show(page: Page, view: str) -> None:
    """Goes to a view by its address; the pointer rests where nothing is held still."""
    await page.mouse.move(900, 300)
    await page.evaluate("(hash) => { location.hash = hash; }", f"#/inbox/{view}")


async def conversation_of(person: Person) -> str:
    """The id of the newest conversation that this person sees."""
    return str((await person.get("/api/v1/conversations?view=all"))["results"][0]["id"])
