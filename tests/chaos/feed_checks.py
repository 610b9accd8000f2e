"""The checks of the live feed (O2 to O6): every number once and in order, or a reset; in the end the hub's own view."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.facts import Facts
from tests.chaos.history import History, Step, Tab

HELD_BYTES = 2**20  # of the server's memory for one client that does not read
MEASURED = 24 * 2**20  # what one look at a process's memory may be wrong by
HELD_UP = 0.05  # seconds that others may wait for it
BREATH = 0.5  # seconds that a busy machine may add
RESUMABLE = {4008, 4010}


def o2(history: History, _facts: Facts) -> Iterator[str]:
    """Each number is applied once and in order."""
    for tab, conversation, steps in _lives(history):
        at: int | None = None
        for index, step in enumerate(steps):
            if step.what == "snapshot":
                at = step.number
            elif step.what == "event":
                if at is None:
                    yield f"{tab.name} was given {step.number} of {conversation} without a subscription"
                elif step.number != at + 1:
                    before = ", ".join(f"{one.what} {one.number}" for one in steps[max(0, index - 6) : index])
                    yield f"{tab.name} was given {step.number} of {conversation} after {at} ({before})"
                at = step.number


def o3(history: History, _facts: Facts) -> Iterator[str]:
    """A resumption yields all from the number it named up to the head, or says reset."""
    for tab, conversation, steps in _lives(history):
        at, promised = 0, 0
        for step in steps:
            if step.what == "resumed":
                if step.head < step.number:
                    yield f"{tab.name} resumed {conversation} from {step.number} and was told the head {step.head}"
                at, promised = step.number, step.head
            elif step.what == "event":
                if promised > at and step.number > promised > at and step.number != at + 1:
                    yield f"{tab.name} resumed {conversation} up to {promised} and was left at {at}"
                at = step.number
            elif step.what == "cut":
                promised = 0
            elif step.what == "end" and at < promised:
                yield f"{tab.name} resumed {conversation} up to {promised} and was left at {at}"


def o4(history: History, _facts: Facts) -> Iterator[str]:
    """The snapshot with the events applied is the later snapshot."""
    for tab in history.tabs:
        for conversation, fetched in tab.fetched.items():
            shown = tab.shown.get(conversation, {})
            if fetched is None:
                yield f"{tab.name} was refused the snapshot of {conversation} at the end"
            for message_id, wanted in (fetched or {}).items():
                if message_id not in shown:
                    yield f"{tab.name} does not show {message_id} of {conversation}"
                elif shown[message_id] != wanted:
                    yield f"{tab.name} shows {message_id} as {shown[message_id]}, it is {wanted}"


def o5(history: History, _facts: Facts) -> Iterator[str]:
    """A client that does not read costs little, delays nobody, and is told to resume."""
    for one in history.stalled:
        if one.grown > HELD_BYTES + MEASURED:
            yield f"a client that does not read held {one.grown / 2**20:.1f} MiB"
        if history.hurried and one.late > HELD_UP + BREATH:
            yield f"others waited {one.late:.3f} s for a client that does not read"
        if one.code not in RESUMABLE:
            yield f"a client that does not read was closed with {one.code}"


def o6(history: History, _facts: Facts) -> Iterator[str]:
    """When it is quiet, every client has what the database has."""
    for tab, conversation, steps in _lives(history):
        at = 0
        for step in steps:
            if step.what in ("snapshot", "event"):
                at = step.number
            elif step.what == "end" and at != step.head:
                yield f"{tab.name} is at {at} of {conversation}, whose head is {step.head}"
    for tab in history.tabs:
        for conversation, head in tab.listed.items():
            if tab.rows.get(conversation) != head:
                yield f"{tab.name} lists {conversation} at {tab.rows.get(conversation)}, it is at {head}"


def _lives(history: History) -> Iterator[tuple[Tab, str, list[Step]]]:
    for tab in history.tabs:
        lives: dict[str, list[Step]] = defaultdict(list)
        for step in tab.steps:
            lives[step.conversation].append(step)
        for conversation, steps in lives.items():
            yield tab, conversation, steps
