"""Presence over HTTP."""

from typing import Any

import msgspec
from litestar import get, put
from litestar.params import JSONBody

from api.deps import TheActor, TheHub
from hub.core.access import Permission
from hub.presence import actions, views
from hub.presence.views import PresenceView


class PresenceList(msgspec.Struct, frozen=True):
    """Users who are not in it are offline."""

    results: list[PresenceView]


class PresenceChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """online, away or busy"""

    state: str


@get("/api/v1/presence", opt={"permission": Permission.USER_READ}, operation_id="list_presence", tags=["People"],
     summary="List who is here")
async def list_presence(hub: TheHub, actor: TheActor) -> PresenceList:
    assert actor.organization_id is not None
    return PresenceList(await views.present(hub, actor.organization_id))


@put("/api/v1/presence", opt={"permission": Permission.PRESENCE_SET}, operation_id="set_presence", tags=["People"],
     summary="Choose to be online, away or busy")
async def set_presence(hub: TheHub, actor: TheActor, data: JSONBody[PresenceChoice]) -> PresenceView:
    """Chooses a state for all of the caller's open connections; refused while there is none."""
    await actions.choose_everywhere(hub, actor, data.state)
    assert actor.user_id is not None
    return PresenceView(actor.user_id, data.state)


HANDLERS: list[Any] = [list_presence, set_presence]
