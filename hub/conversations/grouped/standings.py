"""Conversations locked and read together, in one order everywhere, and what has changed of them written back."""

from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations.models import Conversation, Engagement
from hub.conversations.shapes import Named, TagView
from hub.conversations.values import Standing, Surroundings
from hub.core.bulk import Bulk, Reading, as_json

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
# By the primary key alone: these are rows that this transaction has locked in its organization.
_SAVE = """
UPDATE conversations c
SET head_seq = x.head_seq, inbound_count = x.inbound_count, last_message = x.last_message::jsonb,
  waiting_since = x.waiting_since, bot_answered = x.bot_answered, last_inbound_at = x.last_inbound_at,
  last_activity_at = x.last_activity_at
FROM unnest($2::uuid[], $3::bigint[], $4::integer[], $5::text[], $6::timestamptz[], $7::boolean[], $8::timestamptz[],
  $9::timestamptz[])
  AS x(id, head_seq, inbound_count, last_message, waiting_since, bot_answered, last_inbound_at, last_activity_at)
WHERE c.id = x.id AND $1::uuid IS NOT NULL
"""
_SAVED = ("id", "head_seq", "inbound_count", "last_message", "waiting_since", "bot_answered", "last_inbound_at",
          "last_activity_at")
_saved = attrgetter(*_SAVED)
_COLUMNS = (
    *_SAVED, "channel_id", "contact_id", "identity_id", "status", "assignee_id", "department_id", "fields",
    "snoozed_until", "created_at",
)
_values = attrgetter(*_COLUMNS)


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


def save(bulk: Bulk, changed: Iterable[Standing]) -> None:
    """Writes what the log and the words of people change of a conversation."""
    if rows := list(map(_saved, changed)):
        columns: dict[str, Sequence[Any]] = dict(zip(_SAVED, zip(*rows, strict=True), strict=True))
        columns["last_message"] = as_json(columns["last_message"])
        bulk.write(_SAVE, *columns.values())


def _standing(row: Any) -> Standing:
    return Standing(
        id=row["id"], channel_id=row["channel_id"], contact_id=row["contact_id"], identity_id=row["identity_id"],
        status=row["status"], assignee_id=row["assignee_id"], department_id=row["department_id"],
        head_seq=row["head_seq"], inbound_count=row["inbound_count"], last_message=row["last_message"],
        fields=row["fields"], waiting_since=row["waiting_since"], snoozed_until=row["snoozed_until"],
        bot_answered=row["bot_answered"], last_inbound_at=row["last_inbound_at"],
        last_activity_at=row["last_activity_at"], created_at=row["created_at"], name_given=row["name_given"],
        engagement_id=row["engagement_id"], first_reply_at=row["first_reply_at"],
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
