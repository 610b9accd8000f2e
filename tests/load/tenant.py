"""An organization to make load in: founded over the API, its crowd signed in by the product's own actions."""

import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx2

from api.app import open_hub
from hub.accounts import sessions, users
from hub.accounts.sessions import Device
from hub.accounts.users import UserDraft
from hub.core.access import system_actor
from hub.core.hub import Hub
from hub.core.settings import Settings
from tests.load import bulk
from tests.load.ground import PUBLIC_URL, SECRET, Ground
from tests.load.processes import Server
from tests.running import Person, register


class Tenant:
    """`tokens` are access tokens of its agents."""

    def __init__(self, client: httpx2.AsyncClient, owner: Person) -> None:
        self.client, self.owner = client, owner
        self.tokens: list[str] = []

    @property
    def id(self) -> UUID:
        return UUID(self.owner.organization_id)

    async def whatsapp(self) -> dict[str, str]:
        """Connects a number; its id, phone_number_id and app_secret."""
        phone_number_id = str(10**14 + secrets.randbelow(10**14))
        secret = {name: secrets.token_urlsafe(24) for name in ("access_token", "app_secret", "verify_token")}
        channel = await self.owner.post("/api/v1/channels", {
            "kind": "whatsapp_business", "name": "Line", "credentials": secret,
            "settings": {"phone_number_id": phone_number_id, "waba_id": "1" + phone_number_id},
        })
        return {"id": channel["id"], "phone_number_id": phone_number_id, "app_secret": secret["app_secret"]}

    async def webchat(self) -> str:
        """Opens a widget; its channel's id."""
        channel = await self.owner.post("/api/v1/channels", {
            "kind": "webchat", "name": "Site", "settings": {"allowed_origins": ["https://shop.example"]},
        })
        return str(channel["id"])

    async def visit(self, channel_id: str) -> str:
        """A visitor comes and says a first word; the conversation's id."""
        origin = {"origin": "https://shop.example"}
        path = f"/api/v1/widget/{channel_id}"
        session = await self.client.post(f"{path}/session", json={}, headers=origin)
        assert session.status_code < 300, session.text
        sent = await self.client.post(
            f"{path}/messages", json={"client_id": secrets.token_hex(8), "text": "Hello"},
            headers={**origin, "authorization": f"Visitor {session.json()['visitor_token']}"},
        )
        assert sent.status_code < 300, sent.text
        return str(sent.json()["conversation_id"])

    async def history(
        self, connection: asyncpg.Connection, channel_id: str, *, count: int, messages: int, **more: Any
    ) -> list[str]:
        """Conversations with so many messages each, by SQL; their ids."""
        return await bulk.conversations(
            connection, self.id, channel_id, self.owner.id, count=count, messages=messages, **more
        )

    async def agents(self, ground: Ground, database: str, count: int) -> list[str]:
        """That many agents, each signed in: their access tokens. No passwords, for hashing them is not the load."""
        async with _hub(ground, database) as hub:
            for _ in range(count):
                async with hub.work(system_actor(self.id, "load")) as work:
                    mark = secrets.token_hex(6)
                    draft = UserDraft(name=f"Agent {mark}", email=f"{mark}@example.com", role="agent")
                    user = await users.create(work, draft, password_hash="never right")
                    self.tokens.append((await sessions.start(work, user, device=Device())).access_token)
        return self.tokens


@contextlib.asynccontextmanager
async def founded(server: Server, name: str = "Load") -> AsyncIterator[Tenant]:
    """A new organization at this product."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as client:
        yield Tenant(client, await register(client, name))


@contextlib.asynccontextmanager
async def _hub(ground: Ground, database: str) -> AsyncIterator[Hub]:
    settings = Settings(
        environment="production", database_url=ground.url(database), secret_key=SECRET, public_url=PUBLIC_URL,
        data_dir=str(ground.folder / "data"), database_pool=2,
    )
    async with open_hub(settings) as hub:
        yield hub


def places(rooms: list[str], tokens: list[str], each: int) -> list[dict[str, Any]]:
    """`each` seats in every room, the agents taking turns."""
    seats = [room for room in rooms for _ in range(each)]
    return [{"room": room, "token": tokens[index % len(tokens)]} for index, room in enumerate(seats)]
