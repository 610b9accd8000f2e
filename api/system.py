"""Whether we are alive and ready, what we count, and the dead letters of the outbox."""

import asyncio
import ipaddress
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from api.accounts.documented import refusals
from api.auth import authenticate
from api.deps import TheActor, TheHub
from hub.core import outbox
from hub.core.access import Permission
from hub.core.crypto import same
from hub.core.errors import Forbidden
from hub.core.hub import Hub
from hub.core.metrics import OUTBOX_AGE
from hub.core.tenancy import Scope
from hub.migrations.run import head

PROBE_SECONDS = 3.0


class Alive(msgspec.Struct):
    status: str = "ok"


class Ready(msgspec.Struct, kw_only=True):
    """`checks`: name → "ok" or what is wrong."""

    status: str
    checks: dict[str, str]


class Installation(msgspec.Struct, kw_only=True):
    """What is offered here; the version is told to those who are signed in."""

    registration: str
    docs: bool
    version: str | None = None


class DeadLetter(msgspec.Struct, kw_only=True):
    id: UUID
    job: str
    key: str
    attempts: int
    reason: str | None
    created_at: datetime
    finished_at: datetime | None


@get("/healthz", opt={"access": "public"}, operation_id="alive", tags=["System"], summary="Alive, without any I/O")
async def alive() -> Alive:
    return Alive()


@get("/api/v1/ping", opt={"access": "public"}, operation_id="ping",
     summary="Alive, for clients of the API", tags=["System"])
async def ping() -> Alive:
    return Alive()


@get("/api/v1/installation", opt={"access": "public"}, operation_id="installation", tags=["System"],
     responses=refusals(401),
     summary="Whether new organizations may register here, and whether the API's pages are served")
async def installation(hub: TheHub, request: Request[Any, Any, Any]) -> Installation:
    known = "authorization" in request.headers and await authenticate(request) is not None
    return Installation(
        registration=hub.settings.registration, docs=hub.settings.shows_docs,
        version=request.app.openapi_config.version if known and request.app.openapi_config else None,
    )


@get("/readyz", opt={"access": "public"}, operation_id="ready", tags=["System"],
     summary="Ready to serve: database, schema, background tasks, outbox")
async def ready(hub: TheHub, request: Request[Any, Any, Any]) -> Response[Ready]:
    """200 when everything answers, else 503 with what does not."""
    return await _readiness(hub, request)


@get("/api/v1/health", opt={"access": "public"}, operation_id="health", tags=["System"], summary="The same as /readyz")
async def health(hub: TheHub, request: Request[Any, Any, Any]) -> Response[Ready]:
    return await _readiness(hub, request)


async def _readiness(hub: Hub, request: Request[Any, Any, Any]) -> Response[Ready]:
    checks = {"database": "ok", "schema": "ok", "outbox": "ok", "tasks": "ok"}
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await _ask(hub, checks)
    except Exception as error:  # whatever it is, readiness has to say so
        checks["database"] = type(error).__name__
    if down := request.app.state.supervisor.down:
        checks["tasks"] = "down: " + ", ".join(sorted(down))
    fine = all(value == "ok" for value in checks.values())
    body = Ready(status="ok" if fine else "failing", checks=checks)
    return Response(body, status_code=200 if fine else 503, headers={"cache-control": "no-store"})


async def _ask(hub: Hub, checks: dict[str, str]) -> None:
    async with hub.database.transaction(Scope.across("readiness")) as session:
        revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
        oldest = await session.scalar(text("SELECT min(run_at) FROM outbox WHERE state = 'waiting'"))
    if revision != head():
        checks["schema"] = f"at {revision}, code needs {head()}"
    age = max(0.0, (hub.clock.now() - oldest).total_seconds()) if oldest else 0.0
    OUTBOX_AGE.set(age)
    if age > 60:
        checks["outbox"] = f"oldest row is due for {age:.0f} s"


@get("/metrics", opt={"access": "public"}, include_in_schema=False)
async def metrics(hub: TheHub, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus text; with the metrics token, or without one from this machine only."""
    expected, given = hub.settings.metrics_token, request.headers.get("authorization", "").removeprefix("Bearer ")
    local = ipaddress.ip_address(str(request.scope.get("client_ip") or "0.0.0.0")).is_loopback  # noqa: S104
    if not (expected and same(expected, given)) and not (local and not expected):
        raise Forbidden
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@get("/api/v1/outbox/dead", opt={"permission": Permission.OUTBOX_MANAGE}, operation_id="list_dead_letters",
     tags=["System"], summary="What could not be done, newest first")
async def dead_letters(hub: TheHub, actor: TheActor) -> list[DeadLetter]:
    async with hub.work(actor) as work:
        return [_letter(row) for row in await outbox.dead_letters(work)]


@post("/api/v1/outbox/dead/{row_id:uuid}/replay", opt={"permission": Permission.OUTBOX_MANAGE}, status_code=200,
      operation_id="replay_dead_letter", tags=["System"], summary="Do it again now")
async def replay(hub: TheHub, actor: TheActor, row_id: FromPath[UUID]) -> DeadLetter:
    async with hub.work(actor) as work:
        return _letter(await outbox.replay(work, row_id))


def _letter(row: outbox.OutboxRow) -> DeadLetter:
    return DeadLetter(id=row.id, job=row.job, key=row.key, attempts=row.attempts, reason=row.last_error,
                      created_at=row.created_at, finished_at=row.finished_at)


HANDLERS = [alive, ping, installation, ready, health, metrics, dead_letters, replay]
