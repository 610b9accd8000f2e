"""Custom fields over HTTP."""

from typing import Any
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from api.deps import AnyRequest, TheActor, TheHub, ThePage, with_links
from hub.core.access import Permission
from hub.core.paging import Page
from hub.crm import fields
from hub.crm.fields import Entity, FieldDraft, FieldPatch, FieldView

MANAGE: dict[str, Any] = {
    "opt": {"permission": Permission.FIELD_MANAGE}, "tags": ["Custom fields"],
}


@get("/api/v1/custom-fields", opt={"permission": Permission.CONTACT_READ}, tags=["Custom fields"],
     operation_id="list_custom_fields",
     summary="The facts kept of contacts and conversations")
async def list_custom_fields(
    hub: TheHub, actor: TheActor, page: ThePage, request: AnyRequest, entity: FromQuery[Entity | None] = None
) -> Page[FieldView]:
    async with hub.work(actor) as work:
        return with_links(request, await fields.page(work, page, entity=entity), page)


@post("/api/v1/custom-fields", **MANAGE, operation_id="create_custom_field", summary="Add a custom field")
async def create_custom_field(hub: TheHub, actor: TheActor, data: JSONBody[FieldDraft]) -> FieldView:
    async with hub.work(actor) as work:
        return await fields.create(work, data)


@patch("/api/v1/custom-fields/{field_id:uuid}", **MANAGE, operation_id="change_custom_field",
       summary="Change label, choices or position")
async def change_custom_field(
    hub: TheHub, actor: TheActor, field_id: FromPath[UUID], data: JSONBody[FieldPatch]
) -> FieldView:
    async with hub.work(actor) as work:
        return await fields.change(work, field_id, data)


@delete("/api/v1/custom-fields/{field_id:uuid}", **MANAGE, operation_id="delete_custom_field",
        summary="Delete a field and all its values")
async def delete_custom_field(hub: TheHub, actor: TheActor, field_id: FromPath[UUID]) -> None:
    async with hub.work(actor) as work:
        await fields.remove(work, field_id)


HANDLERS = [list_custom_fields, create_custom_field, change_custom_field, delete_custom_field]
