"""Presence follows living connections: it is taken with one, renewed by the server while it lives, and lost with it.

Nothing here touches the database, so the first argument is the hub; a change is told to the organization's screens.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.core.access import Actor, Permission
from hub.core.errors import Conflict, Forbidden, invalid_field
from hub.core.hub import Hub
from hub.core.signals import PresenceSignal
from hub.presence import visitors
from hub.presence.ports import PresenceStore
from hub.presence.rules import CHOICES, OFFLINE, ONLINE

Lease = tuple[UUID, str, str]  # user, connection, the state it holds


async def arrive(hub: Hub, actor: Actor, connection_id: str) -> str:
    """A connection of a user has opened; the state the user is in now, chosen elsewhere or online."""
    organization_id, user_id = _person(actor)
    before = await state_of(hub, organization_id, user_id)
    state = before if before != OFFLINE else ONLINE
    await _store(hub).renew(organization_id, user_id, connection_id, state)
    if before == OFFLINE:
        _tell(hub, organization_id, user_id, state)
    return state


async def renew(hub: Hub, organization_id: UUID, leases: Sequence[Lease]) -> None:
    """These connections of one organization still live."""
    before = await _store(hub).states(organization_id)
    for user_id, connection_id, state in leases:
        await _store(hub).renew(organization_id, user_id, connection_id, state)
    back = {user_id: state for user_id, _, state in leases if user_id not in before}
    for user_id, state in back.items():  # their leases had lapsed, by a pause of ours or a lost store
        _tell(hub, organization_id, user_id, state)


async def choose(hub: Hub, actor: Actor, connection_id: str, state: str) -> None:
    """The user chooses to be online, away or busy. Raises `Forbidden` and `Invalid`."""
    _check(actor, state)
    organization_id, user_id = _person(actor)
    before = await state_of(hub, organization_id, user_id)
    await _store(hub).renew(organization_id, user_id, connection_id, state)
    if before != state:
        _tell(hub, organization_id, user_id, state)


async def choose_everywhere(hub: Hub, actor: Actor, state: str) -> None:
    """Chooses without a connection of its own: the open ones hear it and take it over.

    Raises `Forbidden`, `Invalid`, and `Conflict` (not_connected) when there is none.
    """
    _check(actor, state)
    organization_id, user_id = _person(actor)
    if await state_of(hub, organization_id, user_id) == OFFLINE:
        raise Conflict("not_connected")
    _tell(hub, organization_id, user_id, state)


async def depart(hub: Hub, actor: Actor, connection_id: str) -> None:
    """The connection has closed. Nobody is told yet: the user may be reloading the page."""
    organization_id, user_id = _person(actor)
    await _store(hub).leave(organization_id, user_id, connection_id)


async def tell_if_offline(hub: Hub, organization_id: UUID, user_id: UUID) -> None:
    if await state_of(hub, organization_id, user_id) == OFFLINE:
        _tell(hub, organization_id, user_id, OFFLINE)


async def sweep(hub: Hub) -> list[tuple[UUID, UUID]]:
    """Tells of users whose last lease has lapsed, with the process that renewed it; (organization, visitor) pairs of
    visitors whose has."""
    gone: list[tuple[UUID, UUID]] = []
    for organization_id, person_id in await _store(hub).sweep():
        if visitors.is_room(organization_id):
            gone.append((visitors.home_of(organization_id), person_id))
        else:
            await tell_if_offline(hub, organization_id, person_id)
    return gone


async def state_of(hub: Hub, organization_id: UUID, user_id: UUID) -> str:
    return await _store(hub).state(organization_id, user_id) or OFFLINE


def _check(actor: Actor, state: str) -> None:
    if not actor.may(Permission.PRESENCE_SET):
        raise Forbidden("forbidden", extra={"permission": str(Permission.PRESENCE_SET)})
    if state not in CHOICES:
        raise invalid_field("/state", "invalid")


def _store(hub: Hub) -> PresenceStore:
    store: PresenceStore = hub.ports.presence
    return store


def _person(actor: Actor) -> tuple[UUID, UUID]:
    assert actor.organization_id is not None
    assert actor.user_id is not None
    return actor.organization_id, actor.user_id


def _tell(hub: Hub, organization_id: UUID, user_id: UUID, state: str) -> None:
    hub.signals.publish([PresenceSignal(organization_id=organization_id, users=((user_id, state),))])
