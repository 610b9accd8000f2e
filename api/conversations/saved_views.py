"""Saved views over HTTP."""

from typing import Any
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api.accounts.documented import refusals
from api.deps import TheActor, TheHub
from hub.conversations import saved_views
from hub.conversations.saved_views import ViewDraft, ViewPatch, Views, ViewShape
from hub.core.access import Permission

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Saved views"],
}
WRITE: dict[str, Any] = {**READ, "responses": refusals(403)}
ONE = "/api/v1/views/{view_id:uuid}"


@get("/api/v1/views", **READ, operation_id="list_views",
     summary="The caller's saved views and the shared ones")
async def list_views(hub: TheHub, actor: TheActor) -> Views:
    async with hub.work(actor) as work:
        return await saved_views.listed(work)


@post("/api/v1/views", **WRITE, operation_id="create_view",
      summary="Keep a set of filters under a name")
async def create_view(hub: TheHub, actor: TheActor, data: JSONBody[ViewDraft]) -> ViewShape:
    """A shared one is everybody's and needs `view:manage`."""
    async with hub.work(actor) as work:
        return await saved_views.create(work, data)


@patch(ONE, **WRITE, operation_id="change_view",
       summary="Rename, move, share or change a saved view")
async def change_view(hub: TheHub, actor: TheActor, view_id: FromPath[UUID], data: JSONBody[ViewPatch]) -> ViewShape:
    async with hub.work(actor) as work:
        return await saved_views.change(work, view_id, data)


@delete(ONE, **WRITE, operation_id="delete_view",
        summary="Delete a saved view")
async def delete_view(hub: TheHub, actor: TheActor, view_id: FromPath[UUID]) -> None:
    async with hub.work(actor) as work:
        await saved_views.delete(work, view_id)


HANDLERS = [list_views, create_view, change_view, delete_view]
