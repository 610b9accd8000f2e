"""The conversations' routes over ASGI: real handlers and guards, real PostgreSQL, people signed in by their token."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from litestar import Litestar
from litestar.datastructures import State
from sqlalchemy import select

from api import canned, contacts, fields, notifications, strict, tags
from api.auth import edge, guard
from api.conversations import HANDLERS
from api.deps import DEPENDENCIES
from api.errors import HANDLERS as ERROR_HANDLERS
from hub.accounts import sessions
from hub.accounts.models import User
from hub.core.access import Actor
from tests.hub.conversations.conftest import database, engine, floor, floor_database, line, stranger
from tests.hub.conversations.floor import Floor, word

__all__ = ["database", "engine", "floor", "floor_database", "line", "stranger"]

SignIn = Callable[[Actor], Awaitable[httpx2.AsyncClient]]


@pytest.fixture
async def sign_in(floor: Floor) -> AsyncIterator[SignIn]:
    """A client whose requests are those of this person."""
    app = Litestar(
        route_handlers=[*HANDLERS, *contacts.HANDLERS, *fields.HANDLERS, *tags.HANDLERS, *canned.HANDLERS,
                        *notifications.HANDLERS],
        dependencies=DEPENDENCIES, exception_handlers=ERROR_HANDLERS, guards=[guard],
        state=State({"hub": floor.hub, "trusted_proxies": ()}),
        request_class=strict.StrictRequest, before_request=strict.before, openapi_config=None, logging_config=None,
    )
    strict.learn(app)
    app.asgi_handler = edge(app.asgi_handler)
    opened: list[httpx2.AsyncClient] = []

    async def sign(actor: Actor) -> httpx2.AsyncClient:
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://hub.test",
            headers={"authorization": f"Bearer {await token_of(floor, actor)}"},
        )
        opened.append(client)
        return client

    yield sign
    for client in opened:
        await client.aclose()


async def token_of(floor: Floor, actor: Actor) -> str:
    async with floor.hub.work(floor.system) as work:
        user = (await work.session.scalars(select(User).where(User.id == actor.user_id))).one()
        return (await sessions.start(work, user, device=sessions.Device())).access_token


@pytest.fixture
async def ana(floor: Floor) -> Actor:
    return await floor.actor(name="Ana Demo")


@pytest.fixture
async def conversation_id(floor: Floor, line: Any) -> str:
    await floor.receive(line, word("Hello", at=floor.hub.clock.now(), vendor_id=uuid4().hex))
    return str((await floor.conversation()).id)
