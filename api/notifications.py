"""Notifications over HTTP: the list, reading it, and how one wants to be told."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromQuery, JSONBody

from api.deps import TheActor, TheHub
from hub.conversations import notifications, preferences
from hub.conversations.notifications import NotificationPage, Unread
from hub.conversations.preferences import Preferences
from hub.core.access import Permission

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Notifications"],
}


class ReadBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which ones: these, all of them, or those of a conversation."""

    ids: Annotated[list[UUID], msgspec.Meta(max_length=1000)] | None = None
    all: bool = False
    conversation_id: UUID | None = None


@get("/api/v1/notifications", **READ, operation_id="list_notifications", summary="What I should know of")
async def list_notifications(
    hub: TheHub, actor: TheActor, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 30,
    unread: FromQuery[bool] = False,
) -> NotificationPage:
    """The newest first. `unread` in the answer counts all that are unread, not only those listed."""
    async with hub.work(actor) as work:
        return await notifications.page(work, cursor=cursor, limit=limit, unread=unread)


@post("/api/v1/notifications/read", **READ, status_code=200, operation_id="read_notifications",
      summary="Mark notifications as read")
async def read_notifications(hub: TheHub, actor: TheActor, data: JSONBody[ReadBody]) -> Unread:
    async with hub.work(actor) as work:
        return await notifications.read(work, ids=data.ids, every=data.all, conversation_id=data.conversation_id)


@get("/api/v1/me/notifications", opt={"access": "signed_in"}, tags=["Notifications"],
     operation_id="get_notification_preferences", summary="How I want to be told")
async def get_preferences(hub: TheHub, actor: TheActor) -> Preferences:
    async with hub.work(actor) as work:
        return await preferences.get(work)


@put("/api/v1/me/notifications", opt={"access": "signed_in"}, tags=["Notifications"],
     operation_id="set_notification_preferences", summary="Choose how I want to be told")
async def set_preferences(hub: TheHub, actor: TheActor, data: JSONBody[Preferences]) -> Preferences:
    """What is left out gets its default."""
    async with hub.work(actor) as work:
        return await preferences.put(work, data)


HANDLERS = [list_notifications, read_notifications, get_preferences, set_preferences]
