"""Messages on their way that are here already: the same one, sent again under its sender's own id (I4)."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from hub.core.bulk import Bulk

_KNOWN = """
SELECT x.place
FROM unnest($2::integer[], $3::uuid[], $4::text[], $5::text[]) AS x(place, thread, sender_key, client_id)
CROSS JOIN LATERAL (
  SELECT FROM messages m WHERE m.conversation_id = x.thread AND m.sender_key = x.sender_key
    AND m.client_id = x.client_id AND m.organization_id = $1 LIMIT 1) m
"""


class Key(NamedTuple):
    """A message by its conversation, its sender and their id for it."""

    conversation_id: UUID
    sender: str
    client_id: str | None


async def find(bulk: Bulk, keys: Sequence[Key]) -> set[int]:
    """The places of those that their sender has sent before, or earlier in this group. The conversations are held: what
    is not locked is not asked for, for the unique key will tell."""
    met: set[Key] = set()
    twice = set()
    for place, key in enumerate(keys):
        if key in met:
            twice.add(place)
        met.add(key)
    if not keys or not bulk.locks:
        return twice
    rows = await bulk.fetch(_KNOWN, range(len(keys)), *zip(*keys, strict=True))
    return twice | {row["place"] for row in rows}
