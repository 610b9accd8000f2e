"""The composition root of the serving process: settings in, application out."""

import gc
import ipaddress
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from litestar import Litestar, Request, Response, Router, asgi
from litestar.config.app import AppConfig
from litestar.enums import ScopeType
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api import (
    canned,
    channels,
    contacts,
    described,
    errors,
    fields,
    files,
    hooks,
    idempotency,
    notifications,
    pages,
    presence,
    strict,
    system,
    tags,
    widget,
)
from api.accounts import HANDLERS as ACCOUNTS
from api.auth import edge, guarded, require_declared_access
from api.conversations import HANDLERS as CONVERSATIONS
from api.deps import DEPENDENCIES
from api.described import DescribedConfig
from api.lean import lean
from api.live import HANDLERS as LIVE
from api.live.fanout import Fanout
from api.live.socket import entrance
from hub import maintenance
from hub.channels.doors import Doors
from hub.conversations.grouped import arrivals
from hub.core import outbox
from hub.core.clock import Clock, SystemClock
from hub.core.crypto import Keyring
from hub.core.db import Database, create_engine
from hub.core.hub import Hub
from hub.core.metrics import HTTP_REQUESTS, HTTP_SECONDS
from hub.core.runner import Runner
from hub.core.settings import Settings, words
from hub.core.supervise import Supervisor
from hub.reactions import JOBS, REACTIONS
from providers import registry

VERSION = "0.1.0"
# Requests and connections make few cycles and many objects: looking for the former among the latter is done less often.
GC_THRESHOLDS = 20_000, 20, 20
HANDLERS: list[Any] = [
    *system.HANDLERS, *pages.HANDLERS, *hooks.HANDLERS, *ACCOUNTS, *channels.HANDLERS, *CONVERSATIONS,
    *contacts.HANDLERS, *fields.HANDLERS, *tags.HANDLERS, *canned.HANDLERS, *notifications.HANDLERS,
    *files.HANDLERS, *presence.HANDLERS, *widget.HANDLERS, *LIVE,
]


@asynccontextmanager
async def open_hub(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Hub]:
    """Everything a process needs to act: database, keys, ports; closed again at the end."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        database = Database(create_engine(settings.database_url, pool=settings.database_pool))
        stack.push_async_callback(database.close)
        built = registry.build(settings, clock)
        stack.push_async_callback(built.close)
        hub = Hub(
            settings=settings, database=database, signals=built.signals, ports=built.ports, clock=clock,
            keyring=Keyring(settings.secret_key, words(settings.old_secret_keys)), reactions=REACTIONS, jobs=JOBS,
        )
        stack.push_async_callback(hub.close)
        hub.announce_work = built.announce_work
        yield hub


def create_app(
    settings: Settings, *, clock: Clock | None = None, on_ready: Callable[[Hub], Any] | None = None,
    mounts: tuple[tuple[str, ASGIApp], ...] = (), alone: bool = False,
) -> Litestar:
    """The application. `settings.database_url` and `settings.secret_key` must be set and the schema be current.

    `mounts` are further ASGI applications by path (the simulator); `on_ready` is awaited once the hub stands; `alone`
    says that no other process can be at work on this database.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_hub(settings, clock) as hub:
            supervisor = Supervisor()
            fanout = Fanout(hub)
            app.state.hub, app.state.supervisor, app.state.fanout = hub, supervisor, fanout
            app.state.doors = Doors(hub, hooks.PROVIDER)
            fanout.start(supervisor)
            if alone:
                await outbox.release(hub)
            if not settings.redis_url:
                supervisor.start("outbox", Runner(hub, settings.outbox_workers).run)
                supervisor.start("maintenance", partial(maintenance.run, hub))
            await arrivals.rehearse(hub)
            if on_ready is not None:
                await on_ready(hub)
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLDS)
            gc.enable()
            try:
                yield
            finally:
                await fanout.stop()
                await supervisor.stop()

    app = Litestar(
        route_handlers=[*HANDLERS, *(_mounted(path, inner) for path, inner in mounts)],
        dependencies=DEPENDENCIES,
        exception_handlers=errors.HANDLERS,
        middleware=[_measure, guarded, idempotency.remembering],
        before_request=_before,
        request_class=strict.StrictRequest,
        lifespan=[lifespan],
        logging_config=None,
        request_max_body_size=1_048_576,
        openapi_config=_openapi(),
        on_app_init=[_trust(settings)],
    )
    require_declared_access(app)
    strict.learn(app)
    idempotency.describe(app)
    described.describe(app)
    app.asgi_handler = entrance(edge(lean(app.asgi_handler)))
    return app


async def _before(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Runs between the guards and the handler, and answers in its place where it can."""
    await strict.before(request)
    return await idempotency.before(request)


def _openapi() -> DescribedConfig:
    return DescribedConfig(
        title="Switchboard", version=VERSION, use_handler_docstrings=True, render_plugins=[],
        openapi_router=Router("/api/openapi", route_handlers=[], include_in_schema=False, opt={"access": "public"},
                              guards=[pages.require_docs]),
        description="Messaging and contact-center hub. Errors are RFC 9457 problem details.",
        components=Components(security_schemes={
            "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
            "visitor": SecurityScheme(type="apiKey", security_scheme_in="header", name="Authorization",
                                      description="`Visitor <token>` of the widget"),
        }),
    )


def _trust(settings: Settings) -> Callable[[AppConfig], AppConfig]:
    networks = tuple(ipaddress.ip_network(word) for word in words(settings.trusted_proxies))

    def apply(config: AppConfig) -> AppConfig:
        config.state.trusted_proxies = networks
        return config

    return apply


def _measure(app: ASGIApp) -> ASGIApp:
    """Middleware: counts and times requests by route template."""

    async def measured(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, answer)
        finally:
            route, method = str(scope.get("path_template", "unmatched")), str(scope.get("method"))
            HTTP_REQUESTS.labels(method, route, status).inc()
            HTTP_SECONDS.labels(method, route).observe(time.perf_counter() - started)

    return measured


def _mounted(path: str, inner: ASGIApp) -> Any:
    @asgi(path, is_mount=True, opt={"access": "public"}, copy_scope=True)
    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(scope, receive, send)

    return mounted
