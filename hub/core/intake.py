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

from hub.core.bulk import Bulk
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
    """A delivery on its way in. `done`: what it says is written in the same transaction; else it is left to the job."""

    id: UUID
    source: str
    vendor_key: str
    headers: Mapping[str, str]
    body: bytes
    order_key: str | None
    done: bool


def keep(bulk: Bulk, arrivals: Sequence[Arrival]) -> None:
    """Keeps deliveries that are not here yet; one that came in the meantime breaks the unique key."""
    bulk.insert(IntakeRow, _KEPT, [
        (one.id, one.source, one.vendor_key, one.headers, one.body, *_state(bulk, one)) for one in arrivals
    ], shared=("source", "headers", "state", "processed_at"), deliveries=1, received_at=bulk.now)
    bulk.later([
        (JOB, str(one.id), one.order_key, {"intake_id": one.id}) for one in arrivals if not one.done
    ])


def _state(bulk: Bulk, arrival: Arrival) -> tuple[str, datetime | None]:
    return ("processed", bulk.now) if arrival.done else ("received", None)


def again(bulk: Bulk, repeats: Mapping[UUID, str]) -> None:
    """Notes that deliveries of these ids and states came again; what is still owed of them is made due at once."""
    if repeats:
        bulk.write(_COUNT, list(repeats))
    if owing := [str(row_id) for row_id, state in repeats.items() if state != "processed"]:
        bulk.write(_HURRY, owing, bulk.now)
        bulk.wake()


_KEPT = ("id", "source", "vendor_key", "headers", "body", "state", "processed_at")
_COUNT = """
UPDATE intake SET deliveries = deliveries + 1 WHERE organization_id = $1 AND id = ANY($2::uuid[])
"""
_HURRY = """
UPDATE outbox SET run_at = $3
WHERE organization_id = $1 AND job = 'intake' AND key = ANY($2::text[]) AND state = 'waiting'
"""


async def owed(work: Work, intake_id: UUID) -> IntakeRow | None:
    """The delivery, locked, if it still has to be processed."""
    statement = select(IntakeRow).where(IntakeRow.id == intake_id).with_for_update()
    row = (await work.session.scalars(statement)).first()
    return None if row is None or row.state == "processed" else row


def processed(work: Work, row: IntakeRow) -> None:
    row.state, row.error, row.processed_at = "processed", None, work.now
