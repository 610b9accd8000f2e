"""Files in a folder of this machine: whole or not at all, under names that we make."""

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from hub.core.errors import LimitReached, NotFound, Unavailable

CHUNK = 64 * 1024
_STALE_SECONDS = 24 * 3600.0


class LocalFiles:
    """A `FileStore` below `root`: `organization/ab/cd/abcd….` by the key, unfinished writes in `.incoming`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / ".incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._drop_stale()

    async def save(self, key: str, chunks: AsyncIterator[bytes], *, limit: int) -> tuple[int, bytes]:
        """Stores the whole or nothing; size and SHA-256 of what was stored. Raises `LimitReached` past `limit` bytes,
        `Unavailable` when the disk refuses."""
        target = self._path(key)
        partial = self._incoming / uuid4().hex
        try:
            size, digest = await self._receive(partial, chunks, limit)
            await asyncio.to_thread(_settle, partial, target)
        except OSError as error:
            raise Unavailable("storage_unavailable", reason=error.strerror or type(error).__name__) from error
        finally:
            await asyncio.to_thread(partial.unlink, missing_ok=True)
        return size, digest

    async def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes [start, end) in chunks of at most 64 KiB. Raises `NotFound` at the first of them."""
        try:
            file = await asyncio.to_thread(self._path(key).open, "rb")
        except FileNotFoundError:
            raise NotFound() from None
        try:
            await asyncio.to_thread(file.seek, start)
            left = None if end is None else max(end - start, 0)
            while left is None or left > 0:
                chunk = await asyncio.to_thread(file.read, CHUNK if left is None else min(CHUNK, left))
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        """Forgets the file; one that is not there is no error."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def _receive(self, partial: Path, chunks: AsyncIterator[bytes], limit: int) -> tuple[int, bytes]:
        digest = hashlib.sha256()
        size = 0
        file = await asyncio.to_thread(partial.open, "xb")
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise LimitReached("file_too_large", limit=limit)
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_flush, file)
        finally:
            file.close()
        return size, digest.digest()

    def _path(self, key: str) -> Path:
        """Only two UUIDs become a path, the organization's and the file's; anything else is the key of nothing."""
        try:
            organization, name = (UUID(part).hex for part in key.split("/"))
        except (ValueError, AttributeError, TypeError):
            raise NotFound() from None
        return self._root / organization / name[:2] / name[2:4] / name

    def _drop_stale(self) -> None:
        """What a crash left behind; another process may be writing what is young."""
        before = time.time() - _STALE_SECONDS
        for partial in self._incoming.iterdir():
            with contextlib.suppress(OSError):
                if partial.stat().st_mtime < before:
                    partial.unlink()


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _settle(partial: Path, target: Path) -> None:
    """The rename is atomic; its folders are synced so that it outlives a power cut."""
    fresh = [folder for folder in target.parents[:3] if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(target)
    for folder in dict.fromkeys([target.parent, *(folder.parent for folder in fresh)]):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
