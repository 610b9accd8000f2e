"""The logs of many conversations read at once, for the many who come back at once: a few statements for all of them.

Messages are rendered as they are now; everything else is as the live frame had it.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations import hung, rendering
from hub.conversations.grouped import standings
from hub.conversations.shapes import Message as Seen
from hub.conversations.values import Standing
from hub.core.access import system_actor
from hub.core.errors import NotFound
from hub.core.hub import Hub
from hub.core.signals import Audience

Frames = list[tuple[int, bytes]]


class Stretch(msgspec.Struct, frozen=True):
    """The entries in (after, upto] of one conversation's log, as its visitor sees them or as colleagues do."""

    conversation_id: UUID
    after: int
    upto: int
    visitor: bool


_HEADS = """
SELECT c.id, c.head_seq, c.department_id, c.assignee_id FROM unnest($2::uuid[]) AS x(id) CROSS JOIN LATERAL (
  SELECT c.* FROM conversations c WHERE c.id = x.id LIMIT 1) c
WHERE c.organization_id = $1
"""
_EVENTS = """
SELECT e.conversation_id, e.seq, e.type, e.data, e.at
FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS x(id, after, upto)
CROSS JOIN LATERAL (
  SELECT e.* FROM events e
  WHERE e.organization_id = $1 AND e.conversation_id = x.id AND e.seq > x.after AND e.seq <= x.upto
  ORDER BY e.seq LIMIT 1000) e
"""


async def head(hub: Hub, organization_id: UUID, conversation_id: UUID) -> tuple[int, Audience]:
    """The last number and who may see it, read at one instant. Raises `NotFound`."""
    found: tuple[int, Audience] = await hub.grouping(_heads).submit(organization_id, conversation_id)
    return found


async def frames(hub: Hub, organization_id: UUID, stretch: Stretch) -> Frames:
    """The stretch, each entry as (number, complete frame). Raises `NotFound`."""
    found: Frames = await hub.grouping(_stretches).submit(organization_id, stretch)
    return found


async def _heads(hub: Hub, organization_id: UUID, ids: Sequence[UUID]) -> list[tuple[int, Audience] | NotFound]:
    reading = hub.reading(system_actor(organization_id, "live"))
    rows = {row["id"]: row for row in await reading.fetch(_HEADS, list(set(ids)))}
    return [
        (row["head_seq"], Audience(row["department_id"], row["assignee_id"])) if (row := rows.get(one)) else NotFound()
        for one in ids
    ]


async def _stretches(hub: Hub, organization_id: UUID, wanted: Sequence[Stretch]) -> list[Frames | NotFound]:
    asked = list(dict.fromkeys(wanted))  # many ask for the same
    reading = hub.reading(system_actor(organization_id, "live"))
    around = await standings.read(reading, {one.conversation_id for one in asked})
    bounds = {(one.conversation_id, one.after, one.upto) for one in asked}
    events = await reading.fetch(_EVENTS, *(list(column) for column in zip(*bounds, strict=True)))
    seen = await hung.by_id(reading, {UUID(one) for row in events if (one := row["data"].get("message_id"))})
    logs: defaultdict[UUID, dict[int, Any]] = defaultdict(dict)
    for row in events:
        logs[row["conversation_id"]][row["seq"]] = row
    made = {one: _frames(one, logs[one.conversation_id], around.get(one.conversation_id), seen) for one in asked}
    return [made[one] for one in wanted]


def _frames(
    stretch: Stretch, log: dict[int, Any], standing: Standing | None, seen: dict[UUID, Seen]
) -> Frames | NotFound:
    if standing is None:
        return NotFound()
    line = rendering.row(standing, standing.around)
    found = []
    for seq in sorted(seq for seq in log if stretch.after < seq <= stretch.upto):
        row = log[seq]
        name, at, data = row["type"], row["at"], row["data"]
        about = seen.get(UUID(data["message_id"])) if data.get("message_id") else None
        if stretch.visitor:
            frame = rendering.visitor_frame(standing.id, seq, name, at, data, about, standing.channel_id)
        else:
            frame = rendering.event_frame(standing.id, seq, name, at, rendering.details(name, data, about, line))
        found.append((seq, frame))
    return found
