"""One customer of the crowd, from the first line to the last: what comes next, and when. No clock, no wire.

`wish` says what the customer wants to do at `due`; `done` tells that it was done; `hear` tells that the business
wrote. Times are unix seconds and come from outside, chances from the customer's own seed.
"""

import math
from random import Random
from typing import Any, Literal

import msgspec

from providers.simulator.crowd_script import Customer, Dialogue, Line

State = Literal["writing", "waiting", "reading", "tapping", "thanking", "leaving", "away", "resting"]
MOST_TAPS = 3


class Say(msgspec.Struct, frozen=True):
    """Send this, perhaps as an answer to a message of the business."""

    line: Line
    reply_to: str | None = None


Wish = Say | Literal["look", "go offline", "come back", "give up"]


class Offer(msgspec.Struct, frozen=True):
    """Buttons or rows under a message of the business, each as the line that tapping it sends."""

    message_id: str
    taps: tuple[Line, ...]


class Talk:
    """A customer's conversation; `due` is infinite while nothing is wanted."""

    def __init__(self, who: Customer, seed: int) -> None:
        self.who = who
        self.state: State = "resting"
        self.due = math.inf
        self.since = -math.inf  # resting since
        self.visits = 0
        self._chance = Random(f"{seed}/{who.number}")  # noqa: S311 - a play, not a secret
        self._plan: Dialogue | None = None
        self._turn = self._line = self._nudges = self._taps = 0
        self._unread = self._thanked = False
        self._last: str | None = None
        self._offer: Offer | None = None

    def begin(self, plan: Dialogue, now: float) -> None:
        """Come with something to ask."""
        self.visits += 1
        self._plan = plan
        self._turn = self._line = self._nudges = self._taps = 0
        self._thanked = False
        self._last = self._offer = None
        self._go("writing", now)

    @property
    def awaits(self) -> bool:
        """Whether the customer has asked and the business has not answered yet."""
        return self.state == "waiting" or (self.state in ("leaving", "away") and not self._unread)

    def wish(self) -> Wish:
        """What the customer wants to do when `due` has come."""
        plan = self._planned()
        if self.state == "writing":
            quotes = self._line == 0 and self._last is not None and self.who.number % 4 == 0
            return Say(plan.turns[self._turn][self._line], self._last if quotes else None)
        if self.state == "waiting":
            return Say(plan.nudges[self._nudges]) if self._nudges < len(plan.nudges) else "give up"
        if self.state == "tapping" and self._offer is not None:
            return Say(self._offer.taps[self._taps % len(self._offer.taps)], self._offer.message_id)
        if self.state == "thanking":
            return Say(Line("reaction", {"message_id": self._last, "emoji": "👍"}))
        return "go offline" if self.state == "leaving" else "come back" if self.state == "away" else "look"

    def hear(self, message_id: str, now: float, offer: Offer | None = None) -> bool:
        """The business wrote. True when that answers what was asked."""
        answers = self.awaits
        self._last, self._offer = message_id, offer
        if self.state in ("waiting", "resting", "thanking"):
            self._go("reading", now + self._chance.uniform(2, 9))
        elif self.state in ("leaving", "away"):
            self._unread = True
        return answers

    def done(self, now: float) -> None:
        """What was wished has happened."""
        _AFTER[self.state](self, now)

    def _written(self, now: float) -> None:
        plan = self._planned()
        self._line += 1
        if self._line < len(plan.turns[self._turn]):
            self._go("writing", now + self._typing_time(plan.turns[self._turn][self._line]))
            return
        self._turn, self._line = self._turn + 1, 0
        if self._turn == len(plan.turns) and plan.ends:
            self._rest(now)
        elif self._turn == plan.leaves_after:
            self._go("leaving", now + self._chance.uniform(3, 8))
        else:
            self._wait(now)

    def _asked_again(self, now: float) -> None:
        if self._nudges == len(self._planned().nudges):
            self._rest(now)
            return
        self._nudges += 1
        self._wait(now)

    def _looked(self, now: float) -> None:
        plan = self._planned()
        if self._offer is not None and self._taps < MOST_TAPS:
            self._go("tapping", now + self._chance.uniform(2, 5))
        elif self._turn < len(plan.turns):
            self._go("writing", now + self._typing_time(plan.turns[self._turn][0]))
        elif not self._thanked and self._chance.random() < 0.4:
            self._thanked = True
            self._go("thanking", now + self._chance.uniform(1, 4))
        else:
            self._rest(now)

    def _tapped(self, now: float) -> None:
        self._taps += 1
        self._offer = None
        self._wait(now)

    def _left(self, now: float) -> None:
        self._go("away", now + self._chance.uniform(25, 70))

    def _back(self, now: float) -> None:
        if self._unread:
            self._unread = False
            self._go("reading", now + self._chance.uniform(1, 5))
        else:
            self._wait(now)

    def _rest(self, now: float) -> None:
        self.since = now
        self._go("resting", math.inf)

    def _wait(self, now: float) -> None:
        self._go("waiting", now + self._planned().patience * (1 + 0.5 * self._nudges))

    def _typing_time(self, line: Line) -> float:
        letters = len(str(line.content.get("body") or line.content.get("caption") or "")) or 20
        return min(1.5 + letters / 9, 12) * self._chance.uniform(0.8, 1.4)

    def _go(self, state: State, due: float) -> None:
        self.state, self.due = state, due

    def _planned(self) -> Dialogue:
        if self._plan is None:
            raise RuntimeError("this customer has not come yet")
        return self._plan


_AFTER: dict[State, Any] = {
    "writing": Talk._written,
    "waiting": Talk._asked_again,
    "reading": Talk._looked,
    "tapping": Talk._tapped,
    "thanking": Talk._rest,
    "leaving": Talk._left,
    "away": Talk._back,
}
