"""A page of history as bare as it can be read: one prepared query over asyncpg, rows to structs to JSON."""

import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

_PAGE = """SELECT id, conversation_id, seq, author, text, created_at FROM messages
WHERE conversation_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT 50"""


class _Message(msgspec.Struct):
    id: UUID
    conversation_id: UUID
    seq: int
    author: str
    text: str
    created_at: datetime


@contextlib.asynccontextmanager
async def reading(url: str, conversations: Sequence[str]) -> AsyncIterator[Callable[[float], Awaitable[list[float]]]]:
    """A function that reads pages for so many seconds and gives the milliseconds that each took."""
    connection = await asyncpg.connect(url)
    encoder, line = msgspec.json.Encoder(), itertools.cycle([UUID(one) for one in conversations])

    async def read(seconds: float) -> list[float]:
        taken = []
        ends = time.perf_counter() + seconds
        while (began := time.perf_counter()) < ends:
            rows = await connection.fetch(_PAGE, next(line), 10**6)
            assert encoder.encode([_Message(*row) for row in rows])
            taken.append((time.perf_counter() - began) * 1e3)
        return taken

    try:
        yield read
    finally:
        await connection.close()
