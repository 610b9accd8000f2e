"""The WhatsApp Business Cloud API as a channel."""

import hmac
from collections.abc import AsyncIterator, Mapping
from typing import Annotated

import msgspec
import structlog

from hub.channels.ports import (
    ChannelAccess,
    OutboundMessage,
    Parcel,
    Refused,
    SendError,
    Sent,
    Uncertain,
)
from hub.core.clock import Clock
from hub.core.errors import Unavailable
from providers.http import Answer, Blocked, HttpClient, NotSent, OutcomeUnknown
from providers.whatsapp import compose, media, parse
from providers.whatsapp.errors import outcome, unsent
from providers.whatsapp.graph import PROVIDER, Graph, phone_number_id

log = structlog.get_logger("providers.whatsapp")

SIGNATURE = "x-hub-signature-256"
# Meta's number for "this kind of id is not allowed for this message": the number has to serve.
_WRONG_KIND_OF_ID = "131062"


class _Message(msgspec.Struct, frozen=True):
    id: Annotated[str, msgspec.Meta(min_length=1)]


class _Contact(msgspec.Struct, frozen=True):
    wa_id: str | None = None
    user_id: str | None = None


class _Accepted(msgspec.Struct, frozen=True):
    """The answer to a send."""

    messages: list[_Message]
    contacts: list[_Contact] = []


class WhatsAppBusiness:
    """A `ChannelAdapter`. Credentials: `access_token`, `app_secret`; setting `graph_version` (default v23.0);
    `external_id` is Meta's phone number id."""

    kind = "whatsapp_business"
    provider = PROVIDER

    def __init__(self, http: HttpClient, clock: Clock, *, graph_url: str) -> None:
        self._graph = Graph(http, graph_url)
        self._clock = clock

    def verify(self, access: ChannelAccess, headers: Mapping[str, str], body: bytes) -> bool:
        """HMAC-SHA256 with the app's secret over the bytes as they came (contract section 1.6)."""
        secret = access.credentials.get("app_secret", "")
        if not secret:
            return False
        given = headers.get(SIGNATURE)
        if given is None:
            given = next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
        wanted = "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
        return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())

    def parse(self, body: bytes) -> list[Parcel]:
        return parse.parse(body, self._clock)

    def order_key(self, body: bytes) -> str | None:
        return parse.order_key(body)

    async def send(self, access: ChannelAccess, message: OutboundMessage) -> Sent:
        """Transmits once. Raises `Refused`, `Throttled` or `Uncertain`."""
        ways = compose.recipients(message)
        compose.check(message)
        uploads = message.kind in compose.MEDIA_TYPES and message.file is not None
        media_id = await media.upload(self._graph, access, message.file) if uploads and message.file else None
        body = compose.compose(message, media_id=media_id)
        for way in ways:
            try:
                return await self._post(access, {**body, **way})
            except Refused as error:
                # Certainly not sent, and only because of how the recipient was named.
                if error.provider_code != _WRONG_KIND_OF_ID or way is ways[-1]:
                    raise
        raise AssertionError("unreachable")

    async def mark_read(self, access: ChannelAccess, vendor_id: str, *, typing: bool) -> None:
        body: dict[str, object] = {"messaging_product": "whatsapp", "status": "read", "message_id": vendor_id}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        try:
            answer = await self._graph.post(access, f"{phone_number_id(access)}/messages", json=body)
        except (Blocked, Unavailable, SendError) as error:
            log.info("mark_read_failed", code=error.code)
            return
        if answer.status != 200:
            log.info("mark_read_failed", code=outcome(answer).code)

    async def fetch_media(self, access: ChannelAccess, ref: str, *, limit: int) -> AsyncIterator[bytes]:
        """Raises `LimitReached`, `NotFound`, `Unavailable`, or `Invalid` when the address is not allowed."""
        async for chunk in media.fetch(self._graph, access, ref, limit):
            yield chunk

    async def check(self, access: ChannelAccess) -> None:
        try:
            answer = await self._graph.get(access, phone_number_id(access), {"fields": "id,display_phone_number"})
        except Blocked as error:
            raise unsent(error) from None
        if answer.status == 200:
            return
        verdict = outcome(answer)
        if isinstance(verdict, Refused):
            raise verdict
        raise Unavailable("provider_unavailable", reason=verdict.detail)

    async def _post(self, access: ChannelAccess, body: dict[str, object]) -> Sent:
        try:
            answer = await self._graph.post(access, f"{phone_number_id(access)}/messages", json=body)
        except (Blocked, NotSent, OutcomeUnknown) as error:
            raise unsent(error) from None
        if 200 <= answer.status < 300:
            return _sent(answer)
        raise outcome(answer)


def _sent(answer: Answer) -> Sent:
    """The id of what Meta accepted. An acceptance without an id was still one, so it may not be sent again."""
    try:
        accepted = msgspec.json.decode(answer.body, type=_Accepted)
        vendor_id = accepted.messages[0].id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, LookupError):
        raise Uncertain("no_answer", "accepted without an id") from None
    contact = accepted.contacts[0] if accepted.contacts else _Contact()
    return Sent(vendor_id=vendor_id, recipient_id=contact.wa_id or contact.user_id)
