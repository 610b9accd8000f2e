"""Intake: what arrives twice is kept once, and what was not processed is owed until it is."""

from uuid import UUID

import pytest
from sqlalchemy import select

from hub.conversations.grouped.looking import Asked, look
from hub.core import intake, outbox
from hub.core.access import Actor, system_actor
from hub.core.bulk import Bulk
from hub.core.clock import SteppingClock, new_id
from hub.core.errors import Unavailable
from hub.core.hub import Hub
from hub.core.intake import IntakeRow
from hub.core.outbox import Job, OutboxRow, claim, run
from hub.core.tenancy import Scope
from tests.databases import add_organization


@pytest.fixture(autouse=True)
async def empty(hub: Hub) -> None:
    """No row of an earlier test is due."""
    async with hub.database.transaction(Scope.across("test")) as session:
        for row in await session.scalars(select(OutboxRow)):
            await session.delete(row)
        await session.flush()


async def arrive(hub: Hub, actor: Actor, key: str = "wamid.1", body: bytes = b"{}") -> bool:
    async with hub.bulk(actor) as bulk:
        return await keep(bulk, key, body)


async def keep(bulk: Bulk, key: str, body: bytes = b"{}") -> bool:
    """Keeps a delivery that is not here yet, and leaves it to the job; notes that it came again, where it is."""
    found = await look(bulk, Asked(
        lines=[], deliveries=[("meta", key)], people=[], orders=[], words=[], receipts=[]
    ))
    intake.again(bulk, dict(found.deliveries.values()))
    if not found.deliveries:
        intake.keep(bulk, [intake.Arrival(
            id=new_id(), source="meta", vendor_key=key, headers={"x-signature": "s"}, body=body, order_key=None,
            done=False,
        )])
    return not found.deliveries


async def kept(hub: Hub, organization_id: UUID) -> IntakeRow:
    async with hub.database.transaction(Scope.of(organization_id)) as session:
        return (await session.scalars(select(IntakeRow))).one()


async def test_the_first_delivery_is_kept_raw_with_the_row_that_will_process_it(
    hub: Hub, actor: Actor, organization_id: UUID
) -> None:
    assert await arrive(hub, actor, body=b"\x00\xff raw")
    row = await kept(hub, organization_id)
    assert (row.body, row.state, row.deliveries) == (b"\x00\xff raw", "received", 1)
    (job,) = await claim(hub, 10)
    assert (job.name, job.payload) == (intake.JOB, {"intake_id": str(row.id)})


async def test_a_repeat_adds_nothing_but_the_count(hub: Hub, actor: Actor, organization_id: UUID) -> None:
    await arrive(hub, actor, body=b"first")
    assert not await arrive(hub, actor, body=b"second")
    row = await kept(hub, organization_id)
    assert (row.body, row.deliveries) == (b"first", 2)
    assert len(await claim(hub, 10)) == 1


async def test_a_repeat_makes_an_owed_processing_due_at_once(hub: Hub, actor: Actor, clock: SteppingClock) -> None:
    await arrive(hub, actor)
    (job,) = await claim(hub, 1)

    async def fail(_hub: Hub, _job: Job) -> None:
        raise Unavailable

    await run(hub, job, fail)
    assert await claim(hub, 1) == []
    await arrive(hub, actor)
    assert len(await claim(hub, 1)) == 1


async def test_a_repeat_of_what_was_processed_makes_nothing_due(
    hub: Hub, actor: Actor, organization_id: UUID
) -> None:
    await arrive(hub, actor)
    row = await kept(hub, organization_id)
    async with hub.work(actor) as work:
        owed = await intake.owed(work, row.id)
        assert owed is not None
        intake.processed(work, owed)
        await work.session.flush()
    (job,) = await claim(hub, 1)
    await run(hub, job, _nothing)
    await arrive(hub, actor)
    assert await claim(hub, 1) == []
    async with hub.work(actor) as work:
        assert await intake.owed(work, row.id) is None


async def _nothing(_hub: Hub, _job: outbox.Job) -> None:
    return None


async def test_two_organizations_may_get_the_same_vendor_key(hub: Hub, actor: Actor) -> None:
    other = system_actor(await add_organization(hub), "test")
    assert await arrive(hub, actor)
    assert await arrive(hub, other)


async def test_a_delivery_that_was_rolled_back_was_never_here(hub: Hub, actor: Actor) -> None:
    with pytest.raises(RuntimeError):
        async with hub.bulk(actor) as bulk:
            await keep(bulk, "k")
            raise RuntimeError("on purpose")
    assert await claim(hub, 10) == []
    assert await arrive(hub, actor, key="k")
