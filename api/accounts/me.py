"""The signed-in user."""

import msgspec
from litestar import get, patch
from litestar.params import JSONBody

from api.accounts.documented import refusals
from api.deps import TheActor, TheHub
from hub.accounts import users, views
from hub.accounts.users import UserPatch
from hub.core.errors import Unauthenticated

TAGS = ["Me"]


class MePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is given changes."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    locale: str | msgspec.UnsetType = msgspec.UNSET
    time_zone: str | msgspec.UnsetType = msgspec.UNSET
    theme: str | msgspec.UnsetType = msgspec.UNSET


@get("/api/v1/me", opt={"access": "signed_in"}, operation_id="get_me", tags=TAGS,
     summary="Who I am and what I may do", responses=refusals(401))
async def get_me(hub: TheHub, actor: TheActor) -> views.Me:
    if actor.user_id is None:
        raise Unauthenticated
    async with hub.work(actor) as work:
        return await views.me(work, actor.user_id)


@patch("/api/v1/me", opt={"access": "signed_in"}, operation_id="change_me", tags=TAGS,
       summary="Change my name, language, time zone or theme", responses=refusals(401, 422))
async def change_me(hub: TheHub, actor: TheActor, data: JSONBody[MePatch]) -> views.Me:
    if actor.user_id is None:
        raise Unauthenticated
    changes = UserPatch(name=data.name, locale=data.locale, time_zone=data.time_zone, theme=data.theme)
    async with hub.work(actor) as work:
        await users.update(work, actor.user_id, changes)
        return await views.me(work, actor.user_id)


HANDLERS = [get_me, change_me]
