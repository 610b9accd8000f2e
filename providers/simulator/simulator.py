"""The simulator put together: `simulator = Simulator(config)`, `await simulator.start()`, serve `simulator.app`."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from litestar.types import ASGIApp, Receive, Scope, Send

from providers.simulator.access import Access
from providers.simulator.app import build_app
from providers.simulator.config import NumberConfig, SimulatorConfig
from providers.simulator.crowd import Crowd
from providers.simulator.delivery import Deliveries
from providers.simulator.faults import Faults
from providers.simulator.graph import Sending
from providers.simulator.history import PastMessage, remember
from providers.simulator.inbound import Customers
from providers.simulator.journal import Journal
from providers.simulator.live import Live
from providers.simulator.mail import Mailbox
from providers.simulator.media import MediaStore
from providers.simulator.record import Record
from providers.simulator.seeds import seed_customers, seed_templates
from providers.simulator.templates import Templates
from providers.simulator.webhooks import Webhooks
from providers.simulator.world import World


class Simulator:
    """One simulated world. `now` gives unix seconds."""

    def __init__(self, config: SimulatorConfig, *, now: Callable[[], float] = time.time) -> None:
        self.config = config
        path = Path(config.state_path) if config.state_path else None
        folder = path.with_name(path.name + ".media") if path else None
        self.live = Live()
        self.faults = Faults()
        self._journal = Journal(path)
        self.world = World(self._journal, self.live, now=now)
        self.record = Record(self._journal, now=now)
        self.templates = Templates(self._journal)
        self.media = MediaStore(self._journal, folder=folder, now=now, url_seconds=config.media_url_seconds)
        self.mailbox = Mailbox(self._journal, self.live, now=now)
        self.webhooks = Webhooks(config, self.world, self.faults, self._journal)
        self.deliveries = Deliveries(config, self.world, self.faults, self.webhooks)
        self.sending = Sending(
            config,
            world=self.world,
            media=self.media,
            templates=self.templates,
            faults=self.faults,
            deliveries=self.deliveries,
        )
        self.customers = Customers(self.world, self.media, self.webhooks, self.deliveries)
        self.crowd = Crowd(
            self.world,
            media=self.media,
            customers=self.customers,
            deliveries=self.deliveries,
            webhooks=self.webhooks,
        )
        self.world.registered = self._registered
        self.app = build_app(
            {
                "config": config,
                "world": self.world,
                "record": self.record,
                "media": self.media,
                "mailbox": self.mailbox,
                "live": self.live,
                "faults": self.faults,
                "templates": self.templates,
                "webhooks": self.webhooks,
                "deliveries": self.deliveries,
                "sending": self.sending,
                "customers": self.customers,
                "crowd": self.crowd,
                "access": Access(self.world, self.record, config.public_url),
            },
            hub_url=config.hub_url,
        )

    @property
    def smtp_port(self) -> int | None:
        """The port of the mail receiver, once started."""
        return self.mailbox.port

    @property
    def site_channel_id(self) -> str | None:
        """The widget channel of the demo shop; the hub sets it after seeding."""
        return self.config.site_channel_id

    @site_channel_id.setter
    def site_channel_id(self, channel_id: str | None) -> None:
        self.config.site_channel_id = channel_id

    def register(self, number: NumberConfig) -> None:
        """Add a business number while running, or change it."""
        self.world.register(number)

    def remember(self, number_id: str, wa_id: str, name: str, messages: Sequence[PastMessage]) -> int:
        """Put past messages on a customer's phone, where they are not yet; no webhook tells of them."""
        return remember(self.world, number_id, wa_id, name, messages)

    async def start(self) -> None:
        """Read the journal, listen for mail, and go on with what was pending."""
        self._journal.open()
        self.world.restore()
        for number in self.config.numbers:
            self.register(number)
        if self.config.demo_customers:
            seed_customers(self.world)
        if self.config.smtp_port is not None:
            await self.mailbox.start(self.config.smtp_host, self.config.smtp_port)
        self.webhooks.start()
        self.deliveries.start()

    async def stop(self) -> None:
        """Let go of callers and pages, and close everything; pending webhooks stay in the journal."""
        self.live.close()
        await self.crowd.stop()
        self.deliveries.stop()
        await self.sending.stop()
        await self.webhooks.stop()
        await self.mailbox.stop()
        self._journal.close()

    def _registered(self, number: NumberConfig) -> None:
        seed_templates(self.templates, number.waba_id)


def create_simulator(config: SimulatorConfig) -> ASGIApp:
    """An app that starts and stops with the server's lifespan, to serve alone."""
    simulator = Simulator(config)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        await simulator.start()
        try:
            yield
        finally:
            await simulator.stop()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if cast(str, scope["type"]) == "lifespan":
            await _lifespan(running, cast(Any, receive), cast(Any, send))
        else:
            await simulator.app(scope, receive, send)

    return app


async def _lifespan(running: Callable[[], Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    await receive()
    async with running():
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})
