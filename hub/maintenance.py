"""What is kept for a time only, and is swept out when that time is over."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import DeclarativeBase

from hub.accounts.models import LiveTicket, LoginAttempts, PasswordReset, UserSession
from hub.conversations.models import Notification, PendingReceipt
from hub.core.hub import Hub
from hub.core.idempotency import IdempotencyKey
from hub.core.intake import IntakeRow
from hub.core.outbox import OutboxRow
from hub.core.tenancy import Scope

EVERY = timedelta(minutes=10)
BATCH = 1000

_now = func.now()


def _ago(**span: float) -> ColumnElement[datetime]:
    return _now - timedelta(**span)


# Which rows go. Dead letters stay until somebody replays or deletes them.
SPENT: tuple[tuple[type[DeclarativeBase], ColumnElement[bool]], ...] = (
    (OutboxRow, and_(OutboxRow.state == "done", OutboxRow.finished_at < _ago(days=7))),
    (IntakeRow, and_(IntakeRow.state == "processed", IntakeRow.processed_at < _ago(days=30))),
    (IdempotencyKey, IdempotencyKey.created_at < _ago(hours=24)),
    (Notification, or_(Notification.read_at < _ago(days=90), Notification.created_at < _ago(days=365))),
    (LiveTicket, LiveTicket.expires_at < _now),
    (LoginAttempts, LoginAttempts.window_ends_at < _now),
    (PasswordReset, PasswordReset.expires_at < _ago(days=7)),
    (PendingReceipt, PendingReceipt.created_at < _ago(days=7)),
    (UserSession, or_(UserSession.ended_at < _ago(days=30), UserSession.expires_at < _ago(days=30))),
)


async def run(hub: Hub) -> None:
    """The loop of a process that looks after it; several at once do no harm."""
    while True:
        await asyncio.sleep(EVERY.total_seconds())
        await sweep(hub)


async def sweep(hub: Hub) -> dict[str, int]:
    """Deletes what is spent, a batch at a time in short transactions; table → rows deleted."""
    counts: dict[str, int] = {}
    for model, spent in SPENT:
        name = model.__tablename__
        while (gone := await _sweep_batch(hub, model, spent)) > 0:
            counts[name] = counts.get(name, 0) + gone
            if gone < BATCH:
                break
    if counts:
        hub.log.info("maintenance_swept", **counts)
    return counts


async def _sweep_batch(hub: Hub, model: type[DeclarativeBase], spent: ColumnElement[bool]) -> int:
    (key,) = model.__table__.primary_key
    chosen = select(key).where(spent).limit(BATCH).with_for_update(skip_locked=True)
    statement = delete(model).where(key.in_(chosen)).returning(key).execution_options(synchronize_session=False)
    async with hub.database.transaction(Scope.across("maintenance")) as session:
        return len((await session.execute(statement)).all())
