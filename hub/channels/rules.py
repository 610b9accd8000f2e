"""The kinds of channels: what each must be told, and what may be shown of it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hub.core.errors import FieldError, Invalid, invalid_field

Color = str
_COLOR = re.compile(r"^#[0-9a-fA-F]{6}$")


class WebchatSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`allowed_origins` are the exact origins of pages that may embed the widget; none means only our own pages.

    `color` null is the organization's accent."""

    color: str | None = None
    greeting: str = ""
    allowed_origins: list[str] = []

    def check(self) -> None:
        if self.color is not None and not _COLOR.match(self.color):
            raise invalid_field("/settings/color", "invalid_color")
        if len(self.greeting) > 500:
            raise invalid_field("/settings/greeting", "too_long")
        for index, origin in enumerate(self.allowed_origins):
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
                raise invalid_field(f"/settings/allowed_origins/{index}", "invalid_origin")


class WhatsAppBusinessSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    phone_number_id: str
    waba_id: str = ""
    display_phone_number: str = ""
    graph_version: str = "v23.0"

    def check(self) -> None:
        if not re.fullmatch(r"\d{1,32}", self.phone_number_id):
            raise invalid_field("/settings/phone_number_id", "invalid_id")
        if not re.fullmatch(r"v\d{1,3}\.\d", self.graph_version):
            raise invalid_field("/settings/graph_version", "invalid_version")


class Kind(msgspec.Struct, frozen=True):
    """A kind of channel at one provider. `reply_window_hours`: how long after the customer's last word we may write."""

    kind: str
    provider: str
    settings: type[WebchatSettings | WhatsAppBusinessSettings]
    credentials: frozenset[str] = frozenset()
    external: str | None = None
    reply_window_hours: int | None = None

    def external_id(self, settings: Mapping[str, Any]) -> str | None:
        return settings[self.external] if self.external else None


KINDS: Mapping[tuple[str, str], Kind] = {
    (kind.kind, kind.provider): kind
    for kind in (
        Kind("webchat", "widget", WebchatSettings),
        Kind("whatsapp_business", "meta", WhatsAppBusinessSettings,
             frozenset({"access_token", "app_secret", "verify_token"}), "phone_number_id", 24),
    )
}


def kind_of(kind: str, provider: str | None) -> Kind:
    """Raises `Invalid` for a kind that we do not serve."""
    for found in KINDS.values():
        if found.kind == kind and provider in (None, found.provider):
            return found
    raise invalid_field("/kind", "unknown_kind")


def settings(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in their full form. Raises `Invalid` with a pointer."""
    try:
        made = msgspec.convert(dict(given), kind.settings)
    except msgspec.ValidationError as error:
        raise Invalid("invalid", errors=[FieldError("/settings", "invalid", str(error))]) from None
    made.check()
    full: dict[str, Any] = msgspec.to_builtins(made)
    return full


def credentials(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    """Raises `Invalid` for names that the kind does not have or values that are too long."""
    for key, value in given.items():
        if key not in kind.credentials:
            raise invalid_field(f"/credentials/{key[:40]}", "unknown_field")
        if len(value) > 4000 or any(ord(char) < 32 for char in value):
            raise invalid_field(f"/credentials/{key}", "invalid")
    return dict(given)


def name(text: str) -> str:
    cleaned = " ".join(text.split())
    if not 1 <= len(cleaned) <= 100:
        raise invalid_field("/name", "length")
    return cleaned


def state(text: str) -> str:
    if text not in ("active", "paused"):
        raise invalid_field("/state", "invalid")
    return text
