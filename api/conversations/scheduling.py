"""Answers for later."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api.accounts.documented import refusals
from api.deps import TheActor, TheHub
from hub.conversations import scheduling
from hub.conversations.scheduling import Scheduled, ScheduledList, ScheduleDraft, SchedulePatch
from hub.core.access import Permission

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Scheduled messages"],
}
WRITE: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_REPLY}, "tags": ["Scheduled messages"],
    "responses": refusals(409),
}
TheId = FromPath[UUID]
PATH = "/api/v1/conversations/{conversation_id:uuid}/scheduled"
ONE = f"{PATH}/{{scheduled_id:uuid}}"


@get(PATH, **READ, operation_id="list_scheduled_messages",
     summary="The answers for later of a conversation")
async def list_scheduled(hub: TheHub, actor: TheActor, conversation_id: TheId) -> ScheduledList:
    """In whatever state, the latest time first."""
    async with hub.work(actor) as work:
        return await scheduling.listed(work, conversation_id)


@post(PATH, **WRITE, operation_id="schedule_message",
      summary="Have an answer sent later, once for each client id")
async def schedule(
    hub: TheHub, actor: TheActor, conversation_id: TheId, data: JSONBody[ScheduleDraft]
) -> Response[Scheduled]:
    """It is sent as the caller: 201, or 200 when this client id made it before."""
    async with hub.work(actor) as work:
        made, created = await scheduling.schedule(work, conversation_id, data)
    return Response(made, status_code=201 if created else 200)


@patch(ONE, **WRITE, operation_id="change_scheduled_message",
       summary="Other words or another time for an answer that waits")
async def change_scheduled(
    hub: TheHub, actor: TheActor, conversation_id: TheId, scheduled_id: TheId, data: JSONBody[SchedulePatch]
) -> Scheduled:
    async with hub.work(actor) as work:
        return await scheduling.change(work, conversation_id, scheduled_id, data)


@delete(ONE, **WRITE, status_code=200, operation_id="cancel_scheduled_message",
        summary="Cancel an answer that waits")
async def cancel_scheduled(hub: TheHub, actor: TheActor, conversation_id: TheId, scheduled_id: TheId) -> Scheduled:
    """The author's, and anybody's for those who see every conversation."""
    async with hub.work(actor) as work:
        return await scheduling.cancel(work, conversation_id, scheduled_id)


HANDLERS = [list_scheduled, schedule, change_scheduled, cancel_scheduled]
