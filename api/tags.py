"""Tags over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.params import Parameter

from api.deps import with_links
from hub.conversations import tags
from hub.conversations.shapes import TagView
from hub.conversations.tags import TagDraft, TagPatch
from hub.core.access import Actor, Permission
from hub.core.hub import Hub
from hub.core.paging import Page, PageRequest

TAGS = ["Tags"]
MANAGE = {"permission": Permission.TAG_MANAGE}


@get("/api/v1/tags", opt={"permission": Permission.CONVERSATION_READ}, operation_id="list_tags", tags=TAGS)
async def list_tags(
    hub: Hub, actor: Actor, page: PageRequest, request: Request[Any, Any, Any],
    search: Annotated[str, Parameter(max_length=200)] = "",
) -> Page[TagView]:
    async with hub.work(actor) as work:
        return with_links(request, await tags.page(work, page, search=search), page)


@post("/api/v1/tags", opt=MANAGE, operation_id="create_tag", tags=TAGS)
async def create_tag(hub: Hub, actor: Actor, data: TagDraft) -> TagView:
    async with hub.work(actor) as work:
        return await tags.create(work, data)


@patch("/api/v1/tags/{tag_id:uuid}", opt=MANAGE, operation_id="change_tag", tags=TAGS)
async def change_tag(hub: Hub, actor: Actor, tag_id: UUID, data: TagPatch) -> TagView:
    async with hub.work(actor) as work:
        return await tags.change(work, tag_id, data)


@delete("/api/v1/tags/{tag_id:uuid}", opt=MANAGE, operation_id="delete_tag", tags=TAGS)
async def delete_tag(hub: Hub, actor: Actor, tag_id: UUID) -> None:
    """Takes it off every conversation too."""
    async with hub.work(actor) as work:
        await tags.delete(work, tag_id)


HANDLERS = [list_tags, create_tag, change_tag, delete_tag]
