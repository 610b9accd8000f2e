"""The checker itself: it counts only if it finds what is wrong."""

import pytest

from tests.chaos.history import Held, History, violations, without

GOOD = Held(
    messages=[("m1", "c", 2, "v1", None, "received"), ("m2", "c", 3, "w2", "k2", "read")],
    numbers={"c": [1, 2, 3, 4]}, heads={"c": 4},
)
SEEN = History(acknowledged={"v1"}, answered={"k2": "m2"}, tried={"k2"})


def test_a_whole_history_has_no_violation() -> None:
    assert violations(SEEN, GOOD, ["m2"]) == []


@pytest.mark.parametrize(("held", "transmitted", "invariant"), [
    (without(GOOD, 0), ["m2"], "D1"),
    (without(GOOD, 1), [], "D1"),
    (Held([*GOOD.messages, ("m3", "c", 5, "v1", None, "received")], GOOD.numbers, GOOD.heads), ["m2"], "I1"),
    (Held([*GOOD.messages, ("m3", "c", 5, None, "k2", "read")], GOOD.numbers, GOOD.heads), ["m2", "m3"], "I4"),
    (Held(GOOD.messages, {"c": [1, 2, 4, 5]}, {"c": 4}), ["m2"], "O1"),
    (Held(GOOD.messages, {"c": [1, 2, 3]}, {"c": 4}), ["m2"], "O1"),
    (GOOD, ["m2", "m2"], "S1"),
    (GOOD, [], "S1"),
])
def test_each_broken_promise_is_named(held: Held, transmitted: list[str], invariant: str) -> None:
    found = violations(SEEN, held, transmitted)
    assert any(line.startswith(invariant) for line in found), found
