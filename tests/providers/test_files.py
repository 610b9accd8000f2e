"""Files are there whole or not at all."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from hub.core.errors import LimitReached, NotFound
from hub.core.tenancy import storage_key
from providers.files import LocalFiles


def new_key() -> str:
    return storage_key(uuid4(), uuid4())


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def collect(found: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in found])


def everything(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def test_what_was_saved_is_read_back_with_its_size_and_digest(tmp_path: Path) -> None:
    files, key = LocalFiles(tmp_path), new_key()
    size, digest = await files.save(key, chunks(b"abc", b"", b"def"), limit=6)

    assert (size, digest) == (6, hashlib.sha256(b"abcdef").digest())
    assert await collect(files.read(key)) == b"abcdef"
    organization, name = key.split("/")
    assert everything(tmp_path) == [tmp_path / organization / name[:2] / name[2:4] / name]


async def test_a_range_is_read_in_chunks_of_at_most_64_kib(tmp_path: Path) -> None:
    files, key = LocalFiles(tmp_path), new_key()
    content = bytes(range(256)) * 1024
    await files.save(key, chunks(content), limit=len(content))
    found = [chunk async for chunk in files.read(key, start=1000, end=200_000)]

    assert b"".join(found) == content[1000:200_000]
    assert max(map(len, found)) == 65536


async def test_a_range_beyond_the_end_is_cut(tmp_path: Path) -> None:
    files, key = LocalFiles(tmp_path), new_key()
    await files.save(key, chunks(b"abc"), limit=3)

    assert await collect(files.read(key, start=2, end=99)) == b"c"
    assert await collect(files.read(key, start=2, end=1)) == b""


async def test_a_file_past_the_limit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LimitReached):
        await LocalFiles(tmp_path).save(new_key(), chunks(b"1234", b"5"), limit=4)

    assert everything(tmp_path) == []


async def test_a_source_that_fails_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"new"
        raise RuntimeError("the source")

    files, key = LocalFiles(tmp_path), new_key()
    await files.save(key, chunks(b"old"), limit=9)
    with pytest.raises(RuntimeError):
        await files.save(key, failing(), limit=9)

    assert await collect(files.read(key)) == b"old"
    assert len(everything(tmp_path)) == 1


async def test_a_deleted_file_is_gone_and_may_be_deleted_again(tmp_path: Path) -> None:
    files, key = LocalFiles(tmp_path), new_key()
    await files.save(key, chunks(b"abc"), limit=3)
    await files.delete(key)
    await files.delete(key)
    with pytest.raises(NotFound):
        await collect(files.read(key))


@pytest.mark.parametrize("key", [
    "", "../../etc/passwd", "/etc/passwd", "a" * 31, "ab/../" + "c" * 26, "\x00" * 32, "a" * 32,
    f"{'a' * 32}/../{'b' * 32}", f"{'a' * 32}/{'b' * 32}/x",
])
async def test_only_our_keys_become_paths(tmp_path: Path, key: str) -> None:
    files = LocalFiles(tmp_path)
    with pytest.raises(NotFound):
        await files.save(key, chunks(b"x"), limit=1)
    with pytest.raises(NotFound):
        await collect(files.read(key))

    assert everything(tmp_path) == []
