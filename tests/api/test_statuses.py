"""Every status that the document names can come, and no other comes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx2
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.db import Database, create_engine
from tests.api.furnishing import furnish
from tests.api.recipes import Recipes
from tests.api.statuses import Asker, Operation, operations
from tests.running import Stack, colleague, register, stack

pytestmark = pytest.mark.timeout(300)
Every = list[Operation]


@pytest.fixture
def quiet() -> Iterator[None]:
    """What goes wrong on purpose needs no pretty tracebacks."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
async def asker(running: Stack, client: httpx2.AsyncClient, running_engine: AsyncEngine) -> AsyncIterator[Asker]:
    own = await furnish(running, client, await register(client, "Statuses"), running_engine)
    viewer = await colleague(client, own.owner, "viewer")
    yield Asker(client, running.app.openapi_schema.to_schema(), own, viewer.token)
    async with running_engine.begin() as connection:
        await connection.execute(text("DELETE FROM login_attempts"))


async def test_every_documented_status_is_real_and_every_real_one_documented(
    running: Stack, client: httpx2.AsyncClient, running_engine: AsyncEngine, running_url: str,
    asker: Asker, quiet: None, record_property: Callable[[str, object], None],
) -> None:
    every = operations(asker.document)
    lasting = [one for one in every if one.id != "logout"]
    await Recipes(running, client, asker, every).all()
    await asyncio.gather(*(asker.refusals(one) for one in lasting))
    await asyncio.gather(*(asker.under_one_key(one) for one in lasting))
    await _limited(asker, every, running, running_url)
    for one in lasting:
        if not one.path.startswith("/api/v1/auth/"):  # which would end the session that asks
            await asker.successes(one)
    await _worn_out(asker, lasting, running_engine)
    await _away(asker, every, running, running_url)
    undocumented, missing = asker.undocumented(every), asker.missing(every)
    assert not undocumented, f"came and are not documented: {undocumented}"
    assert not missing, f"are documented and did not come: {missing}"
    record_property("documented statuses seen", sum(len(one.documented) for one in every))


async def _worn_out(asker: Asker, every: Every, engine: AsyncEngine) -> None:
    """After too many attempts."""
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE login_attempts SET count = 100000"))
    for one in every:
        if one.spec["security"] == [] or one.id == "mail_widget_transcript":
            await asker.ask(one, **asker.sample(one))


async def _limited(asker: Asker, every: Every, running: Stack, url: str) -> None:
    """Where one request in a minute is all that anybody may make, and files are small."""
    tight = {"rate_limits": True, "rate_user": "1/1", "rate_visitor": "1/1", "rate_sessions_address": "1/1",
             "upload_limit_mb": 1}
    large = {"files": {"file": ("a.png", b"x" * 1_500_000, "image/png")}}
    async with (
        stack(url, Path(running.settings.data_dir), secret_key=running.settings.secret_key, **tight) as limited,
        httpx2.AsyncClient(base_url=limited.url, timeout=60) as there,
    ):
        uploads = [one for one in every if one.id in ("upload_file", "upload_widget_file")]
        for one in [*uploads, *every]:
            for _ in range(2):
                await asker.ask(one, client=there, **(large if one in uploads else {}))


async def _away(asker: Asker, every: Every, running: Stack, url: str) -> None:
    """Where the database has gone away."""
    async with stack(url, Path(running.settings.data_dir), secret_key=running.settings.secret_key) as away:
        kept, away.hub.database = away.hub.database, Database(create_engine("postgresql://x@127.0.0.1:1/x", pool=1))
        async with httpx2.AsyncClient(base_url=away.url, timeout=60) as there:
            for one in every:
                token = {"json": {"refresh_token": asker.own.owner.session["refresh_token"]}}
                await asker.ask(one, client=there, **(token if one.id == "refresh_session" else asker.sample(one)))
        away.hub.database = kept
