"""Paging: pages have bounds, and a cursor that is not ours is refused, never a crash."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import Invalid
from hub.core.paging import PageRequest, decode_cursor, encode_cursor

SHAPE = tuple[int, str]


@given(st.integers(min_value=-(2**53), max_value=2**53), st.text())
def test_a_cursor_says_what_it_was_made_of(number: int, text: str) -> None:
    assert decode_cursor(encode_cursor(number, text), SHAPE) == (number, text)


@given(st.text())
def test_whatever_comes_as_a_cursor_is_read_or_refused(cursor: str) -> None:
    try:
        decode_cursor(cursor, SHAPE)
    except Invalid:
        return


@pytest.mark.parametrize("cursor", [
    "", "A", "%00", "null", "../../etc", encode_cursor("a", 1), encode_cursor(1), encode_cursor(1, "a", 2), "é" * 9,
    base64.urlsafe_b64encode(b"[1e999,\"a\"]").decode(), base64.urlsafe_b64encode(b"[" * 5000).decode(),
])
def test_a_hostile_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(cursor, SHAPE)


@pytest.mark.parametrize("asked", [
    {"page": 0}, {"page": -1}, {"page": 1_000_001}, {"page_size": 0}, {"page_size": 101},
])
def test_a_page_out_of_bounds_is_refused(asked: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        PageRequest(**asked)
