"""Who may see which conversations, as a condition in SQL: the same decision as `rules.may_see`, for whole lists."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from hub.conversations.models import Conversation
from hub.core.access import Actor, Permission
from hub.core.errors import NotFound
from hub.core.signals import Audience
from hub.core.work import Work
from hub.crm.models import Identity


def visible_to(actor: Actor, table: type[Conversation] = Conversation) -> ColumnElement[bool]:
    """An agent sees by ownership and department, a visitor the one conversation of their own on their channel.

    `table` may be an alias.
    """
    if actor.kind == "visitor":
        own = select(Identity.contact_id).where(Identity.kind == "visitor", Identity.value == str(actor.visitor_id))
        return and_(table.channel_id == actor.channel_id, table.contact_id.in_(own))
    if not actor.may(Permission.CONVERSATION_READ):
        return false()
    if actor.may(Permission.CONVERSATION_READ_ALL):
        return true()
    return or_(
        table.assignee_id == actor.user_id,
        table.department_id.is_(None),
        table.department_id.in_(actor.department_ids),
    )


async def find(work: Work, conversation_id: UUID) -> Conversation:
    """The conversation as it stands, not locked. Raises `NotFound` for what is not there or not to be seen."""
    statement = select(Conversation).where(Conversation.id == conversation_id, visible_to(work.actor))
    found = (await work.session.scalars(statement.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound
    return found


async def audience(work: Work, conversation_id: UUID) -> Audience:
    """What decides who may see it. Raises `NotFound`."""
    return audience_of(await find(work, conversation_id))


def audience_of(conversation: Conversation) -> Audience:
    return Audience(conversation.department_id, conversation.assignee_id)


async def head(work: Work, conversation_id: UUID) -> int:
    """The number of the last entry of its log. Raises `NotFound`."""
    return (await find(work, conversation_id)).head_seq


async def heads(work: Work, ids: list[UUID]) -> dict[UUID, int]:
    """The heads of those that may be seen; the others are left out."""
    statement = select(Conversation.id, Conversation.head_seq).where(
        Conversation.id.in_(ids), visible_to(work.actor)
    )
    return {row.id: row.head_seq for row in await work.session.execute(statement)}


async def visitor_conversation(work: Work) -> UUID | None:
    """The conversation of the visitor who acts, None before the first word."""
    if work.actor.kind != "visitor":
        return None
    return await work.session.scalar(select(Conversation.id).where(visible_to(work.actor)))
