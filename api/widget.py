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

from api import files, rates
from api.accounts.documented import refusals
from api.auth import authenticate_visitor
from api.deps import TheActor, TheHub
from hub.accounts import appearance, attempts, tickets
from hub.accounts import rules as accounts
from hub.accounts.attempts import Bucket, network_of
from hub.channels import rules, visitors
from hub.channels.hours import Opening, opening
from hub.channels.models import Channel, Visitor
from hub.channels.rules import Launcher, PreChat
from hub.channels.visitors import VisitorDraft
from hub.conversations import identifying, ratings, transcripts, uploads, views
from hub.conversations.grouped import words
from hub.conversations.messages import Draft
from hub.conversations.ratings import RatingDraft
from hub.conversations.transcripts import TranscriptDraft
from hub.conversations.views import VisitorMessage, VisitorPage
from hub.core.access import system_actor
from hub.core.errors import Forbidden, NotFound
from hub.core.hub import Hub
from hub.core.work import Work

PREFIX = "/api/v1/widget/{channel_id:uuid}"
TheChannel = NamedDependency[Channel]


class WidgetLook(msgspec.Struct, kw_only=True):
    """What the button on the page needs before anybody has pressed it."""

    color: str
    launcher: Launcher
    languages: list[str]


class WidgetChannel(WidgetLook, kw_only=True):
    """`reply_time` (minutes, hours, day) is what visitors may expect; `share_page`: always, ask or never."""

    name: str
    greeting: str
    logo_url: str | None
    pre_chat: PreChat
    reply_time: str | None
    share_page: str


class WidgetVisitor(msgspec.Struct, kw_only=True):
    """What is known of the visitor; `verified`: the website has vouched for it."""

    name: str
    email: str
    verified: bool


class WidgetSession(msgspec.Struct, kw_only=True):
    """`opening` is null where no hours are kept; `transcripts`: whether the thread can be had by e-mail."""

    visitor_token: str
    visitor_id: UUID
    conversation_id: UUID | None
    channel: WidgetChannel
    visitor: WidgetVisitor
    agents_online: bool
    opening: Opening | None
    transcripts: bool
    locale: str


class WidgetSent(msgspec.Struct, kw_only=True):
    message: VisitorMessage
    conversation_id: UUID


class WidgetRated(msgspec.Struct, kw_only=True):
    message: VisitorMessage


class WidgetTicket(msgspec.Struct, kw_only=True):
    ticket: str
    expires_in: int


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: the page's origin first, so that an admitted page can read every refusal, then channel and visitor.

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
    if channel.state != "active" and connection.scope.get("method") != "OPTIONS":
        raise NotFound("channel_paused")
    if handler.opt["access"] == "visitor":
        actor = await authenticate_visitor(connection)
        if actor.channel_id != channel.id:
            raise NotFound
        scope["actor"] = actor
        await rates.of_actor(connection, actor, handler)
    if "counts" in handler.opt:
        await rates.of_widget(connection, channel, handler.opt["counts"])


def provide_channel(request: Request[Any, Any, Any]) -> Channel:
    channel: Channel = request.scope["widget_channel"]  # type: ignore[typeddict-item]
    return channel


@route(
    [f"{PREFIX}/{tail}" for tail in ("look", "session", "messages", "files", "files/{file_id:uuid}", "ticket",
                                  "rating", "transcript")],
    http_method=["OPTIONS"], opt={"access": "public"}, include_in_schema=False, status_code=204,
)
async def preflight(channel_id: FromPath[UUID]) -> Response[None]:
    """What an admitted page may ask; the guard and the edge settled the origin."""
    return Response(None, status_code=204, headers={
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, content-type, accept-language, idempotency-key",
        "access-control-max-age": "600",
    })


@get(f"{PREFIX}/look", opt={"access": "public"}, operation_id="get_widget_look", tags=["Widget"],
     summary="How the chat button looks")
async def get_look(hub: TheHub, widget_channel: TheChannel) -> Response[WidgetLook]:
    settings = rules.webchat(widget_channel.settings)
    async with hub.work(system_actor(widget_channel.organization_id, "widget")) as work:
        accent = (await appearance.of(work)).accent
    look = WidgetLook(color=settings.color or accent, launcher=settings.launcher, languages=list(settings.languages))
    return Response(look, headers={"cache-control": "private, max-age=300"})


@post(f"{PREFIX}/session", opt={"access": "public", "counts": "sessions"}, status_code=200,
      operation_id="open_widget_session", tags=["Widget"], responses=refusals(401, 429),
      summary="Recognise a visitor, or welcome a new one")
async def open_session(hub: TheHub, widget_channel: TheChannel, data: JSONBody[VisitorDraft]) -> WidgetSession:
    """Recognises the visitor by the token, or makes a new one; a website may vouch for who it is."""
    async with hub.work(system_actor(widget_channel.organization_id, "widget")) as work:
        known = visitors.vouched(work, widget_channel, data.identity_token) if data.identity_token else None
        visitor, token = await visitors.greet(work, widget_channel, data, known)
        if known is not None:
            await identifying.identify(work, widget_channel, visitor, known)
    states = await hub.ports.presence.states(widget_channel.organization_id)
    async with hub.work(visitors.visitor_actor(visitor)) as work:
        return await _session(work, widget_channel, visitor, token, agents_online="online" in states.values())


