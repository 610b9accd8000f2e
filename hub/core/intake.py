"""What arrived from outside, raw, kept once for each source and vendor key, and answered only after the commit.

Processing is an outbox row written with it, so a crash in between loses nothing; after a parser was mended, what failed
is replayed from the same bytes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.clock import new_id
from hub.core.outbox import OutboxRow
from hub.core.tenancy import Base, Scoped, scoped
from hub.core.work import Work

JOB = "intake"
SIGNED_FOR = "signed-for"  # kept header: the channels whose secret had signed the body, apart by spaces


class IntakeRow(Scoped, Base):
    """One delivery. state: received, processed, failed."""

    __tablename__ = "intake"
    __table_args__ = scoped(
        UniqueConstraint("organization_id", "source", "vendor_key"),
        Index("ix_intake_organization_id_received_at", "organization_id", "received_at"),
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


async def receive(
    work: Work, *, source: str, vendor_key: str, headers: Mapping[str, str], body: bytes, order_key: str | None
) -> bool:
    """Keeps a delivery and the row that will process it. False when it was here already: then nothing new follows,
    but if its processing is still owed, that is made due at once."""
    row_id = new_id()
    statement = (
        insert(IntakeRow)
        .values(id=row_id, organization_id=work.organization_id, source=source, vendor_key=vendor_key,
                headers=dict(headers), body=body, state="received", deliveries=1, received_at=work.now)
        .on_conflict_do_update(
            index_elements=["organization_id", "source", "vendor_key"],
            set_={"deliveries": IntakeRow.deliveries + 1},
        )
        .returning(IntakeRow.id, IntakeRow.state)
    )
    row = (await work.session.execute(statement)).one()
    if row.id == row_id:
        await work.later(JOB, {"intake_id": row_id}, key=str(row_id), order_key=order_key)
        return True
    if row.state != "processed":
        await work.session.execute(
            update(OutboxRow)
            .where(OutboxRow.job == JOB, OutboxRow.key == str(row.id), OutboxRow.state == "waiting")
            .values(run_at=work.now)
        )
        work.wake()
    return False


async def owed(work: Work, intake_id: UUID) -> IntakeRow | None:
    """The delivery, locked, if it still has to be processed."""
    statement = select(IntakeRow).where(IntakeRow.id == intake_id).with_for_update()
    row = (await work.session.scalars(statement)).first()
    return None if row is None or row.state == "processed" else row


def processed(work: Work, row: IntakeRow) -> None:
    row.state, row.error, row.processed_at = "processed", None, work.now
