"""The goals: what is compared with what, and which ratio has to hold."""

from typing import Literal

import msgspec

Verdict = Literal["aim", "hold", "missed", "not here"]


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. `unit` is that of both absolutes; the judged value is product over reference.

    `alone`: there is no reference, the product's absolute is judged. `floor`: more is better; otherwise less is.
    """

    key: str
    title: str
    reference: str
    unit: str
    hold: float
    aim: float
    floor: bool = True
    alone: bool = False

    @property
    def number(self) -> str:
        """The goal that the line belongs to, like `G6` of `G6 p95`."""
        return self.key.partition(" ")[0]

    def verdict(self, value: float | None) -> Verdict:
        """How the judged value stands; None: it could not be measured here."""
        if value is None:
            return "not here"
        reaches = (lambda bound: value >= bound) if self.floor else (lambda bound: value <= bound)
        return "aim" if reaches(self.aim) else "hold" if reaches(self.hold) else "missed"


GOALS = (
    Goal(key="G1", title="webhook taken in, processed, stored", reference="raw ASGI no-op on uvicorn",
         unit="requests/s", hold=0.20, aim=0.40),
    Goal(key="G2", title="webhook taken in, processed, stored", reference="Litestar, one asyncpg INSERT each",
         unit="requests/s", hold=1.0, aim=2.0),
    Goal(key="G3", title="burst of one number, 3,300 webhooks/s: p99", reference="Litestar no-op at the same rate",
         unit="ms", hold=4.0, aim=2.0, floor=False),
    Goal(key="G4", title="chat: sent, stored, with all 10", reference="Socket.IO and pg", unit="messages/s",
         hold=1.0, aim=1.5),
    Goal(key="G5", title="chat: sent, stored, with all 10", reference="ejabberd, archive in PostgreSQL",
         unit="messages/s", hold=2.5, aim=4.0),
    Goal(key="G6 p50", title="chat at half of Socket.IO's most: p50", reference="Socket.IO and pg", unit="ms",
         hold=1.5, aim=1.0, floor=False),
    Goal(key="G6 p95", title="chat at half of Socket.IO's most: p95", reference="Socket.IO and pg", unit="ms",
         hold=1.5, aim=1.0, floor=False),
    Goal(key="G7", title="fan-out to 1,000: deliveries per CPU second", reference="websockets.broadcast()",
         unit="deliveries/CPU s", hold=0.8, aim=1.2),
    Goal(key="G8", title="memory of an idle subscribed connection", reference="Socket.IO, joined to a room",
         unit="KiB", hold=1.5, aim=1.2, floor=False),
    Goal(key="G9", title="3,000 come back and resume 10 messages each", reference="Socket.IO, login and join alone",
         unit="connections/s", hold=0.4, aim=0.7),
    Goal(key="G10", title="delivery across two processes: p50 added", reference="a Redis publish/subscribe hop",
         unit="ms", hold=4.0, aim=2.0, floor=False),
    Goal(key="G11 p95", title="10 of 200 stop reading: p95 of the others", reference="the same, all reading",
         unit="ms", hold=1.5, aim=1.1, floor=False),
    Goal(key="G11 memory", title="memory for each client that stopped reading", reference="", unit="KiB",
         hold=512, aim=256, floor=False, alone=True),
    Goal(key="G12 first", title="first start to first message", reference="bare embedded PostgreSQL", unit="s",
         hold=8.0, aim=4.0, floor=False),
    Goal(key="G12 again", title="second start to first message", reference="bare embedded PostgreSQL", unit="s",
         hold=12.0, aim=6.0, floor=False),
    Goal(key="G13", title="page of 50 out of 1 million messages", reference="Litestar no-op + 2 × asyncpg page",
         unit="ms", hold=1.5, aim=1.0, floor=False),
)
BY_KEY = {goal.key: goal for goal in GOALS}
NUMBERS = tuple(dict.fromkeys(goal.number for goal in GOALS))
