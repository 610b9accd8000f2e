"""What has to be exact in every run, whatever the speed: nothing lost, nothing twice, nothing out of order."""

import itertools
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence


def stored_as_acknowledged(acknowledged: int, stored: int) -> list[str]:
    """Rows stored over acknowledged is 1.000."""
    if acknowledged == stored:
        return []
    return [f"{acknowledged} acknowledged, {stored} stored"]


def all_delivered(messages: int, participants: int, deliveries: int) -> list[str]:
    """Deliveries over messages and participants is 1.000."""
    wanted = messages * participants
    return [] if deliveries == wanted else [f"{deliveries} deliveries of {wanted}"]


def same_for_all(room: str, seen: Sequence[Sequence[Hashable]]) -> list[str]:
    """Every participant saw the same messages in the same order, each once."""
    found = []
    for index, one in enumerate(seen):
        if twice := [message for message, count in Counter(one).items() if count > 1]:
            found.append(f"{room}: participant {index} got {twice[0]} twice ({len(twice)} such)")
    if seen and any(list(one) != list(seen[0]) for one in seen):
        found.append(f"{room}: participants saw different orders")
    return found


def gap_free(logs: Mapping[str, Sequence[int]]) -> list[str]:
    """Each conversation's numbers rise by one."""
    return [
        f"{name}: numbers with a gap or out of order" for name, numbers in logs.items()
        if any(later != earlier + 1 for earlier, later in itertools.pairwise(numbers))
    ]
