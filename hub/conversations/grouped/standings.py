"""Conversations held together: locked in one order everywhere, or as they are remembered; and what has changed of them
written back, if they were held until then."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations.grouped.memory import Memory
from hub.conversations.models import Conversation, Engagement
from hub.conversations.shapes import Named, TagView
from hub.conversations.values import Standing, Surroundings
from hub.core.bulk import Bulk, Reading
from hub.core.statements import as_json

# `LATERAL … LIMIT 1` by the primary key leaves the planner one way to look a row up, whatever it believes of the tables
# (statements are planned once, perhaps while those were empty). The organization is asked for outside of it.
_READ = """
SELECT c.id, c.channel_id, c.contact_id, c.identity_id, c.status, c.assignee_id, c.department_id, c.head_seq,
  c.inbound_count, c.last_message, c.fields, c.waiting_since, c.snoozed_until, c.bot_answered, c.last_inbound_at,
  c.last_activity_at, c.created_at, k.name AS contact_name, k.name_given, i.display AS handle, i.value AS address,
  h.kind AS channel_kind, h.name AS channel_name, h.provider, h.state = 'active' AND h.deleted_at IS NULL AS live,
  u.name AS assignee_name, d.name AS department_name, e.id AS engagement_id, e.first_reply_at, t.tags,
  s.head_seq AS seen
FROM unnest($2::uuid[]) AS x(id)
CROSS JOIN LATERAL (SELECT c.* FROM conversations c WHERE c.id = x.id LIMIT 1) c
JOIN LATERAL (SELECT s.* FROM conversations s WHERE s.id = x.id LIMIT 1) s ON s.organization_id = c.organization_id
JOIN LATERAL (SELECT k.* FROM contacts k WHERE k.id = c.contact_id LIMIT 1) k
  ON k.organization_id = c.organization_id
JOIN LATERAL (SELECT h.* FROM channels h WHERE h.id = c.channel_id LIMIT 1) h ON h.organization_id = c.organization_id
LEFT JOIN LATERAL (SELECT i.* FROM contact_identities i WHERE i.id = c.identity_id LIMIT 1) i
  ON i.organization_id = c.organization_id
LEFT JOIN LATERAL (SELECT u.* FROM users u WHERE u.id = c.assignee_id LIMIT 1) u
  ON u.organization_id = c.organization_id
LEFT JOIN LATERAL (SELECT d.* FROM departments d WHERE d.id = c.department_id LIMIT 1) d
  ON d.organization_id = c.organization_id
LEFT JOIN LATERAL (
  SELECT e.* FROM engagements e WHERE e.conversation_id = c.id AND e.closed_at IS NULL LIMIT 1) e
  ON e.organization_id = c.organization_id
CROSS JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name, 'color', t.color) ORDER BY lower(t.name), t.id)
    AS tags
  FROM (SELECT ct.* FROM conversation_tags ct WHERE ct.conversation_id = c.id OFFSET 0) ct
  JOIN LATERAL (SELECT t.* FROM tags t WHERE t.id = ct.tag_id LIMIT 1) t ON t.organization_id = ct.organization_id
  WHERE ct.organization_id = c.organization_id) t
WHERE c.organization_id = $1
"""
# The locked row is the newest there is; what stands around it is of the statement's snapshot, as `seen` is.
_LOCK = _READ.replace("WHERE c.id = x.id LIMIT 1) c", "WHERE c.id = x.id LIMIT 1 FOR UPDATE) c")
# Whatever anybody does to a conversation takes a number, so the head says whether it is as it was held. By the primary
# key alone: `IS TRUE` keeps the organization out of the choice of an index.
_SAVE = """
UPDATE conversations c
SET head_seq = x.head_seq, inbound_count = x.inbound_count, last_message = x.last_message::jsonb,
  waiting_since = x.waiting_since, bot_answered = x.bot_answered, last_inbound_at = x.last_inbound_at,
  last_activity_at = x.last_activity_at
FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::integer[], $6::text[], $7::timestamptz[], $8::boolean[],
  $9::timestamptz[], $10::timestamptz[]) AS x(id, held_seq, head_seq, inbound_count, last_message, waiting_since,
  bot_answered, last_inbound_at, last_activity_at)
