"""The HTTP side: routes, errors in the right shape, and the guard before them.

The app finds its own mount point, so the hub may mount it at `/simulator` with the prefix stripped or left in place.
"""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import structlog
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from providers.simulator.control import control_router
from providers.simulator.crowd_control import crowd_router
from providers.simulator.errors import GraphError
from providers.simulator.graph import graph_router
from providers.simulator.graph_account import account_router
from providers.simulator.graph_media import media_router
from providers.simulator.inbound import RefusedError
from providers.simulator.mail import mail_router
from providers.simulator.pages import pages_router

log = structlog.get_logger("simulator")
MOUNT = "/simulator"
BODY_BYTES = 1024 * 1024
AnyRequest = Request[Any, Any, Any]


def build_app(parts: Mapping[str, object], *, hub_url: str) -> ASGIApp:
    """The ASGI app over these named parts, which the handlers ask for by name."""
    inner = Litestar(
        route_handlers=[
            graph_router(),
            account_router(),
            media_router(),
            control_router(),
            crowd_router(),
            mail_router(),
            pages_router(),
        ],
        dependencies={name: _provide(part) for name, part in parts.items()},
        exception_handlers={
            GraphError: _graph_error,
            RefusedError: _refused,
            HTTPException: _http_error,
            Exception: _unexpected,
        },
        request_max_body_size=BODY_BYTES,
        openapi_config=None,
        logging_config=None,
        after_request=_harden,
    )
    return _mounted(inner, hub_origin=_origin(hub_url))


def _provide(part: object) -> Provide:
    return Provide(lambda: part, sync_to_thread=False)


def _mounted(inner: ASGIApp, *, hub_origin: str) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        outer = cast("dict[str, Any]", scope)
        if outer["type"] == "lifespan":
            await inner(scope, receive, send)
            return
        path, prefix, location = locate(outer)
        if not path.startswith("/graph/") and _foreign(outer, hub_origin):
            await _refuse_origin(outer, receive, send)
            return
        # A scope of its own: the outer app's routing state must not reach the inner router.
        own = {key: outer[key] for key in _KEPT if key in outer}
        own |= {"path": path, "root_path": "", "state": {}, "simulator_prefix": prefix, "simulator_location": location}
        await inner(cast(Scope, own), receive, send)

    return app


_KEPT = ("type", "asgi", "http_version", "method", "scheme", "query_string", "headers", "client", "server",
         "subprotocols", "extensions", "raw_path")  # fmt: skip


def locate(scope: dict[str, Any]) -> tuple[str, str, str]:
    """The path inside the simulator, the prefix of the mount, and the whole path as the browser sent it."""
    path: str = scope["path"]
    root = scope.get("root_path", "").rstrip("/")
    if root and (path == root or path.startswith(root + "/")):
        path = path[len(root) :]
    if path == MOUNT or path.startswith(MOUNT + "/"):
        path = path[len(MOUNT) :]
    path = path.rstrip("/") or "/"
    raw = scope.get("raw_path")
    whole = unquote(raw.decode("latin-1").split("?")[0]) if raw else root + path
    tail = "" if path == "/" else path
    bare = whole.rstrip("/")
    return path, bare[: len(bare) - len(tail)] if bare.endswith(tail) else root, whole


def _foreign(scope: dict[str, Any], hub_origin: str) -> bool:
    """Whether another site's page is behind an act (not behind a mere reading)."""
    headers = dict(scope["headers"])
    if scope["type"] == "http" and scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not origin:
        return bool(headers.get(b"sec-fetch-site", b"") == b"cross-site")
    host: str = headers.get(b"host", b"").decode("latin-1")
    return bool(urlsplit(origin).netloc != host and origin != hub_origin)


async def _refuse_origin(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": "origin"})
        return
    content = b'{"error":"requests from other sites are refused"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": False})


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _graph_error(request: AnyRequest, error: GraphError) -> Response[Any]:
    return Response(error.body(), status_code=error.status, media_type="application/json")


def _refused(request: AnyRequest, error: RefusedError) -> Response[Any]:
    return Response({"error": str(error)}, status_code=400, media_type="application/json")


def _http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    if request.scope["path"].startswith("/graph/"):
        return _graph_error(request, _as_graph(request, error))
    why: dict[str, Any] = {"error": error.detail}
    if error.extra:
        why["extra"] = error.extra
    return Response(why, status_code=error.status_code, media_type="application/json")


def _as_graph(request: AnyRequest, error: HTTPException) -> GraphError:
    if error.status_code in (404, 405):
        return GraphError(2500, f"Unknown path components: {request.scope['path'][:200]}")
    if error.status_code == 413:
        return GraphError(131053 if request.scope["path"].endswith("/media") else 100, "The request body is too large.")
    return GraphError(100, error.detail)


def _unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    log.error("simulator_failed", path=request.scope["path"], exc_info=error)
    return Response(GraphError(1).body(), status_code=500, media_type="application/json")


def _harden(response: Response[Any]) -> Response[Any]:
    response.headers.setdefault("x-content-type-options", "nosniff")
    response.headers.setdefault("referrer-policy", "no-referrer")
    return response
