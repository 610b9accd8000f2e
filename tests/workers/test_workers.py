"""Workers over Redis: every row is done, whatever becomes of Redis or of a worker."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from hub.core.access import system_actor
from hub.core.hub import Hub
from hub.core.outbox import OutboxRow
from hub.core.tenancy import Scope
from tests.databases import SECRET, add_organization, bare_hub, settings_for
from tests.waiting import PATIENCE
from tests.waiting import until as until_answer
from tests.workers.doing import jobs, marks
from tests.workers.servers import Valkey, until
from workers.main import working

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def sender(own_database: str) -> AsyncIterator[Hub]:
    """A process that only writes rows."""
    async with bare_hub(own_database) as hub:
        yield hub


@pytest.fixture
async def organization_id(sender: Hub) -> UUID:
    return await add_organization(sender)


async def send(hub: Hub, organization_id: UUID, numbers: range, *, job: str = "mark", order: str | None = None) -> None:
    async with hub.work(system_actor(organization_id, "test")) as work:
        for number in numbers:
            await work.later(job, {"n": number}, key=f"{job}:{number}", order_key=order)


async def not_done(hub: Hub, organization_id: UUID) -> int:
    async with hub.database.transaction(Scope.of(organization_id)) as session:
        statement = select(func.count()).select_from(OutboxRow).where(OutboxRow.state != "done")
        return int((await session.scalars(statement)).one())


async def let_leases_lapse(hub: Hub, organization_id: UUID) -> None:
    """As if the ten seconds that a lease lasts had gone by."""
    async with hub.database.transaction(Scope.of(organization_id)) as session:
        await session.execute(update(OutboxRow).where(OutboxRow.state == "running").values(lease_until=hub.clock.now()))


async def all_done(hub: Hub, organization_id: UUID, *, seconds: float = PATIENCE) -> None:
    async def ask() -> bool:
        return await not_done(hub, organization_id) == 0

    await until_answer(ask, seconds=seconds)


@contextlib.asynccontextmanager
async def worker(url: str, redis: str, folder: Path) -> AsyncIterator[Hub]:
    settings = settings_for(url, redis_url=redis, data_dir=str(folder))
    async with working(settings, 4, jobs=jobs(folder)) as hub:  # type: ignore[arg-type]
        yield hub


@contextlib.asynccontextmanager
async def process(url: str, redis: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker in a process of its own, to be killed."""
    before = marks(folder).count("ready")
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.workers.doing", url, redis or "-", str(folder), cwd=ROOT,
    )
    try:
        await until(lambda: marks(folder).count("ready") > before or made.returncode is not None)
        assert made.returncode is None
        yield made
    finally:
        if made.returncode is None:
            made.kill()
        await made.wait()


def done(folder: Path) -> list[int]:
    return sorted(int(line.split()[1]) for line in marks(folder) if line.startswith("done"))


async def test_rows_are_done_once_each_by_workers_that_share_them(
    own_database: str, valkey: Valkey, sender: Hub, organization_id: UUID, tmp_path: Path
) -> None:
    async with worker(own_database, valkey.url, tmp_path), worker(own_database, valkey.url, tmp_path):
        await send(sender, organization_id, range(60))
        await all_done(sender, organization_id)
    assert done(tmp_path) == list(range(60))


async def test_rows_of_one_order_are_done_one_after_another_without_waiting_for_the_clock(
    own_database: str, valkey: Valkey, sender: Hub, organization_id: UUID, tmp_path: Path
) -> None:
    async with worker(own_database, valkey.url, tmp_path), worker(own_database, valkey.url, tmp_path):
        started = asyncio.get_running_loop().time()
        await send(sender, organization_id, range(12), order="conversation:1")
        await all_done(sender, organization_id)
        assert asyncio.get_running_loop().time() - started < 8
    assert [line for line in marks(tmp_path) if line.startswith("done")] == [f"done {n}" for n in range(12)]


