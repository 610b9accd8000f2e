"""Contacts over HTTP."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, patch
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from api.accounts.documented import refusals
from api.deps import AnyRequest, TheActor, TheHub, ThePage, with_links
from hub.core.access import Permission
from hub.core.paging import Page
from hub.crm import contacts, views
from hub.crm.views import ContactView

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONTACT_READ}, "tags": ["Contacts"], "responses": refusals(401, 403, 404, 422),
}
WRITE: dict[str, Any] = {**READ, "opt": {"permission": Permission.CONTACT_WRITE}}


class ContactPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str | UnsetType = UNSET


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
        if data.name is not UNSET:
            await contacts.rename(work, contact_id, data.name)
        return await views.get(work, contact_id)


HANDLERS = [list_contacts, get_contact, change_contact]
