"""The widget's own API: a visitor with a token, one channel, one conversation; open only to the channel's origins."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.handlers import route
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from api import files
from api.auth import authenticate_visitor
from api.deps import TheActor, TheHub
from hub.accounts import appearance, tickets
from hub.channels import visitors
from hub.channels.models import Channel
from hub.channels.visitors import VisitorDraft
from hub.conversations import messages, uploads, views
from hub.conversations.messages import Draft
from hub.conversations.views import VisitorMessage, VisitorPage
from hub.core.access import system_actor
from hub.core.errors import Forbidden, NotFound
from hub.core.hub import Hub

PREFIX = "/api/v1/widget/{channel_id:uuid}"
TheChannel = NamedDependency[Channel]


class WidgetChannel(msgspec.Struct, kw_only=True):
    name: str
    color: str
    greeting: str
    logo_url: str | None


class WidgetSession(msgspec.Struct, kw_only=True):
    visitor_token: str
    visitor_id: UUID
    conversation_id: UUID | None
    channel: WidgetChannel
    agents_online: bool
    locale: str


class WidgetSent(msgspec.Struct, kw_only=True):
    message: VisitorMessage
    conversation_id: UUID


class WidgetTicket(msgspec.Struct, kw_only=True):
    ticket: str
    expires_in: int


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: the page's origin first, so that even a refusal can be read by the page, then the visitor.

    Raises `NotFound`, `Forbidden`, `Unauthenticated`.
    """
    scope: dict[str, Any] = connection.scope  # type: ignore[assignment]
    hub: Hub = connection.app.state.hub
    channel = await visitors.channel_for_widget(hub, connection.path_params["channel_id"])
    origin = connection.headers.get("origin")
    if not visitors.admits(hub, channel, origin):
        raise Forbidden("origin_refused")
    scope["widget_channel"] = channel
    scope["cors_origin"] = origin
    if handler.opt["access"] == "visitor":
        actor = await authenticate_visitor(connection)
        if actor.channel_id != channel.id:
            raise NotFound
        scope["actor"] = actor


def provide_channel(request: Request[Any, Any, Any]) -> Channel:
    channel: Channel = request.scope["widget_channel"]  # type: ignore[typeddict-item]
    return channel


@route(
    [f"{PREFIX}/{tail}" for tail in ("session", "messages", "files", "files/{file_id:uuid}", "ticket")],
    http_method=["OPTIONS"], opt={"access": "public"}, include_in_schema=False, status_code=204,
)
async def preflight(channel_id: FromPath[UUID]) -> Response[None]:
    """What an admitted page may ask; the guard and the edge settled the origin."""
    return Response(None, status_code=204, headers={
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, content-type, accept-language",
        "access-control-max-age": "600",
    })


@post(f"{PREFIX}/session", opt={"access": "public"}, status_code=200, operation_id="open_widget_session",
      tags=["Widget"],
      summary="Recognise a visitor, or welcome a new one")
async def open_session(hub: TheHub, widget_channel: TheChannel, data: JSONBody[VisitorDraft]) -> WidgetSession:
    """Recognises the visitor by the token, or makes a new one."""
    actor = system_actor(widget_channel.organization_id, "widget")
    async with hub.work(actor) as work:
        visitor, token = await visitors.greet(work, widget_channel, data)
    async with hub.work(visitors.visitor_actor(visitor)) as work:
        conversation_id = await views.visitor_conversation(work)
        look = await appearance.of(work)
    states = await hub.ports.presence.states(widget_channel.organization_id)
    settings = widget_channel.settings
    return WidgetSession(
        visitor_token=token, visitor_id=visitor.id, conversation_id=conversation_id,
        channel=WidgetChannel(name=widget_channel.name, color=settings["color"] or look.accent,
                              greeting=settings["greeting"], logo_url=look.logo_url),
        agents_online="online" in states.values(), locale=visitor.locale,
    )


@get(f"{PREFIX}/messages", opt={"access": "visitor"}, operation_id="list_widget_messages", tags=["Widget"],
      summary="The visitor's thread")
async def list_messages(
    hub: TheHub, actor: TheActor, widget_channel: TheChannel, before: FromQuery[int | None] = None,
    after: FromQuery[int | None] = None, limit: FromQuery[int] = 50,
) -> VisitorPage:
    async with hub.work(actor) as work:
        return await views.visitor_messages(work, before=before, after=after, limit=limit)


@post(f"{PREFIX}/messages", opt={"access": "visitor"}, operation_id="send_widget_message", tags=["Widget"],
      summary="Write as the visitor")
async def send_message(
    hub: TheHub, actor: TheActor, widget_channel: TheChannel, data: JSONBody[Draft]
) -> Response[WidgetSent]:
    """201 for a new message, 200 for one that was already here under the same client id."""
    async with hub.work(actor) as work:
        message, conversation_id, created = await messages.visitor_send(work, data)
    return Response(WidgetSent(message=message, conversation_id=conversation_id), status_code=201 if created else 200)


@post(f"{PREFIX}/files", opt={"access": "visitor"}, operation_id="upload_widget_file", tags=["Widget"],
      summary="Upload a file to attach",
      request_max_body_size=files.BODY_LIMIT)
async def upload_file(
    hub: TheHub, actor: TheActor, widget_channel: TheChannel, request: Request[Any, Any, Any]
) -> files.FileView:
    stored = await files.receive(hub, actor, request)
    return files.view(stored, base=f"/api/v1/widget/{widget_channel.id}/files")


@get(f"{PREFIX}/files/{{file_id:uuid}}", opt={"access": "visitor"}, operation_id="get_widget_file", tags=["Widget"],
      summary="A file of the visitor's thread",
     media_type="application/octet-stream")
async def get_file(hub: TheHub, actor: TheActor, widget_channel: TheChannel, file_id: FromPath[UUID]) -> Stream:
    async with hub.work(actor) as work:
        stored = await uploads.readable(work, file_id)
    return files.serve(hub, stored)


@post(f"{PREFIX}/ticket", opt={"access": "visitor"}, operation_id="issue_widget_ticket", tags=["Widget"],
      summary="A single-use ticket for the live socket",
      status_code=200)
async def issue_ticket(hub: TheHub, actor: TheActor, widget_channel: TheChannel) -> WidgetTicket:
    async with hub.work(actor) as work:
        ticket, seconds = await tickets.issue(work, visitor_id=actor.visitor_id)
    return WidgetTicket(ticket=ticket, expires_in=seconds)


ROUTER = Router(
    "/", guards=[admit], dependencies={"widget_channel": Provide(provide_channel, sync_to_thread=False)},
    route_handlers=[preflight, open_session, list_messages, send_message, upload_file, get_file, issue_ticket],
)
HANDLERS = [ROUTER]
