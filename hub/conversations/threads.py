"""What people do with a conversation as a whole: accept, assign, close, reopen, tag."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import and_, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from hub.accounts.models import Department, User
from hub.channels.models import Channel
from hub.conversations import engagements, log, reading, rendering, rows
from hub.conversations.log import Thread
from hub.conversations.models import Conversation, ConversationTag, Engagement, Tag
from hub.conversations.rendering import who
from hub.conversations.shapes import Named, Row, TagView
from hub.core.access import PERMISSIONS, Permission, Role, require
from hub.core.clock import new_id
from hub.core.errors import Conflict, NotFound, invalid_field
from hub.core.work import Work
from hub.crm.models import Identity
from hub.events import ConversationAccepted, ConversationAssigned, ConversationClosed, ConversationTagged

MOST_TAGS, DISPOSITION_LIMIT = 50, 200
HANDLES = ("whatsapp", "phone", "email", "bsuid", "visitor")  # the address people know comes first


class Receivers(msgspec.Struct, frozen=True, kw_only=True):
    """To whom conversations are given: somebody, nobody (None), or as it is (UNSET)."""

    user: Named | UnsetType | None
    department: Named | UnsetType | None


async def of_contact(work: Work, channel: Channel, contact_id: UUID, values: list[str]) -> Thread:
    """The one conversation of this contact on this channel, made when there is none, locked.

    `values` are the addresses it is held with now.
    """
    own = and_(Conversation.channel_id == channel.id, Conversation.contact_id == contact_id)
    thread = await log.lock_where(work, own)
    if thread is None:  # who comes second waits here for the first, and finds its row
        await work.session.execute(insert(Conversation).values(
            id=new_id(), organization_id=work.organization_id, channel_id=channel.id, contact_id=contact_id,
            status="closed", department_id=channel.department_id, head_seq=0, inbound_count=0,
            last_activity_at=work.now, created_at=work.now,
        ).on_conflict_do_nothing(index_elements=["organization_id", "channel_id", "contact_id"]))
        thread = await log.lock_where(work, own)
    if thread is None:
        raise NotFound
    if thread.around.address not in values:
        thread.conversation.identity_id = await _handle(work, contact_id, values)
        await work.session.flush()
        thread.around = await rows.surroundings(work, thread.conversation)
    return thread


async def accept(work: Work, conversation_id: UUID) -> Row:
    """Takes a conversation that nobody has. Raises `Conflict` ("already_taken", with who has it)."""
    require(work, Permission.CONVERSATION_REPLY)
    user = _acting_user(work)
    thread = await log.lock(work, conversation_id)
    conversation = thread.conversation
    if conversation.status == "closed":
        raise Conflict("conversation_closed")
    if conversation.assignee_id is None:
        await take(thread, user, await engagements.current(thread))
    elif conversation.assignee_id != user.id:
        raise Conflict("already_taken", extra={"assignee": msgspec.to_builtins(thread.around.assignee)})
    return await answer(thread)


async def take(thread: Thread, user: Named, engagement: Engagement | None) -> None:
    """Makes the acting user the owner of the locked conversation."""
    _own(thread, user, engagement)
    await log.line(
        thread, ConversationAccepted, {"event": "accepted", "by": who(thread.work.actor)}, user_id=user.id,
        in_engagement=engagement.id if engagement else None,
    )


async def assign(
    work: Work, conversation_id: UUID, *, user_id: UUID | None, department_id: UUID | UnsetType | None = UNSET
) -> Row:
    """Gives it to a user, or to nobody, and to a department when one is named. Raises `NotFound`, `Invalid`."""
    require(work, Permission.CONVERSATION_ASSIGN)
    thread = await _lock_open(work, conversation_id)
    return await _hand(thread, await receivers(work, user_id, department_id))


async def assign_to(work: Work, conversation_id: UUID, *, to: Receivers) -> Row:
    """The same for receivers who are known already."""
    require(work, Permission.CONVERSATION_ASSIGN)
    return await _hand(await _lock_open(work, conversation_id), to)


async def receivers(
    work: Work, user_id: UUID | UnsetType | None, department_id: UUID | UnsetType | None
) -> Receivers:
    """Raises `NotFound` for who is not here or no longer active, `Invalid` for who may not serve."""
    return Receivers(
        user=await _assignable(work, user_id) if isinstance(user_id, UUID) else user_id,
        department=await _department(work, department_id) if isinstance(department_id, UUID) else department_id,
    )


async def _lock_open(work: Work, conversation_id: UUID) -> Thread:
    thread = await log.lock(work, conversation_id)
    if thread.conversation.status == "closed":
        raise Conflict("conversation_closed")
    return thread


async def _hand(thread: Thread, to: Receivers) -> Row:
    conversation, around, work = thread.conversation, thread.around, thread.work
    user = around.assignee if to.user is UNSET else to.user
    department = around.department if to.department is UNSET else to.department
    if (_id(around.assignee), _id(around.department)) == (_id(user), _id(department)):
        return await answer(thread)
    content: dict[str, Any] = {"event": "assigned", "by": who(work.actor), "assignee": _name(user)}
    if _id(department) != conversation.department_id:
        around.department, conversation.department_id = department, _id(department)
        content["department"] = _name(department)
    engagement = await engagements.current(thread)
    former_id = conversation.assignee_id
    _own(thread, user, engagement)
    await log.line(
        thread, ConversationAssigned, content, user_id=_id(user), former_id=former_id, department_id=_id(department),
        by_id=work.actor.user_id, in_engagement=engagement.id if engagement else None,
    )
    return await answer(thread)


async def close(work: Work, conversation_id: UUID, *, disposition: str | None = None) -> Row:
    """Ends the engagement; a closed one stays closed. Raises `NotFound`, `Invalid`."""
    require(work, Permission.CONVERSATION_REPLY)
    if disposition is not None and len(disposition) > DISPOSITION_LIMIT:
        raise invalid_field("/disposition", "too_long")
    thread = await log.lock(work, conversation_id)
    engagement = await engagements.current(thread)
    if thread.conversation.status == "closed" or engagement is None:
        return await answer(thread)
    engagement.closed_at, engagement.closed_by_id, engagement.disposition = work.now, work.actor.user_id, disposition
    thread.conversation.status, thread.conversation.waiting_since = "closed", None
    thread.conversation.snoozed_until = None
    await log.line(
        thread, ConversationClosed, {"event": "closed", "by": who(work.actor), "disposition": disposition},
        engagement_id=engagement.id, disposition=disposition, in_engagement=engagement.id,
    )
    return await answer(thread)


async def reopen(work: Work, conversation_id: UUID) -> Row:
    """Begins a new engagement; an open one stays open. Raises `NotFound`."""
    require(work, Permission.CONVERSATION_REPLY)
    thread = await log.lock(work, conversation_id)
    if thread.conversation.status == "closed":
        await engagements.reopened(thread)
    return await answer(thread)


async def tag(work: Work, conversation_id: UUID, tag_ids: list[UUID]) -> Row:
    """Sets exactly these tags. Raises `NotFound` for a tag that is not there."""
    require(work, Permission.CONVERSATION_REPLY)
    if len(tag_ids) > MOST_TAGS:
        raise invalid_field("/tag_ids", "too_many")
    thread = await log.lock(work, conversation_id)
    return await _set_exactly(thread, await tags_named(work, set(tag_ids)))


async def retag(
    work: Work, conversation_id: UUID, *, add: Sequence[TagView] = (), remove: Sequence[TagView] = ()
) -> Row:
    """Adds and takes away tags that are known already. Raises `NotFound`, `Invalid`."""
    require(work, Permission.CONVERSATION_REPLY)
    thread = await log.lock(work, conversation_id)
    wanted = {tag.id: tag for tag in (*thread.around.tags, *add)}
    for tag in remove:
        wanted.pop(tag.id, None)
    if len(wanted) > MOST_TAGS:
        raise invalid_field("/tag_ids", "too_many")
    return await _set_exactly(thread, _by_name(wanted.values()))


async def tags_named(work: Work, ids: Collection[UUID]) -> list[TagView]:
    """By name. Raises `NotFound` when one of them is not there."""
    found = [TagView(id=row.id, name=row.name, color=row.color)
             for row in await work.session.scalars(select(Tag).where(Tag.id.in_(ids)))]
    if len(found) != len(ids):
        raise NotFound
    return _by_name(found)


async def _set_exactly(thread: Thread, wanted: list[TagView]) -> Row:
    before, after = {tag.id: tag for tag in thread.around.tags}, {tag.id for tag in wanted}
    added = [tag for tag in wanted if tag.id not in before]
    removed = [tag for tag in before.values() if tag.id not in after]
    if not added and not removed:
        return await answer(thread)
    await _set_tags(thread, added, removed)
    thread.around.tags = wanted
    engagement = await engagements.current(thread)
    await log.line(
        thread, ConversationTagged,
        {"event": "tagged", "by": who(thread.work.actor), "tags": [_name(tag) for tag in added],
         "removed": [_name(tag) for tag in removed]},
        added=tuple(tag.id for tag in added), removed=tuple(tag.id for tag in removed),
        in_engagement=engagement.id if engagement else None,
    )
    return await answer(thread)


async def answer(thread: Thread) -> Row:
    """The row as the actor gets it back, even when they gave it out of their own sight."""
    return rendering.row(thread.conversation, thread.around, marker=await reading.marker(thread.work, thread.id))


def _own(thread: Thread, user: Named | None, engagement: Engagement | None) -> None:
    thread.conversation.assignee_id = user.id if user else None
    thread.around.assignee = user
    if engagement is not None:
        engagement.assignee_id = user.id if user else None
        if user and engagement.accepted_at is None:
            engagement.accepted_at = thread.work.now


def _acting_user(work: Work) -> Named:
    if work.actor.user_id is None:
        raise Conflict("not_a_user")
    return Named(id=work.actor.user_id, name=work.actor.name)


def _id(thing: Named | None) -> UUID | None:
    return thing.id if thing else None


def _name(thing: Named | TagView | None) -> dict[str, str] | None:
    return {"id": str(thing.id), "name": thing.name} if thing else None


async def _handle(work: Work, contact_id: UUID, values: list[str]) -> UUID | None:
    """The address to show and answer to, of those used now."""
    statement = select(Identity).where(Identity.contact_id == contact_id, Identity.value.in_(values))
    found = sorted(await work.session.scalars(statement), key=lambda one: HANDLES.index(one.kind))
    return found[0].id if found else None


async def _assignable(work: Work, user_id: UUID) -> Named:
    """Raises `NotFound` for who is not here or no longer active, `Invalid` for who may not serve."""
    user = (await work.session.scalars(
        select(User).where(User.id == user_id, User.is_active, User.deleted_at.is_(None))
    )).first()
    if user is None:
        raise NotFound
    if Permission.CONVERSATION_REPLY not in PERMISSIONS[Role(user.role)]:
        raise invalid_field("/user_id", "cannot_serve")
    return Named(id=user.id, name=user.name)


async def _department(work: Work, department_id: UUID) -> Named:
    found = await work.session.scalar(select(Department.name).where(Department.id == department_id))
    if found is None:
        raise NotFound
    return Named(id=department_id, name=found)


def _by_name(tags: Iterable[TagView]) -> list[TagView]:
    return sorted(tags, key=lambda tag: tag.name.lower())


async def _set_tags(thread: Thread, added: list[TagView], removed: list[TagView]) -> None:
    session = thread.work.session
    if removed:
        await session.execute(delete(ConversationTag).where(
            ConversationTag.conversation_id == thread.id, ConversationTag.tag_id.in_([tag.id for tag in removed])
        ))
    for tag in added:
        session.add(ConversationTag(id=new_id(), conversation_id=thread.id, tag_id=tag.id))
    try:
        await session.flush()
    except IntegrityError:  # a tag was deleted since it was looked up
        raise NotFound from None
