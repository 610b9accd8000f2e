"""Buckets that fill again: what they let through, in a table and in memory."""

import pytest

from hub.core.clock import SteppingClock
from hub.core.errors import LimitReached
from hub.core.rates import Rate, drawn, parsed, take
from providers.memory import MemoryRates

RATE = Rate("user", 60, 3)  # one a second, three at once


@pytest.mark.parametrize(("full_at", "now", "allowed", "remaining", "seconds"), [
    (0.0, 100.0, True, 2, 1.0),      # full: one is gone, and back in a second
    (100.0, 100.0, True, 2, 1.0),
    (101.5, 100.0, True, 0, 2.5),    # one and a half are missing: the half that is left is no request
    (102.0, 100.0, True, 0, 3.0),    # the last one
    (102.5, 100.0, False, 0, 0.5),   # empty: half a second until there is one
    (103.0, 100.0, False, 0, 1.0),
])
def test_a_bucket_gives_what_it_holds(
    full_at: float, now: float, allowed: bool, remaining: int, seconds: float
) -> None:
    next_full, answer = drawn(full_at, now, RATE)
    assert (answer.allowed, answer.remaining, answer.seconds) == (allowed, remaining, pytest.approx(seconds))
    assert next_full == (pytest.approx(max(full_at, now) + 1) if allowed else full_at)


def test_a_setting_names_a_rate_or_none() -> None:
    assert parsed("user", "600/100") == Rate("user", 600, 100)
    assert parsed("user", "0") is None
    assert (Rate("user", 600, 100).window, Rate("user", 7, 3).window) == (10, 26)


async def test_a_burst_goes_through_and_then_one_at_a_time() -> None:
    clock = SteppingClock()
    store = MemoryRates(clock)
    assert [(await store.take("a", RATE)).remaining for _ in range(3)] == [2, 1, 0]
    assert not (await store.take("a", RATE)).allowed
    assert (await store.take("b", RATE)).allowed  # another's bucket
    clock.advance(seconds=1)
    assert [(await store.take("a", RATE)).allowed for _ in range(2)] == [True, False]
    clock.advance(hours=1)
    assert [(await store.take("a", RATE)).remaining for _ in range(3)] == [2, 1, 0]


async def test_an_empty_bucket_says_how_long_to_wait_and_which_limit_it_was() -> None:
    store = MemoryRates(SteppingClock())
    for _ in range(3):
        await take(store, RATE, "key")
    with pytest.raises(LimitReached) as refused:
        await take(store, RATE, "key")
    assert (refused.value.code, refused.value.quota) == ("rate_limited", ("user", 3, 3))
    assert refused.value.retry_after == pytest.approx(1)
    assert await take(store, None, "key") is None


async def test_full_buckets_are_forgotten_little_by_little() -> None:
    clock = SteppingClock()
    store = MemoryRates(clock)
    for number in range(100):
        await store.take(str(number), RATE)
    assert len(store) == 100
    clock.advance(minutes=1)
    assert [len(store) for _ in range(60) if await store.take("another", RATE)][-1] == 1