WHERE c.id = x.id AND c.head_seq = x.held_seq AND (c.organization_id = $1) IS TRUE
RETURNING c.id
"""
# What `_READ` shows of people and the log, still as it was.
_UNCHANGED = """
SELECT c.id
FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::boolean[], $7::uuid[], $8::text[], $9::text[])
  AS x(id, head_seq, contact_id, contact_name, name_given, identity_id, handle, address)
CROSS JOIN LATERAL (SELECT c.* FROM conversations c WHERE c.id = x.id LIMIT 1) c
JOIN LATERAL (SELECT k.* FROM contacts k WHERE k.id = x.contact_id LIMIT 1) k
  ON k.organization_id = c.organization_id
LEFT JOIN LATERAL (SELECT i.* FROM contact_identities i WHERE i.id = x.identity_id LIMIT 1) i
  ON i.organization_id = c.organization_id
WHERE c.organization_id = $1 AND c.head_seq = x.head_seq AND k.name = x.contact_name AND k.name_given = x.name_given
  AND coalesce(i.display, '') = x.handle AND i.value IS NOT DISTINCT FROM x.address
"""
# The names of what many conversations share, still as they were.
_NAMES = """
SELECT h.id FROM unnest($2::uuid[], $3::text[], $4::boolean[]) AS x(id, name, live)
CROSS JOIN LATERAL (SELECT h.* FROM channels h WHERE h.id = x.id LIMIT 1) h
WHERE h.organization_id = $1 AND h.name = x.name AND (h.state = 'active' AND h.deleted_at IS NULL) = x.live
UNION ALL
SELECT u.id FROM unnest($5::uuid[], $6::text[]) AS x(id, name)
CROSS JOIN LATERAL (SELECT u.* FROM users u WHERE u.id = x.id LIMIT 1) u
WHERE u.organization_id = $1 AND u.name = x.name
UNION ALL
SELECT d.id FROM unnest($7::uuid[], $8::text[]) AS x(id, name)
CROSS JOIN LATERAL (SELECT d.* FROM departments d WHERE d.id = x.id LIMIT 1) d
WHERE d.organization_id = $1 AND d.name = x.name
UNION ALL
SELECT t.id FROM unnest($9::uuid[], $10::text[], $11::text[]) AS x(id, name, color)
CROSS JOIN LATERAL (SELECT t.* FROM tags t WHERE t.id = x.id LIMIT 1) t
WHERE t.organization_id = $1 AND t.name = x.name AND t.color = x.color
"""
_CHANGING = ("head_seq", "inbound_count", "last_message", "waiting_since", "bot_answered", "last_inbound_at",
             "last_activity_at")
_SAVED = ("id", "held_seq", *_CHANGING)
_saved = attrgetter(*_SAVED)
_COLUMNS = (
    "id", *_CHANGING, "channel_id", "contact_id", "identity_id", "status", "assignee_id", "department_id", "fields",
    "snoozed_until", "created_at",
)
_values = attrgetter(*_COLUMNS)


async def hold(bulk: Bulk, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Those of the conversations that are here: locked until the transaction ends; or, where nothing is locked, as they
    are remembered or seen now, and expected to be still when all is written."""
    if not ids:
        return {}
    found = bulk.hub.kept(Memory).take(bulk.organization_id, ids)
    if bulk.locks:
        found = await lock(bulk, ids)
    else:
        found |= _left(bulk, ids, found)
        if unknown := [one for one in ids if one not in found]:
            found |= await read(bulk, unknown)
        _expect(bulk, found.values())
    _remember(bulk, found.values())
    return found


