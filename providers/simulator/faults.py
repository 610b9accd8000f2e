"""Errors on demand: what should go wrong, for whom, how often."""

import itertools
from typing import Literal

import msgspec

from providers.simulator.errors import GraphError

Kind = Literal[
    "throttled",
    "pair_throttled",
    "window_closed",
    "token_expired",
    "server_error",
    "timeout_after_acceptance",
    "timeout_before_acceptance",
    "slow",
    "not_deliverable",
    "duplicate_webhooks",
    "reorder_statuses",
    "drop_webhooks",
]
REFUSALS: dict[str, int] = {"throttled": 130429, "pair_throttled": 131056, "token_expired": 190, "server_error": 131000}
# Accepted with 200; the failure comes later as a status.
FATES: dict[str, int] = {"window_closed": 131047, "not_deliverable": 131026}


class Fault(msgspec.Struct, kw_only=True):
    """`kind` happens `times` times (null: until cleared), to one number or recipient when named.

    `on` tells which Graph calls it concerns: `send` (messages only), `media`, `mark` (read, typing, look-ups), or
    `any`. `ms` is the wait of `slow`.
    """

    kind: Kind
    times: int | None = 1
    to: str | None = None
    phone_number_id: str | None = None
    on: Literal["send", "media", "mark", "any"] = "send"
    ms: int = 1000
    id: int = 0


class Faults:
    """The faults in force, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, fault: Fault) -> Fault:
        fault.id = next(self._ids)
        if fault.times is None or fault.times > 0:
            self.active.append(fault)
        return fault

    def clear(self) -> None:
        self.active.clear()

    def take(self, *kinds: str, phone_number_id: str, to: str | None = None, on: str = "send") -> Fault | None:
        """The first fault that fits, used up once."""
        for fault in self.active:
            if fault.kind in kinds and _concerns(fault, phone_number_id, to, on):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self.active.remove(fault)
                return fault
        return None

    def refuse(self, *, phone_number_id: str, to: str | None = None, on: str = "send") -> None:
        """Raise the refusal that is in force, if one is."""
        if fault := self.take(*REFUSALS, phone_number_id=phone_number_id, to=to, on=on):
            raise GraphError(REFUSALS[fault.kind])


def _concerns(fault: Fault, phone_number_id: str, to: str | None, on: str) -> bool:
    return fault.on in ("any", on) and fault.phone_number_id in (None, phone_number_id) and fault.to in (None, to)
