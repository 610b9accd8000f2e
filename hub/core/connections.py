"""Connections to PostgreSQL in the driver's own terms, each lent to one at a time.

The driver's pool makes a task for each return and looks after much that nobody needs here: nothing is set beyond a
transaction, so there is nothing to reset. Lending costs nearly nothing, and the plans of a connection are kept.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

import asyncpg


class Connections:
    """At most so many at once, opened when they are needed; whoever comes then waits, in turn."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]], most: int) -> None:
        self._connect = connect
        self._room = asyncio.Semaphore(most)
        self._free: list[asyncpg.Connection] = []
        self._kept_for: WeakKeyDictionary[asyncpg.Connection, str] = WeakKeyDictionary()
        self._closed = False

    @asynccontextmanager
    async def lend(self, purpose: str = "") -> AsyncIterator[asyncpg.Connection]:
        """A connection with no transaction open, one that is kept for the purpose if there is one. One that comes back
        in another state, or from somebody who was cancelled while it may have been at work, is ended."""
        async with self._room:
            connection = await self._take(purpose)
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

    def keep_for(self, connection: asyncpg.Connection, purpose: str) -> None:
        """Whoever has it now has set it up for this."""
        self._kept_for[connection] = purpose

    def kept_for(self, connection: asyncpg.Connection) -> str:
        return self._kept_for.get(connection, "")

    async def _take(self, purpose: str) -> asyncpg.Connection:
        if self._closed:
            raise asyncpg.InterfaceError("the connections are closed")
        self._free = [one for one in self._free if not one.is_closed()]
        place = next((place for place, one in enumerate(self._free) if self.kept_for(one) == purpose), -1)
        return self._free.pop(place) if self._free else await self._connect()

    async def close(self) -> None:
        """Ends those that nobody has now, and the others when they come back."""
        self._closed = True
        free, self._free = self._free, []
        for connection in free:
            await connection.close(timeout=5)
