"""What is there already of messages on their way: the same one, sent again under its sender's own id (I4), and what
was kept of the words while they were written."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from hub.core.bulk import Bulk

_KNOWN = """
SELECT 'message' AS what, x.place
FROM unnest($2::integer[], $3::uuid[], $4::text[], $5::text[]) AS x(place, thread, sender_key, client_id)
CROSS JOIN LATERAL (
  SELECT FROM messages m WHERE m.conversation_id = x.thread AND m.sender_key = x.sender_key
    AND m.client_id = x.client_id AND m.organization_id = $1 LIMIT 1) m
UNION ALL
SELECT 'draft', x.place
FROM unnest($2::integer[], $3::uuid[], $6::uuid[], $7::text[]) AS x(place, thread, user_id, mode)
CROSS JOIN LATERAL (
  SELECT FROM drafts d WHERE d.organization_id = $1 AND d.user_id = x.user_id
    AND d.conversation_id = x.thread AND d.mode = x.mode LIMIT 1) d
"""


class Key(NamedTuple):
    """A message by its conversation, its sender and their id for it; the user and the mode that a draft of it has."""

    conversation_id: UUID
    sender: str
    client_id: str | None
    user_id: UUID | None = None
    mode: str = ""


async def find(bulk: Bulk, keys: Sequence[Key]) -> tuple[set[int], set[int]]:
    """The places of those that their sender has sent before, or earlier in this group, and of those that have a draft.
    The conversations are locked."""
    met: set[tuple[UUID, str, str | None]] = set()
    twice = set()
    for place, key in enumerate(keys):
        if key[:3] in met:
            twice.add(place)
        met.add(key[:3])
    if not keys:
        return twice, set()
    rows = await bulk.fetch(_KNOWN, range(len(keys)), *zip(*keys, strict=True))
    sent = twice | {row["place"] for row in rows if row["what"] == "message"}
    return sent, {row["place"] for row in rows if row["what"] == "draft"}
