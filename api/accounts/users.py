"""The people of the organization."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api.accounts.documented import refusals
from api.deps import AnyRequest, TheActor, TheHub, ThePage, with_links
from hub.accounts import passwords, users, views
from hub.accounts.users import UserDraft, UserPatch
from hub.accounts.views import UserFilter
from hub.core.access import Permission
from hub.core.paging import Page

TAGS = ["Users"]
Search = Annotated[str | None, QueryParameter(name="search", max_length=200, description="part of name or address")]
SearchAlias = Annotated[str | None, QueryParameter(name="q", max_length=200, description="the same as search")]
Ordering = Annotated[str | None, QueryParameter(
    name="ordering", max_length=100, description="name, email, role, is_active, created_at; - in front turns it round"
)]
Sort = Annotated[str | None, QueryParameter(name="sort", max_length=100, description="one field, with order")]
Order = Annotated[Literal["asc", "desc"] | None, QueryParameter(name="order", description="direction of sort")]
Deleted = Annotated[bool, QueryParameter(name="deleted", description="list the deleted instead")]


class PasswordBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`current_password` is required for one's own."""

    password: Annotated[str, msgspec.Meta(max_length=1000)]
    current_password: Annotated[str, msgspec.Meta(max_length=1000)] | None = None


@get("/api/v1/users", opt={"permission": Permission.USER_READ}, operation_id="list_users",
     summary="The organization's people", tags=TAGS,
     responses=refusals(401, 403, 422))
async def list_users(
    hub: TheHub, actor: TheActor, page: ThePage, request: AnyRequest, search: Search = None, q: SearchAlias = None,
    role: FromQuery[str | None] = None, is_active: FromQuery[bool | None] = None, ordering: Ordering = None,
    sort: Sort = None, order: Order = None, deleted: Deleted = False,
) -> Page[views.User]:
    by = ordering or (("-" if order == "desc" else "") + sort if sort else None)
    asked = UserFilter(search=search or q, role=role or None, is_active=is_active, deleted=deleted, ordering=by)
    async with hub.work(actor) as work:
        return with_links(request, await views.users(work, asked, page), page)


@post("/api/v1/users", opt={"permission": Permission.USER_MANAGE}, operation_id="create_user",
      summary="Add a person; without a password they are invited by mail", tags=TAGS,
      responses=refusals(401, 403, 409, 422))
async def create_user(hub: TheHub, actor: TheActor, data: JSONBody[UserDraft]) -> views.User:
    """The password is hashed before anything is opened; without one the user is mailed a link to choose it."""
    hashed = await passwords.hashed(data.password, email=data.email) if data.password else None
    async with hub.work(actor) as work:
        user = await users.create(work, data, password_hash=hashed)
        return await views.user(work, user.id)


@get("/api/v1/users/{user_id:uuid}", opt={"permission": Permission.USER_READ}, operation_id="get_user",
     summary="One person", tags=TAGS,
     responses=refusals(401, 403, 404))
async def get_user(hub: TheHub, actor: TheActor, user_id: FromPath[UUID]) -> views.User:
    async with hub.work(actor) as work:
        return await views.user(work, user_id)


@patch("/api/v1/users/{user_id:uuid}", opt={"access": "signed_in"}, operation_id="change_user",
       summary="Change a person; everyone may change some of their own", tags=TAGS,
       responses=refusals(401, 403, 404, 409, 422))
async def change_user(
    hub: TheHub, actor: TheActor, user_id: FromPath[UUID], data: JSONBody[UserPatch]
) -> views.User:
    async with hub.work(actor) as work:
        await users.update(work, user_id, data)
        return await views.user(work, user_id)


@delete("/api/v1/users/{user_id:uuid}", opt={"permission": Permission.USER_MANAGE}, operation_id="delete_user",
        summary="Delete a person, so that they can be restored",
        tags=TAGS, status_code=204, responses=refusals(401, 403, 404, 409))
async def delete_user(hub: TheHub, actor: TheActor, user_id: FromPath[UUID]) -> None:
    async with hub.work(actor) as work:
        await users.delete(work, user_id)


@post("/api/v1/users/{user_id:uuid}/restore", opt={"permission": Permission.USER_MANAGE}, operation_id="restore_user",
      summary="Bring back a deleted person",
      tags=TAGS, status_code=200, responses=refusals(401, 403, 404, 409))
async def restore_user(hub: TheHub, actor: TheActor, user_id: FromPath[UUID]) -> views.User:
    async with hub.work(actor) as work:
        await users.restore(work, user_id)
        return await views.user(work, user_id)


@post("/api/v1/users/{user_id:uuid}/password", opt={"access": "signed_in"}, operation_id="set_user_password",
      summary="Set a password; one's own needs the present one",
      tags=TAGS, status_code=204, responses=refusals(401, 403, 404, 409, 422, 429))
async def set_user_password(
    hub: TheHub, actor: TheActor, user_id: FromPath[UUID], data: JSONBody[PasswordBody]
) -> None:
    await passwords.change(
        hub, actor, user_id, password=data.password, current_password=data.current_password
    )


HANDLERS = [list_users, create_user, get_user, change_user, delete_user, restore_user, set_user_password]
