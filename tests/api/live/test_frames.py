"""Strict decoding: what is not a frame of the protocol is a bad frame, whatever it is."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.live.frames import BadFrame, Subscribe, decode, encode
from api.live.frames import Subscribed as SubscribedFrame
from hub.core.clock import new_id


@pytest.mark.parametrize("text", [
    None, "", "nonsense", "[]", "null", "{}", '{"t":"nobody"}', '{"t":"pong","extra":1}',
    '{"t":"read","id":"x","seq":1}',
    '{"t":"read","id":"00000000-0000-0000-0000-000000000000","seq":-1}',
    '{"t":"read","id":"00000000-0000-0000-0000-000000000000","seq":99999999999999999999999}',
    '{"t":"presence","state":"asleep"}', '{"t":"hello","ticket":"","v":1}', '{"t":"hello","ticket":"x","v":2}',
    '{"t":"send","client_id":"short","text":"hi"}', '{"t":"pong","ref":"' + "r" * 65 + '"}', "[" * 50_000,
    '{"t":"pong","ref":"\ud800"}',
])
def test_a_bad_frame_is_refused(text: str | None) -> None:
    with pytest.raises(BadFrame):
        decode(text)


def test_a_frame_above_the_limit_is_refused_in_characters_and_in_bytes() -> None:
    for text in ("x" * 70_000, "é" * 40_000):
        with pytest.raises(BadFrame):
            decode(json.dumps({"t": "send", "client_id": "12345678", "text": text}, ensure_ascii=False))


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), lambda leaf: st.dictionaries(
    st.sampled_from(["t", "id", "topic", "from", "ref", "text", "x"]), leaf | st.lists(leaf))).map(json.dumps))
def test_anything_at_all_decodes_or_is_a_bad_frame(text: str) -> None:
    with contextlib.suppress(BadFrame):
        decode(text)


def test_the_place_to_resume_from_is_called_from() -> None:
    conversation_id = new_id()
    frame = decode(json.dumps({
        "t": "subscribe", "topic": "conversation", "id": str(conversation_id), "from": 7, "epoch": "e", "ref": "r1",
    }))
    assert frame == Subscribe(topic="conversation", id=conversation_id, from_=7, epoch="e", ref="r1")


def test_what_is_not_set_is_left_out() -> None:
    assert encode(SubscribedFrame(topic="inbox")) == b'{"t":"subscribed","topic":"inbox"}'
