"""What is kept for a time only goes when that time is over, and nothing else does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub import maintenance
from hub.accounts.models import LiveTicket, LoginAttempts
from hub.core.clock import new_id
from hub.core.idempotency import IdempotencyKey
from hub.core.intake import IntakeRow
from hub.core.outbox import OutboxRow
from hub.core.tenancy import Scope
from tests.databases import add_organization, bare_hub, fresh_database


@pytest.fixture(scope="module")
async def own_database(postgres_url: str) -> str:
    return await fresh_database(postgres_url)


async def test_spent_rows_go_and_the_others_stay(own_database: str) -> None:
    async with bare_hub(own_database) as hub:
        organization_id, now = await add_organization(hub), hub.clock.now()

        def outbox(key: str, state: str, days: int) -> OutboxRow:
            at = now - timedelta(days=days)
            return OutboxRow(id=new_id(), organization_id=organization_id, job="act", key=key, payload={}, state=state,
                             run_at=at, created_at=at, finished_at=None if state == "waiting" else at)

        def intake(key: str, state: str, days: int) -> IntakeRow:
            at = now - timedelta(days=days)
            return IntakeRow(id=new_id(), organization_id=organization_id, source="s", vendor_key=key, headers={},
                             body=b"", state=state, received_at=at, processed_at=at if state == "processed" else None)

        def ticket(minutes: int) -> LiveTicket:
            return LiveTicket(id=new_id(), organization_id=organization_id, hash=new_id().bytes,
                              expires_at=now + timedelta(minutes=minutes))

        def idempotency(key: str, hours: int) -> IdempotencyKey:
            return IdempotencyKey(id=new_id(), organization_id=organization_id, principal="p", key=key,
                                  request_hash=b"", created_at=now - timedelta(hours=hours))

        async with hub.database.transaction(Scope.across("test")) as session:
            session.add_all([
                outbox("old", "done", 8), outbox("new", "done", 6), outbox("dead", "dead", 80),
                outbox("waiting", "waiting", 80), intake("old", "processed", 31), intake("owed", "failed", 90),
                ticket(-1), ticket(1), idempotency("old", 25), idempotency("new", 23),
                LoginAttempts(key=b"k", count=3, window_ends_at=now - timedelta(seconds=1)),
            ])
            await session.flush()
        assert await maintenance.sweep(hub) == {
            "outbox": 1, "intake": 1, "idempotency_keys": 1, "live_tickets": 1, "login_attempts": 1,
        }
        async with hub.database.transaction(Scope.across("test")) as session:
            assert set(await session.scalars(select(OutboxRow.key))) == {"new", "dead", "waiting"}
        assert await maintenance.sweep(hub) == {}


async def test_more_than_a_batch_goes_too(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "BATCH", 10)
    async with bare_hub(own_database) as hub:
        async with hub.database.transaction(Scope.across("test")) as session:
            session.add_all([
                LoginAttempts(key=bytes([number]), count=1, window_ends_at=hub.clock.now() - timedelta(hours=1))
                for number in range(25)
            ])
            await session.flush()
        assert await maintenance.sweep(hub) == {"login_attempts": 25}
