"""A full house by set-based SQL: thousands of conversations and one very long thread, as the product stores them."""

from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_NAMES = ("ARRAY['Ana Souza','Bruno Lima','Célia Prado','Davi Rocha','Elena García','Felix Baker','Grace Hall',"
          "'Hugo Martín','Inês Duarte','João Pereira','Kate Miller','Lucía Torres']")
_WORDS = ("ARRAY['Where is my parcel? The page still says that it is on its way.','Thank you!','Could you send me the "
          "invoice again, please? I cannot find it.','Bom dia, tudo bem?','The blue one, size 42. And one more thing: "
          "would you deliver to the office instead, on Tuesday after ten, and ring twice? The bell is quiet.','Yes',"
          "'¿Tienen esto en rojo?']")
_MESSAGES = """INSERT INTO messages (id, organization_id, conversation_id, channel_id, seq, author, author_id,
 author_name, note, kind, text, content, state, state_at, search_text, created_at, occurred_at)
 SELECT gen_random_uuid(), :org, thread, :line, seq, CASE WHEN seq % 3 = 0 THEN 'agent' ELSE 'customer' END,
 CASE WHEN seq % 3 = 0 THEN CAST(:owner AS uuid) END, CASE WHEN seq % 3 = 0 THEN 'Owner' ELSE name END,
 seq % 30 = 0, 'text', 'Line ' || seq || '. ' || (WORDS)[1 + (seq * 5 + n) % 7], '{}',
 CASE WHEN seq % 3 = 0 THEN 'read' ELSE 'received' END, at, 'line ' || seq, at, at
 FROM (SELECT *, last - (size - seq) * interval '1 minute' AS at
       FROM crowd, generate_series(1, size) AS seq) AS lines""".replace("WORDS", _WORDS)
_STATEMENTS = (
    # `n` counts from the newest. The first has the long thread, the next ones a usual one, the rest one message each.
    """CREATE TEMP TABLE crowd ON COMMIT DROP AS SELECT n, gen_random_uuid() contact, gen_random_uuid() thread,
 (NAMES)[1 + n % 12] || ' ' || n AS name, now() - n * interval '20 seconds' AS last,
 CASE WHEN n = 1 THEN CAST(:messages AS int) WHEN n <= 40 THEN 60 ELSE 1 END AS size
 FROM generate_series(1, CAST(:conversations AS int)) n""".replace("NAMES", _NAMES),
    """INSERT INTO contacts (id, organization_id, name, name_given, search_text, created_at, updated_at)
 SELECT contact, :org, name, true, lower(name), now(), now() FROM crowd""",
    """INSERT INTO conversations (id, organization_id, channel_id, contact_id, status, head_seq, inbound_count,
 last_message, waiting_since, last_inbound_at, last_activity_at, created_at)
 SELECT thread, :org, :line, contact, 'open', size, size - size / 3,
 jsonb_build_object('seq', size, 'author', 'customer', 'author_name', name, 'kind', 'text',
 'text', 'Line ' || size || '. ' || (WORDS)[1 + (size * 5 + n) % 7], 'at', last, 'state', 'received'),
 last, last, last, now() - interval '30 days' FROM crowd""".replace("WORDS", _WORDS),
    _MESSAGES,
)


class Crowd(msgspec.Struct, frozen=True):
    """Ids of the conversations, the newest first; the first one's thread is the long one."""

    conversations: list[UUID]

    @property
    def long(self) -> UUID:
        return self.conversations[0]


async def fill(
    owner_engine: AsyncEngine, organization_id: UUID, channel_id: UUID, owner_id: UUID, *, conversations: int,
    messages: int,
) -> Crowd:
    """Adds open conversations that nobody has taken; the newest has `messages` messages, 39 more have 60, the rest one.

    `owner_engine` acts as the owner of the tables, past row-level security.
    """
    given = {"org": organization_id, "line": channel_id, "owner": owner_id, "conversations": conversations,
             "messages": messages}
    async with owner_engine.begin() as connection:
        for statement in _STATEMENTS:
            wanted = {name: value for name, value in given.items() if f":{name}" in statement}
            await connection.execute(text(statement), wanted)
        rows = await connection.execute(text("SELECT thread FROM crowd ORDER BY n"))
        made = Crowd([row.thread for row in rows])
        await connection.execute(text("ANALYZE contacts, conversations, messages"))
    return made
