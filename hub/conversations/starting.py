"""Beginning a conversation from our side, as far as channels let us."""

from uuid import UUID

import msgspec
from sqlalchemy import exists, select

from hub.channels import actions as channels
from hub.channels import rules as kinds
from hub.conversations import rows
from hub.conversations.models import Conversation
from hub.conversations.shapes import Row
from hub.core.access import Permission, require
from hub.core.errors import Conflict
from hub.core.work import Work
from hub.crm import contacts
from hub.crm.models import Identity


class StartDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    contact_id: UUID
    channel_id: UUID


async def start(work: Work, draft: StartDraft) -> Row:
    """The conversation with this contact on this channel.

    Where there is none yet, nobody of ours can begin it today: on WhatsApp the first word of a business has to be a
    template that Meta has approved, and on a website the visitor begins. Raises `NotFound`, `Conflict` ("no_address",
    "template_required", "visitor_begins").
    """
    require(work, Permission.CONVERSATION_REPLY)
    await contacts.get(work, draft.contact_id)
    channel = await channels.get(work, draft.channel_id)
    found = await work.session.scalar(select(Conversation.id).where(
        Conversation.contact_id == draft.contact_id, Conversation.channel_id == draft.channel_id
    ))
    if found is not None:
        return await rows.one(work, found)
    if channel.kind == "webchat":
        raise Conflict("visitor_begins")
    reached = kinds.kind_of(channel.kind, channel.provider).addresses
    has_address = exists().where(Identity.contact_id == draft.contact_id, Identity.kind.in_(reached))
    raise Conflict("template_required" if await work.session.scalar(select(has_address)) else "no_address")
