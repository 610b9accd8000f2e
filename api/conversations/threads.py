"""What people do with a conversation as a whole."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import post, put
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from api.deps import TheActor, TheHub
from hub.conversations import fields, reading, threads
from hub.conversations.shapes import MarkerView, Row
from hub.core.access import Permission

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Conversations"],
}
WRITE: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_REPLY}, "tags": ["Conversations"],
}
TheId = FromPath[UUID]
PATH = "/api/v1/conversations/{conversation_id:uuid}"


class Assignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`user_id` null gives it to nobody; `department_id` absent leaves the department as it is."""

    user_id: UUID | None
    department_id: UUID | UnsetType | None = UNSET


class Closing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    disposition: str | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seq: int


class Tagging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tag_ids: list[UUID]


class FieldValues(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    fields: dict[str, Any]


@post(f"{PATH}/accept", **WRITE, status_code=200, operation_id="accept_conversation",
     summary="Take a conversation that nobody has")
async def accept(hub: TheHub, actor: TheActor, conversation_id: TheId) -> Row:
    """Takes a conversation that nobody has; 409 `already_taken` says who was faster."""
    async with hub.work(actor) as work:
        return await threads.accept(work, conversation_id)


@post(f"{PATH}/assign", **{**WRITE, "opt": {"permission": Permission.CONVERSATION_ASSIGN}}, status_code=200,
      operation_id="assign_conversation",
     summary="Give a conversation to a person, a department or nobody")
async def assign(hub: TheHub, actor: TheActor, conversation_id: TheId, data: JSONBody[Assignment]) -> Row:
    async with hub.work(actor) as work:
        return await threads.assign(
            work, conversation_id, user_id=data.user_id, department_id=data.department_id
        )


@post(f"{PATH}/close", **WRITE, status_code=200, operation_id="close_conversation",
     summary="End the engagement")
async def close(hub: TheHub, actor: TheActor, conversation_id: TheId, data: JSONBody[Closing | None] = None) -> Row:
    """Ends the engagement. The body may be left out."""
    async with hub.work(actor) as work:
        return await threads.close(work, conversation_id, disposition=data.disposition if data else None)


@post(f"{PATH}/reopen", **WRITE, status_code=200, operation_id="reopen_conversation",
     summary="Begin a new engagement")
async def reopen(hub: TheHub, actor: TheActor, conversation_id: TheId) -> Row:
    async with hub.work(actor) as work:
        return await threads.reopen(work, conversation_id)


@put(f"{PATH}/tags", **WRITE, operation_id="tag_conversation",
     summary="Set exactly these tags")
async def tag(hub: TheHub, actor: TheActor, conversation_id: TheId, data: JSONBody[Tagging]) -> Row:
    """Sets exactly these tags."""
    async with hub.work(actor) as work:
        return await threads.tag(work, conversation_id, data.tag_ids)


@put(f"{PATH}/fields", **WRITE, operation_id="set_conversation_fields", summary="Set values of custom fields")
async def set_fields(hub: TheHub, actor: TheActor, conversation_id: TheId, data: JSONBody[FieldValues]) -> Row:
    """What is given changes, null takes a value away."""
    async with hub.work(actor) as work:
        return await fields.set_values(work, conversation_id, data.fields)


@post(f"{PATH}/read", **READ, status_code=200, operation_id="read_conversation",
     summary="Move the own read marker forward")
async def read(hub: TheHub, actor: TheActor, conversation_id: TheId, data: JSONBody[Reading]) -> MarkerView:
    """Moves the caller's marker forward."""
    async with hub.work(actor) as work:
        return await reading.mark_read(work, conversation_id, data.seq)


@post(f"{PATH}/unread", **READ, status_code=200, operation_id="unread_conversation",
     summary="Put the own read marker before the last word")
async def unread(hub: TheHub, actor: TheActor, conversation_id: TheId) -> MarkerView:
    """Puts the caller's marker before the customer's last message."""
    async with hub.work(actor) as work:
        return await reading.mark_unread(work, conversation_id)


HANDLERS = [accept, assign, close, reopen, tag, set_fields, read, unread]
