"""Numbers without gap, and frames that say the same live, resumed and read afresh."""

import asyncio
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from hub.channels.models import Channel
from hub.channels.ports import InboundEdit, InboundReaction, MediaRef
from hub.conversations import log, messages, pages, reading, replay, threads, views
from hub.conversations.models import Tag
from hub.conversations.replay import Stretch
from hub.core.access import Actor
from hub.core.clock import SteppingClock, new_id
from hub.core.signals import Audience
from tests.hub.conversations.floor import Floor, receipt, sender, word


class Rollback(Exception):
    """Raised on purpose."""


async def test_sixteen_writers_with_rollbacks_leave_no_gap(floor: Floor) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"))
    _, conversation_id, _ = await floor.say(visitor)
    people = [await floor.actor(name=f"Agent {number}") for number in range(16)]

    async def write(actor: Actor, number: int) -> None:
        for step in range(4):
            try:
                async with floor.hub.work(actor) as work:
                    draft = messages.Draft(client_id=uuid4().hex, text=f"{number}.{step}", note=bool(step % 2))
                    await messages.reply(work, conversation_id, draft)
                    if (number + step) % 3 == 0:
                        raise Rollback
            except Rollback:
                continue

    await asyncio.gather(*(write(actor, number) for number, actor in enumerate(people)))
    await floor.assert_gapless(conversation_id)
    seen = [signal.seq for signal in floor.ear.of(conversation_id)]
    assert sorted(seen) == list(range(1, (await floor.conversation()).head_seq + 1))


async def everything(floor: Floor, line: Channel, clock: SteppingClock) -> tuple[Any, Actor]:
    """A conversation with every kind of event in it."""
    ana, at = await floor.actor(name="Ana Demo"), clock.now()
    tag = Tag(id=new_id(), name="vip", color="#2563eb", created_at=at)
    await floor.add(tag)
    floor.adapter.media["ref"] = b"bytes"
    await floor.receive(line, word("hi", at=at, vendor_id="m1", media=(MediaRef(ref="ref", mime="audio/ogg"),)))
    conversation_id = (await floor.conversation()).id
    made = await floor.reply(ana, conversation_id, "hello")
    await floor.run()
    clock.advance(seconds=1)
    await floor.receive(line, receipt("x", "read", clock.now(), our_id=made.id))
    await floor.receive(line, InboundReaction(vendor_id="r", target="m1", sender=sender(), emoji="🎉", occurred_at=at))
    await floor.receive(line, InboundEdit(vendor_id="e", target="m1", sender=sender(), text="hi!", occurred_at=at))
    note = await floor.reply(ana, conversation_id, "note", note=True)
    async with floor.hub.work(ana) as work:
        await messages.delete(work, conversation_id, note.id)
    async with floor.hub.work(ana) as work:
        await threads.tag(work, conversation_id, [tag.id])
    async with floor.hub.work(ana) as work:
        await threads.assign(work, conversation_id, user_id=None)
    async with floor.hub.work(ana) as work:
        await threads.close(work, conversation_id, disposition="sold")
    async with floor.hub.work(ana) as work:
        await threads.reopen(work, conversation_id)
    return conversation_id, ana


def plain(frame: Any) -> Any:
    return msgspec.json.decode(bytes(frame))


def without_present(frame: Any) -> Any:
    """What a frame says of the past: messages and rows are shown as they are now."""
    details = {key: value for key, value in frame["d"].items() if key not in ("message", "row")}
    return {**frame, "d": {**details, "holds": sorted(frame["d"])}}


