"""The data folder of this installation: made when missing, claimed by one process, keeper of the secret key."""

import contextlib
import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hub.core.settings import Settings, SettingsError


class FolderError(Exception):
    """The data folder cannot be used; the text says why and what to do."""


def make(folder: Path) -> None:
    """Makes the folder and proves that it can be written. Raises `FolderError`."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"0" * 4096)
        probe.unlink()
    except OSError as error:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise
        raise FolderError(
            f"The data folder {folder} cannot be written: {error.strerror}. Point HUB_DATA_DIR at a folder of your own."
        ) from None


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[int | None]:
    """Claims the folder for the block: None when it is ours, else the id of the process that has it (0: not known).

    The claim is the kernel's, so it ends with the process, however that ends.
    """
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(descriptor, 32).decode(errors="replace").strip()
            yield int(text) if text.isdigit() else 0
            return
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield None
    finally:
        os.close(descriptor)


def with_secret(settings: Settings) -> Settings:
    """The settings with a secret key: the one given, else the one kept in the data folder, made at the first start.

    Raises `SettingsError` when the kept one is damaged.
    """
    if settings.secret_key:
        return settings
    path = settings.data_path / "secret.key"
    if not path.exists():
        _keep(path, secrets.token_urlsafe(48))
    kept = path.read_text(encoding="utf-8").strip()
    if len(kept.encode()) < 32:
        raise SettingsError(f"{path} is damaged: restore it from a backup, or set HUB_SECRET_KEY")
    return msgspec.structs.replace(settings, secret_key=kept)


def _keep(path: Path, secret: str) -> None:
    """Writes the key whole or not at all; the first of two processes wins."""
    made = path.with_name(f".secret-{os.getpid()}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, f"{secret}\n".encode())
        os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        os.close(descriptor)
        made.unlink()
