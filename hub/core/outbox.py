"""Work to do is a row, written in the transaction that caused it, and done at least once.

A row is leased for ten seconds at a time with a fresh token (the fence): a runner that was only paused finds its token
gone and can write nothing with it. Rows with the same order key run one after another in the order they were written.
What fails is tried again with growing pauses; what cannot succeed becomes a dead letter with its reason.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.access import Actor, Permission, require, system_actor
from hub.core.clock import new_id
from hub.core.errors import Conflict, HubError, LimitReached, NotFound, Unavailable
from hub.core.tenancy import Base, Scope, Scoped

if TYPE_CHECKING:
    from hub.core.hub import Hub
    from hub.core.work import Work

LEASE = timedelta(seconds=10)
MAX_ATTEMPTS = 12
MAX_LAPSES = 50  # runners that may die with a row in hand before it is taken for the cause


class OutboxRow(Scoped, Base):
    """One thing to do later. state: waiting, running, done, dead."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("organization_id", "job", "key"),
        ForeignKeyConstraint(["organization_id"], ["organizations.id"]),
        Index("ix_outbox_due", "run_at", "position", postgresql_where=text("state IN ('waiting', 'running')")),
        Index("ix_outbox_order", "organization_id", "order_key", "position",
              postgresql_where=text("state IN ('waiting', 'running') AND order_key IS NOT NULL")),
        Index("ix_outbox_dead", "organization_id", "position", postgresql_where=text("state = 'dead'")),
    )

    position: Mapped[int] = mapped_column(BigInteger, Identity())
    job: Mapped[str]
    key: Mapped[str]
    order_key: Mapped[str | None]
    payload: Mapped[Any] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    lapses: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    run_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lease_token: Mapped[UUID | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Retry(Exception):
    """Raised by a job that wants to be tried again after so many seconds, however often it was tried before."""

    def __init__(self, after: float, reason: str) -> None:
        self.after = after
        super().__init__(reason)


class LeaseLost(Exception):
    """Another runner holds this row now; nothing may be written for it here."""


class Job(msgspec.Struct, frozen=True):
    """A leased row, as its handler sees it."""

    id: UUID
    organization_id: UUID
    name: str
    payload: Any
    attempt: int
    lease_token: UUID
    lapses: int = 0

    def actor(self) -> Actor:
        return system_actor(self.organization_id, f"job:{self.name}")

    def work(self, hub: "Hub") -> AbstractAsyncContextManager["Work"]:
        """A unit of work that commits only while this lease is still ours. Raises `LeaseLost`."""
        return hub.work(self.actor(), fence=self)


Handler = Callable[["Hub", Job], Awaitable[None]]

_CLAIM = text("""
WITH due AS (
  SELECT o.id FROM outbox o
  WHERE ((o.state = 'waiting' AND o.run_at <= :now) OR (o.state = 'running' AND o.lease_until < :now))
    AND (CAST(:only AS uuid) IS NULL OR o.id = :only)
    AND (o.order_key IS NULL OR NOT EXISTS (
      SELECT 1 FROM outbox e
      WHERE e.organization_id = o.organization_id AND e.order_key = o.order_key
        AND e.position < o.position AND e.state IN ('waiting', 'running')))
  ORDER BY o.run_at, o.position
  LIMIT :count
  FOR UPDATE OF o SKIP LOCKED)
UPDATE outbox SET state = 'running', lease_until = :until, lease_token = :token,
  attempts = attempts + CASE state WHEN 'waiting' THEN 1 ELSE 0 END,
  lapses = lapses + CASE state WHEN 'waiting' THEN 0 ELSE 1 END
FROM due WHERE outbox.id = due.id
RETURNING outbox.id, outbox.organization_id, outbox.job, outbox.payload, outbox.attempts, outbox.lease_token,
  outbox.lapses, outbox.position
""")


async def claim(hub: "Hub", count: int, *, only: UUID | None = None) -> list[Job]:
    """Leases up to `count` rows that are due, oldest first; `only` narrows it to one row."""
    now = hub.clock.now()
    async with hub.database.transaction(Scope.across("outbox")) as session:
        rows = await session.execute(
            _CLAIM, {"now": now, "until": now + LEASE, "token": new_id(), "count": count, "only": only}
        )
        return [Job(*row[:7]) for row in sorted(rows, key=lambda row: row.position)]


async def release(hub: "Hub") -> int:
    """Frees every lease at once; how many there were. For the start of the only process, when whoever held them is
    known to be gone: what it left undone need not wait for its leases to lapse."""
    async with hub.database.transaction(Scope.across("outbox")) as session:
        freed = await session.scalars(
            update(OutboxRow).where(OutboxRow.state == "running")
            .values(state="waiting", lease_until=None, lease_token=None, lapses=OutboxRow.lapses + 1,
                    attempts=OutboxRow.attempts - 1)
            .returning(OutboxRow.id)
        )
        return len(freed.all())


async def renew(hub: "Hub", job: Job) -> bool:
    """Prolongs a lease; False when it is no longer ours."""
    return await _settle(hub, job, lease_until=hub.clock.now() + LEASE)


async def run(hub: "Hub", job: Job, handler: Handler | None) -> str:
    """Does a leased row and settles it. Answers done, retry, dead or lost."""
    try:
        if job.lapses >= MAX_LAPSES:
            raise Conflict("job_kills_its_runner")
        if handler is None:
            raise NotFound("unknown_job")
        await handler(hub, job)
    except LeaseLost:
        return "lost"
    except Retry as retry:
        return await _again(hub, job, retry.after, str(retry), attempts=job.attempt - 1)  # asked for, not failed
    except LimitReached as error:
        return await _again_or_dead(hub, job, error.retry_after or backoff(job.attempt), repr(error))
    except Unavailable as error:
        return await _again_or_dead(hub, job, backoff(job.attempt), repr(error))
    except HubError as error:
        return await _dead(hub, job, repr(error))
    except Exception as error:  # the outermost edge of a job: whatever it was, the row must be settled
        hub.log.exception("job_failed", job=job.name, row=str(job.id), attempt=job.attempt)
        return await _again_or_dead(hub, job, backoff(job.attempt), f"{type(error).__name__}: {error}")
    settled = await _settle(hub, job, state="done", finished_at=hub.clock.now(), lease_until=None)
    return "done" if settled else "lost"


def backoff(attempt: int) -> float:
    """Seconds to wait after this many attempts: 1, 2, 4 … at most 10 minutes."""
    return float(min(2 ** (attempt - 1), 600))


async def _again_or_dead(hub: "Hub", job: Job, after: float, reason: str) -> str:
    if job.attempt >= MAX_ATTEMPTS:
        return await _dead(hub, job, reason)
    return await _again(hub, job, after, reason)


async def _again(hub: "Hub", job: Job, after: float, reason: str, **more: Any) -> str:
    run_at = hub.clock.now() + timedelta(seconds=after)
    await _settle(hub, job, state="waiting", run_at=run_at, last_error=reason[:500], lease_until=None, **more)
    return "retry"


async def _dead(hub: "Hub", job: Job, reason: str) -> str:
    hub.log.error("job_dead", job=job.name, row=str(job.id), reason=reason[:200])
    await _settle(hub, job, state="dead", finished_at=hub.clock.now(), last_error=reason[:500], lease_until=None)
    return "dead"


async def _settle(hub: "Hub", job: Job, **values: Any) -> bool:
    async with hub.database.transaction(Scope.of(job.organization_id)) as session:
        result = await session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == job.id, OutboxRow.lease_token == job.lease_token, OutboxRow.state == "running")
            .values(**values)
            .returning(OutboxRow.id)
        )
        return result.first() is not None


