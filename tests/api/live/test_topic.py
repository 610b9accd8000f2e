"""Numbers come in any order and with holes; they leave in order, each once."""

from hypothesis import given
from hypothesis import strategies as st

from api.live.topic import Entry, Topic
from hub.core.clock import new_id
from hub.core.signals import Audience


def topic(head: int | None = 0) -> Topic:
    made = Topic(new_id(), new_id())
    if head is not None:
        made.establish(head)
    return made


def entry(seq: int) -> Entry:
    return Entry(seq, b"e%d" % seq, b"v%d" % seq)


@given(st.permutations(range(1, 12)), st.lists(st.integers(1, 11)))
def test_any_order_with_repeats_leaves_in_order_once(order: list[int], repeats: list[int]) -> None:
    made = topic()
    released = [one.seq for seq in [*order, *repeats] for one in made.accept(entry(seq))]
    assert released == list(range(1, 12))
    assert not made.behind


@given(st.sets(st.integers(1, 20)))
def test_nothing_beyond_a_hole_leaves(present: set[int]) -> None:
    made = topic()
    released = [one.seq for seq in present for one in made.accept(entry(seq))]
    assert released == list(range(1, len(released) + 1))
    assert made.behind == (max(present, default=0) > len(released))


def test_what_came_before_the_head_was_known_waits_for_it() -> None:
    made = topic(None)
    assert made.accept(entry(6)) == []
    assert made.accept(entry(4)) == []
    assert [one.seq for one in made.establish(5)] == [6]


def test_memory_serves_the_newest_and_admits_what_it_lacks() -> None:
    made = topic(10)
    for seq in (11, 12, 13):
        made.accept(entry(seq))
    assert made.recent(11, visitor=False) == [(12, b"e12"), (13, b"e13")]
    assert made.recent(13, visitor=False) == []
    assert made.recent(9, visitor=False) is None


def test_memory_is_bounded() -> None:
    made = topic()
    for seq in range(1, 1000):
        made.accept(Entry(seq, b"x" * 5000, b""))
    held = made.recent(made.head - 1 if made.head else 0, visitor=False)
    assert held is not None
    assert made.recent(made.head - 30 if made.head else 0, visitor=False) is None


def test_an_older_audience_does_not_replace_a_newer_one() -> None:
    made, new, old = topic(), Audience(new_id(), None), Audience(None, None)
    made.learn_audience(5, new)
    made.learn_audience(4, old)
    assert made.audience == new
