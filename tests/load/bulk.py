"""Much history at once, by SQL: what would take hours through the API and looks the same afterwards."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

_TEXT = "the words of a message of usual length, as people write them here"

# Engagements are left out: history is read the same with and without.
_CONTACTS = """
WITH made AS (
  INSERT INTO contacts (id, organization_id, name, name_given, search_text, created_at, updated_at)
  SELECT uuidv7(), $1, 'Customer ' || n, false, 'customer ' || n, now(), now() FROM generate_series(1, $3::int) n
  RETURNING id
), identified AS (
  INSERT INTO contact_identities (id, organization_id, contact_id, kind, value, display, created_at)
  SELECT uuidv7(), $1, id, 'visitor', gen_random_uuid()::text, '', now() FROM made
  RETURNING id, contact_id
)
INSERT INTO conversations (id, organization_id, channel_id, contact_id, identity_id, status, head_seq, inbound_count,
                           last_activity_at, created_at)
SELECT uuidv7(), $1, $2, contact_id, id, 'open', $4::int, $4::int / 2, now(), now() FROM identified
RETURNING id
"""
_MESSAGES = f"""
INSERT INTO messages (id, organization_id, conversation_id, channel_id, seq, author, author_id, author_name, note, kind,
                      text, content, vendor_id, state, state_at, search_text, created_at, occurred_at)
SELECT uuidv7(), $1, conversation, $2, seq, CASE WHEN $5 OR seq % 2 = 0 THEN 'agent' ELSE 'customer' END,
       CASE WHEN $5 OR seq % 2 = 0 THEN $3::uuid END, 'Somebody', false, 'text', '{_TEXT} ' || seq, '{{}}',
       CASE WHEN $5 THEN 'wamid.' || conversation || '.' || seq END,
       CASE WHEN $5 THEN 'sending' WHEN seq % 2 = 1 THEN 'received' ELSE 'sent' END, now(), '', now(), now()
FROM unnest($4::uuid[]) conversation, generate_series(1, $6::int) seq
"""
_EVENTS = """
INSERT INTO events (id, organization_id, type, conversation_id, seq, data, actor, depth, at)
SELECT uuidv7(), organization_id,
       CASE author WHEN 'agent' THEN 'message.sent' ELSE 'message.received' END, conversation_id, seq,
       CASE author
         WHEN 'agent' THEN jsonb_build_object('type', 'message.sent', 'conversation_id', conversation_id, 'seq', seq,
           'message_id', id, 'author', author, 'author_id', author_id, 'note', false, 'mentions', '[]'::jsonb)
         ELSE jsonb_build_object('type', 'message.received', 'conversation_id', conversation_id, 'seq', seq,
           'message_id', id, 'channel_id', channel_id, 'contact_id', conversation_id)
       END, 'system:load', 0, now()
FROM messages WHERE conversation_id = ANY($1::uuid[])
"""


async def conversations(
    connection: asyncpg.Connection, organization_id: UUID, channel_id: str, author_id: str, *, count: int,
    messages: int, events: bool = True, sending: bool = False,
) -> list[str]:
    """That many conversations of `messages` each; their ids. `sending`: ours, on their way, with providers' ids."""
    made = [row["id"] for row in await connection.fetch(_CONTACTS, organization_id, UUID(channel_id), count, messages)]
    for some in _in_parts(made, max(1, 100_000 // messages)):
        await connection.execute(_MESSAGES, organization_id, UUID(channel_id), UUID(author_id), some, sending, messages)
    if events:
        await connection.execute(_EVENTS, made)
    await connection.execute("ANALYZE")
    return [str(one) for one in made]


def _in_parts(ids: Sequence[UUID], size: int) -> list[list[UUID]]:
    return [list(ids[at : at + size]) for at in range(0, len(ids), size)]
