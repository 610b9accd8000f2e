"""Conversations locked and read together, in one order everywhere, and what has changed of them written back."""

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations.shapes import Named, TagView
from hub.conversations.values import Standing, Surroundings
from hub.core.bulk import Bulk, Reading

# `LATERAL … LIMIT 1` by the primary key leaves the planner one way to look a row up, whatever it believes of the tables
# (statements are planned once, perhaps while those were empty). The organization is asked for outside of it.
_LOCK = """
SELECT c.id FROM unnest($2::uuid[]) AS x(id) CROSS JOIN LATERAL (
  SELECT c.id, c.organization_id FROM conversations c WHERE c.id = x.id LIMIT 1 FOR UPDATE) c
WHERE c.organization_id = $1
"""
# Read after the locks are held, by a statement of its own: a snapshot from before the waiting would be stale.
_READ = """
SELECT c.id, c.channel_id, c.contact_id, c.identity_id, c.status, c.assignee_id, c.department_id, c.head_seq,
  c.inbound_count, c.last_message, c.fields, c.waiting_since, c.snoozed_until, c.bot_answered, c.last_inbound_at,
  c.last_activity_at, c.created_at, k.name AS contact_name, k.name_given, i.display AS handle, i.value AS address,
  h.kind AS channel_kind, h.name AS channel_name, h.provider, h.state = 'active' AND h.deleted_at IS NULL AS live,
  u.name AS assignee_name, d.name AS department_name, e.id AS engagement_id, e.first_reply_at, t.tags
FROM unnest($2::uuid[]) AS x(id)
CROSS JOIN LATERAL (SELECT c.* FROM conversations c WHERE c.id = x.id LIMIT 1) c
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
# By the primary key alone: these are rows that this transaction has locked in its organization.
_SAVE = """
UPDATE conversations c
SET head_seq = x.head_seq, inbound_count = x.inbound_count, last_message = x.last_message,
  waiting_since = x.waiting_since, bot_answered = x.bot_answered, last_inbound_at = x.last_inbound_at,
  last_activity_at = x.last_activity_at
FROM unnest($2::uuid[], $3::bigint[], $4::integer[], $5::jsonb[], $6::timestamptz[], $7::boolean[], $8::timestamptz[],
  $9::timestamptz[])
  AS x(id, head_seq, inbound_count, last_message, waiting_since, bot_answered, last_inbound_at, last_activity_at)
WHERE c.id = x.id AND $1::uuid IS NOT NULL
"""
_SAVED = ("id", "head_seq", "inbound_count", "last_message", "waiting_since", "bot_answered", "last_inbound_at",
          "last_activity_at")
_saved = attrgetter(*_SAVED)


async def lock(bulk: Bulk, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Those of the conversations that are here, locked until the transaction ends."""
    if not ids:
        return {}
    wanted = sorted(ids)
    await bulk.fetch(_LOCK, wanted)
    return await read(bulk, wanted)


async def read(reading: Reading, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """The same, locked or not."""
    return {row["id"]: _standing(row) for row in await reading.fetch(_READ, list(ids))}


async def save(bulk: Bulk, changed: Iterable[Standing]) -> None:
    """Writes what the log and the words of people change of a conversation."""
    if rows := list(map(_saved, changed)):
        await bulk.fetch(_SAVE, *(list(column) for column in zip(*rows, strict=True)))


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
