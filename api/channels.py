"""Channels over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from api.deps import TheActor, TheHub, ThePage, with_links
from hub.channels import actions, views
from hub.channels.actions import ChannelDraft, ChannelPatch
from hub.channels.views import ChannelView
from hub.core.access import Permission
from hub.core.paging import Page


@get("/api/v1/channels", opt={"permission": Permission.CHANNEL_READ}, operation_id="list_channels", tags=["Channels"],
      summary="The numbers and widgets we are reached on")
async def list_channels(
    hub: TheHub, actor: TheActor, page: ThePage, request: Request[Any, Any, Any], search: FromQuery[str | None] = None
) -> Page[ChannelView]:
    async with hub.work(actor) as work:
        return with_links(request, await views.page(work, page, search=search), page)


@post("/api/v1/channels", opt={"permission": Permission.CHANNEL_MANAGE}, operation_id="create_channel",
      tags=["Channels"],
      summary="Connect a number or make a widget")
async def create_channel(hub: TheHub, actor: TheActor, data: JSONBody[ChannelDraft]) -> ChannelView:
    async with hub.work(actor) as work:
        return views.view(work, await actions.create(work, data))


@get("/api/v1/channels/{channel_id:uuid}", opt={"permission": Permission.CHANNEL_READ}, operation_id="get_channel",
     tags=["Channels"],
      summary="One channel")
async def get_channel(hub: TheHub, actor: TheActor, channel_id: FromPath[UUID]) -> ChannelView:
    async with hub.work(actor) as work:
        return views.view(work, await actions.get(work, channel_id))


@patch("/api/v1/channels/{channel_id:uuid}", opt={"permission": Permission.CHANNEL_MANAGE},
       operation_id="change_channel", tags=["Channels"],
      summary="Change a channel; credentials are merged")
async def change_channel(
    hub: TheHub, actor: TheActor, channel_id: FromPath[UUID], data: JSONBody[ChannelPatch]
) -> ChannelView:
    async with hub.work(actor) as work:
        return views.view(work, await actions.change(work, channel_id, data))


@delete("/api/v1/channels/{channel_id:uuid}", opt={"permission": Permission.CHANNEL_MANAGE},
        operation_id="delete_channel", tags=["Channels"],
      summary="Retire a channel; its conversations stay")
async def delete_channel(hub: TheHub, actor: TheActor, channel_id: FromPath[UUID]) -> None:
    async with hub.work(actor) as work:
        await actions.retire(work, channel_id)


@post("/api/v1/channels/{channel_id:uuid}/check", opt={"permission": Permission.CHANNEL_MANAGE}, status_code=200,
      operation_id="check_channel", tags=["Channels"],
      summary="Prove the credentials with a harmless call")
async def check_channel(hub: TheHub, actor: TheActor, channel_id: FromPath[UUID]) -> ChannelView:
    """Reads, calls the provider with nothing open, then settles the health it found."""
    async with hub.work(actor) as work:
        channel = await actions.get(work, channel_id)
        access = actions.access_of(work, channel)
    health = await actions.probe(hub, channel, access)
    async with hub.work(actor) as work:
        await actions.report_health(work, channel_id, *health)
        return views.view(work, await actions.get(work, channel_id))


HANDLERS = [list_channels, create_channel, get_channel, change_channel, delete_channel, check_channel]
