"""From the body of a webhook of Meta's to the values of our port."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.channels.ports import (
    Inbound,
    InboundEdit,
    InboundMessage,
    InboundReaction,
    InboundRevoke,
    Parcel,
    Receipt,
    Sender,
)
from hub.core.clock import Clock
from hub.core.errors import Invalid
from providers.whatsapp.content import understand
from providers.whatsapp.errors import GraphError, our_code
from providers.whatsapp.identities import sender_of
from providers.whatsapp.wire import Json, Value, instant, skipped, string, values

# A voice note that was played was read. Other states (`deleted`, `warning`) change nothing for us.
_STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


def parse(body: bytes, clock: Clock) -> list[Parcel]:
    """Everything the body says, in its order. The clock only stands in for a time that cannot be read. Raises
    `Invalid` for what is not a WhatsApp webhook."""
    return [
        Parcel(external_id=value.phone_number_id, value=inbound)
        for value in values(body)
        for inbound in _inbound(value, clock)
    ]


def order_key(body: bytes) -> str | None:
    """The business number and the first person spoken of, by user id if there is one: messages and statuses of one
    person then share the key."""
    try:
        for value in values(body):
            for element, ids in (
                *((message, ("from_user_id", "from")) for message in value.messages),
                *((echo, ("to_user_id", "to")) for echo in value.echoes),
                *((status, ("recipient_user_id", "recipient_id")) for status in value.statuses),
            ):
                if person := string(element, ids[0]) or string(element, ids[1]):
                    return f"{value.phone_number_id}:{person}"
    except Invalid:
        return None
    return None


def _inbound(value: Value, clock: Clock) -> Iterator[Inbound]:
    people = {(string(message, "from"), string(message, "from_user_id")) for message in value.messages}
    for message in value.messages:
        number, user_id = string(message, "from"), string(message, "from_user_id")
        sender = sender_of(value.contacts, number=number, user_id=user_id, alone=len(people) == 1)
        yield from _message(message, sender, clock)
    for echo in value.echoes:
        # Written by the business; the person that the conversation is with is the recipient.
        number, user_id = string(echo, "to"), string(echo, "to_user_id")
        sender = sender_of(value.contacts, number=number, user_id=user_id, alone=len(value.echoes) == 1)
        yield from _message(echo, sender, clock, echo=True)
    if value.field == "messages":  # the statuses of `calls` are about calls
        for status in value.statuses:
            yield from _receipt(status, clock)


def _message(message: Json, sender: Sender | None, clock: Clock, *, echo: bool = False) -> Iterator[Inbound]:
    vendor_id = string(message, "id")
    if vendor_id is None or sender is None:
        skipped("message")
        return
    occurred_at = instant(message) or clock.now()
    special = _special(message, vendor_id, sender, occurred_at)
    yield special or _plain(message, vendor_id, sender, occurred_at, echo)


def _special(message: Json, vendor_id: str, sender: Sender, occurred_at: datetime) -> Inbound | None:
    """Reactions, edits and withdrawals, which change another message; None for what is a message of its own."""
    wire_type = string(message, "type") or ""
    target_name = {"reaction": "message_id", "edit": "original_message_id", "revoke": "original_message_id"}
    payload = message.get(wire_type)
    if wire_type not in target_name or not isinstance(payload, dict):
        return None
    target = string(payload, target_name[wire_type])
    if target is None:
        return None
    if wire_type == "reaction":
        emoji = string(payload, "emoji") or ""
        return InboundReaction(
            vendor_id=vendor_id, target=target, sender=sender, emoji=emoji[:64], occurred_at=occurred_at
        )
    if wire_type == "revoke":
        return InboundRevoke(vendor_id=vendor_id, target=target, sender=sender, occurred_at=occurred_at)
    edited = payload.get("message")
    body = understand(edited if isinstance(edited, dict) else {})
    if body.kind == "unsupported":
        return None  # an edit that cannot be read must not empty the message
    return InboundEdit(vendor_id=vendor_id, target=target, sender=sender, text=body.text, occurred_at=occurred_at)


def _plain(message: Json, vendor_id: str, sender: Sender, occurred_at: datetime, echo: bool) -> InboundMessage:
    body = understand(message)
    raw_context = message.get("context")
    context: Json = raw_context if isinstance(raw_context, dict) else {}
    content = {**body.content, **_surroundings(message, context)}
    return InboundMessage(
        vendor_id=vendor_id, sender=sender, occurred_at=occurred_at, kind=body.kind, text=body.text, content=content,
        media=body.media, reply_to=string(context, "id"), echo=echo,
    )


def _surroundings(message: Json, context: Json) -> Json:
    """What stands around the message itself: the advertisement it came from, forwarding, the product asked about."""
    found: dict[str, Any] = {
        "referral": message.get("referral"),
        "referred_product": context.get("referred_product"),
        "forwarded": context.get("forwarded") or context.get("frequently_forwarded") or None,
    }
    return {name: value for name, value in found.items() if isinstance(value, dict) or value is True}


class _Status(msgspec.Struct, frozen=True):
    """An entry of `value.statuses`."""

    id: str
    status: str
    type: str | None = None
    biz_opaque_callback_data: Any = None
    errors: Any = None


def _receipt(raw: Json, clock: Clock) -> Iterator[Receipt]:
    try:
        status = msgspec.convert(raw, _Status)
    except msgspec.ValidationError:
        skipped("status")
        return
    state = _STATES.get(status.status)
    if state is None or status.type == "call":
        return
    code, detail = _failure(status.errors) if state == "failed" else (None, None)
    yield Receipt(
        vendor_id=status.id, state=state, occurred_at=instant(raw) or clock.now(),
        our_id=_our_id(status.biz_opaque_callback_data), code=code, detail=detail,
    )


def _our_id(echoed: object) -> UUID | None:
    """Our message's id, unless somebody else sent the message and gave it another mark."""
    return UUID(echoed) if isinstance(echoed, str) and _UUID.fullmatch(echoed) else None


def _failure(errors: object) -> tuple[str, str]:
    """Our code, and Meta's words with its number."""
    try:
        error = msgspec.convert(errors[0], GraphError, strict=False)  # type: ignore[index] # anything may be there
    except (msgspec.ValidationError, TypeError, LookupError):
        return "refused", ""
    return our_code(error.code), f"{error.detail} ({error.code})".strip()

