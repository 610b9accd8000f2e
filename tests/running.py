"""The whole product running for tests: the hub and the simulator, each on a port of loopback, in this event loop."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import uvicorn
from litestar import Litestar

from api.app import create_app
from hub.core.clock import Clock
from hub.core.hub import Hub
from hub.core.settings import Settings
from providers.simulator.config import SimulatorConfig
from providers.simulator.simulator import Simulator

PASSWORD = "correct horse battery 9"


class QuietServer(uvicorn.Server):
    """A server that leaves the test runner's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listener() -> socket.socket:
    """A bound socket on a free port of loopback."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", 0))
    return made


@asynccontextmanager
async def serving(app: Any, bound: socket.socket) -> AsyncIterator[str]:
    """Serves until the block ends; the base address."""
    # A connection that the client may use again within its five seconds is not closed under its hands meanwhile.
    config = uvicorn.Config(
        app, timeout_keep_alive=60, http="api.shortcut:HookProtocol", ws="api.live.transport:LiveProtocol",
        log_config=None, access_log=False, proxy_headers=False, ws_ping_interval=10, ws_ping_timeout=10,
        ws_max_size=2**20, ws_per_message_deflate=False, timeout_graceful_shutdown=2,
    )
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the server ended while starting")
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


class Stack:
    """A running hub with its simulator."""

    def __init__(self, settings: Settings, app: Litestar, simulator: Simulator, simulator_url: str) -> None:
        self.settings = settings
        self.app = app
        self.simulator = simulator
        self.simulator_url = simulator_url

    @property
    def hub(self) -> Hub:
        hub: Hub = self.app.state.hub
        return hub

    @property
    def url(self) -> str:
        return self.settings.base_url


@asynccontextmanager
async def stack(database_url: str, data: Path, *, clock: Clock | None = None, **more: Any) -> AsyncIterator[Stack]:
    """The product over a migrated database."""
    hub_socket, simulator_socket = listener(), listener()
    hub_port, simulator_port = hub_socket.getsockname()[1], simulator_socket.getsockname()[1]
    simulator = Simulator(SimulatorConfig(
        hub_url=f"http://127.0.0.1:{hub_port}", demo_customers=False, status_delay=0.0, retry_first=0.05,
        retry_most=0.5, hang_seconds=30.0,
    ))
    await simulator.start()
    settings = msgspec.structs.replace(Settings(
        environment="test", port=hub_port, database_url=database_url, data_dir=str(data), database_pool=8,
        secret_key=secrets.token_urlsafe(48), smtp_url=f"smtp://127.0.0.1:{simulator.smtp_port}",
        whatsapp_graph_url=f"http://127.0.0.1:{simulator_port}/graph", egress_allow=f"127.0.0.1:{simulator_port}",
    ), **more)
    app = create_app(settings, clock=clock)
    try:
        async with serving(simulator.app, simulator_socket) as simulator_url, serving(app, hub_socket):
            yield Stack(settings, app, simulator, simulator_url)
    finally:
        await simulator.stop()


class Person:
    """A signed-in user at the API."""

    def __init__(self, client: httpx2.AsyncClient, session: dict[str, Any]) -> None:
        self.session = session
        self.token: str = session["access_token"]
        self.id: str = session["user"]["id"]
        self.organization_id: str = session["user"]["organization"]["id"]
        self._client = client

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return await self._client.request(method, path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> Any:
        return self._good(await self.ask("GET", path, **more))

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self._good(await self.ask("POST", path, json=body if body is not None else {}, **more))

    async def put(self, path: str, body: Any) -> Any:
        return self._good(await self.ask("PUT", path, json=body))

    async def patch(self, path: str, body: Any) -> Any:
        return self._good(await self.ask("PATCH", path, json=body))

    async def history(self, conversation_id: str) -> list[dict[str, Any]]:
        """All messages of a conversation, the oldest first."""
        found: list[dict[str, Any]] = []
        before = ""
        while True:
            page = await self.get(f"/api/v1/conversations/{conversation_id}/messages?limit=200{before}")
            found = page["results"] + found
            if not page["has_before"]:
                return found
            before = f"&before={found[0]['seq']}"

    def _good(self, answer: httpx2.Response) -> Any:
        assert answer.status_code < 300, f"{answer.request.method} {answer.request.url}: {answer.text}"
        return answer.json() if answer.content else None


async def register(client: httpx2.AsyncClient, name: str = "Acme") -> Person:
    """A new organization and its owner."""
    mark = secrets.token_hex(6)
    answer = await client.post("/api/v1/auth/register", json={
        "organization_name": f"{name} {mark}", "slug": f"{name.lower()}-{mark}", "name": f"Owner {mark}",
        "email": f"owner-{mark}@example.com", "password": PASSWORD,
    })
    assert answer.status_code == 201, answer.text
    return Person(client, answer.json())


async def colleague(client: httpx2.AsyncClient, owner: Person, role: str, **more: Any) -> Person:
    """Another user of the owner's organization, signed in."""
    email = f"{role}-{secrets.token_hex(6)}@example.com"
    wanted = {"name": f"The {role}", "email": email, "role": role, "password": PASSWORD, **more}
    await owner.post("/api/v1/users", wanted)
    answer = await client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return Person(client, answer.json())


class WhatsAppLine:
    """A WhatsApp number that both the hub and the simulator know."""

    def __init__(self, stack: Stack, channel: dict[str, Any], number: dict[str, str]) -> None:
        self.stack, self.channel, self.number = stack, channel, number

    @property
    def webhook(self) -> str:
        return str(self.channel["webhook_url"])


async def connect_whatsapp(running: Stack, client: httpx2.AsyncClient, owner: Person) -> WhatsAppLine:
    """Connects a new number of the simulator to the owner's organization."""
    phone_number_id = str(10**14 + secrets.randbelow(10**14))
    secret = {name: secrets.token_urlsafe(24) for name in ("access_token", "app_secret", "verify_token")}
    channel = await owner.post("/api/v1/channels", {
        "kind": "whatsapp_business", "name": "WhatsApp", "credentials": secret,
        "settings": {"phone_number_id": phone_number_id, "waba_id": "1" + phone_number_id},
    })
    number = {
        "phone_number_id": phone_number_id, "waba_id": "1" + phone_number_id, "display_phone_number": "15550001111",
        "name": "WhatsApp", "webhook_url": channel["webhook_url"], **secret,
    }
    answer = await client.post(f"{running.simulator_url}/numbers", json=number)
    assert answer.status_code < 300, answer.text
    return WhatsAppLine(running, channel, number)
