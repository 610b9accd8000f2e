"""What arrived from outside, raw, kept once for each source and vendor key, and answered only after the commit.

Processing is an outbox row written with it, so a crash in between loses nothing; after a parser was mended, what failed
is replayed from the same bytes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import DateTime, LargeBinary, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.bulk import Bulk, as_json
from hub.core.tenancy import Base, Scoped, scoped
from hub.core.work import Work

JOB = "intake"
SIGNED_FOR = "signed-for"  # kept header: the channels whose secret had signed the body, apart by spaces


class IntakeRow(Scoped, Base):
    """One delivery. state: received, processed, failed."""

    __tablename__ = "intake"
    __table_args__ = scoped(
        UniqueConstraint("organization_id", "source", "vendor_key"),
        owned=False, referred=False,
    )

    source: Mapped[str]
    vendor_key: Mapped[str]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str]
    error: Mapped[str | None]
    deliveries: Mapped[int] = mapped_column(default=1)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    processed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery on its way in. `done`: it is being processed in the same transaction."""

    id: UUID
    source: str
    vendor_key: str
    headers: Mapping[str, str]
    body: bytes
    done: bool


async def keep(bulk: Bulk, arrivals: Sequence[Arrival]) -> set[UUID]:
    """Keeps deliveries, none of which may be there twice; the ids of those that were not here already. What is still
    owed of the others is made due at once."""
    rows = [(one.id, one.source, one.vendor_key, one.body, one.done) for one in arrivals]
    headers = as_json(one.headers for one in arrivals)
    kept = await bulk.fetch(_KEEP, *zip(*rows, strict=True), headers, bulk.now)
    fresh = {one.id for one in arrivals} & {row["id"] for row in kept}
    if owing := [str(row["id"]) for row in kept if row["id"] not in fresh and row["state"] != "processed"]:
        bulk.write(_HURRY, owing, bulk.now)
        bulk.wake()
    return fresh


def leave(bulk: Bulk, arrivals: Mapping[UUID, str | None]) -> None:
    """Leaves kept deliveries to the job, each with its order key."""
    if arrivals:
        bulk.write(_LEAVE, list(arrivals))
        bulk.later([(JOB, str(row_id), order, {"intake_id": row_id}) for row_id, order in arrivals.items()])


_KEEP = """
INSERT INTO intake (organization_id, deliveries, received_at, id, source, vendor_key, headers, body, state,
  processed_at)
SELECT $1, 1, $8::timestamptz, id, source, vendor_key, headers::jsonb, body,
  CASE WHEN done THEN 'processed' ELSE 'received' END, CASE WHEN done THEN $8::timestamptz END
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::boolean[], $7::text[])
  AS x(id, source, vendor_key, body, done, headers)
ON CONFLICT (organization_id, source, vendor_key) DO UPDATE SET deliveries = intake.deliveries + 1
RETURNING id, state
"""
_HURRY = """
UPDATE outbox SET run_at = $3
WHERE organization_id = $1 AND job = 'intake' AND key = ANY($2::text[]) AND state = 'waiting'
"""
_LEAVE = """
UPDATE intake SET state = 'received', processed_at = NULL WHERE organization_id = $1 AND id = ANY($2::uuid[])
"""


async def owed(work: Work, intake_id: UUID) -> IntakeRow | None:
    """The delivery, locked, if it still has to be processed."""
    statement = select(IntakeRow).where(IntakeRow.id == intake_id).with_for_update()
    row = (await work.session.scalars(statement)).first()
    return None if row is None or row.state == "processed" else row


def processed(work: Work, row: IntakeRow) -> None:
    row.state, row.error, row.processed_at = "processed", None, work.now