async def test_a_flush_in_the_middle_loses_nothing(
    own_database: str, valkey: Valkey, sender: Hub, organization_id: UUID, tmp_path: Path
) -> None:
    async with (
        worker(own_database, valkey.url, tmp_path),
        contextlib.aclosing(Redis.from_url(valkey.url)) as admin,
    ):
        for start in range(0, 100, 20):
            await send(sender, organization_id, range(start, start + 20))
            await until(lambda: bool(done(tmp_path)))
            await admin.flushall()
        await all_done(sender, organization_id)
    assert done(tmp_path) == list(range(100))


async def test_work_goes_on_while_redis_is_away_and_after_its_return(
    own_database: str, valkey: Valkey, sender: Hub, organization_id: UUID, tmp_path: Path
) -> None:
    async with worker(own_database, valkey.url, tmp_path):
        await send(sender, organization_id, range(5))
        await all_done(sender, organization_id)
        valkey.stop()
        await send(sender, organization_id, range(5, 10))
        await all_done(sender, organization_id, seconds=20)
        valkey.start()
        async with contextlib.aclosing(Redis.from_url(valkey.url)) as admin:
            await until_answer(lambda: admin.pubsub_numsub(f"{_prefix()}:signals"))
        await send(sender, organization_id, range(10, 15))
        await all_done(sender, organization_id)
    assert done(tmp_path) == list(range(15))


def _prefix() -> str:
    from providers.redis import namespace

    return namespace(SECRET)


async def test_announced_work_does_not_wait_for_the_poll(
    own_database: str, valkey: Valkey, sender: Hub, organization_id: UUID, tmp_path: Path
) -> None:
    from providers.redis import RedisSignals

    link = RedisSignals(valkey.url, _prefix())
    sender.announce_work = link.announce_work
    try:
        async with worker(own_database, valkey.url, tmp_path):
            taken = []
            for number in range(8):
                started = asyncio.get_running_loop().time()
                await send(sender, organization_id, range(number, number + 1))
                await until(lambda count=number + 1: len(done(tmp_path)) == count)  # type: ignore[misc]
                taken.append(asyncio.get_running_loop().time() - started)
            assert sorted(taken)[4] < 0.6, taken
    finally:
        await link.close()


@pytest.mark.parametrize("over_redis", [True, False])
async def test_a_row_whose_worker_was_killed_runs_again_elsewhere(
    own_database: str, valkey: Valkey, sender: Hub, organization_id: UUID, tmp_path: Path, *, over_redis: bool
) -> None:
    redis = valkey.url if over_redis else ""
    async with process(own_database, redis, tmp_path) as first:
        await send(sender, organization_id, range(1), job="hang")
        await until(lambda: "begun 0" in marks(tmp_path))
        os.kill(first.pid, signal.SIGKILL)
        await first.wait()
        (tmp_path / "pass").touch()
        await let_leases_lapse(sender, organization_id)
        async with worker(own_database, redis, tmp_path):
            await all_done(sender, organization_id)
    assert marks(tmp_path).count("begun 0") == 2
    assert done(tmp_path) == [0]


async def test_a_worker_without_redis_works_from_the_database_alone(
    own_database: str, sender: Hub, organization_id: UUID, tmp_path: Path
) -> None:
    async with worker(own_database, "", tmp_path):
        await send(sender, organization_id, range(20))
        await all_done(sender, organization_id)
    assert done(tmp_path) == list(range(20))


async def test_stopping_a_worker_lets_rows_under_way_end(
    own_database: str, valkey: Valkey, sender: Hub, organization_id: UUID, tmp_path: Path
) -> None:
    async with worker(own_database, valkey.url, tmp_path):
        await send(sender, organization_id, range(1), job="hang")
        await until(lambda: "begun 0" in marks(tmp_path))
        asyncio.get_running_loop().call_later(0.3, (tmp_path / "pass").touch)
    assert done(tmp_path) == [0]
    assert await not_done(sender, organization_id) == 0
