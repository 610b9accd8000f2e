"""Addresses that colleagues add to a contact and take away again."""

from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from hub.accounts import rules
from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import Conflict, NotFound, invalid_field
from hub.core.work import Work
from hub.crm import contacts
from hub.crm.models import Contact, Identity
from hub.events import ContactChanged

_FOREIGN_KEY_VIOLATION = "23503"
_OF_VISITORS = "visitor"  # the visitor's own way to their thread


class IdentityDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone number is international: +55 11 98765-4321."""

    kind: Literal["email", "phone"]
    value: str


async def add(work: Work, contact_id: UUID, draft: IdentityDraft) -> None:
    """Gives the contact this address; one that it has already stays as it is.

    Raises `Forbidden`, `NotFound`, `Invalid`, `Conflict` ("identity_taken", with whose it is).
    """
    require(work, Permission.CONTACT_WRITE)
    await contacts.get(work, contact_id)
    value, display = _address(draft)
    made = await work.session.scalar(insert(Identity).values(
        id=new_id(), organization_id=work.organization_id, contact_id=contact_id, kind=draft.kind, value=value,
        display=display, created_at=work.now,
    ).on_conflict_do_nothing(index_elements=["organization_id", "kind", "value"]).returning(Identity.id))
    if made is None:
        await _refuse_if_anothers(work, contact_id, draft.kind, value)
        return
    await _changed(work, contact_id)


async def remove(work: Work, contact_id: UUID, identity_id: UUID) -> None:
    """Takes the address away from the contact.

    Raises `Forbidden`, `NotFound`, `Conflict` ("identity_in_use") for one that a conversation is held with.
    """
    require(work, Permission.CONTACT_WRITE)
    await contacts.get(work, contact_id)
    own = (Identity.id == identity_id, Identity.contact_id == contact_id)
    kind = await work.session.scalar(select(Identity.kind).where(*own))
    if kind is None:
        raise NotFound
    if kind == _OF_VISITORS:
        raise Conflict("identity_in_use")
    try:
        await work.session.execute(delete(Identity).where(*own))
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) == _FOREIGN_KEY_VIOLATION:
            raise Conflict("identity_in_use") from None
        raise
    await _changed(work, contact_id)


async def _changed(work: Work, contact_id: UUID) -> None:
    """The identity first, its contact after: the order in which inbound messages take them."""
    contact = await contacts.get(work, contact_id, lock=True)
    contact.updated_at = work.now
    await contacts.reindex(work, contact)
    await work.emit(ContactChanged(contact_id=contact_id, fields=("identities",)))


async def _refuse_if_anothers(work: Work, contact_id: UUID, kind: str, value: str) -> None:
    statement = (
        select(Contact.id, Contact.name).join(Identity, Identity.contact_id == Contact.id)
        .where(Identity.kind == kind, Identity.value == value)
    )
    holder = (await work.session.execute(statement)).one()
    if holder.id != contact_id:
        raise Conflict("identity_taken", extra={"contact": {"id": str(holder.id), "name": holder.name}})


def _address(draft: IdentityDraft) -> tuple[str, str]:
    """(canonical value, what people read). Raises `Invalid`."""
    if draft.kind == "email":
        address = rules.email(draft.value, "/value")
        return address, address
    import phonenumbers  # loaded when it is needed: starting does not wait for it

    try:
        number = phonenumbers.parse("+" + draft.value.strip().lstrip("+"), None)
    except phonenumbers.NumberParseException:
        raise invalid_field("/value", "phone") from None
    if len(draft.value) > 40 or not phonenumbers.is_possible_number(number):
        raise invalid_field("/value", "phone")
    return (
        contacts.canonical("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)),
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
    )
