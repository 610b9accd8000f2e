"""Visitors are here while a socket of theirs lives, by the same leases as users, in a room of their own.

The room of an organization's visitors is its id with another version (8, RFC 9562: of our own making), so that they are
never counted among its users.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.core.hub import Hub
from hub.presence.ports import PresenceStore
from hub.presence.rules import ONLINE

VisitorLease = tuple[UUID, str]  # visitor, connection
_FLIP = (7 ^ 8) << 76  # the version's four bits of an id that the clock made


async def arrive(hub: Hub, organization_id: UUID, visitor_id: UUID, connection_id: str) -> None:
    await _store(hub).renew(room_of(organization_id), visitor_id, connection_id, ONLINE)


async def renew(hub: Hub, organization_id: UUID, leases: Sequence[VisitorLease]) -> None:
    """These connections of one organization's visitors still live."""
    for visitor_id, connection_id in leases:
        await _store(hub).renew(room_of(organization_id), visitor_id, connection_id, ONLINE)


async def depart(hub: Hub, organization_id: UUID, visitor_id: UUID, connection_id: str) -> None:
    await _store(hub).leave(room_of(organization_id), visitor_id, connection_id)


async def online(hub: Hub, organization_id: UUID) -> frozenset[UUID]:
    """The visitors of the organization who are here."""
    return frozenset(await _store(hub).states(room_of(organization_id)))


def room_of(organization_id: UUID) -> UUID:
    return UUID(int=organization_id.int ^ _FLIP)


def home_of(room: UUID) -> UUID:
    """The organization whose visitors' room it is."""
    return UUID(int=room.int ^ _FLIP)


def is_room(id: UUID) -> bool:
    return id.version == 8


def _store(hub: Hub) -> PresenceStore:
    store: PresenceStore = hub.ports.presence
    return store
