"""The departments of the organization."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.accounts.documented import refusals
from api.deps import AnyRequest, TheActor, TheHub, ThePage, with_links
from hub.accounts import departments, views
from hub.accounts.departments import DepartmentDraft, DepartmentPatch
from hub.core.access import Permission
from hub.core.paging import Page

TAGS = ["Departments"]
Search = Annotated[str | None, QueryParameter(name="search", max_length=200, description="part of a name")]
Ordering = Annotated[str | None, QueryParameter(
    name="ordering", max_length=100, description="name, created_at; - in front turns it round"
)]


@get("/api/v1/departments", opt={"permission": Permission.DEPARTMENT_READ}, operation_id="list_departments",
     summary="Departments and their members", tags=TAGS,
     responses=refusals(401, 403, 422))
async def list_departments(
    hub: TheHub, actor: TheActor, page: ThePage, request: AnyRequest, search: Search = None, ordering: Ordering = None
) -> Page[views.Department]:
    async with hub.work(actor) as work:
        return with_links(request, await views.departments(work, page, search=search, ordering=ordering), page)


@post("/api/v1/departments", opt={"permission": Permission.DEPARTMENT_MANAGE}, operation_id="create_department",
      summary="Make a department",
      tags=TAGS, responses=refusals(401, 403, 409, 422))
async def create_department(hub: TheHub, actor: TheActor, data: JSONBody[DepartmentDraft]) -> views.Department:
    async with hub.work(actor) as work:
        department = await departments.create(work, data)
        return await views.department(work, department.id)


@patch("/api/v1/departments/{department_id:uuid}", opt={"permission": Permission.DEPARTMENT_MANAGE},
       operation_id="change_department",
       summary="Rename a department or set its members", tags=TAGS, responses=refusals(401, 403, 404, 409, 422))
async def change_department(
    hub: TheHub, actor: TheActor, department_id: FromPath[UUID], data: JSONBody[DepartmentPatch]
) -> views.Department:
    async with hub.work(actor) as work:
        await departments.update(work, department_id, data)
        return await views.department(work, department_id)


@delete("/api/v1/departments/{department_id:uuid}", opt={"permission": Permission.DEPARTMENT_MANAGE},
        operation_id="delete_department",
        summary="Delete a department that nothing belongs to", tags=TAGS, status_code=204,
        responses=refusals(401, 403, 404, 409))
async def delete_department(hub: TheHub, actor: TheActor, department_id: FromPath[UUID]) -> None:
    async with hub.work(actor) as work:
        await departments.delete(work, department_id)


HANDLERS = [list_departments, create_department, change_department, delete_department]
