"""The checks of times and resources: work that is picked up (D4, D5), a hub that bends and recovers (R2, R5, R6)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.chaos.facts import Facts, Owed
from tests.chaos.history import History, Outage

ATTEMPTED_WITHIN = 2.0  # seconds until a row that is due is begun, when nothing is broken (D4)
TAKEN_OVER_WITHIN = 15.0  # seconds until what a dead worker held is begun again (D5)
RECOVERED_WITHIN = 5.0  # seconds until writing works again once the database is back (R2), and until red (R6)
BREATH = 8.0  # seconds that a machine with two busy cores may add to any of them
MEMORY_MARGIN = 96 * 2**20


def d4(history: History, facts: Facts) -> Iterator[str]:
    """Every row is done, soon, and in its order."""
    for row in facts.outbox:
        if row.state != "done":
            yield f"{row.job} {row.key} is {row.state}: {row.error}"
    for row, waited in _waits(history, facts):
        if history.hurried and not row.lapses and waited > ATTEMPTED_WITHIN + BREATH:
            yield f"{row.job} {row.key} was due for {waited:.1f} s"
    for line in _lines(facts).values():
        for first, second in pairwise(line):
            if first.finished and second.finished and second.finished < first.finished:
                yield f"{second.job} {second.key} was done before {first.job} {first.key} of the same order"


def d5(history: History, facts: Facts) -> Iterator[str]:
    """What a dead worker held is taken over in time, and a worker that was only paused writes nothing."""
    for row, waited in _waits(history, facts):
        if history.hurried and row.lapses and waited > TAKEN_OVER_WITHIN * row.lapses + BREATH:
            yield f"{row.job} {row.key} of a dead worker was taken over after {waited:.1f} s"
    begun = Counter(one.message_id for one in facts.deliveries if (one.state, one.source) == ("sending", "hub"))
    ended = Counter(one.message_id for one in facts.deliveries
                    if one.source in ("provider", "throttled") or one.code == "interrupted")
    told = {one.message_id for one in facts.deliveries if one.source == "receipt"}
    for message_id, times in begun.items():
        settled = ended[message_id]
        if settled > times:
            yield f"message {message_id} was tried {times} times and settled {settled} times"
        elif settled < times and message_id not in told:  # a receipt says more than whoever called would have
            yield f"message {message_id} was tried {times} times and settled {settled} times: somebody left it"


def r2(history: History, _facts: Facts) -> Iterator[str]:
    """No write is answered with yes while the database is away; soon after its return all is as before."""
    for outage in history.outages:
        if outage.what != "database":
            continue
        for answer in history.answers:
            inside = outage.began < answer.began and answer.ended < outage.ended
            if inside and answer.writes and 200 <= answer.status < 300:
                yield f"a write was answered with {answer.status} while the database was away"
            if inside and answer.writes and 400 <= answer.status < 500 and answer.status != 429:
                yield f"a write was refused for good with {answer.status} while the database was away"
        good = [answer.ended for answer in history.answers
                if answer.writes and 200 <= answer.status < 300 and answer.ended > outage.ended]
        late = min(good, default=float("inf")) - outage.ended
        if late > RECOVERED_WITHIN + BREATH:
            yield f"writing worked again {late:.1f} s after the database was back"
    for level in history.levels:
        if level.name == "connections" and level.after > level.before:
            yield f"{level.after:.0f} connections are in use, {level.before:.0f} were before"


def r5(history: History, _facts: Facts) -> Iterator[str]:
    """Overload is told, with when to come again, and leaves no trace in memory."""
    told = [answer for answer in history.answers if answer.status in (429, 503)]
    if mute := [answer.status for answer in told if not answer.retry_after]:
        yield f"{len(mute)} answers of {sorted(set(mute))} did not say when to come again"
    if failed := [answer.status for answer in history.answers if answer.status >= 500 and answer.status != 503]:
        yield f"{len(failed)} requests were answered with {sorted(set(failed))}"
    for level in history.levels:
        if level.name == "memory" and level.most > level.before + MEMORY_MARGIN:
            yield f"memory grew from {level.before / 2**20:.0f} to {level.most / 2**20:.0f} MiB"


def r6(history: History, _facts: Facts) -> Iterator[str]:
    """A background task that cannot run is seen in readiness, and a mended one is gone from it."""
    for began, ended in history.failing:
        seen = [probe.at for probe in history.probes
                if began <= probe.at <= ended and probe.status == 503 and probe.checks.get("tasks", "ok") != "ok"]
        if min(seen, default=float("inf")) - began > RECOVERED_WITHIN + BREATH:
            yield "a background task failed and readiness did not say so"
    if history.failing:
        after = [probe for probe in history.probes if probe.at > max(ended for _, ended in history.failing)]
        if not any(probe.status == 200 for probe in after):
            yield "readiness stayed red after the background task was well again"


def _waits(history: History, facts: Facts) -> Iterator[tuple[Owed, float]]:
    """How long each row that is done was due while the hub served: without the time it waited for the one before."""
    for line in _lines(facts).values():
        freed = 0.0
        for row in line:
            if row.finished is not None:
                start = max(row.created, row.due, freed)
                yield row, row.finished - start - sum(_shared(outage, start, row.finished)
                                                      for outage in history.outages)
                freed = row.finished


def _lines(facts: Facts) -> dict[str, list[Owed]]:
    lines: dict[str, list[Owed]] = defaultdict(list)
    for row in sorted(facts.outbox, key=lambda row: row.position):
        lines[row.order or row.id].append(row)
    return lines


def _shared(outage: Outage, start: float, end: float) -> float:
    back = outage.served if outage.served is not None else outage.ended
    return max(0.0, min(end, back) - max(start, outage.began))
