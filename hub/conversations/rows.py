"""Conversations in lists, one page in a constant number of queries, by keyset; and one alone with all around it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Uuid, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from hub.accounts.models import Department, User
from hub.channels.models import Channel
from hub.conversations import drafts, filters, rendering, rules, shapes, visiting
from hub.conversations.filters import Filters
from hub.conversations.models import Conversation, ConversationTag, Engagement, Marker, Tag
from hub.conversations.shapes import Detail, MarkerView, Named, Row, TagView
from hub.conversations.values import Surroundings
from hub.conversations.visibility import visible_to
from hub.core.access import Permission, require
from hub.core.errors import NotFound, invalid_field
from hub.core.paging import Stream
from hub.core.work import Work
from hub.crm import views as crm
from hub.crm.models import Contact, Identity

MAX_ROWS = 100
# Built once: putting the statement together would cost more than asking it. `me` is the user who asks.
_OWN_MARKER = and_(Marker.conversation_id == Conversation.id, Marker.user_id == bindparam("me", type_=Uuid()))
_TAGS = (
    select(func.jsonb_agg(aggregate_order_by(
        func.jsonb_build_object("id", Tag.id, "name", Tag.name, "color", Tag.color), func.lower(Tag.name), Tag.id
    )))
    .select_from(ConversationTag).join(Tag, Tag.id == ConversationTag.tag_id)
    .where(ConversationTag.conversation_id == Conversation.id).correlate(Conversation).scalar_subquery()
)
_ROWS = (
    select(
        Conversation, Contact.name.label("contact_name"), Identity.display.label("handle"),
        Identity.value.label("address"), Channel.kind.label("channel_kind"), Channel.name.label("channel_name"),
        Channel.provider, Channel.state, Channel.deleted_at, User.name.label("assignee_name"),
        Department.name.label("department_name"), Marker.seq.label("marker_seq"), Marker.inbound_seen,
        _TAGS.label("tags"),
    )
    .join(Contact, Contact.id == Conversation.contact_id)
    .join(Channel, Channel.id == Conversation.channel_id)
    .outerjoin(Identity, Identity.id == Conversation.identity_id)
    .outerjoin(User, User.id == Conversation.assignee_id)
    .outerjoin(Department, Department.id == Conversation.department_id)
    .outerjoin(Marker, _OWN_MARKER)
)
_ONE_ROW = _ROWS.where(Conversation.id == bindparam("conversation_id", type_=Uuid()))


class Wanted(Filters, frozen=True, kw_only=True):
    """Which rows: the filters, and which stretch of what passes them."""

    cursor: str | None = None
    limit: int = 50


async def page(work: Work, wanted: Wanted) -> Stream[Row]:
    """A stretch in the order asked for. Raises `Invalid`."""
    require(work, Permission.CONVERSATION_READ)
    if not 1 <= wanted.limit <= MAX_ROWS:
        raise invalid_field("/limit", "out_of_range")
    order = filters.order(work, wanted)
    places = select(Conversation.id, order.key.label("place")).where(*filters.conditions(work, wanted))
    if wanted.cursor:
        places = places.where(order.after(wanted.cursor))
    # Chosen before anything is joined, so that no plan begins with the names around.
    chosen = places.order_by(*order.by(order.key, Conversation.id)).limit(wanted.limit + 1).subquery()
    statement = (
        _ROWS.add_columns(chosen.c.place).join(chosen, chosen.c.id == Conversation.id)
        .order_by(*order.by(chosen.c.place, chosen.c.id))
    )
    found = (await work.session.execute(statement, _me(work))).all()
    shown = found[: wanted.limit]
    more = len(found) > wanted.limit
    return Stream(
        results=[_row(one) for one in shown],
        next_cursor=order.cursor(shown[-1].place, shown[-1][0].id) if more else None,
    )


async def of_tags(work: Work, tag_ids: Sequence[UUID], *, limit: int) -> list[Row]:
    """Conversations with any of these tags, open or closed, the newest activity first."""
    tagged = select(ConversationTag.conversation_id).where(ConversationTag.tag_id.in_(tag_ids))
    statement = (
        _ROWS.where(visible_to(work.actor), Conversation.id.in_(tagged))
        .order_by(Conversation.last_activity_at.desc(), Conversation.id.desc()).limit(limit)
    )
    return [_row(one) for one in await work.session.execute(statement, _me(work))]


async def one(work: Work, conversation_id: UUID) -> Row:
    """Raises `NotFound`."""
    require(work, Permission.CONVERSATION_READ)
    return _row(await _found(work, conversation_id))


async def detail(work: Work, conversation_id: UUID) -> Detail:
    """Raises `NotFound`."""
    require(work, Permission.CONVERSATION_READ)
    found = await _found(work, conversation_id)
    conversation: Conversation = found[0]
    row, around = _row(found), _around(found)
    contact = await crm.get(work, conversation.contact_id)
    engagement = (await work.session.scalars(
        select(Engagement).where(Engagement.conversation_id == conversation_id)
        .order_by(Engagement.number.desc()).limit(1)
    )).first()
    window = _window(work, conversation, around)
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    return Detail(**fields | {
        "contact": shapes.ContactDetail(
            id=contact.id, name=contact.name, identities=contact.identities, created_at=contact.created_at,
            fields=contact.fields, handle=row.contact.handle,
        ),
        "engagement": msgspec.convert(engagement, shapes.EngagementView, from_attributes=True) if engagement else None,
        "window": window,
        "can": _can(work, conversation, window, channel_live=around.channel_live),
        "drafts": await drafts.of(work, conversation_id),
        "visitor": await visiting.view(work, conversation) if around.channel_kind == "webchat" else None,
    })


async def surroundings(work: Work, conversation: Conversation) -> Surroundings:
    """The names around a conversation that this work holds the lock of."""
    asked = {"conversation_id": conversation.id, **_me(work)}
    return _around((await work.session.execute(_ONE_ROW, asked)).one())


def _me(work: Work) -> dict[str, UUID | None]:
    return {"me": work.actor.user_id}


async def _found(work: Work, conversation_id: UUID) -> Any:
    statement = _ROWS.where(Conversation.id == conversation_id, visible_to(work.actor))
    found = (await work.session.execute(statement.execution_options(populate_existing=True), _me(work))).first()
    if found is None:
        raise NotFound
    return found


def _row(found: Any) -> Row:
    marker = MarkerView(seq=found.marker_seq or 0, inbound_seen=found.inbound_seen or 0)
    return rendering.row(found[0], _around(found), marker=marker)


def _around(found: Any) -> Surroundings:
    conversation: Conversation = found[0]
    return Surroundings(
        contact_name=found.contact_name, handle=found.handle or "", address=found.address,
        channel_kind=found.channel_kind, channel_name=found.channel_name, channel_provider=found.provider,
        channel_live=found.deleted_at is None and found.state == "active",
        assignee=_named(conversation.assignee_id, found.assignee_name),
        department=_named(conversation.department_id, found.department_name),
        tags=msgspec.convert(found.tags or [], list[TagView]),
    )


def _named(id: UUID | None, name: str | None) -> Named | None:
    return Named(id=id, name=name or "") if id else None


def _window(work: Work, conversation: Conversation, around: Surroundings) -> shapes.Window:
    is_open, closes_at = rules.window(
        around.channel_kind, around.channel_provider, conversation.last_inbound_at, work.now
    )
    return shapes.Window(open=is_open, closes_at=closes_at)


def _can(work: Work, conversation: Conversation, window: shapes.Window, *, channel_live: bool) -> shapes.Can:
    serves, is_open = work.actor.may(Permission.CONVERSATION_REPLY), conversation.status == "open"
    return shapes.Can(
        reply=serves and channel_live and window.open, note=serves,
        accept=serves and is_open and conversation.assignee_id is None,
        assign=work.actor.may(Permission.CONVERSATION_ASSIGN) and is_open, close=serves and is_open,
        reopen=serves and not is_open, tag=serves,
    )
