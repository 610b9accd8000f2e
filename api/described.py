"""The OpenAPI document as the server really is: who may ask, every status that can come, and what follows from what.

Litestar derives the shapes. What it cannot know is derived here by rule, from how a route is declared, so that nobody
has to repeat it at a hundred routes; a route declares by `refusals(…)` only what is its own (403, 409, 429).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import OpenAPI

from api.accounts.documented import MEANING
from api.errors import MEDIA_TYPE
from api.idempotency import repeatable
from hub.core.access import PERMISSIONS

Json = dict[str, Any]

_PROBLEM: Json = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_FILE: Json = {"multipart/form-data": {"schema": {
    "type": "object", "required": ["file"],
    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
}}}
_BODIES: dict[str, Json] = {  # of routes that read the body themselves
    "upload_file": _FILE, "upload_widget_file": _FILE, "set_logo": _FILE,
    "receive_whatsapp_webhook": {"application/json": {"schema": {}}},
}
_STILL = frozenset({"alive", "ping"})  # answer without any I/O
_ANSWERS_AGAIN = frozenset({"send_message", "schedule_message", "send_widget_message"})  # 200 for what was here already
_OTHERWISE = frozenset({"act_on_conversations", "create_department", "create_user"})  # of unknown ids: 422, or 200
_THING = re.compile(r"_ids?$")


@dataclass
class Door:
    """What a route declares of itself."""

    access: str = "public"
    is_for_some: bool = False  # a permission that not every role has
    repeatable: bool = False
    is_counted: bool = True


@dataclass
class DescribedConfig(OpenAPIConfig):
    """`doors`: operation id → how it is declared; filled once the routes are known."""

    doors: dict[str, Door] = field(default_factory=dict)

    def to_openapi_schema(self) -> OpenAPI:
        plain = super().to_openapi_schema()
        made = Described(**{one.name: getattr(plain, one.name) for one in fields(plain)})
        made.doors = self.doors
        return made


class Described(OpenAPI):
    """The document, completed as it is written out."""

    doors: Mapping[str, Door] = {}

    def to_schema(self) -> Json:
        return complete(super().to_schema(), self.doors)


def describe(app: Litestar) -> None:
    """Reads how every route is declared, for the document."""
    config = app.openapi_config
    if not isinstance(config, DescribedConfig):
        return
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and handler.operation_id:
                config.doors[str(handler.operation_id)] = _door(handler)


def _door(handler: HTTPRouteHandler) -> Door:
    permission = handler.opt.get("permission")
    return Door(
        access="signed_in" if permission else str(handler.opt.get("access")),
        is_for_some=permission is not None and any(permission not in held for held in PERMISSIONS.values()),
        repeatable=repeatable(handler), is_counted=bool(handler.opt.get("counted", True)),
    )


def complete(document: Json, doors: Mapping[str, Door]) -> Json:
    """Adds security, statuses and links to every operation of a document."""
    operations = list(_operations(document))
    for path, method, operation in operations:
        door = doors.get(operation["operationId"], Door())
        operation["security"] = {"signed_in": [{"bearer": []}], "visitor": [{"visitor": []}]}.get(door.access, [])
        if operation["operationId"] in _BODIES:
            operation["requestBody"] = {"required": True, "content": _BODIES[operation["operationId"]]}
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        named = _resolved(document, body).get("properties", {})
        _complete_responses(path, method, operation, door, named)
    _link(document, operations)
    return document


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _complete_responses(
    path: str, method: str, operation: Json, door: Door, named: Collection[str]
) -> None:
    """`named`: the members of the body."""
    responses: Json = operation["responses"]
    declared = {int(status) for status in responses if not status.startswith("2")}
    own = {409, 429} | ({401} if door.access == "public" else set()) | ({403} if method != "get" else set())
    wanted = declared & own | set(_derived(path, operation, door, named))
    for refusal in [status for status in responses if not status.startswith("2")]:
        del responses[refusal]
    if operation["operationId"] in _ANSWERS_AGAIN:
        responses["200"] = {**responses["201"], "description": "It was here already, under the same client id"}
    for status in sorted(wanted):
        responses[str(status)] = {"description": MEANING[status], "content": _PROBLEM}


def _derived(path: str, operation: Json, door: Door, named: Collection[str]) -> Iterator[int]:
    """The refusals that follow from what is asked and who may ask it."""
    if operation["operationId"] in _STILL:
        return
    yield 503
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        yield 413
    if path.startswith("/webhooks/"):
        yield 403
        return
    yield from _of_input(path, operation, content, () if operation["operationId"] in _OTHERWISE else named)
    if door.access != "public":
        yield from (401, 429) if door.is_counted else (401,)
    if door.is_for_some or "/widget/" in path:
        yield 403
    if door.repeatable:
        yield from (409, 422)


def _of_input(path: str, operation: Json, content: Json, named: Collection[str]) -> Iterator[int]:
    queries = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
    if content:
        yield 400
    if content or queries:
        yield 422
    if "{" in path or any(_THING.search(name) for name in [*queries, *named]):
        yield 404


def _link(document: Json, operations: list[tuple[str, str, Json]]) -> None:
    """From what makes or lists things to what can be asked of each: wherever the name that paths give its id stands."""
    names = {path: set(re.findall(r"\{(\w+)\}", path)) for path, _, _ in operations}
    for path, method, operation in operations:
        own = [match[1] for below in names if (match := re.fullmatch(re.escape(path) + r"/\{(\w+)\}", below))]
        if not own or method not in ("get", "post"):
            continue
        linked = [target["operationId"] for below, _, target in operations if names[below] == names[path] | {own[0]}]
        for status in ("200", "201"):
            response = operation["responses"].get(status, {})
            if pointer := _id_in(document, response):
                given = {name: f"$request.path.{name}" for name in sorted(names[path])}
                given[own[0]] = f"$response.body#{pointer}"
                response["links"] = {name: {"operationId": name, "parameters": given} for name in linked}


def _id_in(document: Json, response: Json) -> str | None:
    """Where the id of a thing, or of the first of many, stands in an answer."""
    schema = _resolved(document, response.get("content", {}).get("application/json", {}).get("schema", {}))
    properties = schema.get("properties", {})
    if "id" in properties:
        return "/id"
    items = _resolved(document, properties.get("results", {})).get("items", {})
    return "/results/0/id" if "id" in _resolved(document, items).get("properties", {}) else None


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema
