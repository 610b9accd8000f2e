"""The filters of the list as query parameters, alone or over a saved view."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from api.deps import TheActor, TheHub
from hub.conversations import saved_views
from hub.conversations.filters import Assignee, At, Filters, Holder, Sort, Status, View, Word

Text = Annotated[str | None, QueryParameter(name="search", max_length=200)]
TheView = Annotated[View | None, QueryParameter(
    name="view", description="mine, unassigned, mentions, snoozed, bots, all (open ones) or closed",
)]


async def provide_filters(
    hub: TheHub, actor: TheActor, view: TheView = None, view_id: FromQuery[UUID | None] = None,
    status: FromQuery[Status | None] = None, channel_id: FromQuery[list[UUID] | None] = None,
    channel_kind: FromQuery[list[Word] | None] = None, assignee_id: FromQuery[list[Assignee] | None] = None,
    department_id: FromQuery[list[Holder] | None] = None, tag_id: FromQuery[list[UUID] | None] = None,
    unread: FromQuery[bool | None] = None, waiting: FromQuery[bool | None] = None, since: FromQuery[At | None] = None,
    until: FromQuery[At | None] = None, search: Text = None, sort: FromQuery[Sort | None] = None,
) -> Filters:
    """What was asked for; with `view_id` it takes the place of what the saved view says of the same filter."""
    asked: dict[str, Any] = {
        "view": view, "status": status, "channel_id": channel_id, "channel_kind": channel_kind,
        "assignee_id": assignee_id, "department_id": department_id, "tag_id": tag_id, "unread": unread,
        "waiting": waiting, "since": since, "until": until, "search": search, "sort": sort,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    if view_id is None:
        return Filters(**given)
    async with hub.work(actor) as work:
        return msgspec.structs.replace(await saved_views.query_of(work, view_id), **given)


TheFilters = NamedDependency[Filters]
