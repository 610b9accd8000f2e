"""Settings in, ports out: the only list of vendors."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.accounts.ports import Mailer
from hub.channels.ports import ChannelAdapter
from hub.core.clock import Clock
from hub.core.rates import RateStore
from hub.core.settings import Settings, SettingsError
from hub.core.signals import SignalBus
from hub.ports import Ports
from hub.presence.ports import PresenceStore
from providers.files import LocalFiles
from providers.http import HttpClient

if TYPE_CHECKING:
    from providers.redis import RedisSignals


@dataclass(frozen=True)
class Built:
    """Everything outside the process. `close` ends what was opened, whatever of it fails.

    `announce_work` tells other processes that the outbox has something due, `on_work` is how to be told.
    """

    ports: Ports
    signals: SignalBus
    announce_work: Callable[[], None]
    on_work: Callable[[Callable[[], None]], None]
    http: HttpClient
    closing: contextlib.AsyncExitStack

    async def close(self) -> None:
        await self.closing.aclose()


def build(settings: Settings, clock: Clock) -> Built:
    """Opens nothing yet: connections are made when they are first needed. Raises `SettingsError`."""
    closing = contextlib.AsyncExitStack()
    try:
        http = HttpClient(allow=settings.egress_allow)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    closing.push_async_callback(http.close)
    signals, presence, rates, link = _shared(settings, clock, closing)
    ports = Ports(
        mailer=_mailer(settings),
        files=LocalFiles(settings.data_path / "files"),
        presence=presence,
        rates=rates,
        channels=_channels(settings, clock, http),
    )
    return Built(
        ports=ports, signals=signals, http=http, closing=closing,
        announce_work=link.announce_work if link else _alone,
        on_work=link.on_work if link else _alone,
    )


def _alone(*_ignored: object) -> None:
    """In one process there is nobody else to tell."""


def _channels(settings: Settings, clock: Clock, http: HttpClient) -> Mapping[str, ChannelAdapter]:
    """Adapters by the provider's name. A web chat has no provider: its messages come and go through our own API."""
    from providers.whatsapp.business import WhatsAppBusiness

    adapters: list[ChannelAdapter] = [WhatsAppBusiness(http, clock, graph_url=settings.whatsapp_graph_url)]
    return {adapter.provider: adapter for adapter in adapters}


def _mailer(settings: Settings) -> Mailer:
    from providers.mail import SmtpMailer, SmtpServer, UnconfiguredMailer

    if not settings.smtp_url:
        return UnconfiguredMailer()
    return SmtpMailer(SmtpServer.from_url(settings.smtp_url), sender=settings.mail_from)


def _shared(
    settings: Settings, clock: Clock, closing: contextlib.AsyncExitStack
) -> tuple[SignalBus, PresenceStore, RateStore, "RedisSignals | None"]:
    """What several processes must share; one process shares it with itself."""
    if settings.redis_url:
        from providers.redis import RedisSignals, namespace
        from providers.redis_presence import RedisPresence
        from providers.redis_rates import RedisRates

        prefix = namespace(settings.secret_key)
        link = RedisSignals(settings.redis_url, prefix)
        leases = RedisPresence(settings.redis_url, prefix, clock)
        rates = RedisRates(settings.redis_url, prefix, clock)
        closing.push_async_callback(link.close)
        closing.push_async_callback(leases.close)
        closing.push_async_callback(rates.close)
        return link, leases, rates, link

    from providers.memory import MemoryPresence, MemoryRates, MemorySignals

    return MemorySignals(), MemoryPresence(clock), MemoryRates(clock), None
