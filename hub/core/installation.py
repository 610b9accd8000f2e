"""The database as a whole: its epoch, by which clients tell a restored backup from the stream they know."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import CLUSTER, Database
from hub.core.tenancy import Base, Scope


class Installation(Base):
    """The single row that names this database's history."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[UUID]


# A name of the history: another cluster has another identifier, a restored copy another timeline or a new epoch.
EPOCH = (
    "SELECT left(replace(i.epoch::text, '-', ''), 12) || '-' "  # noqa: S608
    f"|| coalesce(current_setting('hub.cluster', true), {CLUSTER}) FROM installation i"
)


async def read_epoch(database: Database) -> str:
    """Changes when the data was restored into another cluster or onto another timeline, or the epoch was renewed."""
    async with database.transaction(Scope.across("epoch")) as session:
        return await epoch_in(session)


async def epoch_in(session: AsyncSession) -> str:
    """The same, read in a transaction that is open already."""
    return str((await session.execute(text(EPOCH))).scalar_one())
