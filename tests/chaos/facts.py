"""What is left behind by a round: the database as its superuser sees it, and the simulator's record of calls."""

from collections.abc import Iterable
from typing import Any

import asyncpg
import msgspec


class Kept(msgspec.Struct, kw_only=True):
    """A message. `client`: (who, client id) when it has one."""

    id: str
    conversation: str
    channel: str
    channel_kind: str
    seq: int
    author: str
    kind: str
    note: bool
    text: str
    state: str
    vendor_id: str | None = None
    client: tuple[str, str] | None = None
    created: float = 0.0


class Logged(msgspec.Struct, kw_only=True):
    """An entry of a conversation's log."""

    conversation: str
    seq: int
    type: str
    message_id: str | None = None
    state: str | None = None
    user_id: str | None = None
    at: float = 0.0


class Delivered(msgspec.Struct, kw_only=True):
    """A step of a message's delivery, in the order in which the steps were written."""

    message_id: str
    state: str
    source: str
    code: str | None = None


class Thread(msgspec.Struct, kw_only=True):
    """A conversation."""

    id: str
    channel: str
    contact: str
    head: int
    inbound: int
    assignee: str | None = None
    open_engagements: int = 1
    addresses: tuple[str, ...] = ()


class Owed(msgspec.Struct, kw_only=True):
    """A row of the outbox."""

    id: str
    job: str
    key: str
    order: str | None
    position: int
    state: str
    attempts: int
    lapses: int
    created: float
    due: float
    finished: float | None = None
    message_id: str | None = None
    error: str | None = None


class Facts(msgspec.Struct, kw_only=True):
    """`intake`: state of each kept delivery; `pending`: receipts put aside; `calls`: our message id for each call that
    the provider received and accepted."""

    messages: list[Kept] = []
    log: list[Logged] = []
    deliveries: list[Delivered] = []
    threads: list[Thread] = []
    outbox: list[Owed] = []
    intake: list[str] = []
    pending: set[tuple[str, str]] = set()
    calls: list[str] = []


async def read(connection: "asyncpg.Connection[Any]", calls: Iterable[dict[str, Any]]) -> Facts:
    """Everything, in one snapshot."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        messages = await connection.fetch(_MESSAGES)
        return Facts(
            messages=[_kept(row) for row in messages],
            log=[Logged(**row) for row in await connection.fetch(_LOG)],
            deliveries=[Delivered(**row) for row in await connection.fetch(_DELIVERIES)],
            threads=[Thread(**{**row, "addresses": tuple(row["addresses"])})
                     for row in await connection.fetch(_THREADS)],
            outbox=[Owed(**row) for row in await connection.fetch(_OUTBOX)],
            intake=[row["state"] for row in await connection.fetch("SELECT state FROM intake")],
            pending={(row["vendor_id"], row["state"])
                     for row in await connection.fetch("SELECT vendor_id, state FROM pending_receipts")},
            calls=[call["callback"] for call in calls
                   if call["kind"] == "send" and call["callback"] and call["outcome"].startswith("accepted")],
        )


async def is_quiet(connection: "asyncpg.Connection[Any]") -> bool:
    """Whether nothing is owed any more."""
    return not await connection.fetchval("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'running')")


def _kept(row: Any) -> Kept:
    values = dict(row)
    who, client_id = values.pop("sender_key"), values.pop("client_id")
    return Kept(**values, client=(who, client_id) if client_id else None)


_MESSAGES = """
SELECT m.id::text, m.conversation_id::text AS conversation, m.channel_id::text AS channel, c.kind AS channel_kind,
  m.seq, m.author, m.kind, m.note, m.text, m.state, m.vendor_id, m.sender_key, m.client_id,
  extract(epoch FROM m.created_at)::float8 AS created
FROM messages m JOIN channels c ON c.id = m.channel_id
"""
_LOG = """
SELECT conversation_id::text AS conversation, seq, type, data->>'message_id' AS message_id, data->>'state' AS state,
  data->>'user_id' AS user_id, extract(epoch FROM at)::float8 AS at
FROM events WHERE conversation_id IS NOT NULL AND seq IS NOT NULL ORDER BY conversation_id, seq
"""
_DELIVERIES = "SELECT message_id::text, state, source, code FROM message_deliveries ORDER BY id"
_THREADS = """
SELECT c.id::text, c.channel_id::text AS channel, c.contact_id::text AS contact, c.head_seq AS head,
  c.inbound_count AS inbound, c.assignee_id::text AS assignee,
  (SELECT count(*) FROM engagements e WHERE e.conversation_id = c.id AND e.closed_at IS NULL) AS open_engagements,
  ARRAY(SELECT i.value FROM contact_identities i WHERE i.contact_id = c.contact_id) AS addresses
FROM conversations c
"""
_OUTBOX = """
SELECT id::text, job, key, order_key AS order, position, state, attempts, lapses, payload->>'message_id' AS message_id,
  last_error AS error, extract(epoch FROM created_at)::float8 AS created, extract(epoch FROM run_at)::float8 AS due,
  extract(epoch FROM finished_at)::float8 AS finished
FROM outbox
"""
