"""A simulator over real HTTP, and a receiver in the hub's place that verifies and keeps what it is sent."""

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import uvicorn

from providers.simulator import NumberConfig, Simulator, SimulatorConfig
from tests.waiting import PATIENCE

ANA = "5511900000001"
NUMBER = NumberConfig(
    phone_number_id="100200300",
    waba_id="900800700",
    display_phone_number="+55 11 4000-0000",
    name="Demo shop",
    access_token="token-of-the-shop",
    app_secret="secret-of-the-app",
    verify_token="word-of-the-hub",
    webhook_url="/webhooks/whatsapp/org",
)


class Receiver:
    """An ASGI app that takes webhooks. `answers` are the next status codes; then 200."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.refused: list[bytes] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = 0
        self.most_at_once = 0
        self._news = asyncio.Condition()

    @property
    def values(self) -> list[dict[str, Any]]:
        """The `value` of every webhook taken, in order."""
        return [json.loads(raw)["entry"][0]["changes"][0]["value"] for raw in self.raw]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [m for value in self.values for m in value.get("messages", [])]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        return [s for value in self.values for s in value.get("statuses", [])]

    async def until(self, fits: Callable[["Receiver"], object]) -> None:
        """Wait for webhooks until `fits(receiver)` is true."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: fits(self))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        body = b""
        while (event := await receive())["type"] == "http.request":
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        if scope["method"] == "GET":
            query = dict(pair.split("=", 1) for pair in scope["query_string"].decode().split("&"))
            good = query["hub.verify_token"] == NUMBER.verify_token
            await _answer(send, 200 if good else 403, query["hub.challenge"].encode())
            return
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await self.gate.wait()
        self.at_once -= 1
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = self.answers.pop(0) if self.answers else 200
        async with self._news:
            if status == 200:
                wanted = "sha256=" + hmac.new(NUMBER.app_secret.encode(), body, hashlib.sha256).hexdigest()
                assert hmac.compare_digest(headers["x-hub-signature-256"], wanted)
                self.raw.append(body)
                self.headers.append(headers)
            else:
                self.refused.append(body)
            self._news.notify_all()
        await _answer(send, status, b"")


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serve(app: Any, port: int = 0) -> AsyncIterator[str]:
    """Serve an ASGI app on loopback; the address without a slash."""
    config = uvicorn.Config(app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    with contextlib.suppress(AttributeError):
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.005)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


class Slot:
    """A server's app that changes from test to test, so that the server starts once."""

    def __init__(self) -> None:
        self.app: Any = None
        self.url = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


class Clock:
    """Seconds that a test can move."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


class Stage:
    """A running simulator with its clients: `graph` calls as the hub would, `phone` acts as the customer."""

    def __init__(self, simulator: Simulator, hub: Receiver, url: str, clock: Clock) -> None:
        self.simulator = simulator
        self.hub = hub
        self.url = url
        self.clock = clock
        bearer = {"authorization": f"Bearer {NUMBER.access_token}"}
        self.graph = httpx2.AsyncClient(base_url=f"{url}/graph/v23.0", headers=bearer, timeout=PATIENCE, verify=False)
        self.phone = httpx2.AsyncClient(base_url=url, timeout=PATIENCE, verify=False)

    async def send(
        self, kind: str = "text", content: Any = None, to: str = ANA, read: float = PATIENCE, **more: Any
    ) -> httpx2.Response:
        """Send as the business."""
        body = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": to, "type": kind}
        body[kind] = content if content is not None else {"body": "Hello"}
        return await self.graph.post(
            f"/{NUMBER.phone_number_id}/messages", json=body | more, timeout=httpx2.Timeout(PATIENCE, read=read)
        )

    async def sent(self, kind: str = "text", content: Any = None, to: str = ANA, **more: Any) -> str:
        """Send as the business; the id of the accepted message."""
        answer = await self.send(kind, content, to, **more)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["messages"][0]["id"])

    async def write(self, kind: str = "text", content: Any = None, wa_id: str = ANA, **more: Any) -> str:
        """Write as the customer; the message's id."""
        body = {"phone_number_id": NUMBER.phone_number_id, "type": kind, kind: content or {"body": "Oi"}}
        answer = await self.phone.post(f"/phones/{wa_id}/messages", json=body | more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def chat(self, wa_id: str = ANA) -> list[dict[str, Any]]:
        answer = await self.phone.get(f"/phones/{wa_id}/chats/{NUMBER.phone_number_id}")
        return list(answer.json()["messages"])

    async def fault(self, kind: str, **more: Any) -> None:
        assert (await self.phone.post("/faults", json={"kind": kind, **more})).status_code == 201

    async def record(self, **asked: Any) -> list[dict[str, Any]]:
        return list((await self.phone.get("/record", params=asked)).json())


@asynccontextmanager
async def staged(slot: Slot, hub: Receiver, hub_url: str, **more: Any) -> AsyncIterator[Stage]:
    """A simulator in `slot`, started and stopped."""
    config = SimulatorConfig(
        hub_url=hub_url, numbers=[NUMBER], status_delay=0.0, retry_first=0.01, retry_most=0.05, **more
    )
    clock = Clock()
    simulator = Simulator(config, now=clock)
    await simulator.start()
    slot.app = simulator.app
    stage = Stage(simulator, hub, slot.url, clock)
    try:
        yield stage
    finally:
        await stage.graph.aclose()
        await stage.phone.aclose()
        await simulator.stop()
