"""Rows of conversations, their counts, and search."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from api.conversations.filters import TheFilters, provide_filters
from api.deps import TheActor, TheHub
from hub.conversations import search, views
from hub.conversations.shapes import Counts, Detail, Found, Place, Row
from hub.conversations.views import Wanted
from hub.core.access import Permission
from hub.core.paging import Stream

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Conversations"],
}
Sought = Annotated[str, QueryParameter(name="q", max_length=200)]
Asked = Annotated[str, QueryParameter(name="q", min_length=1, max_length=200)]


@get("/api/v1/conversations", **READ, dependencies={"asked": Provide(provide_filters)},
     operation_id="list_conversations", summary="Conversations of a view, narrowed and in order")
async def list_conversations(
    hub: TheHub, actor: TheActor, asked: TheFilters, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 50
) -> Stream[Row]:
    """The newest activity first, unless `sort` is oldest or waiting. Filters add up; of several values of one filter
    any will do. `assignee_id` also takes me and none, `department_id` none. `view_id` names a saved view, whose filters
    give way to those that are asked for besides."""
    wanted = Wanted(**msgspec.structs.asdict(asked), cursor=cursor, limit=limit)
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
     summary="Contacts, messages and tags that match words, names or numbers")
async def find(hub: TheHub, actor: TheActor, q: Asked, limit: FromQuery[int] = 20) -> Found:
    """Whatever of it the caller may see, and the conversations with one of the tags found; hits in a snippet stand
    between U+E000 and U+E001."""
    async with hub.work(actor) as work:
        return await search.find(work, q, limit=limit)


@get("/api/v1/conversations/{conversation_id:uuid}/search", **READ, operation_id="search_conversation",
     summary="Where a thread has these words")
async def search_conversation(
    hub: TheHub, actor: TheActor, conversation_id: FromPath[UUID], q: Sought = "",
    cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 20,
) -> Stream[Place]:
    """The newest first; hits in a snippet stand between U+E000 and U+E001."""
    async with hub.work(actor) as work:
        return await search.within(work, conversation_id, q, cursor=cursor, limit=limit)


HANDLERS = [list_conversations, count_conversations, get_conversation, find, search_conversation]
