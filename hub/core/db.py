"""The connection pool: one engine, an unprivileged role, sound time-outs, transactions bound to a scope."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from hub.core.connections import Connections
from hub.core.failpoints import reach
from hub.core.tenancy import Scope, ScopedSession

APP_ROLE = "switchboard_app"
# Set-based transactions of this process at once; they are short, and wait for each other when there are more.
_RAW_POOL = 4
_STATEMENTS = 512  # prepared ones that a connection for them keeps
# Which cluster this is, and which timeline: the same for as long as a connection lives, and slow to ask for.
CLUSTER = "to_hex((pg_control_system()).system_identifier) || '-' || (pg_control_checkpoint()).timeline_id"
# Set-based statements look rows up by their keys, whatever the planner believes of tables that grow by the second; and
# they are planned once.
_BY_INDEX = {
    "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
_BEGIN = "BEGIN; SELECT set_config('hub.scope', '{}', true), set_config('hub.across', 'off', true)"
_HOLD = "SELECT set_config('hub.scope', $1, false), set_config('hub.across', 'off', false)"
_SET_SCOPE = text("SELECT set_config('hub.scope', :ids, true), set_config('hub.across', :across, true)")


def create_engine(url: str, *, pool: int = 10, role: str | None = APP_ROLE, **options: Any) -> AsyncEngine:
    """An engine whose connections run under `role`, which owns nothing and cannot bypass row-level security."""
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,  # what was being written belongs in no log
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        connect_args=_connect_args(role),
        **options,
    )


def _connect_args(role: str | None, **more: str) -> dict[str, Any]:
    settings = {
        "application_name": "switchboard",
        "timezone": "UTC",
        "jit": "off",
        "lock_timeout": "5000",
        "statement_timeout": "30000",
        "idle_in_transaction_session_timeout": "60000",
        **more,
    }
    return {"server_settings": settings | {"role": role} if role else settings, "timeout": 10}


async def commit(session: AsyncSession) -> None:
    reach("commit.before")
    await session.commit()
    reach("commit.after")


class Database:
    """Opens transactions; nothing else in the process talks to PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._raw = Connections(self._connect, _RAW_POOL)
        self._held = Connections(self._connect, _RAW_POOL)

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, scoped in the ORM and in PostgreSQL; commits unless the block raises.

        Closing is shielded, so that a request cancelled at any point gives its connection back.
        """
        session = AsyncSession(self.engine, sync_session_class=ScopedSession, expire_on_commit=False, autoflush=False)
        session.info["scope"] = scope
        try:
            await session.execute(_SET_SCOPE, {
                "ids": ",".join(str(one) for one in scope.organization_ids),
                "across": "on" if scope.is_across else "off",
            })
            yield session
            if session.in_transaction():
                await commit(session)
        finally:
            await asyncio.shield(session.close())

    @asynccontextmanager
    async def raw(self, scope: Scope) -> AsyncIterator[asyncpg.Connection]:
        """A transaction in the driver's own terms, for set-based SQL: begun and scoped, committed by whoever opened
        it, rolled back unless it was."""
        async with self._raw.lend() as connection:
            try:
                await connection.execute(_BEGIN.format(_ids(scope)))
                yield connection
            finally:
                if connection.is_in_transaction():
                    await asyncio.shield(_roll_back(connection))

    @asynccontextmanager
    async def held(self, scope: Scope) -> AsyncIterator[asyncpg.Connection]:
        """A connection that is held to the scope, for statements that commit themselves, each in one round trip. They
        are apart from the others, on which nothing can be seen without saying whose."""
        wanted = _ids(scope)
        async with self._held.lend(wanted) as connection:
            if self._held.kept_for(connection) != wanted:
                await connection.execute(_HOLD, wanted)
                self._held.keep_for(connection, wanted)
            yield connection

    async def read(self, scope: Scope, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        """The rows of one `SELECT`, in a transaction of its own and in one round trip."""
        async with self._raw.lend() as connection:
            found: list[asyncpg.Record] = await connection.fetch(
                _scoped(statement, len(arguments) + 1), *arguments, _ids(scope)
            )
            return found

    async def _connect(self) -> asyncpg.Connection:
        """A connection for set-based SQL, on which JSON goes in and comes out as values."""
        _, options = self.engine.dialect.create_connect_args(self.engine.url)
        connection: asyncpg.Connection = await asyncpg.connect(
            **options, **_connect_args(APP_ROLE, **_BY_INDEX), statement_cache_size=_STATEMENTS,
        )
        try:
            await connection.set_type_codec(
                "jsonb", schema="pg_catalog", format="binary",
                encoder=lambda value: b"\x01" + msgspec.json.encode(value),
                decoder=lambda raw: msgspec.json.decode(raw[1:]),
            )
            await connection.execute(f"SELECT set_config('hub.cluster', {CLUSTER}, false)")
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def close(self) -> None:
        await self._raw.close()
        await self._held.close()
        await self.engine.dispose()


def _ids(scope: Scope) -> str:
    return ",".join(str(UUID(int=one.int)) for one in scope.organization_ids)  # certainly nothing else


@cache
def _scoped(statement: str, place: int) -> str:
    """The statement with its scope set before it looks at anything: what is asked depends on the scope's row, so it
    cannot begin without it. Were the order another, row-level security would show nothing."""
    return f"""
        SELECT found.* FROM (
          SELECT set_config('hub.scope', ${place}, true), set_config('hub.across', 'off', true)
        ) AS scope(ids, across) CROSS JOIN LATERAL (
          SELECT * FROM ({statement}) AS asked WHERE scope.ids IS NOT NULL OFFSET 0
        ) AS found"""  # noqa: S608 - statements of our own


def is_away(error: BaseException) -> bool:
    """Whether the database was not there, or had no room: nothing is wrong with what was asked.

    What has no code of PostgreSQL's was not said by PostgreSQL: the driver lost it.
    """
    if isinstance(error, OSError | TimeoutError | PoolTimeout | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return True
    state = sqlstate(error)
    if isinstance(error, DBAPIError) and (error.connection_invalidated or not state):
        return True
    return state[:2] in {"08", "53", "57", "58"} or state == "25P03"


def is_busy(error: BaseException) -> bool:
    """Whether it did not come to it among others: a deadlock, a lock waited for too long."""
    state = sqlstate(error)
    return state[:2] == "40" or state == "55P03"


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of an error, whether it came through SQLAlchemy or straight from the driver; else empty."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", "") or "")


async def _roll_back(connection: asyncpg.Connection) -> None:
    try:
        await connection.execute("ROLLBACK")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
