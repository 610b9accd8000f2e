"""A customer's website on another origin, with a strict policy and hostile styles, that carries the widget."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Response, get

from tests.running import Person, Stack, listener, serving

STRICT = (
    "default-src 'none'; script-src {hub}; connect-src {hub} {ws}; img-src blob: data: {hub}; media-src blob:; "
    "style-src 'self'; base-uri 'none'"
)
OPEN_SHADOWS = """const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }); };"""
HOSTILE = "*{all:unset!important;color:red!important;font-size:40px!important} div,span,button{display:none!important}"


@asynccontextmanager
async def website(running: Stack, owner: Person, **more: Any) -> AsyncIterator[tuple[str, str]]:
    """Its address and the web chat channel; `more` are the channel's own values."""
    bound = listener()
    origin = f"http://127.0.0.1:{bound.getsockname()[1]}"
    channel = await owner.post("/api/v1/channels", {
        "kind": "webchat", "name": "Shop", "settings": {"allowed_origins": [origin], "greeting": "Ask us anything"},
        **more,
    })
    policy = STRICT.format(hub=running.url, ws=running.url.replace("http", "ws"))
    script = f'<script src="{running.url}/widget.js" data-channel="{channel["id"]}" defer></script>'
    body = ('<!doctype html><html lang="en"><head><title>Shop</title><link rel="stylesheet" href="/hostile.css">'
            f"</head><body><h1>Shop</h1>{script}</body></html>")

    @get("/")
    async def home() -> Response[str]:
        return Response(body, media_type="text/html", headers={"content-security-policy": policy})

    @get("/hostile.css")
    async def hostile() -> Response[str]:
        return Response(HOSTILE, media_type="text/css")

    async with serving(Litestar([home, hostile], openapi_config=None), bound):
        yield origin, channel["id"]