async def _session(
    work: Work, channel: Channel, visitor: Visitor, token: str, *, agents_online: bool
) -> WidgetSession:
    settings = rules.webchat(channel.settings)
    house = await appearance.organization(work)
    look = house.appearance
    return WidgetSession(
        visitor_token=token, visitor_id=visitor.id, conversation_id=await views.visitor_conversation(work),
        channel=WidgetChannel(
            name=channel.name, color=settings.color or look.accent, greeting=settings.greeting,
            logo_url=look.logo_url, launcher=settings.launcher, languages=list(settings.languages),
            pre_chat=settings.pre_chat, reply_time=settings.reply_time, share_page=settings.share_page,
        ),
        visitor=WidgetVisitor(name=visitor.name, email=visitor.email, verified=visitor.verified_at is not None),
        agents_online=agents_online, locale=visitor.locale, transcripts=bool(work.hub.settings.smtp_url),
        opening=opening(settings.hours, work.now, home=house.time_zone) if settings.hours else None,
    )


@get(f"{PREFIX}/messages", opt={"access": "visitor"}, operation_id="list_widget_messages", tags=["Widget"],
      summary="The visitor's thread")
async def list_messages(
    hub: TheHub, actor: TheActor, widget_channel: TheChannel, before: FromQuery[int | None] = None,
    after: FromQuery[int | None] = None, limit: FromQuery[int] = 50,
) -> VisitorPage:
    async with hub.work(actor) as work:
        return await views.visitor_messages(work, before=before, after=after, limit=limit)


@post(f"{PREFIX}/messages", opt={"access": "visitor", "counts": "messages"},
      operation_id="send_widget_message", tags=["Widget"], summary="Write as the visitor")
async def send_message(
    hub: TheHub, actor: TheActor, widget_channel: TheChannel, data: JSONBody[Draft]
) -> Response[WidgetSent]:
    """201 for a new message, 200 for one that was already here under the same client id; 422 `pre_chat_required` for
    the first one of a visitor who has not said who they are, where the channel wants to know."""
    message, conversation_id, created = await words.say(hub, actor, data)
    return Response(WidgetSent(message=message, conversation_id=conversation_id), status_code=201 if created else 200)


@post(f"{PREFIX}/files", opt={"access": "visitor", "counts": "files", "repeatable": False},
      operation_id="upload_widget_file", tags=["Widget"], summary="Upload a file to attach",
      request_max_body_size=files.BODY_LIMIT)
async def upload_file(
    hub: TheHub, actor: TheActor, widget_channel: TheChannel, request: Request[Any, Any, Any]
) -> files.FileView:
    stored = await files.receive(hub, actor, request)
    return files.view(stored, base=f"/api/v1/widget/{widget_channel.id}/files")


@get(f"{PREFIX}/files/{{file_id:uuid}}", opt={"access": "visitor", "counted": False}, operation_id="get_widget_file",
      tags=["Widget"],
      summary="A file of the visitor's thread",
     media_type="application/octet-stream")
async def get_file(hub: TheHub, actor: TheActor, widget_channel: TheChannel, file_id: FromPath[UUID]) -> Stream:
    async with hub.work(actor) as work:
        stored = await uploads.readable(work, file_id)
    return await files.serve(hub, stored)


@post(f"{PREFIX}/ticket", opt={"access": "visitor", "repeatable": False},
      operation_id="issue_widget_ticket", tags=["Widget"], summary="A single-use ticket for the live socket",
      status_code=200)
async def issue_ticket(hub: TheHub, actor: TheActor, widget_channel: TheChannel) -> WidgetTicket:
    ticket, seconds = await tickets.issue(hub, widget_channel.organization_id, visitor_id=actor.visitor_id)
    return WidgetTicket(ticket=ticket, expires_in=seconds)


@post(f"{PREFIX}/rating", opt={"access": "visitor"}, operation_id="rate_widget_conversation", tags=["Widget"],
      summary="Say how the service was, once for each engagement")
async def rate(
    hub: TheHub, actor: TheActor, widget_channel: TheChannel, data: JSONBody[RatingDraft]
) -> WidgetRated:
    async with hub.work(actor) as work:
        return WidgetRated(message=await ratings.rate(work, data))


@post(f"{PREFIX}/transcript", opt={"access": "visitor"}, operation_id="mail_widget_transcript", tags=["Widget"],
      summary="Have the thread mailed", status_code=202)
async def mail_transcript(
    hub: TheHub, actor: TheActor, widget_channel: TheChannel, request: Request[Any, Any, Any],
    data: JSONBody[TranscriptDraft],
) -> None:
    """Once in ten minutes for each visitor; fewer for each address of the net and of mail, which strangers choose."""
    address, ip = accounts.email(data.email), str(request.scope.get("client_ip", ""))
    await attempts.take(
        hub, Bucket("transcript", network_of(ip), most=30, minutes=60),
        Bucket("transcript.address", address, most=5, minutes=60),
    )
    async with hub.work(actor) as work:
        await transcripts.order(work, data)


ROUTER = Router(
    "/", guards=[admit], dependencies={"widget_channel": Provide(provide_channel, sync_to_thread=False)},
    route_handlers=[
        preflight, get_look, open_session, list_messages, send_message, upload_file, get_file, issue_ticket, rate,
        mail_transcript,
    ],
)
HANDLERS = [ROUTER]
