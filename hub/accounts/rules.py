"""Decisions about people: values in, a value or an error out."""

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from zoneinfo import available_timezones

from hub.core.access import Actor, Permission, Role
from hub.core.errors import Forbidden, invalid_field
from hub.core.i18n import LOCALES

THEMES = ("system", "light", "dark")
OWN_FIELDS = frozenset({"name", "locale", "time_zone", "theme"})
_ALIASES = {"tenant_admin": Role.ADMIN, "sales": Role.AGENT}  # what the contracts call them
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+\.[^\s@<>()\[\]\\,;:\"]+")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])")


def text(value: str, pointer: str, *, most: int = 120) -> str:
    """One line that people read: trimmed, not empty, at most so many characters, nothing unprintable in it."""
    line = unicodedata.normalize("NFC", value).strip()
    if not line:
        raise invalid_field(pointer, "required")
    if len(line) > most:
        raise invalid_field(pointer, "too_long")
    if not is_printable(line):
        raise invalid_field(pointer, "unprintable")
    return line


def is_printable(value: str) -> bool:
    """No control characters (PostgreSQL refuses NUL, mail headers break at line ends) and no lone surrogates."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in value)


def email(value: str, pointer: str = "/email") -> str:
    """A plausible address in lower case; whether it receives mail only a mail can tell."""
    address = folded_email(value)
    if len(address) > 254 or not is_printable(address) or not _EMAIL.fullmatch(address):
        raise invalid_field(pointer, "email")
    return address


def folded_email(value: str) -> str:
    """The form in which addresses are kept and compared."""
    return unicodedata.normalize("NFC", value).strip().lower()


def slug(value: str, pointer: str = "/slug") -> str:
    """A chosen short name: 2 to 48 of a-z, 0-9 and hyphens."""
    wanted = value.strip().lower()
    if not _SLUG.fullmatch(wanted):
        raise invalid_field(pointer, "slug")
    return wanted


def slug_from(name: str) -> str | None:
    """A short name made from a long one; None when nothing of it can be spelled so (東京)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-")
    return made if _SLUG.fullmatch(made) else None


def locale(value: str, pointer: str = "/locale") -> str:
    if value not in LOCALES:
        raise invalid_field(pointer, "choice")
    return value


def time_zone(value: str, pointer: str = "/time_zone") -> str:
    """A name of the IANA time zone database."""
    if value not in _zones():
        raise invalid_field(pointer, "time_zone")
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def theme(value: str, pointer: str = "/theme") -> str:
    if value not in THEMES:
        raise invalid_field(pointer, "choice")
    return value


def color(value: str, pointer: str) -> str:
    """A colour like #2563eb, in lower case."""
    if not _COLOR.fullmatch(value):
        raise invalid_field(pointer, "invalid_color")
    return value.lower()


def role(value: str, pointer: str = "/role") -> Role:
    """A role by its own name or by the name that a contract gives it."""
    try:
        return _ALIASES.get(value) or Role(value)
    except ValueError:
        raise invalid_field(pointer, "choice") from None


def folded(value: str) -> str:
    """Without accents, in lower case, safe to search for; as `search_text` is kept."""
    plain = unicodedata.normalize("NFKD", value)
    return "".join(letter for letter in plain if not unicodedata.combining(letter) and is_printable(letter)).lower()


def search_text(name: str, address: str) -> str:
    return folded(f"{name} {address}")


def check_may_manage(actor: Actor, held: str, wanted: str | None = None) -> None:
    """People are managed by those who hold `user:manage`, but nobody except an owner makes, changes or unmakes owners.

    Raises `Forbidden`.
    """
    if not actor.may(Permission.USER_MANAGE):
        raise Forbidden("forbidden", extra={"permission": str(Permission.USER_MANAGE)})
    if Role.OWNER in (held, wanted) and actor.role is not Role.OWNER and actor.kind != "system":
        raise Forbidden("owner_only")


def check_may_change(actor: Actor, *, of_self: bool, held: str, wanted: str | None, fields: Collection[str]) -> None:
    """Everybody changes their own name, language, time zone and theme; the rest is for those who manage.

    Raises `Forbidden`.
    """
    if of_self and OWN_FIELDS.issuperset(fields):
        return
    check_may_manage(actor, held, wanted)


def ordering(value: str | None, allowed: Collection[str], default: str) -> list[tuple[str, bool]]:
    """`name,-created_at` as (field, descending) pairs. Raises `Invalid` for a field that cannot be ordered by."""
    pairs = [(part.strip().removeprefix("-"), part.strip().startswith("-")) for part in (value or default).split(",")]
    if len(pairs) > len(allowed) or not {field for field, _ in pairs} <= set(allowed):
        raise invalid_field("/ordering", "choice")
    return pairs
