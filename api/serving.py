"""The serving process itself, once its database runs: the schema, the simulator, the demo and the server."""

import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import click
import msgspec
import uvicorn
from litestar.types import ASGIApp

from api.app import create_app
from api.serve import BACKLOG
from hub.core.clock import SystemClock
from hub.core.db import create_engine
from hub.core.hub import Hub
from hub.core.settings import Settings
from hub.migrations.run import current, head, knows
from hub.migrations.run import migrate as apply_migrations
from providers import registry

if TYPE_CHECKING:
    from api.seed import SeedReport
    from providers.simulator import Simulator

FRAME_LIMIT = 256 * 1024  # the largest frame a socket may send; messages are far below it
GRACE = 10


async def run(
    settings: Settings, listener: socket.socket, *, alone: bool, migrate: bool, seed: bool
) -> None:
    """Serves on the listener until interrupted. `alone`: no other process can be at work on this database."""
    await _bring_up_to_date(settings, apply=migrate)
    async with contextlib.AsyncExitStack() as stack:
        mounts: tuple[tuple[str, ASGIApp], ...] = ()
        simulator = None
        if settings.simulated:
            simulator, settings = await stack.enter_async_context(_simulated(settings))
            mounts = (("/simulator", simulator.app),)
        welcome = Welcome(settings, simulator, seed=seed)

        await registry.build(settings, SystemClock()).close()  # a wrong setting is said here, not in a server's log
        app = create_app(settings, on_ready=welcome.prepare, mounts=mounts, alone=alone)
        await Server(_config(app, settings), welcome.say).serve(sockets=[listener])


async def _bring_up_to_date(settings: Settings, *, apply: bool) -> None:
    engine = create_engine(settings.database_url, pool=1, role=None)
    try:
        revision = await current(engine)
        if revision == head() or (revision is not None and not knows(revision)):
            return  # at ours, or at a newer one during an upgrade: a migration works with the code before it
        if not apply:
            raise click.ClickException(
                f"The database is at schema {revision or 'nothing'}, this version needs {head()}. "
                "Run `switchboard migrate`, or start with --migrate."
            )
        await apply_migrations(engine)
    finally:
        await engine.dispose()


@contextlib.asynccontextmanager
async def _simulated(settings: Settings) -> AsyncIterator[tuple["Simulator", Settings]]:
    """The outside world on our own address, and the settings that lead the adapters there."""
    from providers.simulator import Simulator, SimulatorConfig

    own = _reachable(settings)
    simulator = Simulator(SimulatorConfig(
        hub_url=own,
        state_path=str(settings.data_path / "simulator.journal"),
        public_url=f"{settings.base_url}/simulator",
    ))
    await simulator.start()
    try:
        yield simulator, msgspec.structs.replace(
            settings,
            whatsapp_graph_url=f"{own}/simulator/graph",
            smtp_url=settings.smtp_url or f"smtp://127.0.0.1:{simulator.smtp_port}",
            egress_allow=f"{settings.egress_allow} {own.removeprefix('http://')}".strip(),
        )
    finally:
        await simulator.stop()


def _reachable(settings: Settings) -> str:
    """Where this machine reaches us."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    return f"http://{host}:{settings.port}"


class Welcome:
    """Seeds the demo when the hub stands, and says where everything is once it serves."""

    def __init__(self, settings: Settings, simulator: "Simulator | None", *, seed: bool) -> None:
        self.settings = settings
        self.simulator = simulator
        self.seed = seed
        self.report: SeedReport | None = None

    async def prepare(self, hub: Hub) -> None:
        if not self.seed:
            return
        from api.seed import seed_demo

        self.report = await seed_demo(hub)
        if self.simulator is not None:
            _introduce(self.report, self.simulator)

    def say(self) -> None:
        base = self.settings.base_url
        lines = [("Console", f"{base}/app")]
        if self.report is not None:
            lines.append(("Sign in", f"{self.report.email}  /  {self.report.password}"))
        if self.simulator is not None:
            lines.append(("Phone", f"{base}/simulator/"))
        lines.append(("API", f"{base}/api/docs" if self.settings.shows_docs else base))
        click.echo("\nSwitchboard is serving. Ctrl-C stops it.\n")
        for name, text in lines:
            click.echo(f"  {name:<8} {text}")
        click.echo()


def _introduce(report: "SeedReport", simulator: "Simulator") -> None:
    """Tells the simulator the demo's number and widget, and what its customers have on their phones."""
    from providers.simulator import NumberConfig, PastMessage

    if report.line is not None:
        simulator.register(NumberConfig(**msgspec.structs.asdict(report.line)))
        for talk in report.talks:
            answered = max((told.at for told in talk.messages if told.author == "business"), default=None)
            past = [
                PastMessage(id=told.id, author="customer" if told.author == "customer" else "business", text=told.text,
                            at=told.at.timestamp(), seen=answered is not None and told.at <= answered)
                for told in talk.messages
            ]
            simulator.remember(report.line.phone_number_id, talk.wa_id, talk.name, past)
    if report.widget_channel_id is not None:
        simulator.site_channel_id = str(report.widget_channel_id)


class Server(uvicorn.Server):
    """uvicorn, with a word when it has started."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._say_started()


def _config(app: Any, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="api.shortcut:HookProtocol",  # both are uvicorn's own, with a way past ASGI
        ws="api.live.transport:LiveProtocol",
        ws_max_size=FRAME_LIMIT,
        ws_ping_interval=10,
        ws_ping_timeout=10,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        log_level="info" if settings.log_level == "debug" else "warning",
        access_log=False,
        proxy_headers=False,  # trusted proxies are read by our own edge
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=GRACE,
    )


