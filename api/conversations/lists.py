"""Rows of conversations, their counts, and search."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import Parameter

from hub.conversations import search, views
from hub.conversations.shapes import Counts, Detail, Found, Row
from hub.conversations.views import Wanted
from hub.core.access import Actor, Permission
from hub.core.hub import Hub
from hub.core.paging import Stream

READ = {"permission": Permission.CONVERSATION_READ}
TAGS = ["Conversations"]
Search = Annotated[str, Parameter(max_length=200)]


@get("/api/v1/conversations", opt=READ, operation_id="list_conversations", tags=TAGS)
async def list_conversations(
    hub: Hub, actor: Actor, view: str = "all", search: Search = "", tag_id: UUID | None = None,
    channel_id: UUID | None = None, assignee_id: UUID | None = None, department_id: UUID | None = None,
    cursor: str | None = None, limit: int = 50,
) -> Stream[Row]:
    """The newest activity first. `view`: mine, unassigned, all (open ones) or closed."""
    wanted = Wanted(view=view, search=search, tag_id=tag_id, channel_id=channel_id, assignee_id=assignee_id,
                    department_id=department_id, cursor=cursor, limit=limit)
    async with hub.work(actor) as work:
        return await views.page(work, wanted)


@get("/api/v1/conversations/counts", opt=READ, operation_id="count_conversations", tags=TAGS)
async def count_conversations(hub: Hub, actor: Actor) -> Counts:
    async with hub.work(actor) as work:
        return await views.counts(work)


@get("/api/v1/conversations/{conversation_id:uuid}", opt=READ, operation_id="get_conversation", tags=TAGS)
async def get_conversation(hub: Hub, actor: Actor, conversation_id: UUID) -> Detail:
    """The row with the whole contact, the latest engagement, the reply window and what the caller may do."""
    async with hub.work(actor) as work:
        return await views.detail(work, conversation_id)


@get("/api/v1/search", opt=READ, operation_id="search", tags=["Search"])
async def find(hub: Hub, actor: Actor, q: Search, limit: int = 20) -> Found:
    """Contacts and messages that the caller may see; hits in a snippet stand between U+E000 and U+E001."""
    async with hub.work(actor) as work:
        return await search.find(work, q, limit=limit)


HANDLERS = [list_conversations, count_conversations, get_conversation, find]
