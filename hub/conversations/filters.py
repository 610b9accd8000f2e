"""Which conversations, and in what order: views and filters as conditions in SQL, each with its keyset."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, DateTime, String, and_, cast, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY

from hub.channels.models import Channel
from hub.conversations.desk import Mention
from hub.conversations.models import LONGEST_WAITING, Conversation, ConversationTag, Marker, Message, Tag
from hub.conversations.visibility import visible_to
from hub.core.errors import invalid_field
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.work import Work
from hub.crm import folding
from hub.crm import views as crm
from hub.crm.models import Contact

_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
View = Literal["mine", "unassigned", "mentions", "snoozed", "bots", "all", "closed"]
Status = Literal["open", "closed"]
Sort = Literal["newest", "oldest", "waiting"]
Assignee = Annotated[str, Meta(pattern=f"^(me|none|{_UUID})$")]
Holder = Annotated[str, Meta(pattern=f"^(none|{_UUID})$")]
Word = Annotated[str, Meta(pattern="^[a-z_]{1,60}$")]
At = Annotated[datetime, Meta(tz=True)]
_STATUS: dict[str, str | None] = {
    "mine": "open", "unassigned": "open", "snoozed": "open", "bots": "open", "all": "open", "closed": "closed",
    "mentions": None,
}
_WAITING: ColumnElement[datetime] = literal_column(
    LONGEST_WAITING.replace("waiting_since", "conversations.waiting_since"), DateTime(timezone=True)
)


class Filters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A view narrowed by whatever else is set; of several values of one filter any will do.

    `assignee_id` also takes me and none, `department_id` none. `status` overrides the view's. `since` and `until`
    bound the last activity. sort: newest or oldest activity first (in mentions: newest mention), or waiting:
    who has waited longest, then those who do not wait.
    """

    view: View = "all"
    status: Status | None = None
    channel_id: list[UUID] = []
    channel_kind: list[Word] = []
    assignee_id: list[Assignee] = []
    department_id: list[Holder] = []
    tag_id: list[UUID] = []
    unread: bool = False
    waiting: bool = False
    since: At | None = None
    until: At | None = None
    search: Annotated[str, Meta(max_length=200)] = ""
    sort: Sort = "newest"


class Order(msgspec.Struct, frozen=True):
    """A keyset: the column that leads, then the id, both in one direction."""

    name: str
    key: ColumnElement[datetime]
    newest_first: bool

    def by(self, *columns: Any) -> list[ColumnElement[Any]]:
        return [one.desc() if self.newest_first else one.asc() for one in columns]

    def after(self, cursor: str) -> ColumnElement[bool]:
        """Whatever comes after the row that the cursor names. Raises `Invalid` for a cursor of another order."""
        name, at, last_id = decode_cursor(cursor, tuple[str, datetime, UUID])
        if name != self.name:
            raise invalid_field("/cursor", "cursor_invalid")
        here, there = tuple_(self.key, Conversation.id), tuple_(at, last_id)
        return here < there if self.newest_first else here > there

    def cursor(self, at: datetime, last_id: UUID) -> str:
        return encode_cursor(self.name, at, last_id)


def order(work: Work, filters: Filters) -> Order:
    """Raises `Invalid`."""
    if filters.sort == "waiting":
        return Order("waiting", _WAITING, newest_first=False)
    if filters.sort not in ("newest", "oldest"):
        raise invalid_field("/sort", "invalid")
    in_mentions = filters.view == "mentions"
    key: ColumnElement[datetime] = _mentioned_at(work) if in_mentions else Conversation.last_activity_at  # type: ignore[assignment] # a column of the table is one
    name = f"{filters.sort}:mention" if in_mentions else filters.sort
    return Order(name, key, newest_first=filters.sort == "newest")


def conditions(work: Work, filters: Filters) -> list[ColumnElement[bool]]:
    """What a conversation must be to be seen by the actor and to pass. Raises `Invalid`."""
    found = [visible_to(work.actor), *_of_view(work, filters)]
    if filters.channel_id:
        found.append(Conversation.channel_id.in_(filters.channel_id))
    if filters.channel_kind:
        found.append(Conversation.channel_id.in_(select(Channel.id).where(Channel.kind.in_(filters.channel_kind))))
    if filters.assignee_id:
        me = {"me": work.actor.user_id}
        found.append(_any_of(Conversation.assignee_id, [me.get(one, one) for one in filters.assignee_id]))
    if filters.department_id:
        found.append(_any_of(Conversation.department_id, filters.department_id))
    if filters.tag_id:
        tagged = select(ConversationTag.conversation_id).where(ConversationTag.tag_id.in_(filters.tag_id))
        found.append(Conversation.id.in_(tagged))
    return found + _of_state(work, filters)


