"""A visitor whom their website vouches for: from now on the contact of that person, on every device of theirs."""

from uuid import UUID

from sqlalchemy import select

from hub.channels.identity import Identity as Vouched
from hub.channels.models import Channel, Visitor
from hub.channels.visitors import visitor_actor
from hub.conversations import log, rows
from hub.conversations.models import Conversation
from hub.conversations.visibility import visible_to
from hub.core.work import Work
from hub.crm import contacts
from hub.crm.contacts import Address


async def identify(work: Work, channel: Channel, visitor: Visitor, vouched: Vouched) -> None:
    """Binds the visitor's browser to the contact that has the website's id or the e-mail address.

    What was written before stays with the person: their anonymous conversation moves along where they have none here.
    """
    before = await _conversation(work, visitor)
    shown = vouched.name or vouched.email or vouched.subject
    addresses: list[Address] = [("visitor", f"{channel.id}:{vouched.subject}", shown)]
    if vouched.email:
        addresses.append(("email", vouched.email, vouched.email))
    addresses.append(("visitor", str(visitor.id), f"#{visitor.id.hex[-4:]}"))
    contact = await contacts.find_or_create(work, addresses, name=vouched.name)
    visitor.contact_id = contact.id
    await work.session.flush()
    if before is not None and before.contact_id != contact.id:
        await _move(work, before.id, channel, contact.id)


async def _conversation(work: Work, visitor: Visitor) -> Conversation | None:
    found: Conversation | None = (await work.session.scalars(
        select(Conversation).where(visible_to(visitor_actor(visitor)))
    )).first()
    return found


async def _move(work: Work, conversation_id: UUID, channel: Channel, contact_id: UUID) -> None:
    """Gives the conversation to the contact unless they have one on this channel already."""
    own = Conversation.channel_id == channel.id, Conversation.contact_id == contact_id
    if await work.session.scalar(select(Conversation.id).where(*own)) is not None:
        return
    thread = await log.lock_where(work, Conversation.id == conversation_id)
    if thread is not None:
        thread.conversation.contact_id = contact_id
        await work.session.flush()
        thread.around = await rows.surroundings(work, thread.conversation)
