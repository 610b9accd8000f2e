"""The bundle of everything outside the process that the hub needs, filled by `providers/registry.py`."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.accounts.ports import Mailer
from hub.channels.ports import ChannelAdapter
from hub.conversations.ports import FileStore
from hub.core.rates import RateStore
from hub.presence.ports import PresenceStore


@dataclass(frozen=True)
class Ports:
    """`channels` is keyed by the provider's name (`Channel.provider`)."""

    mailer: Mailer
    files: FileStore
    presence: PresenceStore
    rates: RateStore
    channels: Mapping[str, ChannelAdapter]
