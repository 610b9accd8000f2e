"""Time, identifiers and randomness are made here and nowhere else, so tests need no patching."""

import os
import secrets
import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol
from uuid import UUID

from asyncpg.pgproto import pgproto

_Id = pgproto.UUID  # a `UUID` written in C, as the driver's own: made in an eighth of the time


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SteppingClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, **delta: float) -> None:
        self._now += timedelta(**delta)


class _Randomness:
    """Random bytes of the operating system, fetched for many ids at once: a call for each costs more than the id."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._held, self._used, self._lock = b"", 0, Lock()

    def take(self, count: int) -> bytes:
        with self._lock:
            if self._used + count > len(self._held):
                self._held, self._used = os.urandom(4096), 0
            self._used += count
            return self._held[self._used - count : self._used]


_randomness = _Randomness()
os.register_at_fork(after_in_child=_randomness.forget)  # two processes must not deal out the same


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7): sortable by the millisecond it was made in."""
    chance = _randomness.take(10)
    made: UUID = _Id(
        (time.time_ns() // 1_000_000).to_bytes(6, "big")
        + bytes((0x70 | chance[0] & 0x0F, chance[1], 0x80 | chance[2] & 0x3F)) + chance[3:]
    )
    return made


def new_token(byte_count: int = 32) -> str:
    """A URL-safe random secret with `byte_count` bytes of entropy."""
    return secrets.token_urlsafe(byte_count)
