"""The shortest rounds that show what a seeded bug breaks."""

from collections.abc import Callable
from typing import Any

import msgspec

from tests.chaos import faults, faults_database, faults_network, faults_service
from tests.chaos.faults import Fault
from tests.chaos.round import Pace

QUICK = Pace(customer_pause=0.05, storm_pause=0.3, album_pause=0.5, agent_pause=0.05, screen_pause=0.1, patience=8)


class Short(msgspec.Struct, frozen=True):
    """How to play it: the fault, and what the town is like."""

    fault: Callable[[], Fault]
    town: dict[str, Any] = {}


ROUNDS = {
    "steady": Short(lambda: faults.steady(5)),
    "kill": Short(lambda: faults.kills(4, points=("commit.before", "job.after", "send.after"))),
    "kill-after-commit": Short(lambda: faults.kills(4, points=("commit.after",))),
    "kill-after-sending": Short(lambda: faults.kills(4, points=("send.after",))),
    "kill-at-random": Short(lambda: faults.kills(5, points=())),
    "cuts": Short(lambda: faults_network.cuts(6)),
    "workers-stopped": Short(lambda: faults.slow_workers("stop", 12.0), {"crew": True}),
    "workers-killed": Short(lambda: faults.slow_workers("kill", 0.0), {"crew": True}),
    "database": Short(lambda: faults_database.database(("kill", "kill")), {"apart": True}),
    "link": Short(lambda: faults_database.link(7), {"linked": True}),
    "hangups": Short(lambda: faults_service.hangups(400)),
    "provider": Short(lambda: faults_network.network(6, front=(), back=("unanswered", "reset"))),
    "tasks": Short(faults_service.tasks),
    "tasks-revived": Short(faults_service.revived),
    "stalled": Short(faults_service.stalled),
    "overload": Short(lambda: faults_service.overload(5)),
}
