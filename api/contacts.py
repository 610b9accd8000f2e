"""Contacts over HTTP."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from api.accounts.documented import refusals
from api.deps import AnyRequest, TheActor, TheHub, ThePage, with_links
from hub.conversations import history
from hub.conversations.shapes import History
from hub.core.access import Permission
from hub.core.paging import Page
from hub.crm import contacts, identities, views
from hub.crm.identities import IdentityDraft
from hub.crm.views import ContactView

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONTACT_READ}, "tags": ["Contacts"],
}
WRITE: dict[str, Any] = {**READ, "opt": {"permission": Permission.CONTACT_WRITE}}
CHANGE: dict[str, Any] = {**WRITE, "responses": refusals(409)}


class ContactPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`fields`: values of custom fields by key, null takes one away; what is not given stays."""

    name: str | UnsetType = UNSET
    fields: dict[str, Any] | UnsetType = UNSET


@get("/api/v1/contacts", **READ, operation_id="list_contacts",
     summary="People on the other side")
async def list_contacts(
    hub: TheHub, actor: TheActor, page: ThePage, request: AnyRequest,
    search: Annotated[str, QueryParameter(name="search", max_length=200)] = "", ordering: FromQuery[str] = "",
) -> Page[ContactView]:
    """By name; `ordering` may be name, created_at or updated_at, with `-` for descending."""
    async with hub.work(actor) as work:
        return with_links(request, await views.page(work, page, search=search, ordering=ordering), page)


@get("/api/v1/contacts/{contact_id:uuid}", **READ, operation_id="get_contact",
     summary="One contact with its identities")
async def get_contact(hub: TheHub, actor: TheActor, contact_id: FromPath[UUID]) -> ContactView:
    async with hub.work(actor) as work:
        return await views.get(work, contact_id)


@patch("/api/v1/contacts/{contact_id:uuid}", **WRITE, operation_id="change_contact",
     summary="Change a contact")
async def change_contact(
    hub: TheHub, actor: TheActor, contact_id: FromPath[UUID], data: JSONBody[ContactPatch]
) -> ContactView:
    """A name typed by a colleague is no longer replaced by the profile's."""
    async with hub.work(actor) as work:
        if data.fields is not UNSET:  # first: definitions are locked before contacts
            await contacts.set_fields(work, contact_id, data.fields)
        if data.name is not UNSET:
            await contacts.rename(work, contact_id, data.name)
        return await views.get(work, contact_id)


@get("/api/v1/contacts/{contact_id:uuid}/conversations", **READ, operation_id="list_contact_conversations",
     summary="What we have had to do with a contact")
async def list_contact_conversations(hub: TheHub, actor: TheActor, contact_id: FromPath[UUID]) -> History:
    """The conversations that the caller may see, with their engagements."""
    async with hub.work(actor) as work:
        return await history.of_contact(work, contact_id)


@post("/api/v1/contacts/{contact_id:uuid}/identities", **CHANGE, operation_id="add_contact_identity",
      summary="Give a contact another address")
async def add_contact_identity(
    hub: TheHub, actor: TheActor, contact_id: FromPath[UUID], data: JSONBody[IdentityDraft]
) -> ContactView:
    """409 `identity_taken` says whose it is."""
    async with hub.work(actor) as work:
        await identities.add(work, contact_id, data)
        return await views.get(work, contact_id)


@delete("/api/v1/contacts/{contact_id:uuid}/identities/{identity_id:uuid}", **CHANGE, status_code=200,
        operation_id="remove_contact_identity", summary="Take an address away from a contact")
async def remove_contact_identity(
    hub: TheHub, actor: TheActor, contact_id: FromPath[UUID], identity_id: FromPath[UUID]
) -> ContactView:
    """409 `identity_in_use` for one that a conversation is held with."""
    async with hub.work(actor) as work:
        await identities.remove(work, contact_id, identity_id)
        return await views.get(work, contact_id)


HANDLERS = [
    list_contacts, get_contact, change_contact, list_contact_conversations, add_contact_identity,
    remove_contact_identity,
]
