"""The messages of a conversation."""

from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put

from hub.conversations import messages, timeline
from hub.conversations.messages import Draft
from hub.conversations.shapes import Message, MessageDetail, MessagePage
from hub.core.access import Actor, Permission
from hub.core.hub import Hub

READ = {"permission": Permission.CONVERSATION_READ}
REPLY = {"permission": Permission.CONVERSATION_REPLY}
TAGS = ["Messages"]
PATH = "/api/v1/conversations/{conversation_id:uuid}/messages"
ONE = f"{PATH}/{{message_id:uuid}}"


class NewText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str


class NewReaction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`emoji` null takes it back."""

    emoji: str | None


@get(PATH, opt=READ, operation_id="list_messages", tags=TAGS)
async def list_messages(
    hub: Hub, actor: Actor, conversation_id: UUID, before: int | None = None, after: int | None = None,
    around: int | None = None, limit: int = 50,
) -> MessagePage:
    """The newest, or those before, after or around a number; ascending."""
    async with hub.work(actor) as work:
        return await timeline.page(work, conversation_id, before=before, after=after, around=around, limit=limit)


@post(PATH, opt=REPLY, operation_id="send_message", tags=TAGS)
async def send_message(hub: Hub, actor: Actor, conversation_id: UUID, data: Draft) -> Response[Message]:
    """An answer or a note: 201, or 200 when this client id made it before."""
    async with hub.work(actor) as work:
        made, created = await messages.reply(work, conversation_id, data)
    return Response(made, status_code=201 if created else 200)


@get(ONE, opt=READ, operation_id="get_message", tags=TAGS)
async def get_message(hub: Hub, actor: Actor, conversation_id: UUID, message_id: UUID) -> MessageDetail:
    """The message with every step of its delivery."""
    async with hub.work(actor) as work:
        return await timeline.message(work, conversation_id, message_id)


@post(f"{ONE}/resend", opt=REPLY, status_code=200, operation_id="resend_message", tags=TAGS)
async def resend_message(hub: Hub, actor: Actor, conversation_id: UUID, message_id: UUID) -> Message:
    """Sends again what failed or may not have arrived."""
    async with hub.work(actor) as work:
        return await messages.resend(work, conversation_id, message_id)


@patch(ONE, opt=REPLY, operation_id="edit_message", tags=TAGS)
async def edit_message(hub: Hub, actor: Actor, conversation_id: UUID, message_id: UUID, data: NewText) -> Message:
    """One's own notes and web chat messages."""
    async with hub.work(actor) as work:
        return await messages.edit(work, conversation_id, message_id, data.text)


@delete(ONE, opt=REPLY, status_code=200, operation_id="delete_message", tags=TAGS)
async def delete_message(hub: Hub, actor: Actor, conversation_id: UUID, message_id: UUID) -> Message:
    """One's own notes and web chat messages; the place in the thread stays."""
    async with hub.work(actor) as work:
        return await messages.delete(work, conversation_id, message_id)


@put(f"{ONE}/reaction", opt=REPLY, operation_id="react_to_message", tags=TAGS)
async def react_to_message(
    hub: Hub, actor: Actor, conversation_id: UUID, message_id: UUID, data: NewReaction
) -> Message:
    async with hub.work(actor) as work:
        return await messages.react(work, conversation_id, message_id, data.emoji)


HANDLERS = [
    list_messages, send_message, get_message, resend_message, edit_message, delete_message, react_to_message,
]
