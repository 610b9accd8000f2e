"""Putting a conversation aside for a while, and bringing it back."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from api.deps import TheActor, TheHub
from hub.conversations import snoozing
from hub.conversations.filters import At
from hub.conversations.shapes import Row
from hub.core.access import Permission

WRITE: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_REPLY}, "tags": ["Conversations"],
}
PATH = "/api/v1/conversations/{conversation_id:uuid}"


class Snooze(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    until: At


@post(f"{PATH}/snooze", **WRITE, status_code=200, operation_id="snooze_conversation",
      summary="Put a conversation aside until a time")
async def snooze(hub: TheHub, actor: TheActor, conversation_id: FromPath[UUID], data: JSONBody[Snooze]) -> Row:
    """It comes back at that time, a year away at most, or with the customer's next word."""
    async with hub.work(actor) as work:
        return await snoozing.snooze(work, conversation_id, data.until)


@post(f"{PATH}/resume", **WRITE, status_code=200, operation_id="resume_conversation",
      summary="Bring a snoozed conversation back")
async def resume(hub: TheHub, actor: TheActor, conversation_id: FromPath[UUID]) -> Row:
    async with hub.work(actor) as work:
        return await snoozing.resume(work, conversation_id)


HANDLERS = [snooze, resume]
