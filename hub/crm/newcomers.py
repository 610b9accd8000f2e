"""People whom nobody knew, met for the first time and added many at once."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from hub.core.bulk import Bulk, Happened
from hub.core.clock import new_id
from hub.crm import contacts
from hub.crm.contacts import Address
from hub.crm.models import Contact, Identity
from hub.events import ContactCreated


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """A contact to be; `addresses` are canonical, the most trusted first."""

    id: UUID
    name: str
    addresses: Sequence[Address]
    identity_ids: Sequence[UUID]


def newcomer(name: str, addresses: Sequence[Address]) -> Newcomer:
    return Newcomer(
        id=new_id(), name=contacts.shown_name(name, addresses), addresses=addresses,
        identity_ids=[new_id() for _ in addresses],
    )


async def add(bulk: Bulk, people: Sequence[Newcomer]) -> None:
    """Adds contacts and identities. An address that somebody has by now breaks the unique key and so the group."""
    bulk.insert(Contact, ("id", "name", "search_text"), [
        (one.id, one.name, contacts.search_text(one.name, one.addresses)) for one in people
    ], name_given=False, created_at=bulk.now, updated_at=bulk.now)
    held = [
        (kind, value, display, identity_id, one.id)
        for one in people
        for identity_id, (kind, value, display) in zip(one.identity_ids, one.addresses, strict=True)
    ]
    held.sort()  # one order everywhere, so that two who add the same wait but never cross
    bulk.insert(Identity, ("kind", "value", "display", "id", "contact_id"), held, created_at=bulk.now)
    await bulk.emit([Happened(ContactCreated(contact_id=one.id)) for one in people])
