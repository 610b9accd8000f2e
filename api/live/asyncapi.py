"""The AsyncAPI 3.0 document of the live protocol, generated from the frame structs and the close codes."""

from functools import cache
from typing import Any, get_args

import msgspec
from litestar import Request, Response, get

from api.deps import TheHub
from api.live import limits
from api.live.frames import CLOSE_MEANING, AnyClientFrame, AnyServerFrame
from hub.core.errors import NotFound

_SCHEMAS = "#/components/schemas/{name}"
_CHANNEL = "#/channels/live"


@get("/docs/asyncapi.json", opt={"access": "public"}, include_in_schema=False)
async def asyncapi(request: Request[Any, Any, Any], hub: TheHub) -> Response[bytes]:
    """Where the API's pages are shown at all."""
    if not hub.settings.shows_docs:
        raise NotFound
    body = msgspec.json.encode(document(str(request.app.openapi_config.version if request.app.openapi_config else "1")))
    return Response(body, media_type="application/json", headers={"cache-control": "no-cache"})


@cache
def document(version: str) -> dict[str, Any]:
    """The whole document."""
    client, server = get_args(AnyClientFrame), get_args(AnyServerFrame)
    _, schemas = msgspec.json.schema_components([*client, *server], ref_template=_SCHEMAS)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Switchboard live", "version": version,
            "description": "One WebSocket for each tab. Subscribe first, take the snapshot after, resume by number.",
        },
        "defaultContentType": "application/json",
        "channels": {"live": {
            "address": "/api/v1/live",
            "title": "The live socket",
            "description": _description(),
            "messages": {one.__name__: {"$ref": f"#/components/messages/{one.__name__}"} for one in client + server},
            "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            "x-close-codes": [
                {"code": int(code), "name": code.name.lower(), "meaning": meaning}
                for code, meaning in CLOSE_MEANING.items()
            ],
        }},
        "operations": {
            "receive": _operation("receive", "What clients send", client),
            "send": _operation("send", "What the server sends", server),
        },
        "components": {"messages": {frame.__name__: _message(frame) for frame in client + server}, "schemas": schemas},
    }


def _description() -> str:
    closes = "\n".join(f"- {int(code)}: {meaning}" for code, meaning in CLOSE_MEANING.items())
    return (
        f"The first frame is `hello`, within {limits.HELLO_WITHIN:g} s of opening, with a ticket from "
        "`POST /api/v1/live/ticket`. A client frame has at most "
        f"{limits.FRAME_BYTES // 1024} KiB and no unknown member. Close codes:\n{closes}"
    )


def _operation(action: str, title: str, frames: tuple[type, ...]) -> dict[str, Any]:
    return {
        "action": action, "title": title, "channel": {"$ref": _CHANNEL},
        "messages": [{"$ref": f"{_CHANNEL}/messages/{frame.__name__}"} for frame in frames],
    }


def _message(frame: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        "name": str(frame.__struct_config__.tag),
        "summary": " ".join((frame.__doc__ or "").split()) or str(frame.__struct_config__.tag),
        "payload": {"$ref": _SCHEMAS.format(name=frame.__name__)},
    }
