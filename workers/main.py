"""The composition root of a worker process: settings in, the outbox's work done until it is told to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import click

from hub.core import logs
from hub.core.clock import Clock, SystemClock
from hub.core.crypto import Keyring
from hub.core.db import Database, create_engine
from hub.core.hub import Hub
from hub.core.outbox import Handler
from hub.core.runner import Runner
from hub.core.settings import Settings, load, words
from hub.core.supervise import Supervisor
from hub.migrations.run import current, head, knows
from hub.reactions import JOBS, REACTIONS
from providers import data_folder, registry
from workers import schedule
from workers.jobs import Rows, consume, open_queue
from workers.relay import Relay

GRACE = 8.0  # seconds that rows under way are given at the end; below what supervisors of processes allow


@click.command()
@click.option("--slots", type=click.IntRange(1, 200), help="Rows at once; HUB_OUTBOX_WORKERS otherwise.")
def worker(*, slots: int | None) -> None:
    """Do the outbox's work until interrupted.

    With HUB_REDIS_URL any number of workers share it; without, this one looks into the database by itself.
    """
    settings = load()
    logs.configure(level=settings.log_level, form=settings.log_format)
    if not settings.database_url:
        raise click.ClickException(
            "A worker needs HUB_DATABASE_URL. With the embedded database `switchboard serve` does this work itself."
        )
    data_folder.make(settings.data_path)
    settings = data_folder.with_secret(settings)

    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work_until_told(settings, slots or settings.outbox_workers))


async def _work_until_told(settings: Settings, slots: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await _require_schema(settings)
    async with working(settings, slots) as hub:
        hub.log.info("worker_started", slots=slots, redis=bool(settings.redis_url))
        await stop.wait()
        hub.log.info("worker_stopping")


async def _require_schema(settings: Settings) -> None:
    engine = create_engine(settings.database_url, pool=1, role=None)
    try:
        revision = await current(engine)
    finally:
        await engine.dispose()
    if revision is None or (revision != head() and knows(revision)):
        raise click.ClickException(
            f"The database is at schema {revision or 'nothing'}, this version needs {head()}: `switchboard migrate`."
        )


@asynccontextmanager
async def working(
    settings: Settings, slots: int, *, clock: Clock | None = None, jobs: Mapping[str, Handler] = JOBS
) -> AsyncIterator[Hub]:
    """A hub whose outbox is being worked on for as long as the block runs. Raises `SettingsError`."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        database = Database(create_engine(settings.database_url, pool=max(settings.database_pool, slots + 2)))
        stack.push_async_callback(database.close)
        built = registry.build(settings, clock)
        stack.push_async_callback(built.close)
        hub = Hub(
            settings=settings, database=database, signals=built.signals, ports=built.ports, clock=clock,
            keyring=Keyring(settings.secret_key, words(settings.old_secret_keys)), reactions=REACTIONS, jobs=jobs,
        )
        hub.announce_work = built.announce_work
        built.on_work(hub.outbox_due.set)
        supervisor = Supervisor()
        if settings.redis_url:
            _share(hub, supervisor, slots, stack)
        else:
            supervisor.start("outbox", Runner(hub, slots).run)
        schedule.start(hub, supervisor)
        stack.push_async_callback(supervisor.stop)
        yield hub


def _share(hub: Hub, supervisor: Supervisor, slots: int, stack: AsyncExitStack) -> None:
    """Works together with other workers, over Redis."""
    from providers.redis import namespace

    url, name = hub.settings.redis_url, f"{namespace(hub.settings.secret_key)}:rows"
    rows, queue = Rows(hub, slots), open_queue(url, name)
    stack.push_async_callback(queue.aclose, close_connection_pool=True)
    stack.push_async_callback(rows.finish, within=GRACE)
    supervisor.start("relay", Relay(hub, rows, queue, name).run)
    supervisor.start("queue", lambda: consume(rows, url, name))
