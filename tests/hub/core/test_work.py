"""The unit of work: all or nothing, its signals after the commit, and its connection given back whatever happens."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from hub.core.access import Actor, system_actor
from hub.core.bus import MAX_DEPTH, Event, EventRecord, LaterReaction, Reactions
from hub.core.clock import SteppingClock, new_id
from hub.core.hub import Hub
from hub.core.outbox import OutboxRow
from hub.core.signals import AnySignal, PresenceSignal
from hub.core.tenancy import Scope, Unscoped
from hub.core.work import Work
from tests.databases import add_organization
from tests.waiting import PATIENCE


class Rang(Event, frozen=True, tag="test.rang"):
    n: int


class Echoed(Event, frozen=True, tag="test.echoed"):
    n: int


@pytest.fixture
def heard(hub: Hub) -> list[AnySignal]:
    signals: list[AnySignal] = []
    hub.signals.listen(signals.append, lambda: None)
    return signals


def signal(organization_id: UUID) -> PresenceSignal:
    return PresenceSignal(organization_id=organization_id, users=())


async def events(hub: Hub, organization_id: UUID) -> list[EventRecord]:
    async with hub.database.transaction(Scope.of(organization_id)) as session:
        return list(await session.scalars(select(EventRecord).order_by(EventRecord.depth, EventRecord.at)))


def idle(hub: Hub) -> bool:
    return hub.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_what_was_written_is_there_after_the_block(hub: Hub, actor: Actor, organization_id: UUID) -> None:
    async with hub.work(actor) as work:
        await work.emit(Rang(n=1))
    (record,) = await events(hub, organization_id)
    assert (record.type, record.data["n"], record.actor) == ("test.rang", 1, "system:test")


async def test_an_error_takes_everything_back(
    hub: Hub, actor: Actor, organization_id: UUID, heard: list[AnySignal]
) -> None:
    hub.outbox_due.clear()
    with pytest.raises(RuntimeError):
        async with hub.work(actor) as work:
            await work.emit(Rang(n=1))
            await work.later("act", {}, key="a")
            work.show(signal(organization_id))
            raise RuntimeError("on purpose")
    assert await events(hub, organization_id) == []
    assert heard == []
    assert not hub.outbox_due.is_set()
    assert idle(hub)


async def test_screens_are_told_after_the_commit_and_not_before(
    hub: Hub, actor: Actor, organization_id: UUID, heard: list[AnySignal]
) -> None:
    async with hub.work(actor) as work:
        work.show(signal(organization_id))
        assert heard == []
    assert len(heard) == 1


async def test_a_commit_that_left_work_wakes_the_runners(hub: Hub, actor: Actor) -> None:
    hub.outbox_due.clear()
    async with hub.work(actor) as work:
        await work.later("act", {}, key="a")
        assert not hub.outbox_due.is_set()
    assert hub.outbox_due.is_set()


async def test_a_cancelled_block_gives_its_connection_back(hub: Hub, actor: Actor, organization_id: UUID) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with hub.work(actor) as work:
            await work.emit(Rang(n=1))
            await work.session.flush()
            inside.set()
            await work.session.execute(text("SELECT pg_sleep(60)"))

    task = asyncio.create_task(hang())
    await asyncio.wait_for(inside.wait(), PATIENCE)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert idle(hub)
    assert await events(hub, organization_id) == []


async def test_cancelling_at_any_moment_leaks_no_connection(hub: Hub, actor: Actor) -> None:
    async def act(n: int) -> None:
        async with hub.work(actor) as work:
            await work.emit(Rang(n=n))

    for turn in range(60):
        task = asyncio.create_task(act(turn))
        for _ in range(turn % 20):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    for _ in range(100):
        if idle(hub):
            break
        await asyncio.sleep(0.01)
    assert idle(hub)


async def test_the_instant_stands_still_inside_a_block(hub: Hub, actor: Actor, clock: SteppingClock) -> None:
    async with hub.work(actor) as work:
        before = work.now
        clock.advance(seconds=5)
        assert work.now == before


async def test_a_reaction_happens_in_the_same_transaction_and_names_its_cause(
    hub: Hub, actor: Actor, organization_id: UUID
) -> None:
    async def echo(work: Work, event: Any) -> None:
        await work.emit(Echoed(n=event.n + 1))

    hub.reactions = Reactions(same={Rang: [echo]})
    async with hub.work(actor) as work:
        await work.emit(Rang(n=1))
    cause, effect = await events(hub, organization_id)
    assert (effect.type, effect.cause_id, effect.depth) == ("test.echoed", cause.id, 1)


async def test_a_failing_reaction_takes_the_event_back(hub: Hub, actor: Actor, organization_id: UUID) -> None:
    async def fail(_work: Work, _event: Any) -> None:
        raise RuntimeError("on purpose")

    hub.reactions = Reactions(same={Rang: [fail]})
    with pytest.raises(RuntimeError):
        async with hub.work(actor) as work:
            await work.emit(Rang(n=1))
    assert await events(hub, organization_id) == []


async def test_events_that_cause_each_other_come_to_an_end(hub: Hub, actor: Actor, organization_id: UUID) -> None:
    async def again(work: Work, event: Any) -> None:
        await work.emit(Rang(n=event.n + 1))

    hub.reactions = Reactions(same={Rang: [again]})
    async with hub.work(actor) as work:
        await work.emit(Rang(n=0))
    assert max(record.depth for record in await events(hub, organization_id)) == MAX_DEPTH


async def test_a_later_reaction_is_a_row_with_the_events_order(hub: Hub, actor: Actor, organization_id: UUID) -> None:
    hub.reactions = Reactions(later={Rang: [LaterReaction("act", lambda event: f"order:{event.n}")]})
    async with hub.work(actor) as work:
        record = await work.emit(Rang(n=3))
    async with hub.database.transaction(Scope.of(organization_id)) as session:
        row = (await session.scalars(select(OutboxRow))).one()
    assert (row.job, row.order_key, row.payload["event_id"]) == ("act", "order:3", str(record.id))


async def test_a_block_cannot_write_into_another_organization(hub: Hub, actor: Actor) -> None:
    foreign = await add_organization(hub)
    with pytest.raises(Unscoped):
        async with hub.work(actor) as work:
            work.session.add(EventRecord(
                id=new_id(), organization_id=foreign, type="t", data={}, actor="a", depth=0, at=work.now,
            ))
            await work.session.flush()


async def test_a_block_sees_its_own_organization_only(hub: Hub, actor: Actor) -> None:
    foreign = await add_organization(hub)
    async with hub.work(system_actor(foreign, "test")) as work:
        await work.emit(Rang(n=1))
    async with hub.work(actor) as work:
        assert (await work.session.scalars(select(EventRecord))).all() == []


async def test_an_actor_without_an_organization_needs_a_scope(hub: Hub) -> None:
    with pytest.raises(ValueError, match="explicit scope"):
        async with hub.work(system_actor(None, "test")):
            pass
