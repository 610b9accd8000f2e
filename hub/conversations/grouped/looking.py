"""What a group of deliveries has to know before anything is held, in one statement; where all is remembered, in none.

It may be out of date by the time that conversations are held. Nothing rests on that: a person who became known, or a
message that was stored meanwhile, breaks a unique key, and the group is done again item by item; and what another
delivery of the same person left to a job meanwhile came at the same time as ours, so either may be first.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.channels.ports import Receipt
from hub.conversations.shapes import Named
from hub.core.bulk import Bulk
from hub.crm.contacts import Address

# Channels, as they are now. Deliveries that are here already. People by their addresses, with their conversation on the
# channel (`OFFSET 0`: a person's conversations are few and a channel's many, so they are looked up by the person).
# Order keys that something waits under. Messages of customers that are here already. Messages of ours that receipts
# speak of, by the provider's id, else by ours, where the answer to the send never reached us.
_LOOK = """
SELECT 'line' AS what, 0 AS place, h.id, NULL::uuid AS conversation_id, jsonb_build_object(
  'id', h.id, 'name', h.name, 'kind', h.kind, 'provider', h.provider, 'live', h.state = 'active',
  'version', h.updated_at, 'last_inbound_at', h.last_inbound_at, 'health', h.health->>'status',
  'department', CASE WHEN d.id IS NOT NULL THEN jsonb_build_object('id', d.id, 'name', d.name) END) AS said
FROM unnest($15::uuid[]) AS x(id)
CROSS JOIN LATERAL (SELECT h.* FROM channels h WHERE h.id = x.id LIMIT 1) h
LEFT JOIN LATERAL (SELECT d.* FROM departments d WHERE d.id = h.department_id LIMIT 1) d
  ON d.organization_id = h.organization_id
WHERE h.organization_id = $1 AND h.deleted_at IS NULL
UNION ALL
SELECT 'delivery', x.place, t.id, NULL, to_jsonb(t.state)
FROM unnest($16::integer[], $17::text[], $18::text[]) AS x(place, source, vendor_key) CROSS JOIN LATERAL (
  SELECT t.id, t.state FROM intake t
  WHERE t.organization_id = $1 AND t.source = x.source AND t.vendor_key = x.vendor_key LIMIT 1) t
UNION ALL
SELECT 'person', x.place, i.contact_id, c.id, NULL
FROM unnest($2::integer[], $3::uuid[], $4::text[], $5::text[]) AS x(place, channel_id, kind, value)
CROSS JOIN LATERAL (
  SELECT i.contact_id FROM contact_identities i
  WHERE i.organization_id = $1 AND i.kind = x.kind AND i.value = x.value LIMIT 1) i
LEFT JOIN LATERAL (
  SELECT c.* FROM conversations c WHERE c.contact_id = i.contact_id OFFSET 0) c
  ON c.organization_id = $1 AND c.channel_id = x.channel_id
UNION ALL
SELECT 'order', x.place, NULL, NULL, NULL
FROM unnest($6::integer[], $7::text[]) AS x(place, order_key) CROSS JOIN LATERAL (
  SELECT FROM outbox o
  WHERE o.organization_id = $1 AND o.order_key = x.order_key AND o.state IN ('waiting', 'running') LIMIT 1) o
UNION ALL
SELECT 'word', x.place, NULL, NULL, NULL
FROM unnest($8::integer[], $9::uuid[], $10::text[]) AS x(place, channel_id, vendor_id) CROSS JOIN LATERAL (
  SELECT FROM messages m
  WHERE m.organization_id = $1 AND m.channel_id = x.channel_id AND m.vendor_id = x.vendor_id LIMIT 1) m
UNION ALL
SELECT 'receipt', x.place, r.id, r.conversation_id, NULL
FROM unnest($11::integer[], $12::uuid[], $13::text[], $14::uuid[]) AS x(place, channel_id, vendor_id, our_id)
CROSS JOIN LATERAL (
  SELECT m.id, m.conversation_id FROM messages m
  WHERE m.organization_id = $1 AND m.channel_id = x.channel_id AND m.vendor_id = x.vendor_id AND m.author <> 'customer'
  UNION ALL
  SELECT m.id, m.conversation_id FROM messages m
  WHERE m.organization_id = $1 AND m.channel_id = x.channel_id AND m.id = x.our_id AND m.author <> 'customer'
  LIMIT 1
) r
"""


# Channels still as they were: their version says so, but for their department's name.
_SAME_LINES = """
SELECT h.id FROM unnest($2::uuid[], $3::timestamptz[], $4::text[]) AS x(id, version, department)
CROSS JOIN LATERAL (SELECT h.* FROM channels h WHERE h.id = x.id LIMIT 1) h
LEFT JOIN LATERAL (SELECT d.* FROM departments d WHERE d.id = h.department_id LIMIT 1) d
  ON d.organization_id = h.organization_id