async def hold(work: "Work", job: Job) -> None:
    """Locks the row for this transaction and checks that the lease is ours. Raises `LeaseLost`."""
    statement = select(OutboxRow.lease_token, OutboxRow.state).where(OutboxRow.id == job.id).with_for_update()
    row = (await work.session.execute(statement)).first()
    if row is None or row.lease_token != job.lease_token or row.state != "running":
        raise LeaseLost


async def dead_letters(work: "Work", *, limit: int = 100) -> Sequence[OutboxRow]:
    """The organization's dead letters, newest first."""
    require(work, Permission.OUTBOX_MANAGE)
    statement = (
        select(OutboxRow).where(OutboxRow.state == "dead").order_by(OutboxRow.position.desc()).limit(limit)
    )
    return (await work.session.scalars(statement)).all()


async def replay(work: "Work", row_id: UUID) -> OutboxRow:
    """Puts a dead letter back to be done now, with its attempts forgotten. Raises `NotFound`."""
    require(work, Permission.OUTBOX_MANAGE)
    statement = (
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.state == "dead")
        .values(state="waiting", attempts=0, lapses=0, run_at=work.now, finished_at=None)
        .returning(OutboxRow)
    )
    row = (await work.session.scalars(statement)).first()
    if row is None:
        raise NotFound
    work.wake()
    return row
