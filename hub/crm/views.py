"""Contacts as the outside sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from hub.core.access import Permission, require
from hub.core.errors import NotFound, invalid_field
from hub.core.paging import Page, PageRequest, page_of
from hub.core.work import Work
from hub.crm import folding
from hub.crm.models import Contact, Identity

_ORDERINGS = {"name": func.lower(Contact.name), "created_at": Contact.created_at, "updated_at": Contact.updated_at}


class IdentityView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: str
    value: str
    display: str


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """`fields`: the values of custom fields by key; those without a value are left out."""

    id: UUID
    name: str
    identities: list[IdentityView]
    created_at: datetime
    fields: dict[str, Any]


async def get(work: Work, contact_id: UUID) -> ContactView:
    """Raises `NotFound`."""
    require(work, Permission.CONTACT_READ)
    contact = (await work.session.scalars(select(Contact).where(Contact.id == contact_id))).first()
    if contact is None:
        raise NotFound
    return (await of(work, [contact]))[0]


async def page(work: Work, request: PageRequest, *, search: str = "", ordering: str = "") -> Page[ContactView]:
    """Ordered by name unless told otherwise: name, created_at or updated_at, with `-` for descending."""
    require(work, Permission.CONTACT_READ)
    column = _ORDERINGS.get((ordering or "name").removeprefix("-"))
    if column is None:
        raise invalid_field("/ordering", "invalid")
    statement = select(Contact).order_by(column.desc() if ordering.startswith("-") else column.asc(), Contact.id)
    if search.strip():
        statement = statement.where(matches(search))
    rows, count, estimated = await page_of(work.session, statement, request)
    return Page(count=count, results=await of(work, [row[0] for row in rows]), count_is_estimate=estimated)


async def search(work: Work, text: str, *, limit: int) -> list[ContactView]:
    """Contacts whose name or address matches, the newest first."""
    require(work, Permission.CONTACT_READ)
    newest = (Contact.created_at.desc(), Contact.id.desc())  # no index has this order, so the words lead
    statement = select(Contact).where(matches(text)).order_by(*newest).limit(limit)
    return await of(work, list((await work.session.scalars(statement)).all()))


def matches(text: str) -> ColumnElement[bool]:
    """Contacts with all the words, in name or addresses; a text without a word matches nobody."""
    query = folding.prefix_query(text)
    if query is None:
        return Contact.id.is_(None)
    return Contact.search.op("@@", is_comparison=True)(cast(literal(query, String), TSQUERY))


async def of(work: Work, contacts: Sequence[Contact]) -> list[ContactView]:
    """The views of these contacts, with one query for all identities."""
    held: dict[UUID, list[IdentityView]] = {contact.id: [] for contact in contacts}
    if held:
        statement = select(Identity).where(Identity.contact_id.in_(held)).order_by(Identity.created_at, Identity.id)
        for row in await work.session.scalars(statement):
            held[row.contact_id].append(
                IdentityView(id=row.id, kind=row.kind, value=row.value, display=row.display)
            )
    return [ContactView(id=contact.id, name=contact.name, identities=held[contact.id], created_at=contact.created_at,
                        fields=contact.fields)
            for contact in contacts]
