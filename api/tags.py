"""Tags over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.accounts.documented import refusals
from api.deps import AnyRequest, TheActor, TheHub, ThePage, with_links
from hub.conversations import tags
from hub.conversations.shapes import TagView
from hub.conversations.tags import TagDraft, TagPatch
from hub.core.access import Permission
from hub.core.paging import Page

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Tags"],
}
MANAGE: dict[str, Any] = {
    "opt": {"permission": Permission.TAG_MANAGE}, "tags": ["Tags"],
}


@get("/api/v1/tags", **READ, operation_id="list_tags",
     summary="The organization's tags")
async def list_tags(
    hub: TheHub, actor: TheActor, page: ThePage, request: AnyRequest,
    search: Annotated[str, QueryParameter(name="search", max_length=200)] = "",
) -> Page[TagView]:
    async with hub.work(actor) as work:
        return with_links(request, await tags.page(work, page, search=search), page)


@post("/api/v1/tags", **MANAGE, operation_id="create_tag",
     summary="Make a tag")
async def create_tag(hub: TheHub, actor: TheActor, data: JSONBody[TagDraft]) -> TagView:
    async with hub.work(actor) as work:
        return await tags.create(work, data)


@patch("/api/v1/tags/{tag_id:uuid}", **MANAGE, responses=refusals(409), operation_id="change_tag",
     summary="Rename or recolour a tag")
async def change_tag(hub: TheHub, actor: TheActor, tag_id: FromPath[UUID], data: JSONBody[TagPatch]) -> TagView:
    async with hub.work(actor) as work:
        return await tags.change(work, tag_id, data)


@delete("/api/v1/tags/{tag_id:uuid}", **MANAGE, operation_id="delete_tag",
     summary="Delete a tag everywhere")
async def delete_tag(hub: TheHub, actor: TheActor, tag_id: FromPath[UUID]) -> None:
    """Takes it off every conversation too."""
    async with hub.work(actor) as work:
        await tags.delete(work, tag_id)


HANDLERS = [list_tags, create_tag, change_tag, delete_tag]
