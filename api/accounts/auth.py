"""Registering, signing in and out, refreshing, and setting a password by mail."""

from contextlib import suppress
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from api.accounts import cookie
from api.accounts.documented import refusals
from api.deps import AnyRequest, TheActor, TheHub, TheLocale
from hub.accounts import organizations, resets, sessions, sign_in, views
from hub.accounts.organizations import Registration
from hub.accounts.sessions import Device, Grant
from hub.core.errors import NotFound, Unauthenticated
from hub.core.hub import Hub

NO_STORE = {"cache-control": "no-store"}
TAGS = ["Auth"]
Mode = Literal["token", "cookie"]
Line = Annotated[str, msgspec.Meta(max_length=1000)]


class RegisterBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`session`: `cookie` keeps the refresh token in an HttpOnly cookie, `token` answers it."""

    organization_name: Line
    name: Line
    email: Line
    password: Line
    slug: Line | None = None
    locale: Line | None = None
    time_zone: Line | None = None
    session: Mode = "token"


class LoginBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`slug` is needed only when e-mail and password fit several organizations."""

    email: Line
    password: Line
    slug: Line | None = None
    session: Mode = "token"


class RefreshBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a token the cookie is used, and Origin must be ours."""

    refresh_token: Line | None = None


class PasswordResetBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Line
    slug: Line | None = None


class PasswordResetConfirmBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Line
    password: Line


class Devices(msgspec.Struct, frozen=True):
    results: list[views.Device]


@post("/api/v1/auth/register", opt={"access": "public"}, operation_id="register", tags=TAGS,
      summary="Found an organization and sign its owner in", responses=refusals(403, 409, 422, 429))
async def register(
    hub: TheHub, request: AnyRequest, locale: TheLocale, data: JSONBody[RegisterBody]
) -> Response[views.Session]:
    _check_mode(request, hub, data.session)
    registration = Registration(
        organization_name=data.organization_name, name=data.name, email=data.email, password=data.password,
        slug=data.slug, locale=data.locale, time_zone=data.time_zone,
    )
    grant = await organizations.register(hub, registration, device=_device(request), locale=locale)
    return await _answer(hub, grant, data.session, status=201)


@post("/api/v1/auth/login", opt={"access": "public"}, operation_id="login", tags=TAGS, status_code=200,
      summary="Sign in", responses=refusals(401, 403, 409, 422, 429))
async def login(hub: TheHub, request: AnyRequest, data: JSONBody[LoginBody]) -> Response[views.Session]:
    _check_mode(request, hub, data.session)
    grant = await sign_in.sign_in(
        hub, email=data.email, password=data.password, slug=data.slug, device=_device(request)
    )
    return await _answer(hub, grant, data.session)


@post("/api/v1/auth/refresh", opt={"access": "public"}, operation_id="refresh_session", tags=TAGS, status_code=200,
      summary="Exchange a refresh token", responses=refusals(401, 403, 422))
async def refresh(
    hub: TheHub, request: AnyRequest, data: JSONBody[RefreshBody | None] = None
) -> Response[views.Session]:
    """A refused refresh leaves the cookie alone: it may be the winner's already."""
    if data is not None and data.refresh_token:
        return await _answer(hub, await sessions.refresh(hub, data.refresh_token), "token")
    token = cookie.given(request, hub)
    if token is None:
        raise Unauthenticated
    cookie.check_origin(request, hub, required=True)
    return await _answer(hub, await sessions.refresh(hub, token), "cookie")


@post("/api/v1/auth/logout", opt={"access": "signed_in", "repeatable": False}, operation_id="logout",
      tags=TAGS, status_code=204, summary="End this session", responses=refusals(401))
async def logout(hub: TheHub, actor: TheActor, request: AnyRequest) -> Response[None]:
    assert actor.session_id is not None
    with suppress(NotFound):  # another tab was faster
        async with hub.work(actor) as work:
            await sessions.end(work, actor.session_id)
    cookies = [cookie.emptied(hub)] if cookie.given(request, hub) else []
    return Response(None, status_code=204, headers=NO_STORE, cookies=cookies)


@post("/api/v1/auth/password-reset", opt={"access": "public"}, operation_id="request_password_reset", tags=TAGS,
      status_code=202, summary="Have a link mailed; the answer is the same whether or not anybody has that address",
      responses=refusals(422))
async def request_password_reset(
    hub: TheHub, request: AnyRequest, data: JSONBody[PasswordResetBody]
) -> Response[dict[str, str]]:
    """The answer is an empty object."""
    await resets.request(hub, email=data.email, slug=data.slug, ip=_device(request).ip)
    return Response({}, status_code=202, headers=NO_STORE)


@post("/api/v1/auth/password-reset/confirm", opt={"access": "public"}, operation_id="confirm_password_reset", tags=TAGS,
      status_code=204, summary="Set the password that a mailed link permits", responses=refusals(422, 429))
async def confirm_password_reset(
    hub: TheHub, request: AnyRequest, data: JSONBody[PasswordResetConfirmBody]
) -> Response[None]:
    await resets.confirm(hub, token=data.token, password=data.password, ip=_device(request).ip)
    return Response(None, status_code=204, headers=NO_STORE)


@get("/api/v1/auth/sessions", opt={"access": "signed_in"}, operation_id="list_sessions", tags=TAGS,
     summary="Where I am signed in", responses=refusals(401))
async def list_sessions(hub: TheHub, actor: TheActor) -> Response[Devices]:
    async with hub.work(actor) as work:
        return Response(Devices(await views.devices(work)), headers=NO_STORE)


@delete("/api/v1/auth/sessions/{session_id:uuid}", opt={"access": "signed_in"}, operation_id="end_session", tags=TAGS,
        status_code=204, summary="End one of my sessions", responses=refusals(401, 404))
async def end_session(hub: TheHub, actor: TheActor, session_id: FromPath[UUID]) -> Response[None]:
    async with hub.work(actor) as work:
        await sessions.end(work, session_id, reason="revoked")
    return Response(None, status_code=204, headers=NO_STORE)


def _device(request: AnyRequest) -> Device:
    agent = "".join(letter for letter in request.headers.get("user-agent", "") if letter.isprintable())
    return Device(user_agent=agent, ip=str(request.scope.get("client_ip", "")))


def _check_mode(request: AnyRequest, hub: Hub, mode: Mode) -> None:
    if mode == "cookie":
        cookie.check_origin(request, hub, required=False)


async def _answer(hub: Hub, grant: Grant, mode: Mode, *, status: int = 200) -> Response[views.Session]:
    session = await views.session(hub, grant, with_refresh_token=mode == "token")
    cookies = [cookie.carrying(hub, grant)] if mode == "cookie" else []
    return Response(session, status_code=status, headers=NO_STORE, cookies=cookies)


HANDLERS = [
    register, login, refresh, logout, request_password_reset, confirm_password_reset, list_sessions, end_session,
]
