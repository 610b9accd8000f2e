"""The people's routes over ASGI: real handlers, real PostgreSQL, a clock that tests move, and ears at the ports."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import httpx2
import pytest
from litestar import Litestar
from litestar.datastructures import State
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api import strict
from api.accounts import HANDLERS
from api.auth import edge, guard
from api.deps import DEPENDENCIES
from api.errors import HANDLERS as ERROR_HANDLERS
from hub.accounts import mail
from hub.accounts.ports import Mail
from hub.core.bus import Reactions
from hub.core.clock import SteppingClock
from hub.core.crypto import Keyring
from hub.core.hub import Hub
from hub.core.settings import Settings
from hub.core.signals import AnySignal, Listener
from tests.databases import database_over

PASSWORD = "correct horse battery 9"
SECRET = secrets.token_urlsafe(48)


class Ear:
    """A signal bus that remembers what was published."""

    def __init__(self) -> None:
        self.heard: list[AnySignal] = []

    def publish(self, signals: Sequence[AnySignal]) -> None:
        self.heard += signals

    def wanted(self, _organization_id: UUID) -> bool:
        return True

    def listen(self, _listener: Listener, _on_gap: Callable[[], None], **_wants: Any) -> Callable[[], None]:
        return lambda: None


class Postbox:
    """A mailer that keeps the mails."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def send(self, sent: Mail) -> None:
        self.mails.append(sent)


class Outside:
    """The ports that accounts need."""

    def __init__(self) -> None:
        self.mailer = Postbox()


def hub_over(engine: AsyncEngine, clock: SteppingClock, **settings: Any) -> Hub:
    return Hub(
        settings=Settings(environment="test", secret_key=SECRET, **settings), database=database_over(engine),
        keyring=Keyring(SECRET), signals=Ear(), ports=Outside(), reactions=Reactions(),
        jobs={"send_mail": mail.send}, clock=clock,
    )


@lru_cache(maxsize=4)
def app_over(hub: Hub) -> Any:
    """One application for all callers of a hub."""
    app = Litestar(
        route_handlers=HANDLERS, dependencies=DEPENDENCIES, exception_handlers=ERROR_HANDLERS, guards=[guard],
        request_class=strict.StrictRequest, before_request=strict.before,
        state=State({"hub": hub, "trusted_proxies": ()}), logging_config=None,
    )
    strict.learn(app)
    app.asgi_handler = edge(app.asgi_handler)
    return app


def client_over(hub: Hub, *, ip: str | None = None) -> httpx2.AsyncClient:
    """A caller of its own: own cookies, own address."""
    address = ip or ".".join(str(secrets.randbelow(250) + 1) for _ in range(4))
    transport = httpx2.ASGITransport(app=app_over(hub), client=(address, 1))
    return httpx2.AsyncClient(transport=transport, base_url=hub.settings.base_url)


@pytest.fixture
def hub(engine: AsyncEngine, clock: SteppingClock) -> Hub:
    return hub_over(engine, clock)


@pytest.fixture
async def http(hub: Hub) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_over(hub) as made:
        yield made


class Caller:
    """A signed-in user."""

    def __init__(self, http: httpx2.AsyncClient, session: dict[str, Any]) -> None:
        self.http, self.session = http, session
        self.id: str = session["user"]["id"]
        self.email: str = session["user"]["email"]

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.session['access_token']}"}
        return await self.http.request(method, f"/api/v1{path}", json=body, headers=headers, **more)


def address() -> str:
    return f"p{secrets.token_hex(6)}@demo.example"


async def register(http: httpx2.AsyncClient, **more: Any) -> httpx2.Response:
    mark = secrets.token_hex(6)
    return await http.post("/api/v1/auth/register", json={
        "organization_name": f"Demo {mark}", "name": "Demo Owner", "email": address(), "password": PASSWORD, **more,
    })


async def login(http: httpx2.AsyncClient, email: str, password: str = PASSWORD, **more: Any) -> httpx2.Response:
    return await http.post("/api/v1/auth/login", json={"email": email, "password": password, **more})


@pytest.fixture
async def owner(http: httpx2.AsyncClient) -> Caller:
    answer = await register(http)
    assert answer.status_code == 201, answer.text
    return Caller(http, answer.json())


@pytest.fixture
async def stranger(http: httpx2.AsyncClient) -> Caller:
    """The owner of another organization."""
    return Caller(http, (await register(http)).json())


async def colleague(owner: Caller, role: str = "agent", **more: Any) -> Caller:
    """Somebody else in the owner's organization, signed in."""
    email = address()
    answer = await owner.ask("POST", "/users", {
        "name": f"Demo {role}", "email": email, "role": role, "password": PASSWORD, **more,
    })
    assert answer.status_code == 201, answer.text
    return Caller(owner.http, (await login(owner.http, email)).json())


async def rows(owner_engine: AsyncEngine, statement: str, **values: Any) -> list[Any]:
    """What really stands in the database."""
    async with owner_engine.begin() as connection:
        await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
        return list((await connection.execute(text(statement), values)).all())


def shape(answer: httpx2.Response) -> tuple[int, dict[str, Any]]:
    """Status and body, without what differs in every answer."""
    body = answer.json()
    body.pop("request_id")
    return answer.status_code, body
