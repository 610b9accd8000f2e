"""What a browser opens: the phone, the mailbox, the demo shop, their static files, and the live socket.

GET /              the phone
GET /mail          the mailbox
GET /site          a shop with the widget on it, ?channel=
GET /static/…      scripts, styles, catalogues
WS  /live          events; the page says which chat is before the reader's eyes
"""

import asyncio
import contextlib
import json
import re
import secrets
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, Router, WebSocket, get, websocket
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, WebSocketDisconnect
from litestar.params import FromPath

from providers.simulator.config import SimulatorConfig
from providers.simulator.delivery import Deliveries
from providers.simulator.live import Live
from providers.simulator.world import World

STATIC = Path(__file__).parent / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
LANGUAGES = ("en", "pt-BR", "es")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Look(msgspec.Struct):
    """What a page says of itself: its reader has these chats before the eyes, by customer the business number."""

    chats: dict[str, str]


@get("/")
async def phone_page(request: Request[Any, Any, Any]) -> Response[bytes]:
    return _page(request, "phone.html")


@get("/mail")
async def mail_page(request: Request[Any, Any, Any]) -> Response[bytes]:
    return _page(request, "mail.html")


@get("/site")
async def site_page(request: Request[Any, Any, Any], config: NamedDependency[SimulatorConfig]) -> Response[bytes]:
    """A customer's own website: the page says nothing but where the widget is."""
    channel = request.query_params.get("channel") or config.site_channel_id or ""
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", channel):
        raise NotFoundException("no such channel")
    hub = _hub_origin(request, config)
    language = request.query_params.get("lang") or language_of(request.headers.get("accept-language", ""))
    words = json.loads((STATIC / "i18n" / f"{language if language in LANGUAGES else 'en'}.json").read_text("utf-8"))
    filled = {key.replace(".", "_"): escape(text) for key, text in words.items() if key.startswith("site.")}
    widget = f'<script src="{escape(hub)}/widget.js" data-channel="{channel}" defer></script>' if channel else ""
    html = Template((STATIC / "site.html").read_text("utf-8")).substitute(filled, lang=language, widget=widget)
    sockets = hub.replace("http", "ws", 1)
    headers = {
        "content-security-policy": f"default-src 'none'; script-src 'self' {hub}; style-src 'self' {hub}; "
        f"img-src 'self' {hub} blob: data:; media-src 'self' {hub} blob:; connect-src 'self' {hub} {sockets}; "
        "base-uri 'none'; form-action 'none'"
    }
    return Response(html.encode(), media_type="text/html", headers=headers)


@get("/static/{name:path}")
async def static_file(name: FromPath[Path]) -> Response[bytes]:
    path = (STATIC / str(name).lstrip("/")).resolve()
    if STATIC.resolve() not in path.parents or path.suffix not in TYPES or not path.is_file():
        raise NotFoundException("no such file")
    headers = {"cache-control": "no-cache"}
    return Response(path.read_bytes(), media_type=TYPES[path.suffix], headers=headers)


@websocket("/live")
async def live_socket(
    socket: WebSocket[Any, Any, Any],
    live: NamedDependency[Live],
    world: NamedDependency[World],
    deliveries: NamedDependency[Deliveries],
) -> None:
    """Frames `{type, value}` out; `Look` in."""
    await socket.accept()
    viewer = secrets.token_hex(8)
    seen: set[str] = set()
    with live.subscribe() as queue:
        writer = asyncio.create_task(_write(socket, queue))
        try:
            async for raw in socket.iter_data("text"):
                with contextlib.suppress(msgspec.DecodeError):
                    chats = msgspec.json.decode(raw, type=Look).chats
                    for other in seen - chats.keys():
                        world.look_at(other, None, viewer=viewer)
                    seen = set(chats)
                    for wa_id, number_id in chats.items():
                        world.look_at(wa_id, number_id, viewer=viewer)
                        if wa_id in world.phones.rows:
                            deliveries.catch_up(world.phone(wa_id), number_id)
        except WebSocketDisconnect:
            pass
        finally:
            for wa_id in seen:
                world.look_at(wa_id, None, viewer=viewer)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)


async def _write(socket: WebSocket[Any, Any, Any], queue: asyncio.Queue[str | None]) -> None:
    while (frame := await queue.get()) is not None:
        await socket.send_text(frame)
    await socket.close(code=4000, reason="reconnect")


def pages_router() -> Router:
    return Router("/", route_handlers=[phone_page, mail_page, site_page, static_file, live_socket])


def language_of(accept: str) -> str:
    """The catalogue for an Accept-Language header."""
    wanted = []
    for index, part in enumerate(accept.split(",")[:20]):
        tag, _, weight = part.partition(";q=")
        with contextlib.suppress(ValueError):
            wanted.append((-float(weight or 1), index, tag.strip().lower()[:2]))
    known = {"en": "en", "pt": "pt-BR", "es": "es"}
    return next((known[tag] for _, _, tag in sorted(wanted) if tag in known), "en")


def _page(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    here = str(request.scope.get("simulator_location", "/"))
    if name == "phone.html" and not here.endswith("/"):
        # Links in the page are relative: without the slash they would miss the mount.
        return Response(b"", status_code=307, headers={"location": here.rsplit("/", 1)[-1] + "/"})
    headers = {"content-security-policy": CSP, "cache-control": "no-cache"}
    return Response((STATIC / name).read_bytes(), media_type="text/html", headers=headers)


def _hub_origin(request: Request[Any, Any, Any], config: SimulatorConfig) -> str:
    """Empty when this page comes from the hub itself, so that the widget's address stays relative."""
    hub = urlsplit(config.hub_url)
    mounted = bool(request.scope.get("simulator_prefix")) or request.headers.get("host") == hub.netloc
    return "" if mounted else f"{hub.scheme}://{hub.netloc}"
