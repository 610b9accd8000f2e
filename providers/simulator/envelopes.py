"""The webhook bodies of contract section 1.5, and the exact bytes in which Meta writes them."""

import hashlib
import hmac
import json
from typing import Any

from providers.simulator.config import NumberConfig
from providers.simulator.errors import failed_status_error
from providers.simulator.numbering import digits_of
from providers.simulator.world import Message, Phone

Json = dict[str, Any]


def encode(payload: Json) -> str:
    r"""Compact JSON with `\uXXXX` for what is not ASCII and `\/` for slashes: parsing and writing it again differs."""
    return json.dumps(payload, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/")


def sign(raw: bytes, app_secret: str) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(app_secret.encode(), raw, hashlib.sha256).hexdigest()


def envelope(number: NumberConfig, field: str, value: Json) -> Json:
    """One entry with one change."""
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": number.waba_id, "changes": [{"value": value, "field": field}]}],
    }


def message_event(number: NumberConfig, phone: Phone, message: Message) -> Json:
    """A customer's message."""
    contact: Json = {"profile": {"name": phone.name}, "user_id": phone.user_id}
    wire: Json = {"from_user_id": phone.user_id, "id": message.id, "timestamp": str(int(message.at))}
    if not phone.hide_number:
        contact["wa_id"] = phone.wa_id
        wire["from"] = phone.wa_id
    wire["type"] = message.type
    wire[message.type] = message.body
    wire.update(message.extra or {})
    return envelope(number, "messages", {**_head(number), "contacts": [contact], "messages": [wire]})


def status_event(number: NumberConfig, phone: Phone, message: Message, status: str, *, at: float) -> Json:
    """How far a message of the business is."""
    wire: Json = {
        "id": message.id,
        "status": status,
        "timestamp": str(int(at)),
        "recipient_user_id": phone.user_id,
    }
    if not phone.hide_number:
        wire["recipient_id"] = phone.wa_id
    if message.opaque is not None:
        wire["biz_opaque_callback_data"] = message.opaque
    if status == "failed":
        error = message.error or {}
        wire["errors"] = [failed_status_error(error.get("code", 131000), error.get("details", ""))]
    elif status in ("sent", "delivered"):
        free = message.category == "service"
        wire["pricing"] = {
            "billable": not free,
            "pricing_model": "PMP",
            "category": message.category,
            "type": "free_customer_service" if free else "regular",
        }
    return envelope(number, "messages", {**_head(number), "statuses": [wire]})


def _head(number: NumberConfig) -> Json:
    metadata = {
        "display_phone_number": digits_of(number.display_phone_number),
        "phone_number_id": number.phone_number_id,
    }
    return {"messaging_product": "whatsapp", "metadata": metadata}
