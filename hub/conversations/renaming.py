"""A contact has another name: the lists in which it stands learn it at once."""

from sqlalchemy import select

from hub.conversations import log, rows
from hub.conversations.log import Thread
from hub.conversations.models import Conversation
from hub.core.work import Work
from hub.events import ContactChanged, ConversationContactRenamed


async def tell(work: Work, event: ContactChanged) -> None:
    """Reaction: every conversation with the contact has a new row, whether or not who renamed it may see it.

    The contact's row is locked already, and theirs are in one order, so that two who rename wait but never cross.
    """
    if "name" not in event.fields:
        return
    statement = (
        select(Conversation).where(Conversation.contact_id == event.contact_id).order_by(Conversation.id)
        .with_for_update(of=Conversation).execution_options(populate_existing=True)
    )
    for conversation in (await work.session.scalars(statement)).all():
        thread = Thread(work, conversation, await rows.surroundings(work, conversation))
        await log.alter(thread, ConversationContactRenamed, contact_id=event.contact_id)
