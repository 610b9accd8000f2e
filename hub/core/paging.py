"""Two ways to page: numbered pages for records, keyset cursors for streams."""

import base64
import binascii
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.core.errors import invalid_field

T = TypeVar("T")
EXACT_UP_TO = 10_000
MAX_PAGE_SIZE = 100


class PageRequest(msgspec.Struct, frozen=True):
    """What a list was asked for: 1-based page, at most 100 rows each."""

    page: int = 1
    page_size: int = 25

    def __post_init__(self) -> None:
        if not 1 <= self.page <= 1_000_000:
            raise invalid_field("/page", "out_of_range")
        if not 1 <= self.page_size <= MAX_PAGE_SIZE:
            raise invalid_field("/page_size", "out_of_range")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of records. `count` is exact up to 10,000; beyond, `count_is_estimate` is true. `next` and `previous` are
    relative URLs, filled in at the edge."""

    count: int
    results: list[T]
    next: str | None = None
    previous: str | None = None
    count_is_estimate: bool = False


class Stream(msgspec.Struct, Generic[T], frozen=True):
    """A stretch of a stream; `next_cursor` null at its end."""

    results: list[T]
    next_cursor: str | None


async def page_of(session: AsyncSession, statement: Select[Any], request: PageRequest) -> tuple[list[Any], int, bool]:
    """Rows of the page, the count, and whether the count stopped at the limit of exactness."""
    counted = statement.order_by(None).limit(EXACT_UP_TO + 1).subquery()
    count = (await session.execute(select(func.count()).select_from(counted))).scalar_one()
    rows = await session.execute(statement.limit(request.page_size).offset((request.page - 1) * request.page_size))
    return list(rows.all()), min(count, EXACT_UP_TO), count > EXACT_UP_TO


def encode_cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def decode_cursor(cursor: str, shape: Any) -> Any:
    """The values of a cursor, typed by `shape` (a tuple type). Raises `Invalid` for anything that we did not make."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=shape)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise invalid_field("/cursor", "cursor_invalid") from None
