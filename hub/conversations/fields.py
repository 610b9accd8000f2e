"""The values that conversations have in the organization's custom fields."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import String, literal, update

from hub.conversations import log, reading, rendering, visibility
from hub.conversations.models import Conversation
from hub.conversations.shapes import Row
from hub.core.access import Permission, require
from hub.core.work import Work
from hub.crm import values
from hub.events import ConversationFieldsChanged, CustomFieldChanged


async def set_values(work: Work, conversation_id: UUID, given: Mapping[str, Any]) -> Row:
    """Sets values by key, null takes one away; what is not given stays. Raises `NotFound`, `Invalid`."""
    require(work, Permission.CONVERSATION_REPLY)
    await visibility.find(work, conversation_id)
    checked = await values.checked(work, "conversation", given)
    thread = await log.lock(work, conversation_id)
    conversation = thread.conversation
    conversation.fields, changed = values.merged(conversation.fields, checked)
    if changed:
        await log.alter(thread, ConversationFieldsChanged, fields=changed)
    return rendering.row(conversation, thread.around, marker=await reading.marker(work, conversation_id))


async def forget(work: Work, event: CustomFieldChanged) -> None:
    """Reaction: a field that is gone leaves no values with conversations. Open lists learn it with their next row."""
    if event.what != "deleted" or event.entity != "conversation":
        return
    await work.session.execute(
        update(Conversation).where(Conversation.fields.has_key(event.key))
        .values(fields=Conversation.fields.op("-")(literal(event.key, String)))
        .execution_options(synchronize_session=False)
    )
