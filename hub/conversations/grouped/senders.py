"""Who writes, in groups: recognised by their addresses, their conversations found, and newcomers made known."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations.grouped.page import Page
from hub.conversations.models import Conversation, Engagement
from hub.conversations.shapes import Named
from hub.conversations.text import clean
from hub.conversations.threads import HANDLES
from hub.conversations.values import Standing, Surroundings, Written
from hub.core.bulk import Bulk
from hub.core.clock import new_id
from hub.crm import contacts, newcomers
from hub.crm.contacts import Address
from hub.crm.newcomers import Newcomer
from hub.events import ConversationOpened

# `OFFSET 0`: a person's conversations are few and a channel's many, so they are looked up by the person.
_FIND = """
SELECT x.place, i.contact_id, c.id AS conversation_id
FROM unnest($2::integer[], $3::uuid[], $4::text[], $5::text[]) AS x(place, channel_id, kind, value)
CROSS JOIN LATERAL (
  SELECT i.contact_id FROM contact_identities i
  WHERE i.organization_id = $1 AND i.kind = x.kind AND i.value = x.value LIMIT 1) i
LEFT JOIN LATERAL (
  SELECT c.* FROM conversations c WHERE c.contact_id = i.contact_id OFFSET 0) c
  ON c.organization_id = $1 AND c.channel_id = x.channel_id
"""
_CONVERSATION = (
    "id", "channel_id", "contact_id", "identity_id", "status", "department_id", "head_seq", "inbound_count", "fields",
    "bot_answered", "last_activity_at", "created_at",
)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as a group sees it. `version` changes with its settings and credentials."""

    id: UUID
    external_id: str | None
    name: str
    kind: str
    provider: str
    live: bool
    version: datetime
    department: Named | None
    last_inbound_at: datetime | None
    health: str | None


class Sender(msgspec.Struct, kw_only=True, eq=False):
    """A person who writes on a line. `strange`: not to be recognised, or not as they were, by looking alone."""

    line: Line
    name: str
    addresses: list[Address]
    contact_id: UUID | None = None
    conversation_id: UUID | None = None
    standing: Standing | None = None
    strange: bool = False

    @property
    def is_new(self) -> bool:
        return self.contact_id is None and not self.strange

    @property
    def is_ordinary(self) -> bool:
        """Nobody knows them yet, or their conversation is open and all is as it was."""
        standing = self.standing
        if standing is None or self.strange:
            return self.is_new
        return (
            standing.status == "open" and standing.engagement_id is not None and standing.snoozed_until is None
            and any(value == standing.around.address for _, value, _ in self.addresses)
            and (not self.name or standing.name_given or standing.around.contact_name == self.name)
        )


def sender(line: Line, identities: Sequence[Address], name: str) -> Sender:
    cleaned = [(kind, clean(value), clean(shown)) for kind, value, shown in identities]
    return Sender(line=line, name=contacts.cleaned_name(name), addresses=contacts.distinct(cleaned))


async def recognise(bulk: Bulk, people: Sequence[Sender]) -> None:
    """Finds whom their addresses belong to, and the conversation with them on their line."""
    asked = [(place, one.line.id, kind, value) for place, one in enumerate(people) for kind, value, _ in one.addresses]
    if not asked:
        return
    found: dict[int, list[Any]] = {}
    for row in await bulk.fetch(_FIND, *(list(column) for column in zip(*asked, strict=True))):
        found.setdefault(row["place"], []).append(row)
    for place, rows in found.items():
        one = people[place]
        one.contact_id, one.conversation_id = rows[0]["contact_id"], rows[0]["conversation_id"]
        same = all(row["contact_id"] == one.contact_id for row in rows)
        one.strange = not same or len(rows) < len(one.addresses) or one.conversation_id is None
    for one in people:
        one.strange = one.strange or not one.addresses


def stand(people: Sequence[Sender], standing: Mapping[UUID, Standing]) -> None:
    """Gives each the conversation that is locked for them."""
    for one in people:
        if one.conversation_id is not None:
            one.standing = standing.get(one.conversation_id)
            one.strange = one.strange or one.standing is None


async def welcome(page: Page, people: Collection[Sender]) -> None:
    """Makes newcomers known: contact, conversation, its first engagement and the line that says so."""
    bulk = page.bulk
    met = [(one, newcomers.newcomer(one.name, one.addresses)) for one in people]
    await newcomers.add(bulk, [person for _, person in met])
    for one, person in met:
        one.standing = _new_standing(bulk, one, person)
    begun = [one.standing for one, _ in met if one.standing is not None]
    await bulk.insert(Conversation, _CONVERSATION, map(attrgetter(*_CONVERSATION), begun))
    await bulk.insert(Engagement, ("id", "conversation_id"), [(one.engagement_id, one.id) for one in begun],
                      number=1, opened_at=bulk.now)
    for one, _ in met:
        assert one.standing is not None
        _say_opened(page, one.standing, one.line)


def _new_standing(bulk: Bulk, one: Sender, person: Newcomer) -> Standing:
    handle = min(range(len(person.addresses)), key=lambda place: HANDLES.index(person.addresses[place][0]))
    _, value, display = person.addresses[handle]
    line = one.line
    return Standing(
        id=new_id(), channel_id=line.id, contact_id=person.id, identity_id=person.identity_ids[handle], status="open",
        assignee_id=None, department_id=line.department.id if line.department else None, head_seq=0, inbound_count=0,
        last_message=None, fields={}, waiting_since=None, snoozed_until=None, bot_answered=False, last_inbound_at=None,
        last_activity_at=bulk.now, created_at=bulk.now, name_given=False, engagement_id=new_id(), first_reply_at=None,
        around=Surroundings(
            contact_name=person.name, handle=display, address=value, channel_kind=line.kind, channel_name=line.name,
            channel_provider=line.provider, channel_live=line.live, assignee=None, department=line.department, tags=[],
        ),
    )


def _say_opened(page: Page, standing: Standing, line: Line) -> None:
    now = page.bulk.now
    message = Written(
        id=new_id(), organization_id=page.bulk.organization_id, conversation_id=standing.id, channel_id=line.id,
        engagement_id=standing.engagement_id, author="system", author_id=None, author_name="", kind="system", text="",
        content={"event": "opened", "number": 1, "channel": {"id": str(line.id), "name": line.name}}, state="sent",
        state_at=now, search_text="", created_at=now, occurred_at=now,
    )
    page.post(standing, message, ConversationOpened, engagement_id=standing.engagement_id,
              contact_id=standing.contact_id, channel_id=line.id)
