"""Numbers, business accounts and templates in the Graph API (contract section 1.10).

GET    /graph/{version}/{id}                             a number, a business account or a medium
DELETE /graph/{version}/{media_id}
GET    /graph/{version}/{waba_id}/phone_numbers
GET    /graph/{version}/{waba_id}/message_templates      ?limit &after &name &status
POST   /graph/{version}/{waba_id}/message_templates      → {id, status: PENDING, category}; soon approved
DELETE /graph/{version}/{waba_id}/message_templates      ?name
GET, POST, DELETE /graph/{version}/{waba_id}/subscribed_apps
POST   /graph/{version}/{phone_number_id}/register       {pin}
GET, POST /graph/{version}/{phone_number_id}/whatsapp_business_profile
"""

import re
import secrets
from typing import Any

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency

from providers.simulator.access import Access, GraphRequest
from providers.simulator.config import NumberConfig
from providers.simulator.envelopes import envelope
from providers.simulator.errors import GraphError, invalid, missing, unknown_object
from providers.simulator.faults import Faults
from providers.simulator.graph import decode
from providers.simulator.graph_media import describe, owned
from providers.simulator.media import MediaStore
from providers.simulator.templates import Template, Templates
from providers.simulator.webhooks import Webhooks
from providers.simulator.world import World

Json = dict[str, Any]


@get("/")
async def read_node(
    request: GraphRequest,
    *,
    access: NamedDependency[Access],
    media: NamedDependency[MediaStore],
    world: NamedDependency[World],
    faults: NamedDependency[Faults],
) -> Response[Json]:
    """Whatever has this id."""
    with access.call(request, kind="read_node") as call:
        access.token(request)
        node = call.phone_number_id
        faults.refuse(phone_number_id=node, on="media" if media.get(node) else "mark")
        if node in world.numbers.rows:
            return Response(_shown(access.number(request)))
        if any(number.waba_id == node for number in world.numbers):
            return Response({"id": node, "name": access.account(request)[0].name})
        found = owned(request, node, access, media)
        if found is None:
            raise unknown_object(node)
        call.kind, call.message_id = "media_info", node
        return Response(describe(request, found, access, media))


@delete("/", status_code=200)
async def delete_media(
    request: GraphRequest,
    access: NamedDependency[Access],
    media: NamedDependency[MediaStore],
) -> Response[Json]:
    """Forget a medium."""
    with access.call(request, kind="media_delete") as call:
        access.token(request)
        node = call.phone_number_id
        if owned(request, node, access, media) is None:
            raise unknown_object(node)
        media.rows.drop(node)
        return Response({"success": True})


@get("/phone_numbers")
async def list_numbers(request: GraphRequest, access: NamedDependency[Access]) -> Response[Json]:
    with access.call(request, kind="phone_numbers"):
        return Response({"data": [_shown(number) for number in access.account(request)]})


@get("/message_templates")
async def list_templates(
    request: GraphRequest,
    access: NamedDependency[Access],
    templates: NamedDependency[Templates],
) -> Response[Json]:
    """Templates, paged by cursor."""
    with access.call(request, kind="templates"):
        waba_id = access.account(request)[0].waba_id
        asked = request.query_params
        rows = [
            template
            for template in templates.of(waba_id)
            if asked.get("name") in (None, template.name) and asked.get("status") in (None, template.status)
        ]
        limit = min(max(_whole(asked.get("limit"), 25), 1), 200)
        start = max(_whole(asked.get("after"), 0), 0)
        page = rows[start : start + limit]
        body: Json = {"data": [template.shown() for template in page]}
        if page:
            body["paging"] = {"cursors": {"before": str(start), "after": str(start + len(page))}}
            if start + len(page) < len(rows):
                here = f"{access.base_url(request)}{request.scope['path']}"
                body["paging"]["next"] = f"{here}?limit={limit}&after={start + len(page)}"
        return Response(body)


