"""Contacts over HTTP."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, patch
from litestar.params import Parameter
from msgspec import UNSET, UnsetType

from api.deps import with_links
from hub.core.access import Actor, Permission
from hub.core.hub import Hub
from hub.core.paging import Page, PageRequest
from hub.crm import contacts, views
from hub.crm.views import ContactView

TAGS = ["Contacts"]


class ContactPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str | UnsetType = UNSET


@get("/api/v1/contacts", opt={"permission": Permission.CONTACT_READ}, operation_id="list_contacts", tags=TAGS)
async def list_contacts(
    hub: Hub, actor: Actor, page: PageRequest, request: Request[Any, Any, Any],
    search: Annotated[str, Parameter(max_length=200)] = "", ordering: str = "",
) -> Page[ContactView]:
    """By name; `ordering` may be name, created_at or updated_at, with `-` for descending."""
    async with hub.work(actor) as work:
        return with_links(request, await views.page(work, page, search=search, ordering=ordering), page)


@get("/api/v1/contacts/{contact_id:uuid}", opt={"permission": Permission.CONTACT_READ}, operation_id="get_contact",
     tags=TAGS)
async def get_contact(hub: Hub, actor: Actor, contact_id: UUID) -> ContactView:
    async with hub.work(actor) as work:
        return await views.get(work, contact_id)


@patch("/api/v1/contacts/{contact_id:uuid}", opt={"permission": Permission.CONTACT_WRITE},
       operation_id="change_contact", tags=TAGS)
async def change_contact(hub: Hub, actor: Actor, contact_id: UUID, data: ContactPatch) -> ContactView:
    """A name typed by a colleague is no longer replaced by the profile's."""
    async with hub.work(actor) as work:
        if data.name is not UNSET:
            await contacts.rename(work, contact_id, data.name)
        return await views.get(work, contact_id)


HANDLERS = [list_contacts, get_contact, change_contact]
