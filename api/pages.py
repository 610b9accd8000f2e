"""The console, the widget and the API's pages: static files, compressed once, strict about scripts."""

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath

from api import console_files, widget_files
from hub.core.errors import NotFound

ROOT = Path(__file__).parent / "web"
FOLDERS = frozenset({"console", "widget", "shared", "vendor", "docs"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self' ws: wss:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DOCS_CSP = (  # Swagger UI and ReDoc style their elements from script
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml",
          ".html": "text/html"}
_TEXT = frozenset({".js", ".css", ".json", ".svg", ".html"})


_FOR_EVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=1024)
def _load(path: Path, _changed: int, version: str) -> tuple[bytes, bytes | None, str]:
    raw = path.read_bytes()
    if path.is_relative_to(ROOT / widget_files.FOLDER):
        raw = widget_files.lean(widget_files.loader(raw) if version else raw)
    else:
        versioned = console_files.worker if path.suffix == ".js" else console_files.page
        raw = versioned(raw) if version else console_files.travelling(path, raw)
    packed = gzip.compress(raw, 9, mtime=0) if path.suffix in _TEXT else None
    return raw, packed, f'"{hashlib.sha256(raw).hexdigest()[:32]}"'


def serve(
    request: Request[Any, Any, Any], relative: str, *, headers: dict[str, str] | None = None, version: str = ""
) -> Response[bytes]:
    """A file below `api/web`, revalidated by its hash on each use unless the headers say otherwise.

    `version` is given for what carries one: the console's page and the widget's loader. Raises `NotFound` for all else.
    """
    parts = Path(relative).parts
    path = (ROOT / relative).resolve()
    if not parts or parts[0] not in FOLDERS or not path.is_relative_to(ROOT) or not path.is_file():
        raise NotFound
    raw, packed, etag = _load(path, path.stat().st_mtime_ns, version)
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    answer = {"etag": etag, "cache-control": "no-cache", "vary": "Accept-Encoding", **(headers or {})}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=answer)
    if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        answer["content-encoding"] = "gzip"
        raw = packed
    charset = "; charset=utf-8" if path.suffix in _TEXT else ""
    return Response(raw, media_type=media_type + charset, headers=answer)


def require_docs(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard: the API's pages are shown only where the settings say so. Raises `NotFound`."""
    if not connection.app.state.hub.settings.shows_docs:
        raise NotFound


@get(["/app", "/app/"], opt={"access": "public"}, include_in_schema=False)
async def console(request: Request[Any, Any, Any]) -> Response[bytes]:
    return serve(request, "console/index.html", version=console_files.version(), headers={
        "content-security-policy": CSP,
    })


@get("/app/worker.js", opt={"access": "public"}, include_in_schema=False)
async def console_worker(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What keeps the console's page in the browser; it may look after no other page of ours."""
    return serve(request, "console/worker.js", version=console_files.version(), headers={
        "content-security-policy": CSP, "service-worker-allowed": "/app",
    })


@get("/", opt={"access": "public"}, include_in_schema=False)
async def root() -> Response[bytes]:
    return Response(b"", status_code=307, headers={"location": "/app"})


@get("/widget.js", opt={"access": "public"}, include_in_schema=False)
async def widget(request: Request[Any, Any, Any]) -> Response[bytes]:
    return serve(request, "widget/widget.js", version=widget_files.version(), headers={
        "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin",
    })


@get("/web/{path:path}", opt={"access": "public"}, include_in_schema=False)
async def assets(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
    """Scripts, styles and texts; readable from any origin, because the widget runs on other people's pages.

    Below `v-…` (the widget) and `c-…` (the console) they are kept by browsers, as long as that is still their version.
    """
    relative = path.lstrip("/")
    first, _, rest = relative.partition("/")
    kept: dict[str, str] = {}
    if first.startswith(("v-", "c-")):
        relative = rest
        current = widget_files.version() if first.startswith("v-") else console_files.version()
        kept = {"cache-control": _FOR_EVER} if first == current else {}
    return serve(request, relative, headers={
        **kept,
        "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin",
        "content-security-policy": CSP,
    })


@get("/api/schema", opt={"access": "public"}, guards=[require_docs], include_in_schema=False)
async def schema(request: Request[Any, Any, Any]) -> Response[Any]:
    """The OpenAPI 3.1 document."""
    return Response(request.app.openapi_schema.to_schema(), media_type="application/vnd.oai.openapi+json")


@get("/api/docs", opt={"access": "public"}, guards=[require_docs], include_in_schema=False)
async def swagger(request: Request[Any, Any, Any]) -> Response[bytes]:
    return serve(request, "docs/swagger.html", headers={"content-security-policy": DOCS_CSP})


@get("/api/redoc", opt={"access": "public"}, guards=[require_docs], include_in_schema=False)
async def redoc(request: Request[Any, Any, Any]) -> Response[bytes]:
    return serve(request, "docs/redoc.html", headers={"content-security-policy": DOCS_CSP})


HANDLERS = [root, console, console_worker, widget, assets, schema, swagger, redoc]
