"""The messages of a conversation."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from api.accounts.documented import refusals
from api.deps import TheActor, TheHub
from hub.conversations import messages, pages, timeline
from hub.conversations.grouped import replies
from hub.conversations.messages import Draft
from hub.conversations.shapes import Message, MessageDetail, MessagePage
from hub.core.access import Permission

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Messages"],
    "responses": refusals(401, 403, 404, 422),
}
WRITE: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_REPLY}, "tags": ["Messages"],
    "responses": refusals(401, 403, 404, 409, 422),
}
TheId = FromPath[UUID]
Bound = FromQuery[int | None]
PATH = "/api/v1/conversations/{conversation_id:uuid}/messages"
ONE = f"{PATH}/{{message_id:uuid}}"


class NewText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str


class NewReaction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`emoji` null takes it back."""

    emoji: str | None


@get(PATH, **READ, operation_id="list_messages",
     summary="A stretch of the thread, by number")
async def list_messages(
    hub: TheHub, actor: TheActor, conversation_id: TheId, before: Bound = None, after: Bound = None,
    around: Bound = None, limit: FromQuery[int] = 50,
) -> MessagePage:
    """The newest, or those before, after or around a number; ascending."""
    return await pages.page(hub, actor, conversation_id, before=before, after=after, around=around, limit=limit)


@post(PATH, **WRITE, operation_id="send_message",
     summary="Answer or add a note, once for each client id")
async def send_message(
    hub: TheHub, actor: TheActor, conversation_id: TheId, data: JSONBody[Draft]
) -> Response[Message]:
    """An answer or a note: 201, or 200 when this client id made it before."""
    made, created = await replies.reply(hub, actor, conversation_id, data)
    return Response(made, status_code=201 if created else 200)


@get(ONE, **READ, operation_id="get_message",
     summary="One message with every step of its delivery")
async def get_message(hub: TheHub, actor: TheActor, conversation_id: TheId, message_id: TheId) -> MessageDetail:
    """The message with every step of its delivery."""
    async with hub.work(actor) as work:
        return await timeline.message(work, conversation_id, message_id)


@post(f"{ONE}/resend", **WRITE, status_code=200, operation_id="resend_message",
     summary="Send again what failed or is uncertain")
async def resend_message(hub: TheHub, actor: TheActor, conversation_id: TheId, message_id: TheId) -> Message:
    """Sends again what failed or may not have arrived."""
    async with hub.work(actor) as work:
        return await messages.resend(work, conversation_id, message_id)


@patch(ONE, **WRITE, operation_id="edit_message",
     summary="Edit an own message where the channel can")
async def edit_message(
    hub: TheHub, actor: TheActor, conversation_id: TheId, message_id: TheId, data: JSONBody[NewText]
) -> Message:
    """One's own notes and web chat messages."""
    async with hub.work(actor) as work:
        return await messages.edit(work, conversation_id, message_id, data.text)


@delete(ONE, **WRITE, status_code=200, operation_id="delete_message",
     summary="Delete an own message where the channel can")
async def delete_message(hub: TheHub, actor: TheActor, conversation_id: TheId, message_id: TheId) -> Message:
    """One's own notes and web chat messages; the place in the thread stays."""
    async with hub.work(actor) as work:
        return await messages.delete(work, conversation_id, message_id)


@put(f"{ONE}/reaction", **WRITE, operation_id="react_to_message",
     summary="React to a message or take the reaction back")
async def react_to_message(
    hub: TheHub, actor: TheActor, conversation_id: TheId, message_id: TheId, data: JSONBody[NewReaction]
) -> Message:
    async with hub.work(actor) as work:
        return await messages.react(work, conversation_id, message_id, data.emoji)


HANDLERS = [
    list_messages, send_message, get_message, resend_message, edit_message, delete_message, react_to_message,
]
