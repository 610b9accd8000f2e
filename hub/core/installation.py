"""The database as a whole: its epoch, by which clients tell a restored backup from the stream they know."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Database
from hub.core.tenancy import Base, Scope


class Installation(Base):
    """The single row that names this database's history."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[UUID]


_EPOCH = text("""
SELECT i.epoch, (pg_control_system()).system_identifier, (pg_control_checkpoint()).timeline_id FROM installation i
""")


async def read_epoch(database: Database) -> str:
    """Changes when the data was restored into another cluster or onto another timeline, or the epoch was renewed."""
    async with database.transaction(Scope.across("epoch")) as session:
        return await epoch_in(session)


async def epoch_in(session: AsyncSession) -> str:
    """The same, read in a transaction that is open already."""
    row = (await session.execute(_EPOCH)).one()
    return f"{row.epoch.hex[:12]}-{row.system_identifier:x}-{row.timeline_id}"
