"""Providers' webhooks: raw bytes, the signature first, kept once, and answered only after the commit."""

import hashlib
from typing import Annotated, Any
from uuid import UUID

import structlog
from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from api.deps import TheHub
from hub.channels import actions as channels
from hub.channels.models import Channel
from hub.channels.ports import ChannelAccess
from hub.core import intake
from hub.core.access import system_actor
from hub.core.crypto import same
from hub.core.errors import Forbidden, HubError, LimitReached
from hub.core.failpoints import reach
from hub.core.hub import Hub
from hub.core.metrics import WEBHOOKS

log = structlog.get_logger(__name__)
BODY_LIMIT = 3 * 2**20
PROVIDER = "meta"
_KEPT_HEADERS = ("content-type", "user-agent")

Mode = Annotated[str, QueryParameter(name="hub.mode")]
Token = Annotated[str, QueryParameter(name="hub.verify_token")]
Challenge = Annotated[str, QueryParameter(name="hub.challenge")]


@get("/webhooks/whatsapp/{org_id:uuid}", opt={"access": "public"}, operation_id="verify_whatsapp_webhook",
     tags=["Webhooks"], media_type="text/plain", summary="Answer the provider's verification challenge")
async def verify_whatsapp(
    hub: TheHub, org_id: FromPath[UUID], mode: Mode = "", token: Token = "", challenge: Challenge = "",
) -> Response[str]:
    """The challenge, exactly as sent, when the token is that of one of the organization's channels; else 403."""
    expected = [access.credentials.get("verify_token", "") for _, access in await _channels(hub, org_id)]
    known = [secret for secret in expected if secret and token and same(secret, token)]
    if mode != "subscribe" or not known or len(challenge) > 1000:
        WEBHOOKS.labels("whatsapp", "verification_refused").inc()
        raise Forbidden("verification_failed")
    return Response(challenge, media_type="text/plain")


async def _answered(_request: Request[Any, Any, Any]) -> None:
    reach("hook.after")


@post("/webhooks/whatsapp/{org_id:uuid}", opt={"access": "public"}, operation_id="receive_whatsapp_webhook",
      tags=["Webhooks"], status_code=200, request_max_body_size=BODY_LIMIT, after_response=_answered,
      summary="Receive WhatsApp Business API webhooks")
async def receive_whatsapp(hub: TheHub, org_id: FromPath[UUID], request: Request[Any, Any, Any]) -> Response[bytes]:
    """200 once the body is kept, 403 when no channel of the organization signed it. A repeat is 200 and no more."""
    body = await request.body()
    if len(body) > BODY_LIMIT:
        raise LimitReached("too_large")
    adapter = hub.ports.channels[PROVIDER]
    signed = [(channel, access) for channel, access in await _channels(hub, org_id)
              if adapter.verify(access, request.headers, body)]
    if not signed:
        WEBHOOKS.labels("whatsapp", "signature_refused").inc()
        raise Forbidden("signature_invalid")
    try:
        order_key = adapter.order_key(body)
    except HubError:
        order_key = None  # kept all the same: it was signed, and a mended parser may read it
    headers = {name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers}
    headers[intake.SIGNED_FOR] = " ".join(str(channel.id) for channel, _ in signed)
    async with hub.work(system_actor(org_id, "webhook:whatsapp")) as work:
        fresh = await intake.receive(
            work, source=f"{PROVIDER}:{signed[0][0].id}", vendor_key=hashlib.sha256(body).hexdigest(),
            headers=headers, body=body, order_key=f"intake:{order_key}" if order_key else None,
        )
    WEBHOOKS.labels("whatsapp", "kept" if fresh else "repeat").inc()
    reach("hook.before")
    return Response(b"", media_type="text/plain")


async def _channels(hub: Hub, organization_id: UUID) -> list[tuple[Channel, ChannelAccess]]:
    async with hub.work(system_actor(organization_id, "webhook:whatsapp")) as work:
        return [(channel, channels.access_of(work, channel)) for channel in await channels.of_provider(work, PROVIDER)]


HANDLERS = [verify_whatsapp, receive_whatsapp]
