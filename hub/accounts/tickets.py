"""Single-use passes to open one socket, so that no lasting token stands in a WebSocket's address or frames.

They come by the thousand when a server was away and everybody reconnects: those of the same moment are written, and
taken, together.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from hub.accounts import opaque, sessions
from hub.core.access import Actor, system_actor
from hub.core.bulk import Bulk
from hub.core.clock import new_id
from hub.core.crypto import token_hash
from hub.core.errors import Unauthenticated
from hub.core.hub import Hub

LIFETIME = timedelta(seconds=30)
_KEEP = """
INSERT INTO live_tickets (organization_id, expires_at, id, hash, session_id, visitor_id)
SELECT $1, $2, * FROM unnest($3::uuid[], $4::bytea[], $5::uuid[], $6::uuid[])
"""
_TAKE = """
DELETE FROM live_tickets WHERE organization_id = $1 AND id IN (
  SELECT t.id FROM unnest($2::bytea[]) AS x(hash) CROSS JOIN LATERAL (
    SELECT t.id, t.organization_id FROM live_tickets t WHERE t.hash = x.hash LIMIT 1) t
  WHERE t.organization_id = $1)
RETURNING encode(hash, 'hex') AS hash, session_id, visitor_id, expires_at > $3 AS is_good
"""


async def issue(
    hub: Hub, organization_id: UUID, *, session_id: UUID | None = None, visitor_id: UUID | None = None
) -> tuple[str, int]:
    """A ticket for a user's session or for a visitor, and the seconds it is good for."""
    if (session_id is None) == (visitor_id is None):
        raise ValueError("a ticket is for a session or for a visitor")
    ticket = opaque.mint(organization_id)
    row = (new_id(), token_hash(ticket), session_id, visitor_id)
    await hub.grouping(_keep).submit(organization_id, row)
    return ticket, int(LIFETIME.total_seconds())


async def redeem(hub: Hub, ticket: str) -> tuple[UUID, Actor | None, UUID | None]:
    """Takes a ticket: (organization, the user of its session, visitor). Raises `Unauthenticated`; of many at once one
    succeeds."""
    organization_id = opaque.organization_of(ticket)
    if organization_id is None:
        raise Unauthenticated("ticket_invalid")
    hashed = token_hash(ticket)
    whose: tuple[Actor | None, UUID | None] = await hub.grouping(_take).submit(organization_id, hashed)
    return organization_id, *whose


async def _keep(hub: Hub, organization_id: UUID, rows: Sequence[tuple[Any, ...]]) -> list[None]:
    async def write(bulk: Bulk) -> None:
        bulk.write(_KEEP, bulk.now + LIFETIME, *zip(*rows, strict=True))

    await hub.written(system_actor(organization_id, "tickets"), write)
    return [None] * len(rows)


async def _take(
    hub: Hub, organization_id: UUID, hashes: Sequence[bytes]
) -> list[tuple[Actor | None, UUID | None] | Unauthenticated]:
    """For each hash whose ticket it was; the first of equal ones has it."""
    actor, taken = system_actor(organization_id, "tickets"), dict[bytes, tuple[UUID | None, UUID | None]]()

    def told(rows: Sequence[Any]) -> None:
        taken.update({
            bytes.fromhex(row["hash"]): (_id(row["session_id"]), _id(row["visitor_id"])) for row in rows
            if row["is_good"]
        })

    async def write(bulk: Bulk) -> None:
        bulk.write(_TAKE, list(hashes), bulk.now, told=told)

    await hub.written(actor, write)
    ids = list({session_id for session_id, _ in taken.values() if session_id is not None})
    actors = dict(zip(ids, await sessions.actors_of(hub, organization_id, ids), strict=True)) if ids else {}
    outcomes: list[tuple[Actor | None, UUID | None] | Unauthenticated] = []
    for hashed in hashes:
        session_id, visitor_id = taken.pop(hashed, (None, None))
        whose = actors[session_id] if session_id else None
        if session_id is None and visitor_id is None:
            outcomes.append(Unauthenticated("ticket_invalid"))
        else:
            outcomes.append(whose if isinstance(whose, Unauthenticated) else (whose, visitor_id))
    return outcomes


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
