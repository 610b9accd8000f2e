"""What people do with a conversation as a whole."""

from uuid import UUID

import msgspec
from litestar import post, put
from msgspec import UNSET, UnsetType

from hub.conversations import reading, threads
from hub.conversations.shapes import MarkerView, Row
from hub.core.access import Actor, Permission
from hub.core.hub import Hub

READ = {"permission": Permission.CONVERSATION_READ}
REPLY = {"permission": Permission.CONVERSATION_REPLY}
TAGS = ["Conversations"]
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


@post(f"{PATH}/accept", opt=REPLY, status_code=200, operation_id="accept_conversation", tags=TAGS)
async def accept(hub: Hub, actor: Actor, conversation_id: UUID) -> Row:
    """Takes a conversation that nobody has; 409 `already_taken` says who was faster."""
    async with hub.work(actor) as work:
        return await threads.accept(work, conversation_id)


@post(f"{PATH}/assign", opt={"permission": Permission.CONVERSATION_ASSIGN}, status_code=200,
      operation_id="assign_conversation", tags=TAGS)
async def assign(hub: Hub, actor: Actor, conversation_id: UUID, data: Assignment) -> Row:
    async with hub.work(actor) as work:
        return await threads.assign(
            work, conversation_id, user_id=data.user_id, department_id=data.department_id
        )


@post(f"{PATH}/close", opt=REPLY, status_code=200, operation_id="close_conversation", tags=TAGS)
async def close(hub: Hub, actor: Actor, conversation_id: UUID, data: Closing | None = None) -> Row:
    """Ends the engagement. The body may be left out."""
    async with hub.work(actor) as work:
        return await threads.close(work, conversation_id, disposition=data.disposition if data else None)


@post(f"{PATH}/reopen", opt=REPLY, status_code=200, operation_id="reopen_conversation", tags=TAGS)
async def reopen(hub: Hub, actor: Actor, conversation_id: UUID) -> Row:
    async with hub.work(actor) as work:
        return await threads.reopen(work, conversation_id)


@put(f"{PATH}/tags", opt=REPLY, operation_id="tag_conversation", tags=TAGS)
async def tag(hub: Hub, actor: Actor, conversation_id: UUID, data: Tagging) -> Row:
    """Sets exactly these tags."""
    async with hub.work(actor) as work:
        return await threads.tag(work, conversation_id, data.tag_ids)


@post(f"{PATH}/read", opt=READ, status_code=200, operation_id="read_conversation", tags=TAGS)
async def read(hub: Hub, actor: Actor, conversation_id: UUID, data: Reading) -> MarkerView:
    """Moves the caller's marker forward."""
    async with hub.work(actor) as work:
        return await reading.mark_read(work, conversation_id, data.seq)


@post(f"{PATH}/unread", opt=READ, status_code=200, operation_id="unread_conversation", tags=TAGS)
async def unread(hub: Hub, actor: Actor, conversation_id: UUID) -> MarkerView:
    """Puts the caller's marker before the customer's last message."""
    async with hub.work(actor) as work:
        return await reading.mark_unread(work, conversation_id)


HANDLERS = [accept, assign, close, reopen, tag, read, unread]
