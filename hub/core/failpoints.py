"""Named points at which a test may end, stop or delay this process; a dictionary look-up everywhere else.

`HUB_FAILPOINTS="commit.before=kill:3 send.after=stop"`: names and actions, apart by spaces. `kill` and `stop` are the
signals, `raise` is an exception, `sleep:S` blocks the event loop for S seconds. A number after `kill`, `stop` or
`raise` says at which passage it happens; without one it happens at every passage.
"""

import os
import signal
import time

import msgspec

VARIABLE = "HUB_FAILPOINTS"
_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


class Reached(Exception):
    """What the action `raise` raises."""


class Failpoint(msgspec.Struct):
    """`nth`: the passage at which it acts, None for each; `seconds` is for `sleep`; `passed` counts."""

    action: str
    nth: int | None = None
    seconds: float = 0.0
    passed: int = 0

    def act(self) -> None:
        self.passed += 1
        if self.nth not in (None, self.passed):
            return
        if self.action == "sleep":
            time.sleep(self.seconds)
        elif self.action == "raise":
            raise Reached
        else:
            os.kill(os.getpid(), _SIGNALS[self.action])


def parse(text: str) -> dict[str, Failpoint]:
    """Name → failpoint. Raises `ValueError` for what is not understood."""
    return {name: _one(action) for name, _, action in (word.partition("=") for word in text.split())}


def _one(text: str) -> Failpoint:
    action, _, argument = text.partition(":")
    if action == "sleep":
        return Failpoint(action, seconds=float(argument))
    if action not in (*_SIGNALS, "raise"):
        raise ValueError(f"{VARIABLE}: {text!r} is none of kill, stop, raise, sleep")
    return Failpoint(action, nth=int(argument) if argument else None)


_armed = parse(os.environ.get(VARIABLE, ""))


def reach(name: str) -> None:
    """Passes, unless this point was armed when the process started."""
    if (point := _armed.get(name)) is not None:
        point.act()
