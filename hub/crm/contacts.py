"""Contacts: recognised by any of their addresses, made when nobody has them yet, renamed by colleagues."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import Invalid, NotFound, invalid_field
from hub.core.work import Work
from hub.crm import folding, values
from hub.crm.models import Contact, Identity
from hub.events import ContactChanged, ContactCreated

Address = tuple[str, str, str]  # kind, canonical value, display
_NUMBERS = frozenset({"whatsapp", "phone"})


async def find_or_create(work: Work, addresses: Sequence[Address], *, name: str = "") -> Contact:
    """The contact that has one of these addresses, the most trusted first; from now on it has all of them.

    Safe against others who meet the same person at the same moment: the unique key of an identity decides. A profile
    name replaces the old one unless a colleague has typed it. Raises `Invalid` when there is no address.
    """
    wanted = distinct(addresses)
    if not wanted:
        raise Invalid("sender_unknown")
    known = await _identities(work, wanted)
    first = next((found for kind, value, _ in wanted if (found := known.get((kind, value)))), None)
    contact_id = await _create(work, wanted, name) if first is None else first.contact_id
    if any(found.contact_id != contact_id for found in known.values()) or (first and len(known) < len(wanted)):
        await _bind(work, contact_id, wanted)
    contact = await get(work, contact_id)
    await _take_profile_name(work, contact, name)
    return contact


async def rename(work: Work, contact_id: UUID, name: str) -> Contact:
    """Raises `NotFound`, `Invalid`."""
    require(work, Permission.CONTACT_WRITE)
    cleaned = " ".join(name.replace("\x00", "").split())
    if not 1 <= len(cleaned) <= 200:
        raise invalid_field("/name", "length")
    contact = await get(work, contact_id, lock=True)
    if contact.name != cleaned or not contact.name_given:
        contact.name, contact.name_given, contact.updated_at = cleaned, True, work.now
        await reindex(work, contact)
        await work.emit(ContactChanged(contact_id=contact.id, fields=("name",)))
    return contact


async def set_fields(work: Work, contact_id: UUID, given: Mapping[str, Any]) -> Contact:
    """Sets values of custom fields by key, null takes one away; what is not given stays.

    Raises `Forbidden`, `NotFound`, `Invalid`.
    """
    require(work, Permission.CONTACT_WRITE)
    await get(work, contact_id)
    checked = await values.checked(work, "contact", given)
    contact = await get(work, contact_id, lock=True)
    contact.fields, changed = values.merged(contact.fields, checked)
    if changed:
        contact.updated_at = work.now
        await work.session.flush()
        await work.emit(ContactChanged(contact_id=contact.id, fields=tuple(f"fields.{key}" for key in changed)))
    return contact


def distinct(addresses: Sequence[Address]) -> list[Address]:
    """Each address once, canonical, in the order of trust."""
    return list({(kind, canonical(kind, value)): (kind, canonical(kind, value), display)
                 for kind, value, display in reversed(addresses)}.values())[::-1]


def shown_name(name: str, addresses: Sequence[Address]) -> str:
    """What a new contact is called: by their profile, else by an address."""
    return cleaned_name(name) or next((display for _, _, display in addresses if display), "")


def canonical(kind: str, value: str) -> str:
    """Digits alone for numbers, lower case for e-mail; ids of providers stay as they are."""
    if kind in _NUMBERS:
        return value if value.isdigit() else "".join(char for char in value if char.isdigit()) or value
    return value.strip().lower() if kind == "email" else value


async def _create(work: Work, wanted: Sequence[Address], name: str) -> UUID:
    """Inserts contact and identities; who comes second finds the first one's and withdraws its own contact."""
    contact_id = new_id()
    shown = shown_name(name, wanted)
    await work.session.execute(insert(Contact).values(
        id=contact_id, organization_id=work.organization_id, name=shown, name_given=False,
        search_text=search_text(shown, wanted), created_at=work.now, updated_at=work.now,
    ))
    await _claim(work, contact_id, wanted)
    held = await _identities(work, wanted)
    winner = next(one.contact_id for kind, value, _ in wanted if (one := held[kind, value]).contact_id != contact_id) \
        if any(one.contact_id != contact_id for one in held.values()) else contact_id
    if winner != contact_id:
        await work.session.execute(
            update(Identity).where(Identity.contact_id == contact_id).values(contact_id=winner)
        )
        await work.session.execute(delete(Contact).where(Contact.id == contact_id))
        await _bind(work, winner, wanted)
    else:
        await work.emit(ContactCreated(contact_id=contact_id))
    return winner


