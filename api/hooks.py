"""Providers' webhooks: raw bytes, the signature first, kept and understood at once, answered only after the commit."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from api.deps import TheHub
from hub.channels.doors import Doors
from hub.channels.ports import ChannelAdapter, Parcel
from hub.conversations.grouped import arrivals
from hub.core import intake
from hub.core.crypto import same
from hub.core.errors import Forbidden, HubError, LimitReached, Unavailable
from hub.core.failpoints import reach
from hub.core.hub import Hub
from hub.core.metrics import WEBHOOKS

BODY_LIMIT = 3 * 2**20
PROVIDER = "meta"
_KEPT_HEADERS = ("content-type", "user-agent")
_ATTEMPTS = 3  # at a channel that is being changed meanwhile
_KEPT, _REPEAT = WEBHOOKS.labels("whatsapp", "kept"), WEBHOOKS.labels("whatsapp", "repeat")

Mode = Annotated[str, QueryParameter(name="hub.mode")]
Token = Annotated[str, QueryParameter(name="hub.verify_token")]
Challenge = Annotated[str, QueryParameter(name="hub.challenge")]


@get("/webhooks/whatsapp/{org_id:uuid}", opt={"access": "public"}, operation_id="verify_whatsapp_webhook",
     tags=["Webhooks"], media_type="text/plain", summary="Answer the provider's verification challenge")
async def verify_whatsapp(
    hub: TheHub, org_id: FromPath[UUID], mode: Mode = "", token: Token = "", challenge: Challenge = "",
) -> Response[str]:
    """The challenge, exactly as sent, when the token is that of one of the organization's channels; else 403."""
    doors = await Doors(hub, PROVIDER).of(org_id)
    expected = [door.access.credentials.get("verify_token", "") for door in doors]
    known = [secret for secret in expected if secret and token and same(secret, token)]
    if mode != "subscribe" or not known or len(challenge) > 1000:
        WEBHOOKS.labels("whatsapp", "verification_refused").inc()
        raise Forbidden("verification_failed")
    return Response(challenge, media_type="text/plain")


@post("/webhooks/whatsapp/{org_id:uuid}", opt={"access": "public"}, operation_id="receive_whatsapp_webhook",
      tags=["Webhooks"], status_code=200, request_max_body_size=BODY_LIMIT,
      summary="Receive WhatsApp Business API webhooks")
async def receive_whatsapp(hub: TheHub, org_id: FromPath[UUID], request: Request[Any, Any, Any]) -> Response[bytes]:
    """200 once the body is kept, 403 when no channel of the organization signed it. A repeat is 200 and no more."""
    await accept(hub, request.app.state.doors, org_id, request.headers, await request.body())
    return Response(b"", media_type="text/plain")


async def accept(hub: Hub, doors: Doors, organization_id: UUID, headers: Mapping[str, str], body: bytes) -> None:
    """Takes a body in. Raises `Forbidden` when it is not signed, `LimitReached`, `Unavailable`; else it is kept."""
    if len(body) > BODY_LIMIT:
        raise LimitReached("too_large")
    adapter: ChannelAdapter = hub.ports.channels[PROVIDER]
    for attempt in range(_ATTEMPTS):
        known = await doors.of(organization_id, again=attempt > 0)
        signed = [door for door in known if adapter.verify(door.access, headers, body)]
        if not signed and attempt > 0:
            WEBHOOKS.labels("whatsapp", "signature_refused").inc()
            raise Forbidden("signature_invalid")
        if not signed:
            continue  # the secret may be newer than what is remembered
        order, parcels = _read(adapter, body)
        kept = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
        kept[intake.SIGNED_FOR] = " ".join(str(door.id) for door in signed)
        delivery = arrivals.Delivery(
            provider=PROVIDER, vendor_key=hashlib.sha256(body).hexdigest(), headers=kept, body=body,
            order_key=f"intake:{order}" if order else None, parcels=parcels,
            signed_by=[arrivals.Signer(door.id, door.access.external_id, door.version) for door in signed],
        )
        fresh = await arrivals.receive(hub, organization_id, delivery)
        if fresh is not None:
            (_KEPT if fresh else _REPEAT).inc()
            reach("hook.before")
            return
    raise Unavailable


def _read(adapter: ChannelAdapter, body: bytes) -> tuple[str | None, list[Parcel] | None]:
    """Whose order it keeps, and what it says; nothing of what cannot be read is lost: it was signed, and a mended
    parser may read it."""
    try:
        return adapter.order_key(body), adapter.parse(body)
    except HubError:
        return None, None


HANDLERS = [verify_whatsapp, receive_whatsapp]
