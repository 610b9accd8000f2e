"""Conversations in lists: one page in a constant number of queries, by keyset; the counts of all views in one."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from hub.accounts.models import Department, User
from hub.channels.models import Channel
from hub.conversations import rendering, rules, search, shapes
from hub.conversations.models import Conversation, ConversationTag, Engagement, Marker, Tag
from hub.conversations.rendering import Surroundings
from hub.conversations.shapes import Counts, Detail, MarkerView, Named, Row, TagView
from hub.conversations.visibility import visible_to
from hub.core.access import Permission, require
from hub.core.errors import NotFound, invalid_field
from hub.core.paging import EXACT_UP_TO, Stream, decode_cursor, encode_cursor
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


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows: a view (mine, unassigned, all, closed) narrowed by whatever else is given."""

    view: str = "all"
    search: str = ""
    tag_id: UUID | None = None
    channel_id: UUID | None = None
    assignee_id: UUID | None = None
    department_id: UUID | None = None
    cursor: str | None = None
    limit: int = 50


async def page(work: Work, wanted: Wanted) -> Stream[Row]:
    """The newest activity first. Raises `Invalid`."""
    require(work, Permission.CONVERSATION_READ)
    if not 1 <= wanted.limit <= MAX_ROWS:
        raise invalid_field("/limit", "out_of_range")
    found = (await work.session.execute(_list_statement(work, wanted), _me(work))).all()
    shown = [_row(one) for one in found[: wanted.limit]]
    more = len(found) > wanted.limit
    last = shown[-1] if shown else None
    return Stream(results=shown, next_cursor=encode_cursor(last.last_activity_at, last.id) if more and last else None)


async def counts(work: Work) -> Counts:
    """All views in one query; the closed ones are counted to 10,000 and no further."""
    require(work, Permission.CONVERSATION_READ)
    mine, nobodys = Conversation.assignee_id == work.actor.user_id, Conversation.assignee_id.is_(None)
    unread = and_(or_(mine, nobodys), Conversation.inbound_count > func.coalesce(Marker.inbound_seen, 0))
    ended = aliased(Conversation)
    closed = select(ended.id).where(ended.status == "closed", visible_to(work.actor, ended)).limit(EXACT_UP_TO)
    statement = (
        select(
            func.count().filter(mine).label("mine"), func.count().filter(nobodys).label("unassigned"),
            func.count().label("all"), select(func.count()).select_from(closed.subquery()).scalar_subquery()
            .label("closed"), func.count().filter(unread).label("unread"),
        )
        .select_from(Conversation).outerjoin(Marker, _OWN_MARKER)
        .where(Conversation.status == "open", visible_to(work.actor))
    )
    return Counts(**(await work.session.execute(statement, _me(work))).one()._asdict())


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
    })


async def surroundings(work: Work, conversation: Conversation) -> Surroundings:
    """The names around a conversation that this work holds the lock of."""
    asked = {"conversation_id": conversation.id, **_me(work)}
    return _around((await work.session.execute(_ONE_ROW, asked)).one())


def _me(work: Work) -> dict[str, UUID | None]:
    return {"me": work.actor.user_id}


def _list_statement(work: Work, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    return (
        _ROWS.where(visible_to(work.actor), *_conditions(work, wanted))
        .order_by(Conversation.last_activity_at.desc(), Conversation.id.desc()).limit(wanted.limit + 1)
    )


def _conditions(work: Work, wanted: Wanted) -> list[ColumnElement[bool]]:
    views: dict[str, list[ColumnElement[bool]]] = {
        "mine": [Conversation.status == "open", Conversation.assignee_id == work.actor.user_id],
        "unassigned": [Conversation.status == "open", Conversation.assignee_id.is_(None)],
        "all": [Conversation.status == "open"],
        "closed": [Conversation.status == "closed"],
    }
    if wanted.view not in views:
        raise invalid_field("/view", "invalid")
    found = views[wanted.view]
    for column, value in (
        (Conversation.channel_id, wanted.channel_id), (Conversation.assignee_id, wanted.assignee_id),
        (Conversation.department_id, wanted.department_id),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.tag_id is not None:
        tagged = select(ConversationTag.conversation_id).where(ConversationTag.tag_id == wanted.tag_id)
        found.append(Conversation.id.in_(tagged))
    if wanted.search.strip():
        found.append(search.conversations_matching(wanted.search))
    if wanted.cursor:
        at, last_id = decode_cursor(wanted.cursor, tuple[datetime, UUID])
        found.append(tuple_(Conversation.last_activity_at, Conversation.id) < tuple_(at, last_id))
    return found


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