async def test_resumed_frames_have_the_shape_of_the_live_ones(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    conversation_id, _ = await everything(floor, line, clock)
    resumed = await replay.frames(floor.hub, floor.organization_id, Stretch(conversation_id, 0, 1000, visitor=False))
    live = {signal.seq: plain(signal.event) for signal in floor.ear.of(conversation_id)}
    assert [seq for seq, _ in resumed] == sorted(live)
    for seq, frame in resumed:
        assert without_present(plain(frame)) == without_present(live[seq])
    last = resumed[-1]
    assert plain(last[1]) == live[last[0]]


async def test_replaying_the_log_over_an_old_snapshot_gives_the_new_one(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    conversation_id, ana = await everything(floor, line, clock)
    held: dict[str, Any] = {}
    for signal in floor.ear.of(conversation_id):
        frame = plain(signal.event)
        if frame["e"] == "message.delivery":
            message = held[frame["d"]["message_id"]]
            message |= {"state": frame["d"]["state"], "state_at": frame["d"]["at"], "error": frame["d"]["error"]}
        else:
            held[frame["d"]["message"]["id"]] = frame["d"]["message"]
    async with floor.hub.work(ana) as work:
        row = await views.one(work, conversation_id)
    page = await pages.page(floor.hub, ana, conversation_id, limit=200)
    fresh = msgspec.json.decode(msgspec.json.encode(page.results))
    assert sorted(held.values(), key=lambda one: one["seq"]) == fresh
    shown = plain(floor.ear.of(conversation_id)[-1].row)["row"]
    assert {**msgspec.json.decode(msgspec.json.encode(row)), "marker": None} == {**shown, "marker": None}
    assert "marker" not in shown


async def test_a_visitor_sees_every_number_and_only_what_is_theirs(floor: Floor, clock: SteppingClock) -> None:
    visitor, ana = await floor.visitor(await floor.channel("webchat")), await floor.actor()
    _, conversation_id, _ = await floor.say(visitor)
    await floor.reply(ana, conversation_id, "hello")
    await floor.reply(ana, conversation_id, "secret", note=True)
    async with floor.hub.work(visitor) as work:
        await reading.visitor_delivered(work, 10)
        await reading.visitor_read(work, 10)
    async with floor.hub.work(ana) as work:
        await threads.close(work, conversation_id, disposition="hopeless")
    async with floor.hub.work(visitor) as work:
        page = await views.visitor_messages(work, None, None, 50)
    resumed = await replay.frames(floor.hub, floor.organization_id, Stretch(conversation_id, 0, 1000, visitor=True))
    frames = [plain(frame) for _, frame in resumed]
    assert [frame["e"] for frame in frames] == [
        "hidden", "message.received", "hidden", "message.sent", "hidden", "message.delivery", "message.delivery",
        "conversation.closed",
    ]
    assert b"secret" not in b"".join(frame for _, frame in resumed)
    assert b"hopeless" not in b"".join(frame for _, frame in resumed)
    assert str(ana.user_id).encode() not in b"".join(frame for _, frame in resumed)
    assert [(one.kind, one.text, one.state) for one in page.results] == [
        ("text", "Hi", "received"), ("text", "hello", "read"), ("system", "", "sent"),
    ]
    live = [plain(signal.visitor_event) for signal in floor.ear.of(conversation_id)]
    assert [frame["e"] for frame in live] == [frame["e"] for frame in frames]
    assert live[-1] == frames[-1]


async def test_a_visitor_has_no_part_in_the_conversation_of_another(floor: Floor) -> None:
    channel = await floor.channel("webchat")
    await floor.say(await floor.visitor(channel))
    async with floor.hub.work(await floor.visitor(channel)) as work:
        assert await views.visitor_conversation(work) is None
        assert (await views.visitor_messages(work, None, None, 50)).results == []


async def test_those_who_lose_sight_are_told_by_the_former_audience(floor: Floor) -> None:
    sales, support = await floor.department("Sales"), await floor.department("Support")
    visitor = await floor.visitor(await floor.channel("webchat", department_id=sales))
    _, conversation_id, _ = await floor.say(visitor)
    async with floor.hub.work(await floor.actor("manager")) as work:
        await threads.assign(work, conversation_id, user_id=None, department_id=support)
    signal = floor.ear.of(conversation_id)[-1]
    assert (signal.was, signal.audience) == (Audience(sales, None), Audience(support, None))


async def test_nothing_is_shown_before_the_commit(floor: Floor) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"))
    _, conversation_id, _ = await floor.say(visitor)
    before = len(floor.ear.of(conversation_id))
    with pytest.raises(Rollback):
        async with floor.hub.work(floor.system) as work:
            await log.lock(work, conversation_id)
            await threads.close(work, conversation_id)
            raise Rollback
    assert len(floor.ear.of(conversation_id)) == before