WHERE h.organization_id = $1 AND h.deleted_at IS NULL AND h.updated_at = x.version
  AND d.name IS NOT DISTINCT FROM x.department
"""
# Something that waits under one of these order keys.
_WAITING = """
SELECT o.organization_id FROM unnest($2::text[]) AS x(order_key) CROSS JOIN LATERAL (
  SELECT o.organization_id FROM outbox o
  WHERE o.organization_id = $1 AND o.order_key = x.order_key AND o.state IN ('waiting', 'running') LIMIT 1) o
"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as a group sees it. `version` changes with its settings and credentials."""

    id: UUID
    name: str
    kind: str
    provider: str
    live: bool
    version: datetime
    department: Named | None
    last_inbound_at: datetime | None
    health: str | None


class Asked(msgspec.Struct, kw_only=True):
    """What is asked, each list by place. `deliveries`, `orders` and `words` are only asked for where that is locked
    which they say; else they are expected not to be here."""

    lines: Sequence[UUID]
    deliveries: Sequence[tuple[str, str]]  # the source, and the vendor key
    people: Sequence[tuple[int, UUID, Sequence[Address]]]  # the place, the channel, and the addresses of one person
    orders: Sequence[str]
    words: Sequence[tuple[UUID, str]]  # the channel, and the provider's id
    receipts: Sequence[tuple[UUID, Receipt]]  # the channel, and what it says


class Found(msgspec.Struct):
    """The answers by place. Deliveries: (id, state) of those that are here. People and receipts: (contact or message,
    conversation) of what was found, people once for each address that is known; orders and words that are here."""

    lines: dict[UUID, Line] = {}
    deliveries: dict[int, tuple[UUID, str]] = {}
    people: dict[int, list[tuple[UUID, UUID | None]]] = {}
    orders: set[int] = set()
    words: set[int] = set()
    receipts: dict[int, tuple[UUID, UUID]] = {}


async def look(bulk: Bulk, asked: Asked) -> Found:
    found = Found()
    if not any(msgspec.structs.astuple(asked)):
        return found
    columns = [
        *_columns(4, [(place, channel_id, kind, value) for place, channel_id, addresses in asked.people
                      for kind, value, _ in addresses]),
        *_columns(2, enumerate(asked.orders)),
        *_columns(3, [(place, *word) for place, word in enumerate(asked.words)]),
        *_columns(4, [(place, channel_id, receipt.vendor_id, receipt.our_id)
                      for place, (channel_id, receipt) in enumerate(asked.receipts)]),
    ]
    deliveries = _columns(3, [(place, *delivery) for place, delivery in enumerate(asked.deliveries)])
    for what, place, key, conversation_id, said in await bulk.fetch(_LOOK, *columns, asked.lines, *deliveries):
        if what == "line":
            found.lines[key] = msgspec.convert(said, Line)
        elif what == "delivery":
            found.deliveries[place] = key, said
        elif what == "person":
            found.people.setdefault(place, []).append((key, conversation_id))
        elif what == "order":
            found.orders.add(place)
        elif what == "word":
            found.words.add(place)
        else:
            found.receipts[place] = key, conversation_id
    return found


def expect(bulk: Bulk, lines: Collection[Line], orders: Sequence[str]) -> None:
    """What an attempt does not look for: the channels are as they were, and nothing waits under the order keys."""
    rows = [(one.id, one.version, one.department.name if one.department else None) for one in lines]
    bulk.expect(len(rows), _SAME_LINES, *_columns(3, rows))
    if orders:
        bulk.expect(0, _WAITING, orders)


def _columns(count: int, rows: Iterable[tuple[Any, ...]]) -> Iterable[Sequence[Any]]:
    return list(zip(*rows, strict=True)) or [()] * count
