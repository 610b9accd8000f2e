"""Presence is a lease: it is there while somebody renews it, and lost with whoever held it."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID


class PresenceStore(Protocol):
    """Leases of connections; the newest chosen state of a user holds over all of their connections."""

    async def renew(self, organization_id: UUID, user_id: UUID, connection_id: str, state: str) -> None:
        """This connection is alive. state: online, away, busy."""

    async def leave(self, organization_id: UUID, user_id: UUID, connection_id: str) -> None: ...

    async def state(self, organization_id: UUID, user_id: UUID) -> str | None:
        """The state of one user, None without a live lease."""

    async def states(self, organization_id: UUID) -> Mapping[UUID, str]:
        """Users with at least one live lease and their state; everybody else is offline."""

    async def sweep(self) -> Sequence[tuple[UUID, UUID]]:
        """Drops lapsed leases; the (organization, user) pairs that went offline by it."""
