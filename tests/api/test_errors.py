"""What a caller is told when the database is away: come again, whatever the driver calls it."""

import pytest
from asyncpg import InternalClientError
from asyncpg.exceptions import DiskFullError, UndefinedTableError
from litestar import get
from litestar.testing import create_test_client
from sqlalchemy.exc import DBAPIError, InternalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.errors import HANDLERS


def _status(error: Exception) -> tuple[int, str | None]:
    @get("/", opt={"access": "public"})
    async def fails() -> None:
        raise error

    with create_test_client([fails], exception_handlers=HANDLERS) as client:
        answer = client.get("/")
    return answer.status_code, answer.headers.get("retry-after")


@pytest.mark.parametrize("error", [
    FileNotFoundError(2, "No such file or directory"),  # the socket of a PostgreSQL that has ended
    TimeoutError(),
    ConnectionRefusedError(),
    PoolTimeout(),
    InternalError("SELECT 1", None, InternalClientError("cannot switch to state 11")),  # of a connection that dies
    DBAPIError("SELECT 1", None, DiskFullError("no space left on device")),
], ids=lambda error: type(getattr(error, "orig", None) or error).__name__)
def test_an_absent_database_says_when_to_come_again(error: Exception) -> None:
    assert _status(error) == (503, "2")


def test_a_mistake_of_ours_is_no_absence() -> None:
    assert _status(DBAPIError("SELECT 1", None, UndefinedTableError("no such table"))) == (500, None)
