"""Connections for set-based SQL: lent to one at a time, never more than there may be, and given up when in doubt."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from hub.core.connections import Connections


@pytest.fixture
async def lending(database_url: str) -> AsyncIterator[Connections]:
    made = Connections(lambda: asyncpg.connect(database_url.replace("postgresql+asyncpg", "postgresql")), 2)
    yield made
    await made.close()


async def backend(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval("SELECT pg_backend_pid()"))


async def test_who_comes_next_has_the_one_that_was_given_back(lending: Connections) -> None:
    async with lending.lend() as connection:
        first = await backend(connection)
    async with lending.lend() as connection:
        assert await backend(connection) == first


async def test_there_are_never_more_than_there_may_be_and_the_next_one_waits(lending: Connections) -> None:
    async with lending.lend() as one:
        async with lending.lend() as other:
            assert await backend(one) != await backend(other)
            waiting = asyncio.create_task(lending.lend().__aenter__())
            await asyncio.sleep(0)
            assert not waiting.done()
        assert await waiting is other


async def test_an_error_of_the_statement_leaves_the_connection_good(lending: Connections) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with lending.lend() as connection:
            first = await backend(connection)
            await connection.execute("SELECT 1/0")
    async with lending.lend() as connection:
        assert await backend(connection) == first


async def test_one_that_comes_back_with_a_transaction_open_is_ended(lending: Connections) -> None:
    async with lending.lend() as connection:
        await connection.execute("BEGIN")
    assert connection.is_closed()
    async with lending.lend() as other:
        assert not other.is_in_transaction()


async def test_one_whose_borrower_was_cancelled_at_work_is_ended(lending: Connections) -> None:
    lent: asyncio.Future[asyncpg.Connection] = asyncio.get_running_loop().create_future()

    async def sleep() -> None:
        async with lending.lend() as connection:
            lent.set_result(connection)
            await connection.execute("SELECT pg_sleep(60)")

    sleeping = asyncio.create_task(sleep())
    held = await lent
    sleeping.cancel()
    await asyncio.gather(sleeping, return_exceptions=True)
    assert held.is_closed()
    async with lending.lend() as connection:
        assert connection is not held


async def test_one_that_the_server_ended_is_not_lent_again(lending: Connections) -> None:
    async with lending.lend() as connection, lending.lend() as other:
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        await other.execute("SELECT pg_terminate_backend($1)", await backend(connection))
        await ended.wait()
    for _ in range(2):
        async with lending.lend() as connection:
            assert await connection.fetchval("SELECT 1") == 1


async def test_after_closing_nothing_is_lent_and_what_was_out_is_ended_on_its_return(lending: Connections) -> None:
    async with lending.lend() as connection:
        await lending.close()
        assert await connection.fetchval("SELECT 1") == 1
    assert connection.is_closed()
    with pytest.raises(asyncpg.InterfaceError):
        async with lending.lend():
            pass
