"""The record of every Graph call received: the ground truth for "transmitted at most once"."""

from collections.abc import Callable
from typing import Any

import msgspec

from providers.simulator.journal import Journal


class Call(msgspec.Struct, kw_only=True):
    """One call. `outcome`: accepted, refused, accepted_unanswered or unanswered; `at` is unix seconds."""

    seq: int
    at: float
    method: str
    path: str
    kind: str
    phone_number_id: str = ""
    to: str = ""
    type: str = ""
    message_id: str = ""
    callback: str = ""
    outcome: str = "accepted"
    status: int = 200
    error_code: int | None = None
    payload: Any = None


class Record:
    """Calls in order of arrival, the last 100,000."""

    def __init__(self, journal: Journal, *, now: Callable[[], float]) -> None:
        self.calls = journal.table("call", Call, 100_000)
        self._now = now

    def open(self, *, method: str, path: str, kind: str, payload: Any = None) -> Call:
        """Note a call on arrival; `close` keeps how it ended."""
        seq = next(reversed(self.calls.rows.values())).seq + 1 if len(self.calls) else 1
        return self.close(Call(seq=seq, at=self._now(), method=method, path=path, kind=kind, payload=payload))

    def close(self, call: Call) -> Call:
        return self.calls.put(str(call.seq), call)

    def find(
        self,
        *,
        phone_number_id: str | None = None,
        to: str | None = None,
        kind: str | None = None,
        since: int = 0,
        limit: int = 1000,
    ) -> list[Call]:
        """Calls after number `since` that fit, oldest first."""
        found = [
            call
            for call in self.calls
            if call.seq > since
            and phone_number_id in (None, call.phone_number_id)
            and to in (None, call.to)
            and kind in (None, call.kind)
        ]
        return found[:limit]