@post("/message_templates", status_code=200)
async def create_template(
    request: GraphRequest,
    *,
    access: NamedDependency[Access],
    templates: NamedDependency[Templates],
    webhooks: NamedDependency[Webhooks],
) -> Response[Json]:
    """Take a template; it is approved at once, and a webhook says so."""
    with access.call(request, kind="template_create") as call:
        number = access.account(request)[0]
        call.payload = payload = decode(await request.body())
        template = templates.put(_template(number.waba_id, payload))
        event = {
            "event": "APPROVED",
            "message_template_id": int(template.id),
            "message_template_name": template.name,
            "message_template_language": template.language,
            "reason": None,
        }
        webhooks.send(number, envelope(number, "message_template_status_update", event))
        return Response({"id": template.id, "status": "PENDING", "category": template.category})


@delete("/message_templates", status_code=200)
async def delete_template(
    request: GraphRequest,
    access: NamedDependency[Access],
    templates: NamedDependency[Templates],
) -> Response[Json]:
    with access.call(request, kind="template_delete"):
        waba_id = access.account(request)[0].waba_id
        name = request.query_params.get("name")
        if not name:
            raise missing("name")
        if not templates.remove(waba_id, name):
            raise GraphError(132001, f"There is no template {name[:60]!r}.")
        return Response({"success": True})


@get("/subscribed_apps")
async def list_subscriptions(request: GraphRequest, access: NamedDependency[Access]) -> Response[Json]:
    with access.call(request, kind="subscribed_apps"):
        access.account(request)
        return Response({"data": [{"whatsapp_business_api_data": {"id": "1", "name": "Switchboard"}}]})


@post("/subscribed_apps", status_code=200)
async def subscribe(request: GraphRequest, access: NamedDependency[Access]) -> Response[Json]:
    with access.call(request, kind="subscribe"):
        access.account(request)
        return Response({"success": True})


@delete("/subscribed_apps", status_code=200)
async def unsubscribe(request: GraphRequest, access: NamedDependency[Access]) -> Response[Json]:
    with access.call(request, kind="unsubscribe"):
        access.account(request)
        return Response({"success": True})


@post("/register", status_code=200)
async def register(request: GraphRequest, access: NamedDependency[Access]) -> Response[Json]:
    with access.call(request, kind="register"):
        access.number(request)
        if not re.fullmatch(r"\d{6}", str(decode(await request.body()).get("pin", ""))):
            raise invalid("pin", "must have 6 digits")
        return Response({"success": True})


@get("/whatsapp_business_profile")
async def read_profile(request: GraphRequest, access: NamedDependency[Access]) -> Response[Json]:
    with access.call(request, kind="profile"):
        number = access.number(request)
        return Response({"data": [{"messaging_product": "whatsapp", "about": number.name, "vertical": "OTHER"}]})


@post("/whatsapp_business_profile", status_code=200)
async def write_profile(request: GraphRequest, access: NamedDependency[Access]) -> Response[Json]:
    with access.call(request, kind="profile_update") as call:
        access.number(request)
        call.payload = decode(await request.body())
        return Response({"success": True})


def account_router() -> Router:
    return Router(
        "/graph/{version:str}/{node:str}",
        route_handlers=[
            read_node,
            delete_media,
            list_numbers,
            list_templates,
            create_template,
            delete_template,
            list_subscriptions,
            subscribe,
            unsubscribe,
            register,
            read_profile,
            write_profile,
        ],
    )


def _shown(number: NumberConfig) -> Json:
    return {
        "id": number.phone_number_id,
        "display_phone_number": number.display_phone_number,
        "verified_name": number.name,
        "quality_rating": "GREEN",
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
    }


def _template(waba_id: str, payload: Json) -> Template:
    for key in ("name", "language", "category"):
        if not isinstance(payload.get(key), str) or not payload[key]:
            raise missing(key)
    if not re.fullmatch(r"[a-z0-9_]{1,512}", payload["name"]):
        raise invalid("name", "may hold lower-case letters, digits and underscores")
    components = payload.get("components")
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise missing("components")
    return Template(
        id=str(secrets.randbelow(9 * 10**14) + 10**14),
        waba_id=waba_id,
        name=payload["name"],
        language=payload["language"][:16],
        category=payload["category"].upper()[:40],
        components=components,
        parameter_format=str(payload.get("parameter_format", "POSITIONAL")).upper(),
    )


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else default
