"""What is kept and what is shed when a client reads too slowly."""

from api.live.outbox import Kind, Outbox
from hub.core.clock import new_id


def drained(outbox: Outbox) -> list[bytes]:
    found = []
    while (waiting := outbox.take()) is not None:
        found.append(waiting[1])
    return found


def test_frames_leave_in_order() -> None:
    outbox = Outbox(100)
    assert all(outbox.put(Kind.EVENT, frame) for frame in (b"a", b"b", b"c"))
    assert drained(outbox) == [b"a", b"b", b"c"]


def test_typing_and_beats_make_room_for_events() -> None:
    outbox = Outbox(10)
    outbox.put(Kind.TYPING, b"tttt")
    outbox.put(Kind.BEAT, b"bbbb")
    assert outbox.put(Kind.EVENT, b"eeeeee")
    assert drained(outbox) == [b"eeeeee"]


def test_the_newest_row_of_each_conversation_stays() -> None:
    outbox, one, other = Outbox(9), new_id(), new_id()
    outbox.put(Kind.ROW, b"1a1", one)
    outbox.put(Kind.ROW, b"2a2", other)
    outbox.put(Kind.ROW, b"1b1", one)
    assert outbox.put(Kind.ROW, b"1c1", one)
    assert drained(outbox) == [b"2a2", b"1c1"]


def test_a_row_and_a_presence_of_one_key_are_different_things() -> None:
    outbox, key = Outbox(6), new_id()
    outbox.put(Kind.ROW, b"row", key)
    outbox.put(Kind.PRESENCE, b"pre", key)
    assert outbox.put(Kind.PRESENCE, b"new", key)
    assert drained(outbox) == [b"row", b"new"]


def test_what_may_not_be_dropped_is_refused_when_full() -> None:
    outbox = Outbox(6)
    outbox.put(Kind.EVENT, b"eee")
    outbox.put(Kind.ANSWER, b"aaa")
    assert not outbox.put(Kind.EVENT, b"fff")
    assert outbox.put(Kind.TYPING, b"ttt")  # let go, which its client never notices
    assert drained(outbox) == [b"eee", b"aaa"]


def test_the_number_of_frames_is_bounded_too() -> None:
    outbox = Outbox(10_000, frames_limit=3)
    assert [outbox.put(Kind.EVENT, b"e") for _ in range(4)] == [True, True, True, False]


def test_one_frame_alone_always_fits() -> None:
    outbox = Outbox(4)
    assert outbox.put(Kind.EVENT, b"larger than the limit")
    assert not outbox.put(Kind.EVENT, b"x")
