"""Which channels of an organization a provider may knock at, their credentials open, remembered between webhooks.

What is remembered may be out of date: whoever acts on it says which version it was, and the transaction that follows
finds out (`grouped.arrivals`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.channels import actions as channels
from hub.channels.ports import ChannelAccess
from hub.core.access import system_actor
from hub.core.hub import Hub

_KEPT = 1000  # organizations


class Door(msgspec.Struct, frozen=True):
    """A channel by its id; `version` changes with its settings and credentials."""

    id: UUID
    version: datetime
    access: ChannelAccess


class Doors:
    """The doors of one provider."""

    def __init__(self, hub: Hub, provider: str) -> None:
        self._hub = hub
        self._provider = provider
        self._known: dict[UUID, list[Door]] = {}

    async def of(self, organization_id: UUID, *, again: bool = False) -> list[Door]:
        """The organization's; read from the database when they are not known, or when that is asked for, once for all
        who ask at the same time."""
        found = None if again else self._known.get(organization_id)
        if found is None:
            found = await self._hub.grouping(self._read_for).submit(organization_id, None)
        return found

    async def _read_for(self, _hub: Hub, organization_id: UUID, asked: Sequence[None]) -> list[list[Door]]:
        return [await self._read(organization_id)] * len(asked)

    async def _read(self, organization_id: UUID) -> list[Door]:
        async with self._hub.work(system_actor(organization_id, "webhook")) as work:
            found = [
                Door(channel.id, channel.updated_at, channels.access_of(work, channel))
                for channel in await channels.of_provider(work, self._provider)
            ]
        self._known.pop(organization_id, None)
        if found:  # addresses that somebody made up leave nothing behind
            while len(self._known) >= _KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[organization_id] = found
        return found
