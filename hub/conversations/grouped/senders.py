"""Who writes, in groups: recognised by their addresses, their conversations found, and newcomers made known."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from hub.conversations.grouped.looking import Found, Line
from hub.conversations.grouped.memory import Known, Memory, Person
from hub.conversations.grouped.page import Page
from hub.conversations.text import clean
from hub.conversations.threads import HANDLES
from hub.conversations.values import Standing, Surroundings, Written
from hub.core.bulk import Bulk
from hub.core.clock import new_id
from hub.crm import contacts, newcomers
from hub.crm.contacts import Address
from hub.crm.newcomers import Newcomer
from hub.events import ConversationOpened

# Addresses that still belong to whom they did.
_BELONGS = """
SELECT i.contact_id FROM unnest($2::text[], $3::text[], $4::uuid[]) AS x(kind, value, contact_id) CROSS JOIN LATERAL (
  SELECT i.contact_id FROM contact_identities i
  WHERE i.organization_id = $1 AND i.kind = x.kind AND i.value = x.value LIMIT 1) i
WHERE i.contact_id = x.contact_id
"""


class Sender(msgspec.Struct, kw_only=True, eq=False):
    """A person who writes on a line. `strange`: not to be recognised, or not as they were, by looking alone."""

    line_id: UUID
    name: str
    addresses: list[Address]
    line: Line | None = None
    contact_id: UUID | None = None
    conversation_id: UUID | None = None
    standing: Standing | None = None
    strange: bool = False
    remembered: bool = False

    @property
    def person(self) -> Person:
        """What they are remembered by."""
        return self.line_id.int, *(part for kind, value, _ in self.addresses for part in (kind, value))

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


def sender(line_id: UUID, identities: Sequence[Address], name: str) -> Sender:
    cleaned = [(kind, clean(value), clean(shown)) for kind, value, shown in identities]
    return Sender(line_id=line_id, name=contacts.cleaned_name(name), addresses=contacts.distinct(cleaned))


def remember(bulk: Bulk, people: Sequence[Sender]) -> list[int]:
    """Recognises those who are remembered, if that is still expected of them when all is written; gives the places of
    the others."""
    memory, organization_id = bulk.hub.kept(Memory), bulk.organization_id
    for one in () if bulk.locks else people:
        known = bulk.left(one.person) or memory.known(organization_id, one.person)
        if known is not None:
            one.contact_id, one.conversation_id, one.remembered = known.contact_id, known.conversation_id, True
    held = [(kind, value, one.contact_id) for one in people if one.remembered for kind, value, _ in one.addresses]
    if held:
        bulk.expect(len(held), _BELONGS, *zip(*held, strict=True))
    return [place for place, one in enumerate(people) if not one.remembered]


def meet(bulk: Bulk, people: Sequence[Sender]) -> None:
    """Remembers those who are known by now, once that has committed, and forgets who is not as they were."""
    memory, organization_id = bulk.hub.kept(Memory), bulk.organization_id
    news = {
        one.person: None if one.strange or one.standing is None else Known(one.standing.contact_id, one.standing.id)
        for one in people if not one.remembered
    }

    def keep() -> None:
        for person, known in news.items():
            memory.meet(organization_id, person, known)

    for person, known in news.items():
        bulk.leave(person, known)
    if news:
        bulk.then(keep)


def recognise(people: Sequence[Sender], found: Found) -> None:
    """Whom their addresses belong to, the conversation with them on their line, and the line itself."""
    for place, one in enumerate(people):
        one.line = found.lines.get(one.line_id)
        known = found.people.get(place)
        if known:
            one.contact_id, one.conversation_id = known[0]
            same = all(contact_id == one.contact_id for contact_id, _ in known)
            one.strange = not same or len(known) < len(one.addresses) or one.conversation_id is None
        one.strange = one.strange or not one.addresses


def stand(people: Sequence[Sender], standing: Mapping[UUID, Standing]) -> None:
    """Gives each the conversation that is held for them. One that is gone, or somebody else's by now, is theirs no
    longer, whatever was remembered."""
    for one in people:
        if one.conversation_id is not None:
            one.standing = standing.get(one.conversation_id)
            if one.standing is None or one.standing.contact_id != one.contact_id:
                one.strange, one.remembered = True, False


async def welcome(page: Page, people: Collection[Sender]) -> None:
    """Makes newcomers known: contact, conversation, its first engagement and the line that says so."""
    bulk = page.bulk
    met = [(one, newcomers.newcomer(one.name, one.addresses)) for one in people]
    await newcomers.add(bulk, [person for _, person in met])
    for one, person in met:
        assert one.line is not None
        one.standing = _new_standing(bulk, one, one.line, person)
        page.begin(one.standing)
        _say_opened(page, one.standing, one.line)


def _new_standing(bulk: Bulk, one: Sender, line: Line, person: Newcomer) -> Standing:
    handle = min(range(len(person.addresses)), key=lambda place: HANDLES.index(person.addresses[place][0]))
    _, value, display = person.addresses[handle]
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
