"""The same message sent again under its sender's own id (I4), in groups."""

from collections.abc import Sequence
from uuid import UUID

from hub.core.bulk import Bulk

_KNOWN = """
SELECT x.place FROM unnest($2::integer[], $3::uuid[], $4::text[], $5::text[]) AS x(place, thread, sender_key, client_id)
CROSS JOIN LATERAL (
  SELECT FROM messages m WHERE m.conversation_id = x.thread AND m.sender_key = x.sender_key
    AND m.client_id = x.client_id AND m.organization_id = $1 LIMIT 1) m
"""


async def find(bulk: Bulk, keys: Sequence[tuple[UUID, str, str]]) -> set[int]:
    """The places of those that their sender has sent before, or earlier in this group: (conversation, sender, id) of
    each. The conversations are locked."""
    met: set[tuple[UUID, str, str]] = set()
    twice = set()
    for place, key in enumerate(keys):
        if key in met:
            twice.add(place)
        met.add(key)
    if not keys:
        return twice
    columns = (list(column) for column in zip(*keys, strict=True))
    return twice | {row["place"] for row in await bulk.fetch(_KNOWN, list(range(len(keys))), *columns)}
