"""The outbox: each row once at a time, in its order, again when it failed, and never with a lost lease."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.core import outbox
from hub.core.access import Actor, Permission, Role
from hub.core.clock import SteppingClock
from hub.core.errors import Forbidden, Invalid, LimitReached, NotFound, Unavailable
from hub.core.hub import Hub
from hub.core.outbox import MAX_ATTEMPTS, MAX_LAPSES, Job, LeaseLost, OutboxRow, Retry, backoff, claim, renew, run
from hub.core.runner import Runner, drain, run_leased
from hub.core.tenancy import Scope
from tests.databases import add_organization
from tests.waiting import PATIENCE

Later = Callable[..., Any]


@pytest.fixture(autouse=True)
async def empty(hub: Hub) -> None:
    """No row of an earlier test is due."""
    async with hub.database.transaction(Scope.across("test")) as session:
        for row in await session.scalars(select(OutboxRow)):
            await session.delete(row)
        await session.flush()


@pytest.fixture
def later(hub: Hub, actor: Actor) -> Later:
    async def write(*keys: str, order: str | None = None, after: float = 0) -> None:
        async with hub.work(actor) as work:
            run_at = work.now + timedelta(seconds=after)
            for key in keys:
                await work.later("act", {"key": key}, key=key, order_key=order, run_at=run_at)

    return write


async def row(hub: Hub, organization_id: UUID) -> OutboxRow:
    async with hub.database.transaction(Scope.of(organization_id)) as session:
        return (await session.scalars(select(OutboxRow))).one()


def keys(jobs: list[Job]) -> list[str]:
    return [job.payload["key"] for job in jobs]


async def does_nothing(_hub: Hub, _job: Job) -> None:
    return None


def fails(error: Exception) -> outbox.Handler:
    async def handler(_hub: Hub, _job: Job) -> None:
        raise error

    return handler


async def test_the_same_job_and_key_is_written_once(hub: Hub, later: Later) -> None:
    await later("a", "a")
    await later("a")
    assert keys(await claim(hub, 10)) == ["a"]


async def test_rows_are_claimed_oldest_first(hub: Hub, later: Later) -> None:
    await later("a", "b", "c")
    assert keys(await claim(hub, 2)) == ["a", "b"]
    assert keys(await claim(hub, 2)) == ["c"]


async def test_a_row_of_the_future_waits_for_its_time(hub: Hub, later: Later, clock: SteppingClock) -> None:
    await later("a", after=60)
    assert await claim(hub, 1) == []
    clock.advance(seconds=61)
    assert keys(await claim(hub, 1)) == ["a"]


async def test_concurrent_claims_take_each_row_once(hub: Hub, later: Later) -> None:
    await later(*(str(number) for number in range(60)))
    taken = await asyncio.gather(*(claim(hub, 10) for _ in range(10)))
    found = [key for jobs in taken for key in keys(jobs)]
    assert len(found) == len(set(found))
    rest = keys(await claim(hub, 60))
    assert sorted(found + rest, key=int) == [str(number) for number in range(60)]


async def test_rows_of_one_order_run_one_after_another(hub: Hub, later: Later) -> None:
    await later("a1", "a2", order="a")
    await later("b1", order="b")
    first = await claim(hub, 10)
    assert keys(first) == ["a1", "b1"]
    assert await claim(hub, 10) == []
    await run(hub, first[0], does_nothing)
    assert keys(await claim(hub, 10)) == ["a2"]


async def test_a_row_that_waits_to_be_tried_again_holds_up_its_order(hub: Hub, later: Later) -> None:
    await later("a1", "a2", order="a")
    (job,) = await claim(hub, 10)
    assert await run(hub, job, fails(Unavailable())) == "retry"
    assert await claim(hub, 10) == []


async def test_a_dead_letter_lets_its_order_go_on(hub: Hub, later: Later) -> None:
    await later("a1", "a2", order="a")
    (job,) = await claim(hub, 10)
    assert await run(hub, job, fails(Invalid())) == "dead"
    assert keys(await claim(hub, 10)) == ["a2"]


async def test_orders_of_two_organizations_do_not_hold_up_each_other(hub: Hub, later: Later) -> None:
    await later("a1", order="a")
    other = await add_organization(hub)
    async with hub.work(Actor(kind="system", organization_id=other, name="test")) as work:
        await work.later("act", {"key": "b1"}, key="b1", order_key="a")
    assert keys(await claim(hub, 10)) == ["a1", "b1"]


async def test_only_the_named_row_is_claimed(hub: Hub, later: Later, organization_id: UUID) -> None:
    await later("a")
    named = await row(hub, organization_id)
    await later("b")
    assert keys(await claim(hub, 10, only=named.id)) == ["a"]
    assert await claim(hub, 10, only=named.id) == []


async def test_a_lapsed_lease_is_taken_over_and_the_old_holder_writes_nothing(
    hub: Hub, later: Later, clock: SteppingClock, organization_id: UUID
) -> None:
    await later("a")
    (paused,) = await claim(hub, 1)
    clock.advance(seconds=11)
    (taken,) = await claim(hub, 1)
    assert taken.id == paused.id
    assert taken.lapses == 1
    assert not await renew(hub, paused)
    with pytest.raises(LeaseLost):
        async with paused.work(hub):
            pass
    assert await run(hub, paused, does_nothing) == "lost"
    assert (await row(hub, organization_id)).state == "running"
    assert await run(hub, taken, does_nothing) == "done"


async def test_a_renewed_lease_is_not_taken_over(hub: Hub, later: Later, clock: SteppingClock) -> None:
    await later("a")
    (job,) = await claim(hub, 1)
    clock.advance(seconds=8)
    assert await renew(hub, job)
    clock.advance(seconds=8)
    assert await claim(hub, 1) == []


async def test_work_under_the_fence_commits_while_the_lease_holds(hub: Hub, later: Later) -> None:
    await later("a")
    (job,) = await claim(hub, 1)
    async with job.work(hub) as work:
        await work.later("act", {"key": "b"}, key="b")
    assert keys(await claim(hub, 10)) == ["b"]


async def test_a_handler_that_finds_its_lease_lost_settles_nothing(
    hub: Hub, later: Later, organization_id: UUID
) -> None:
    await later("a")
    (job,) = await claim(hub, 1)
    assert await run(hub, job, fails(LeaseLost())) == "lost"
    assert (await row(hub, organization_id)).state == "running"


@pytest.mark.parametrize("error", [Unavailable(), RuntimeError("on purpose"), LimitReached(retry_after=1)])
async def test_what_failed_is_tried_again_later(hub: Hub, later: Later, clock: SteppingClock, error: Exception) -> None:
    await later("a")
    (job,) = await claim(hub, 1)
    assert await run(hub, job, fails(error)) == "retry"
    assert await claim(hub, 1) == []
    clock.advance(seconds=1.1)
    assert (await claim(hub, 1))[0].attempt == 2


async def test_a_limit_is_waited_out_for_as_long_as_it_says(hub: Hub, later: Later, clock: SteppingClock) -> None:
    await later("a")
    (job,) = await claim(hub, 1)
    await run(hub, job, fails(LimitReached(retry_after=90)))
    clock.advance(seconds=89)
    assert await claim(hub, 1) == []
    clock.advance(seconds=2)
    assert len(await claim(hub, 1)) == 1


def test_pauses_grow_to_ten_minutes() -> None:
    assert [backoff(attempt) for attempt in (1, 2, 3, 10, 11, 50)] == [1, 2, 4, 512, 600, 600]


async def test_after_the_last_attempt_it_is_a_dead_letter_with_its_reason(
    hub: Hub, later: Later, clock: SteppingClock, organization_id: UUID
) -> None:
    await later("a")
    outcomes = []
    for _ in range(MAX_ATTEMPTS):
        (job,) = await claim(hub, 1)
        outcomes.append(await run(hub, job, fails(RuntimeError("no luck"))))
        clock.advance(seconds=601)
    assert outcomes == ["retry"] * (MAX_ATTEMPTS - 1) + ["dead"]
    assert "no luck" in ((await row(hub, organization_id)).last_error or "")
    assert await claim(hub, 1) == []


async def test_a_job_may_ask_to_be_tried_again_without_end(hub: Hub, later: Later, clock: SteppingClock) -> None:
    await later("a")
    for _ in range(MAX_ATTEMPTS + 2):
        (job,) = await claim(hub, 1)
        assert await run(hub, job, fails(Retry(5, "not yet"))) == "retry"
        clock.advance(seconds=6)


async def test_a_job_that_kills_its_runner_each_time_becomes_a_dead_letter(
    hub: Hub, later: Later, clock: SteppingClock, organization_id: UUID
) -> None:
    await later("deadly")
    for _ in range(MAX_LAPSES):
        assert await claim(hub, 1)  # the runner dies with it: nothing is settled
        clock.advance(seconds=11)
    (job,) = await claim(hub, 1)
    assert await run(hub, job, does_nothing) == "dead"
    assert "job_kills_its_runner" in str((await row(hub, organization_id)).last_error)


async def test_kills_do_not_use_up_the_attempts_of_a_job_that_is_sound(
    hub: Hub, later: Later, clock: SteppingClock
) -> None:
    await later("sound")
    for turn in range(MAX_ATTEMPTS + 5):
        (job,) = await claim(hub, 1)
        assert (job.attempt, job.lapses) == (1, turn)
        if turn % 2:
            assert await outbox.release(hub) == 1
        else:
            clock.advance(seconds=11)
    (job,) = await claim(hub, 1)
    assert await run(hub, job, does_nothing) == "done"


async def test_the_only_process_frees_the_leases_of_the_one_before_it(hub: Hub, later: Later) -> None:
    await later("held")
    (before,) = await claim(hub, 1)
    assert await outbox.release(hub) == 1
    (now,) = await claim(hub, 1)
    assert now.id == before.id
    assert not await renew(hub, before)


@pytest.mark.parametrize("error", [Invalid(), NotFound(), Forbidden()])
async def test_what_cannot_succeed_is_not_tried_again(hub: Hub, later: Later, error: Exception) -> None:
    await later("a")
    (job,) = await claim(hub, 1)
    assert await run(hub, job, fails(error)) == "dead"


async def test_an_unknown_job_is_a_dead_letter(hub: Hub, later: Later) -> None:
    await later("a")
    (job,) = await claim(hub, 1)
    assert await run(hub, job, None) == "dead"


async def test_a_dead_letter_is_replayed_with_its_attempts_forgotten(hub: Hub, later: Later, actor: Actor) -> None:
    await later("a")
    (job,) = await claim(hub, 1)
    await run(hub, job, fails(Invalid()))
    async with hub.work(actor) as work:
        (dead,) = await outbox.dead_letters(work)
        await outbox.replay(work, dead.id)
        assert await outbox.dead_letters(work) == []
    (again,) = await claim(hub, 1)
    assert again.attempt == 1


async def test_a_row_that_is_not_dead_is_not_replayed(
    hub: Hub, later: Later, actor: Actor, organization_id: UUID
) -> None:
    await later("a")
    waiting = await row(hub, organization_id)
    with pytest.raises(NotFound):
        async with hub.work(actor) as work:
            await outbox.replay(work, waiting.id)


async def test_dead_letters_are_for_those_who_look_after_them(hub: Hub, organization_id: UUID) -> None:
    agent = Actor(kind="user", organization_id=organization_id, role=Role.AGENT,
                  permissions=frozenset({Permission.CONVERSATION_READ}))
    with pytest.raises(Forbidden):
        async with hub.work(agent) as work:
            await outbox.dead_letters(work)


async def test_a_dead_letter_of_another_organization_is_not_there(
    hub: Hub, later: Later, organization_id: UUID
) -> None:
    await later("a")
    (job,) = await claim(hub, 1)
    await run(hub, job, fails(Invalid()))
    dead = await row(hub, organization_id)
    stranger = Actor(kind="system", organization_id=await add_organization(hub), permissions=frozenset(Permission))
    with pytest.raises(NotFound):
        async with hub.work(stranger) as work:
            await outbox.replay(work, dead.id)


async def test_the_runner_does_what_is_committed_while_it_runs(hub: Hub, later: Later) -> None:
    seen: asyncio.Queue[str] = asyncio.Queue()

    async def act(_hub: Hub, job: Job) -> None:
        seen.put_nowait(job.payload["key"])

    hub.jobs = {"act": act}
    runner = asyncio.create_task(Runner(hub, 2).run())
    try:
        await later("a", "b", "c", order="one")
        assert [await asyncio.wait_for(seen.get(), PATIENCE) for _ in range(3)] == ["a", "b", "c"]
    finally:
        runner.cancel()
        await asyncio.gather(runner, return_exceptions=True)


async def test_the_runner_gives_up_its_rows_when_it_is_stopped(hub: Hub, later: Later, clock: SteppingClock) -> None:
    begun = asyncio.Event()

    async def hang(_hub: Hub, _job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    hub.jobs = {"act": hang}
    runner = asyncio.create_task(Runner(hub, 2).run())
    await later("a")
    await asyncio.wait_for(begun.wait(), PATIENCE)
    runner.cancel()
    await asyncio.gather(runner, return_exceptions=True)
    clock.advance(seconds=11)
    assert keys(await claim(hub, 1)) == ["a"]


async def test_draining_runs_what_is_due_and_what_follows_from_it(hub: Hub, later: Later) -> None:
    seen: list[str] = []

    async def act(hub: Hub, job: Job) -> None:
        seen.append(job.payload["key"])
        if job.payload["key"] == "a":
            async with job.work(hub) as work:
                await work.later("act", {"key": "b"}, key="b")

    hub.jobs = {"act": act}
    await later("a")
    assert await drain(hub) == 2
    assert seen == ["a", "b"]


async def test_a_leased_row_is_settled_when_its_handler_was_done(hub: Hub, later: Later, organization_id: UUID) -> None:
    hub.jobs = {"act": does_nothing}
    await later("a")
    (job,) = await claim(hub, 1)
    await run_leased(hub, job)
    settled = await row(hub, organization_id)
    assert (settled.state, settled.lease_until) == ("done", None)
