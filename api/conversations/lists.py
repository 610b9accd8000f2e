"""Rows of conversations, their counts, and search."""

from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from api.accounts.documented import refusals
from api.deps import TheActor, TheHub
from hub.conversations import search, views
from hub.conversations.shapes import Counts, Detail, Found, Row
from hub.conversations.views import Wanted
from hub.core.access import Permission
from hub.core.paging import Stream

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Conversations"],
    "responses": refusals(401, 403, 404, 422),
}
Narrowing = FromQuery[UUID | None]
Asked = Annotated[str, QueryParameter(name="q", min_length=1, max_length=200)]
Search = Annotated[str, QueryParameter(name="search", max_length=200)]


@get("/api/v1/conversations", **READ, operation_id="list_conversations",
     summary="Conversations of a view, newest activity first")
async def list_conversations(
    hub: TheHub, actor: TheActor, view: FromQuery[str] = "all", search: Search = "", tag_id: Narrowing = None,
    channel_id: Narrowing = None, assignee_id: Narrowing = None, department_id: Narrowing = None,
    cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 50,
) -> Stream[Row]:
    """The newest activity first. `view`: mine, unassigned, all (open ones) or closed."""
    wanted = Wanted(view=view, search=search, tag_id=tag_id, channel_id=channel_id, assignee_id=assignee_id,
                    department_id=department_id, cursor=cursor, limit=limit)
    async with hub.work(actor) as work:
        return await views.page(work, wanted)


@get("/api/v1/conversations/counts", **READ, operation_id="count_conversations",
     summary="How many conversations each view has")
async def count_conversations(hub: TheHub, actor: TheActor) -> Counts:
    async with hub.work(actor) as work:
        return await views.counts(work)


@get("/api/v1/conversations/{conversation_id:uuid}", **READ, operation_id="get_conversation",
     summary="One conversation with its contact, engagement and reply window")
async def get_conversation(hub: TheHub, actor: TheActor, conversation_id: FromPath[UUID]) -> Detail:
    """The row with the whole contact, the latest engagement, the reply window and what the caller may do."""
    async with hub.work(actor) as work:
        return await views.detail(work, conversation_id)


@get("/api/v1/search", **READ, operation_id="search",
     summary="Contacts and messages that match words, names or numbers")
async def find(hub: TheHub, actor: TheActor, q: Asked, limit: FromQuery[int] = 20) -> Found:
    """Contacts and messages that the caller may see; hits in a snippet stand between U+E000 and U+E001."""
    async with hub.work(actor) as work:
        return await search.find(work, q, limit=limit)


HANDLERS = [list_conversations, count_conversations, get_conversation, find]
