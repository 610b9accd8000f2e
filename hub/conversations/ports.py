"""Where the bytes of files are kept."""

from collections.abc import AsyncIterator
from typing import Protocol


class FileStore(Protocol):
    """Keeps files under keys that we make; no name from outside ever becomes a path."""

    async def save(self, key: str, chunks: AsyncIterator[bytes], *, limit: int) -> tuple[int, bytes]:
        """Stores the whole or nothing; size and SHA-256 of what was stored. Raises `LimitReached` past `limit`."""

    def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes [start, end). Raises `NotFound`."""

    async def delete(self, key: str) -> None: ...
