"""Canned responses over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api.accounts.documented import refusals
from api.deps import AnyRequest, TheActor, TheHub, ThePage, with_links
from hub.conversations import canned
from hub.conversations.canned import CannedDraft, CannedPatch, CannedView, Filled
from hub.core.access import Permission
from hub.core.paging import Page

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Canned responses"],
}
WRITE: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_REPLY}, "tags": ["Canned responses"],
}
ONE = "/api/v1/canned-responses/{canned_response_id:uuid}"


@get("/api/v1/canned-responses", **READ, operation_id="list_canned_responses",
     summary="One's own prepared texts and the organization's")
async def list_canned_responses(
    hub: TheHub, actor: TheActor, page: ThePage, request: AnyRequest,
    search: Annotated[str, QueryParameter(name="search", max_length=200)] = "",
) -> Page[CannedView]:
    async with hub.work(actor) as work:
        return with_links(request, await canned.page(work, page, search=search), page)


@post("/api/v1/canned-responses", **WRITE, operation_id="create_canned_response", summary="Prepare a text")
async def create_canned_response(hub: TheHub, actor: TheActor, data: JSONBody[CannedDraft]) -> CannedView:
    """One for the organization needs `canned:manage`."""
    async with hub.work(actor) as work:
        return await canned.create(work, data)


@patch(ONE, **WRITE, responses=refusals(409), operation_id="change_canned_response", summary="Change a prepared text")
async def change_canned_response(
    hub: TheHub, actor: TheActor, canned_response_id: FromPath[UUID], data: JSONBody[CannedPatch]
) -> CannedView:
    async with hub.work(actor) as work:
        return await canned.change(work, canned_response_id, data)


@delete(ONE, **WRITE, operation_id="delete_canned_response", summary="Delete a prepared text")
async def delete_canned_response(hub: TheHub, actor: TheActor, canned_response_id: FromPath[UUID]) -> None:
    async with hub.work(actor) as work:
        await canned.remove(work, canned_response_id)


@get(f"{ONE}/text", **READ, operation_id="fill_canned_response", summary="A prepared text with its variables filled in")
async def fill_canned_response(
    hub: TheHub, actor: TheActor, canned_response_id: FromPath[UUID], conversation_id: FromQuery[UUID | None] = None
) -> Filled:
    """Without a conversation the contact's and the channel's names are left out."""
    async with hub.work(actor) as work:
        return await canned.text(work, canned_response_id, conversation_id=conversation_id)


HANDLERS = [
    list_canned_responses, create_canned_response, change_canned_response, delete_canned_response,
    fill_canned_response,
]
