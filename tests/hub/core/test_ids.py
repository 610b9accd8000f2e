"""Identifiers: of version 7, in the order of the milliseconds, never twice, also not after a fork."""

import os
import time

from hub.core.clock import new_id


def test_ids_are_of_version_seven_and_begin_with_their_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_are_never_the_same() -> None:
    made = [new_id() for _ in range(20_000)]
    assert len({one.int & (2**74 - 1) for one in made}) == len(made)


def test_a_fork_does_not_deal_out_what_its_parent_does() -> None:
    new_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_id().bytes)
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 16)[6:] != new_id().bytes[6:]
    os.close(reading)
    os.close(writing)
