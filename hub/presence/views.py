"""Who is here."""

from uuid import UUID

import msgspec

from hub.core.hub import Hub
from hub.presence.ports import PresenceStore


class PresenceView(msgspec.Struct, frozen=True):
    """A user and its state: online, away, busy or offline."""

    user_id: UUID
    state: str


async def present(hub: Hub, organization_id: UUID) -> list[PresenceView]:
    """Everybody who is not offline, ordered by id."""
    store: PresenceStore = hub.ports.presence
    return [PresenceView(user_id, state) for user_id, state in sorted((await store.states(organization_id)).items())]
