"""The connection pool: one engine, an unprivileged role, sound time-outs, transactions bound to a scope."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from hub.core.failpoints import reach
from hub.core.tenancy import Scope, ScopedSession

APP_ROLE = "switchboard_app"
_SET_SCOPE = text("SELECT set_config('hub.scope', :ids, true), set_config('hub.across', :across, true)")


def create_engine(url: str, *, pool: int = 10, role: str | None = APP_ROLE, **options: Any) -> AsyncEngine:
    """An engine whose connections run under `role`, which owns nothing and cannot bypass row-level security."""
    server_settings = {
        "application_name": "switchboard",
        "timezone": "UTC",
        "jit": "off",
        "lock_timeout": "5000",
        "statement_timeout": "30000",
        "idle_in_transaction_session_timeout": "60000",
    }
    if role:
        server_settings["role"] = role
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,  # what was being written belongs in no log
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        connect_args={"server_settings": server_settings, "timeout": 10},
        **options,
    )


async def commit(session: AsyncSession) -> None:
    reach("commit.before")
    await session.commit()
    reach("commit.after")


class Database:
    """Opens transactions; nothing else in the process talks to PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

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

    async def close(self) -> None:
        await self.engine.dispose()
