"""The kinds of channels: what each must be told, and what may be shown of it."""

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from hub.channels import identity
from hub.channels.hours import Hours
from hub.core.errors import FieldError, Invalid, invalid_field

Color = str
_LABEL = 30  # characters that stand beside the chat button
_COLOR = re.compile(r"^#[0-9a-fA-F]{6}$")


class Launcher(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The button on the page: in which corner, and what is written beside its sign."""

    position: Literal["right", "left"] = "right"
    label: str = ""


class PreChat(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a visitor is asked before the first message; `required`: they cannot write without answering."""

    ask_name: bool = False
    ask_email: bool = False
    required: bool = False


class WebchatSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`allowed_origins` are the exact origins of pages that may embed the widget; none means only our own pages.

    `color` null is the organization's accent. `share_page`: whether we are told which page a visitor looks at; "ask"
    leaves that to them. `languages` are those the widget speaks, the first one where the visitor's is not among them;
    none means all of ours."""

    color: str | None = None
    greeting: str = ""
    allowed_origins: list[str] = []
    share_page: Literal["always", "ask", "never"] = "never"
    launcher: Launcher = msgspec.field(default_factory=Launcher)
    pre_chat: PreChat = msgspec.field(default_factory=PreChat)
    hours: Hours | None = None
    reply_time: Literal["minutes", "hours", "day"] | None = None
    languages: list[Literal["en", "pt-BR", "es"]] = []

    def check(self) -> None:
        if self.color is not None and not _COLOR.match(self.color):
            raise invalid_field("/settings/color", "invalid_color")
        if len(self.greeting) > 500:
            raise invalid_field("/settings/greeting", "too_long")
        for index, origin in enumerate(self.allowed_origins):
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
                raise invalid_field(f"/settings/allowed_origins/{index}", "invalid_origin")
        label = self.launcher.label
        if len(label) > _LABEL:
            raise invalid_field("/settings/launcher/label", "too_long")
        if not label.isprintable():
            raise invalid_field("/settings/launcher/label", "unprintable")
        if len(set(self.languages)) < len(self.languages):
            raise invalid_field("/settings/languages", "invalid")
        if self.hours is not None:
            self.hours.check("/settings/hours")


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
    """A kind of channel at one provider. `reply_window_hours`: how long after the customer's last word we may write;
    `addresses`: the kinds of identities that it reaches."""

    kind: str
    provider: str
    settings: type[WebchatSettings | WhatsAppBusinessSettings]
    credentials: frozenset[str] = frozenset()
    external: str | None = None
    reply_window_hours: int | None = None
    addresses: frozenset[str] = frozenset()

    def external_id(self, settings: Mapping[str, Any]) -> str | None:
        return settings[self.external] if self.external else None


KINDS: Mapping[tuple[str, str], Kind] = {
    (kind.kind, kind.provider): kind
    for kind in (
        Kind("webchat", "widget", WebchatSettings, frozenset({identity.SECRET})),
        Kind("whatsapp_business", "meta", WhatsAppBusinessSettings,
             frozenset({"access_token", "app_secret", "verify_token"}), "phone_number_id", 24,
             frozenset({"whatsapp", "phone"})),
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
        path = re.search(r"`\$([^`]*)`", str(error))
        pointer = "/settings" + (re.sub(r"[.\[]", "/", path[1]).replace("]", "") if path else "")
        text = str(error).partition(" - at ")[0]
        raise Invalid("invalid", errors=[FieldError(pointer, "invalid", text)]) from None
    made.check()
    full: dict[str, Any] = msgspec.to_builtins(made)
    return full


def full(kind: str, provider: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Kept settings in their full form, with defaults for what was not known when they were kept.

    What could not be kept any more (of a newer version, perhaps) is told as it is, so that it can be seen and mended.
    """
    try:
        complete: dict[str, Any] = msgspec.to_builtins(msgspec.convert(dict(kept), KINDS[kind, provider].settings))
    except msgspec.ValidationError:
        return dict(kept)
    return complete


def webchat(kept: Mapping[str, Any]) -> WebchatSettings:
    """The same of a widget, for those who reckon with them."""
    return msgspec.convert(dict(kept), WebchatSettings)


def unanswered(pre_chat: PreChat, *, name: str, email: str) -> list[FieldError]:
    """What a visitor has to say before the first message and has not."""
    asked = (("/name", pre_chat.ask_name, name), ("/email", pre_chat.ask_email, email))
    return [FieldError(pointer, "required") for pointer, is_asked, said in asked
            if pre_chat.required and is_asked and not said]


def credentials(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    """Raises `Invalid` for names that the kind does not have or values that are too long."""
    for key, value in given.items():
        if key not in kind.credentials:
            raise invalid_field(f"/credentials/{key[:40]}", "unknown_field")
        if len(value) > 4000 or any(ord(char) < 32 for char in value):
            raise invalid_field(f"/credentials/{key}", "invalid")
        if key == identity.SECRET and 0 < len(value) < identity.SHORTEST_SECRET:
            raise invalid_field(f"/credentials/{key}", "secret_short")
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