async def _bind(work: Work, contact_id: UUID, wanted: Sequence[Address]) -> None:
    """Makes all these addresses this contact's; one that was another's follows the more trusted address."""
    await _claim(work, contact_id, wanted)
    held = await _identities(work, wanted)
    foreign = [one.id for one in held.values() if one.contact_id != contact_id]
    if foreign:
        work.hub.log.info("identities_joined", contact=str(contact_id), count=len(foreign))
        await work.session.execute(update(Identity).where(Identity.id.in_(foreign)).values(contact_id=contact_id))
    await reindex(work, await get(work, contact_id, lock=True))
    await work.emit(ContactChanged(contact_id=contact_id, fields=("identities",)))


async def _claim(work: Work, contact_id: UUID, wanted: Sequence[Address]) -> None:
    """Adds the identities nobody has, in one order everywhere, so that two at it wait but never cross."""
    await work.session.execute(insert(Identity).values([
        {"id": new_id(), "organization_id": work.organization_id, "contact_id": contact_id, "kind": kind,
         "value": value, "display": display, "created_at": work.now}
        for kind, value, display in sorted(wanted)
    ]).on_conflict_do_nothing())


async def _identities(work: Work, wanted: Sequence[Address]) -> dict[tuple[str, str], Identity]:
    """Those of the wanted addresses that somebody has."""
    values = [value for _, value, _ in wanted]
    statement = select(Identity).where(Identity.value.in_(values), Identity.kind.in_({kind for kind, _, _ in wanted}))
    rows = await work.session.scalars(statement.execution_options(populate_existing=True))
    keys = {(kind, value) for kind, value, _ in wanted}
    return {(row.kind, row.value): row for row in rows if (row.kind, row.value) in keys}


async def get(work: Work, contact_id: UUID, *, lock: bool = False) -> Contact:
    """Raises `NotFound`."""
    statement = select(Contact).where(Contact.id == contact_id)
    if lock:  # the contact's key stays, so those who add an identity to it need not wait
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    contact = (await work.session.scalars(statement)).first()
    if contact is None:
        raise NotFound
    return contact


async def _take_profile_name(work: Work, contact: Contact, name: str) -> None:
    shown = cleaned_name(name)
    if not shown or contact.name_given or contact.name == shown:
        return
    contact = await get(work, contact.id, lock=True)
    if contact.name_given or contact.name == shown:
        return
    contact.name, contact.updated_at = shown, work.now
    await reindex(work, contact)
    await work.emit(ContactChanged(contact_id=contact.id, fields=("name",)))


async def reindex(work: Work, contact: Contact) -> None:
    """Brings what search looks at up to date with name and identities."""
    rows = await work.session.scalars(select(Identity).where(Identity.contact_id == contact.id))
    contact.search_text = search_text(contact.name, [(row.kind, row.value, row.display) for row in rows])
    await work.session.flush()


def search_text(name: str, addresses: Sequence[Address]) -> str:
    texts = [name]
    for kind, value, display in addresses:
        texts += folding.endings(value) if kind in _NUMBERS else [display] if kind == "visitor" else [value, display]
    return folding.search_text(texts)


def cleaned_name(name: str) -> str:
    return " ".join(name.replace("\x00", "").split())[:200]