def unread(work: Work) -> ColumnElement[bool]:
    """The customer has said more than the actor has read."""
    seen = select(Marker.inbound_seen).where(
        Marker.conversation_id == Conversation.id, Marker.user_id == work.actor.user_id
    ).correlate(Conversation).scalar_subquery()
    return Conversation.inbound_count > func.coalesce(seen, 0)


def mentioned(work: Work, *unseen: ColumnElement[bool]) -> ColumnElement[bool]:
    """A note has called the actor in."""
    own = select(Mention.conversation_id).where(Mention.user_id == work.actor.user_id, *unseen)
    return Conversation.id.in_(own)


def matching(text: str) -> ColumnElement[bool]:
    """Conversations whose contact, or any message, has the words, or whose tag is called so."""
    query = folding.prefix_query(text)
    if query is None:
        return Conversation.id.is_(None)
    return or_(
        Conversation.contact_id.in_(select(Contact.id).where(crm.matches(text))),
        Conversation.id.in_(select(Message.conversation_id).where(message_matches(query))),
        Conversation.id.in_(
            select(ConversationTag.conversation_id).join(Tag, Tag.id == ConversationTag.tag_id).where(tag_matches(text))
        ),
    )


def tag_matches(text: str) -> ColumnElement[bool]:
    """Tags with a word that begins so, accents left aside; the organization's tags are few enough to look at each."""
    bare = func.regexp_replace(func.normalize(Tag.name, literal_column("NFKD")), "[\u0300-\u036f]", "", "g")
    return (" " + func.lower(bare)).contains(" " + folding.fold(text).strip(), autoescape=True)


def message_matches(query: str) -> ColumnElement[bool]:
    """Messages with the words of a query by `folding.prefix_query`."""
    return Message.search.op("@@", is_comparison=True)(cast(literal(query, String), TSQUERY))


def _of_view(work: Work, filters: Filters) -> list[ColumnElement[bool]]:
    awake, nobodys = Conversation.snoozed_until.is_(None), Conversation.assignee_id.is_(None)
    views: dict[str, list[ColumnElement[bool]]] = {
        "mine": [Conversation.assignee_id == work.actor.user_id, awake],
        "unassigned": [nobodys, awake],
        "mentions": [mentioned(work)],
        "snoozed": [Conversation.snoozed_until.is_not(None)],
        "bots": [and_(Conversation.bot_answered, nobodys), awake],
        "all": [awake],
        "closed": [],
    }
    if filters.view not in views:
        raise invalid_field("/view", "invalid")
    status = filters.status or _STATUS[filters.view]
    return views[filters.view] + ([Conversation.status == status] if status else [])


def _of_state(work: Work, filters: Filters) -> list[ColumnElement[bool]]:
    found = []
    if filters.unread:
        found.append(unread(work))
    if filters.waiting:
        found.append(Conversation.waiting_since.is_not(None))
    if filters.since is not None:
        found.append(Conversation.last_activity_at >= filters.since)
    if filters.until is not None:
        found.append(Conversation.last_activity_at <= filters.until)
    if filters.search.strip():
        found.append(matching(filters.search))
    return found


def _any_of(column: Any, values: Sequence[str | UUID | None]) -> ColumnElement[bool]:
    """The column is one of the ids, or empty where `none` is among them."""
    ids = [UUID(str(one)) for one in values if one not in ("none", None)]
    given: ColumnElement[bool] = column.in_(ids)
    if "none" not in values:
        return given
    empty: ColumnElement[bool] = column.is_(None)
    return or_(given, empty) if ids else empty


def _mentioned_at(work: Work) -> ColumnElement[datetime]:
    """When the actor was last mentioned."""
    return select(func.max(Mention.at)).where(
        Mention.conversation_id == Conversation.id, Mention.user_id == work.actor.user_id
    ).correlate(Conversation).scalar_subquery()
