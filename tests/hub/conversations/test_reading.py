"""How far people have read, who is typing, and what the customer's app is told of it."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select

from hub.channels.models import Channel
from hub.conversations import reading
from hub.conversations.typing import typing
from hub.core.clock import SteppingClock
from hub.core.errors import Forbidden, NotFound
from hub.core.outbox import OutboxRow
from hub.core.signals import MarkerSignal, TypingSignal
from tests.hub.conversations.floor import Floor, word


@pytest.fixture
async def conversation_id(floor: Floor, line: Channel) -> Any:
    """Opened (1), then three words of the customer (2, 3, 4)."""
    at = floor.hub.clock.now()
    await floor.receive(line, *(word(str(number), at=at, vendor_id=f"in-{number}") for number in (2, 3, 4)))
    return (await floor.conversation()).id


async def test_reading_counts_what_was_seen_and_tells_the_other_tabs(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    async with floor.hub.work(ana) as work:
        seen = await reading.mark_read(work, conversation_id, 3)
    assert (seen.seq, seen.inbound_seen) == (3, 2)
    signal = floor.ear.heard[-1]
    assert isinstance(signal, MarkerSignal)
    assert (signal.user_id, signal.seq, signal.inbound_seen) == (ana.user_id, 3, 2)


async def test_a_marker_only_moves_forward_and_not_past_the_head(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    for seq, expected in ((900, 4), (2, 4)):
        async with floor.hub.work(ana) as work:
            assert (await reading.mark_read(work, conversation_id, seq)).seq == expected


async def test_marking_unread_puts_the_marker_before_the_last_word(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    async with floor.hub.work(ana) as work:
        await reading.mark_read(work, conversation_id, 4)
    async with floor.hub.work(ana) as work:
        assert await reading.mark_unread(work, conversation_id) == reading.MarkerView(seq=3, inbound_seen=2)


async def test_the_customers_ticks_turn_blue_once(floor: Floor, conversation_id: Any) -> None:
    for actor in (await floor.actor(), await floor.actor()):
        async with floor.hub.work(actor) as work:
            await reading.mark_read(work, conversation_id, 4)
    await floor.run()
    assert floor.adapter.ticked == [("in-4", False)]


async def test_typing_is_shown_and_told_outside_once_in_twenty_seconds(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    ana = await floor.actor()
    for _ in range(3):
        async with floor.hub.work(ana) as work:
            await typing(work, conversation_id, True)
    await floor.run()
    signals = [one for one in floor.ear.heard if isinstance(one, TypingSignal)]
    assert [(one.who_kind, one.who_name, one.on) for one in signals] == [("agent", "Ana Demo", True)] * 3
    assert floor.adapter.ticked == [("in-4", True)]


async def test_typing_that_comes_too_late_is_not_told(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    async with floor.hub.work(await floor.actor()) as work:
        await typing(work, conversation_id, True)
    clock.advance(seconds=21)
    await floor.run()
    assert floor.adapter.ticked == []
    async with floor.session() as session:
        assert set(await session.scalars(select(OutboxRow.state))) == {"done"}


async def test_a_visitor_types_under_the_contacts_name(floor: Floor) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"), "Vera")
    _, conversation_id, _ = await floor.say(visitor)
    async with floor.hub.work(visitor) as work:
        await typing(work, conversation_id, True)
    signal = floor.ear.heard[-1]
    assert isinstance(signal, TypingSignal)
    assert (signal.who_kind, signal.who_id, signal.who_name) == ("customer", None, "Vera")


async def test_viewers_do_not_type_and_strangers_find_nothing(
    floor: Floor, stranger: Floor, conversation_id: Any
) -> None:
    async with floor.hub.work(await floor.actor("viewer")) as work:
        with pytest.raises(Forbidden):
            await typing(work, conversation_id, True)
    async with stranger.hub.work(await stranger.actor("owner")) as work:
        with pytest.raises(NotFound):
            await typing(work, conversation_id, True)
        with pytest.raises(NotFound):
            await reading.mark_read(work, conversation_id, 1)


async def test_a_visitor_sees_that_their_words_were_read(floor: Floor) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"), "Vera")
    _, conversation_id, _ = await floor.say(visitor, "One")
    last, _, _ = await floor.say(visitor, "Two")
    for actor in (await floor.actor(), await floor.actor()):
        async with floor.hub.work(actor) as work:
            await reading.mark_read(work, conversation_id, last.seq)
    shown = [json.loads(bytes(signal.visitor_event)) for signal in floor.ear.of(conversation_id)]
    ticks = [frame["d"] for frame in shown if frame["e"] == "message.delivery"]
    assert [(tick["message_id"], tick["state"]) for tick in ticks] == [(str(last.id), "read")]
    assert [message.state for message in await floor.messages(conversation_id)] == ["received", "read"]
    await floor.assert_gapless(conversation_id)


async def test_of_many_tabs_that_read_at_once_the_furthest_counts(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()

    async def read(seq: int) -> None:
        async with floor.hub.work(ana) as work:
            await reading.mark_read(work, conversation_id, seq)

    for _ in range(5):
        async with floor.hub.work(ana) as work:
            await reading.mark_unread(work, conversation_id)
        await asyncio.gather(*(read(seq) for seq in (4, 3, 2, 4, 3, 2, 1)))
        async with floor.hub.work(ana) as work:
            assert (await reading.marker(work, conversation_id)).seq == 4
