"""Webhook bodies as Meta writes them, really signed; for more control than the simulator's phone gives."""

import hashlib
import hmac
import json
import secrets
import time
from typing import Any


def wamid() -> str:
    return "wamid." + secrets.token_urlsafe(24)


def envelope(phone_number_id: str, value: dict[str, Any]) -> bytes:
    """The whole body, with the escapes that Meta uses."""
    full = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": phone_number_id}, **value,
    }
    body = {"object": "whatsapp_business_account",
            "entry": [{"id": "1", "changes": [{"field": "messages", "value": full}]}]}
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def message_webhook(phone_number_id: str, wa_id: str, message: dict[str, Any], name: str = "Customer") -> bytes:
    full = {"from": wa_id, "id": wamid(), "timestamp": str(int(time.time())), **message}
    return envelope(phone_number_id, {
        "contacts": [{"wa_id": wa_id, "profile": {"name": name}}], "messages": [full],
    })


def text_webhook(phone_number_id: str, wa_id: str, body: str, *, vendor_id: str | None = None) -> bytes:
    return message_webhook(phone_number_id, wa_id, {
        "type": "text", "text": {"body": body}, **({"id": vendor_id} if vendor_id else {}),
    })


def status_webhook(phone_number_id: str, vendor_id: str, state: str, *, wa_id: str = "5511999990000") -> bytes:
    return envelope(phone_number_id, {"statuses": [
        {"id": vendor_id, "status": state, "timestamp": str(int(time.time())), "recipient_id": wa_id},
    ]})


def signed(body: bytes, app_secret: str) -> dict[str, str]:
    digest = hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}
