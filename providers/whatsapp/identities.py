"""Who a message is from, under every address that Meta told (contract section 1.8).

Order of trust: business-scoped user id, WhatsApp number, the user id of the parent business. The number may be absent.
It stays as Meta wrote it: Brazil's ninth digit and Mexico's 1 are not ours to mend.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from hub.channels.ports import Sender

_DIGITS = re.compile(r"\d{5,20}")
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9._-]{1,120}")


class Profile(msgspec.Struct, frozen=True):
    name: str | None = None
    username: str | None = None


class WireContact(msgspec.Struct, frozen=True):
    """An entry of `value.contacts`."""

    profile: Profile | None = None
    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None


def sender_of(
    contacts: Sequence[WireContact], *, number: str | None, user_id: str | None, alone: bool
) -> Sender | None:
    """The person with this number or user id; None when there is no address at all.

    A contact belongs to a message when either id agrees. Meta does not promise that `wa_id` and `from` are equal, so
    the only contact of the only person in a value (`alone`) belongs too, unless its user id says otherwise.
    """
    contact = _contact(contacts, number, user_id, alone)
    profile = contact.profile or Profile()
    handle = f"@{profile.username}" if profile.username else ""
    found: dict[tuple[str, str], str] = {}
    for text in (contact.user_id, user_id):
        _add_user_id(found, text, handle)
    for text in (contact.wa_id, number):
        if text is not None and (digits := _DIGITS.fullmatch(text.lstrip("+"))):
            found.setdefault(("whatsapp", digits[0]), display(digits[0]))
        else:
            _add_user_id(found, text, handle)
    _add_user_id(found, contact.parent_user_id, "")
    if not found:
        return None
    name = (profile.name or profile.username or "").strip()
    return Sender(identities=tuple((kind, value, shown) for (kind, value), shown in found.items()), name=name[:200])


@lru_cache(maxsize=8192)
def display(digits: str) -> str:
    """A number as people write it: `+55 11 98765-4321`."""
    import phonenumbers  # loaded when it is needed: starting does not wait for it

    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _contact(
    contacts: Sequence[WireContact], number: str | None, user_id: str | None, alone: bool
) -> WireContact:
    for contact in contacts:
        if (user_id and contact.user_id == user_id) or (number and contact.wa_id == number):
            return contact
    if alone and len(contacts) == 1 and not (user_id and contacts[0].user_id):
        return contacts[0]
    return WireContact()


def _add_user_id(found: dict[tuple[str, str], str], text: str | None, shown: str) -> None:
    if text is not None and _USER_ID.fullmatch(text):
        found.setdefault(("bsuid", text), shown)