def _expect(bulk: Bulk, held: Collection[Standing]) -> None:
    if not held:
        return
    bulk.expect(len(held), _UNCHANGED, *zip(*(
        (one.id, one.head_seq, one.contact_id, one.around.contact_name, one.name_given, one.identity_id,
         one.around.handle, one.around.address) for one in held
    ), strict=True))
    around = [one.around for one in held]
    kinds: tuple[tuple[int, set[tuple[Any, ...]]], ...] = (
        (3, {(one.channel_id, one.around.channel_name, one.around.channel_live) for one in held}),
        (2, {(one.assignee.id, one.assignee.name) for one in around if one.assignee}),
        (2, {(one.department.id, one.department.name) for one in around if one.department}),
        (3, {(tag.id, tag.name, tag.color) for one in around for tag in one.tags}),
    )
    columns = [column for count, rows in kinds for column in (zip(*rows, strict=True) if rows else [()] * count)]
    bulk.expect(sum(len(rows) for _, rows in kinds), _NAMES, *columns)


async def lock(bulk: Bulk, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Those of the conversations that are here, locked until the transaction ends."""
    if not ids:
        return {}
    rows = {row["id"]: row for row in await bulk.fetch(_LOCK, sorted(ids))}
    # What somebody changed while we waited for the lock has a number: what stands around is then read again.
    late = [one for one, row in rows.items() if row["seen"] != row["head_seq"]]
    found = {one: _standing(row) for one, row in rows.items()}
    return found | await read(bulk, late) if late else found


async def read(reading: Reading, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """The same, locked or not."""
    return {row["id"]: _standing(row) for row in await reading.fetch(_READ, list(ids))}


def begin(bulk: Bulk, new: Collection[Standing]) -> None:
    """Writes conversations that were not there before, as they are by now, with their first engagements."""
    bulk.insert(Conversation, _COLUMNS, map(_values, new))
    bulk.insert(Engagement, ("id", "conversation_id"), [(one.engagement_id, one.id) for one in new],
                number=1, opened_at=bulk.now)
    _remember(bulk, new)


def _left(bulk: Bulk, ids: Collection[UUID], known: Mapping[UUID, Standing]) -> dict[UUID, Standing]:
    """Conversations as the group before leaves them, where what is known is older: of two groups ago."""
    found: dict[UUID, Standing] = {}
    for one in ids:
        left: Standing | None = bulk.left(one)
        if left is not None and (one not in known or known[one].head_seq < left.head_seq):
            found[one] = msgspec.structs.replace(left, held_seq=left.head_seq)
    return found


def _remember(bulk: Bulk, held: Collection[Standing]) -> None:
    for one in held:
        bulk.leave(one.id, one)
    bulk.then(partial(bulk.hub.kept(Memory).keep, bulk.organization_id, held))


def save(bulk: Bulk, changed: Iterable[Standing]) -> None:
    """Writes what the log and the words of people change of a conversation; everything, or nothing of it all."""
    if rows := sorted(map(_saved, changed)):
        columns: dict[str, Sequence[Any]] = dict(zip(_SAVED, zip(*rows, strict=True), strict=True))
        columns["last_message"] = as_json(columns["last_message"])
        bulk.expect(len(rows), _SAVE, *columns.values())


def _standing(row: Any) -> Standing:
    return Standing(
        id=row["id"], channel_id=row["channel_id"], contact_id=row["contact_id"], identity_id=row["identity_id"],
        status=row["status"], assignee_id=row["assignee_id"], department_id=row["department_id"],
        head_seq=row["head_seq"], inbound_count=row["inbound_count"], last_message=row["last_message"],
        fields=row["fields"], waiting_since=row["waiting_since"], snoozed_until=row["snoozed_until"],
        bot_answered=row["bot_answered"], last_inbound_at=row["last_inbound_at"],
        last_activity_at=row["last_activity_at"], created_at=row["created_at"], name_given=row["name_given"],
        engagement_id=row["engagement_id"], first_reply_at=row["first_reply_at"],
        held_seq=row["head_seq"],
        around=Surroundings(
            contact_name=row["contact_name"], handle=row["handle"] or "", address=row["address"],
            channel_kind=row["channel_kind"], channel_name=row["channel_name"], channel_provider=row["provider"],
            channel_live=row["live"], assignee=_named(row["assignee_id"], row["assignee_name"]),
            department=_named(row["department_id"], row["department_name"]),
            tags=msgspec.convert(row["tags"], list[TagView]) if row["tags"] else [],
        ),
    )


def _named(id: UUID | None, name: str | None) -> Named | None:
    return Named(id=id, name=name or "") if id else None
