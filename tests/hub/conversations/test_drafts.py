"""What was begun is kept, shown to one's own other screens alone, and gone once it is sent."""

from typing import Any
from uuid import uuid4

import pytest

from hub.channels.models import Channel
from hub.conversations import drafts, views
from hub.conversations.messages import Draft, reply
from hub.core.access import Actor
from hub.core.clock import SteppingClock
from hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from hub.core.signals import DraftSignal
from tests.hub.conversations.floor import Floor, word


@pytest.fixture
async def conversation_id(floor: Floor, line: Channel) -> Any:
    await floor.receive(line, word(at=floor.hub.clock.now()))
    return (await floor.conversation()).id


async def keep(floor: Floor, actor: Actor, conversation_id: Any, text: str, mode: Any = "reply", **fields: Any) -> None:
    async with floor.hub.work(actor) as work:
        await drafts.keep(work, conversation_id, mode, text, **fields)


async def kept(floor: Floor, actor: Actor, conversation_id: Any) -> tuple[str | None, str | None]:
    async with floor.hub.work(actor) as work:
        found = (await views.detail(work, conversation_id)).drafts
    return found.reply.text if found.reply else None, found.note.text if found.note else None


def told(floor: Floor) -> list[tuple[str, str, str]]:
    return [(one.mode, one.text, one.origin) for one in floor.ear.heard if isinstance(one, DraftSignal)]


async def test_one_answer_and_one_note_are_kept_for_each_person(floor: Floor, conversation_id: Any) -> None:
    ana, bea = await floor.actor(), await floor.actor()
    await keep(floor, ana, conversation_id, "Hel", origin="tab-1")
    await keep(floor, ana, conversation_id, "Hello")
    await keep(floor, ana, conversation_id, "aside", "note")
    assert await kept(floor, ana, conversation_id) == ("Hello", "aside")
    assert await kept(floor, bea, conversation_id) == (None, None)
    assert told(floor) == [("reply", "Hel", "tab-1"), ("reply", "Hello", ""), ("note", "aside", "")]


async def test_no_words_forget_it_and_say_so_once(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    for text in ("Hello", "  ", ""):
        await keep(floor, ana, conversation_id, text)
    assert await kept(floor, ana, conversation_id) == (None, None)
    assert told(floor) == [("reply", "Hello", ""), ("reply", "", "")]


async def test_sending_takes_the_draft_of_its_mode_with_it(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    await keep(floor, ana, conversation_id, "Hello")
    await keep(floor, ana, conversation_id, "aside", "note")
    await floor.reply(ana, conversation_id, "Hello")
    assert await kept(floor, ana, conversation_id) == (None, "aside")
    await floor.reply(ana, conversation_id, "aside", note=True)
    assert await kept(floor, ana, conversation_id) == (None, None)


async def test_a_refused_answer_leaves_the_draft(floor: Floor, conversation_id: Any, clock: SteppingClock) -> None:
    ana = await floor.actor()
    await keep(floor, ana, conversation_id, "Hello")
    clock.advance(days=2)
    async with floor.hub.work(ana) as work:
        with pytest.raises(Conflict, match="window_closed"):
            await reply(work, conversation_id, Draft(client_id=uuid4().hex, text="Hello"))
    assert await kept(floor, ana, conversation_id) == ("Hello", None)


async def test_all_of_them_are_listed_newest_first_where_they_may_be_seen(
    floor: Floor, conversation_id: Any, clock: SteppingClock
) -> None:
    from hub.conversations import threads

    ana, boss = await floor.actor(), await floor.actor("manager")
    await keep(floor, ana, conversation_id, "Hello")
    clock.advance(seconds=1)
    await keep(floor, ana, conversation_id, "aside", "note")
    async with floor.hub.work(ana) as work:
        assert [one.text for one in (await drafts.listed(work)).results] == ["aside", "Hello"]
    async with floor.hub.work(boss) as work:
        await threads.assign(work, conversation_id, user_id=None, department_id=await floor.department())
    async with floor.hub.work(ana) as work:
        assert (await drafts.listed(work)).results == []
    with pytest.raises(NotFound):
        await keep(floor, ana, conversation_id, "Hello again")


async def test_what_is_answered_to_is_a_message_of_this_conversation(
    floor: Floor, stranger: Floor, conversation_id: Any
) -> None:
    ana = await floor.actor()
    (message,) = await floor.messages()
    await keep(floor, ana, conversation_id, "Hello", reply_to_id=message.id)
    visitor = await stranger.visitor(await stranger.channel("webchat"))
    foreign, _, _ = await stranger.say(visitor)
    for other in (foreign.id, uuid4()):
        with pytest.raises(NotFound):
            await keep(floor, ana, conversation_id, "Hello", reply_to_id=other)


async def test_too_much_viewers_and_strangers_are_refused(
    floor: Floor, stranger: Floor, conversation_id: Any
) -> None:
    with pytest.raises(Invalid):
        await keep(floor, await floor.actor(), conversation_id, "x" * 20_001)
    with pytest.raises(Forbidden):
        await keep(floor, await floor.actor("viewer"), conversation_id, "x")
    with pytest.raises(NotFound):
        await keep(stranger, await stranger.actor("owner"), conversation_id, "x")
