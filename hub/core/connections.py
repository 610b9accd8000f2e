"""Connections to PostgreSQL in the driver's own terms, each lent to one at a time.

The driver's pool makes a task for each return and looks after much that nobody needs here: nothing is set beyond a
transaction, so there is nothing to reset. Lending costs nearly nothing, and the plans of a connection are kept.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg


class Connections:
    """At most so many at once, opened when they are needed; whoever comes then waits, in turn."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]], most: int) -> None:
        self._connect = connect
        self._room = asyncio.Semaphore(most)
        self._free: list[asyncpg.Connection] = []
        self._closed = False

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection with no transaction open. One that comes back in another state, or from somebody who was
        cancelled while it may have been at work, is ended."""
        async with self._room:
            connection = await self._take()
            is_whole = False
            try:
                yield connection
                is_whole = True
            except Exception:
                is_whole = True
                raise
            finally:
                if is_whole and not (self._closed or connection.is_closed() or connection.is_in_transaction()):
                    self._free.append(connection)
                else:
                    connection.terminate()

    async def _take(self) -> asyncpg.Connection:
        if self._closed:
            raise asyncpg.InterfaceError("the connections are closed")
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
        return await self._connect()

    async def close(self) -> None:
        """Ends those that nobody has now, and the others when they come back."""
        self._closed = True
        free, self._free = self._free, []
        for connection in free:
            await connection.close(timeout=5)
