"""A note calls colleagues in: they find it among their mentions until they have read it."""

from typing import Any
from uuid import uuid4

import pytest

from hub.channels.models import Channel
from hub.conversations import messages, reading, views
from hub.conversations.views import Wanted
from hub.core.access import Actor
from hub.core.clock import SteppingClock
from hub.core.errors import Invalid
from tests.hub.conversations.floor import Floor, sender, word


@pytest.fixture
async def conversation_id(floor: Floor, line: Channel) -> Any:
    await floor.receive(line, word(at=floor.hub.clock.now()))
    return (await floor.conversation()).id


async def note(floor: Floor, actor: Actor, conversation_id: Any, *people: Actor, **fields: Any) -> Any:
    fields = {"note": True, **fields}
    return await floor.reply(actor, conversation_id, "look", mention_ids=[one.user_id for one in people], **fields)


async def mentions_of(floor: Floor, actor: Actor) -> tuple[list[Any], int]:
    """(conversations in the view, unseen by the count)."""
    async with floor.hub.work(actor) as work:
        page = await views.page(work, Wanted(view="mentions"))
        return [row.id for row in page.results], (await views.counts(work)).mentions


async def test_a_note_names_whom_it_calls_and_they_find_it_until_they_read(
    floor: Floor, conversation_id: Any
) -> None:
    ana, bea = await floor.actor(name="Ana Demo"), await floor.actor(name="Bea Demo")
    made = await note(floor, ana, conversation_id, bea, bea, ana)
    assert made.content == {"mentions": [{"id": str(bea.user_id), "name": "Bea Demo"},
                                         {"id": str(ana.user_id), "name": "Ana Demo"}]}
    assert await mentions_of(floor, bea) == ([conversation_id], 1)
    assert await mentions_of(floor, ana) == ([conversation_id], 0)
    async with floor.hub.work(bea) as work:
        await reading.mark_read(work, conversation_id, made.seq - 1)
    assert await mentions_of(floor, bea) == ([conversation_id], 1)
    async with floor.hub.work(bea) as work:
        await reading.mark_read(work, conversation_id, made.seq)
    assert await mentions_of(floor, bea) == ([conversation_id], 0)


async def test_a_repeated_note_calls_once(floor: Floor, conversation_id: Any) -> None:
    ana, bea = await floor.actor(), await floor.actor()
    first = await note(floor, ana, conversation_id, bea, client_id="client-0001")
    again = await note(floor, ana, conversation_id, bea, client_id="client-0001")
    assert first.id == again.id
    assert await mentions_of(floor, bea) == ([conversation_id], 1)


async def test_the_newest_mention_comes_first(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    ana, bea, ids = await floor.actor(), await floor.actor(), []
    for number in range(3):
        await floor.receive(line, word(at=clock.now(), sender=sender(f"55119{number:08d}", f"c{number}")))
    async with floor.hub.work(ana) as work:
        ids = [row.id for row in (await views.page(work, Wanted())).results]
    for conversation_id in (ids[1], ids[0], ids[2]):
        clock.advance(seconds=1)
        await note(floor, ana, conversation_id, bea)
    clock.advance(seconds=1)
    await floor.reply(ana, ids[0])
    cursor, found = None, []
    while True:
        async with floor.hub.work(bea) as work:
            page = await views.page(work, Wanted(view="mentions", limit=2, cursor=cursor))
        found += [row.id for row in page.results]
        if (cursor := page.next_cursor) is None:
            break
    assert found == [ids[2], ids[0], ids[1]]


async def test_only_who_may_see_the_conversation_can_be_called(
    floor: Floor, stranger: Floor, line: Channel, conversation_id: Any
) -> None:
    from hub.conversations import threads

    sales = await floor.department()
    ana, inside, boss = await floor.actor(departments=[sales]), await floor.actor(departments=[sales]), \
        await floor.actor("manager")
    async with floor.hub.work(ana) as work:
        await threads.assign(work, conversation_id, user_id=None, department_id=sales)
    await note(floor, ana, conversation_id, inside, boss)
    outside, gone, foreign = await floor.actor(), await floor.actor("owner", active=False), await stranger.actor()
    for one in (outside, gone, foreign):
        with pytest.raises(Invalid, match="mention_cannot_see"):
            await note(floor, ana, conversation_id, inside, one)
    async with floor.hub.work(ana) as work:
        with pytest.raises(Invalid, match="mention_cannot_see"):
            await messages.reply(work, conversation_id, messages.Draft(
                client_id=uuid4().hex, text="x", note=True, mention_ids=[uuid4()]))


async def test_answers_to_the_customer_call_nobody(floor: Floor, conversation_id: Any) -> None:
    ana = await floor.actor()
    with pytest.raises(Invalid):
        await note(floor, ana, conversation_id, ana, note=False)


async def test_a_note_taken_back_calls_nobody(floor: Floor, conversation_id: Any) -> None:
    ana, bea = await floor.actor(), await floor.actor()
    made = await note(floor, ana, conversation_id, bea)
    async with floor.hub.work(ana) as work:
        await messages.delete(work, conversation_id, made.id)
    assert await mentions_of(floor, bea) == ([], 0)


async def test_who_is_called_is_notified_in_the_same_breath(floor: Floor, conversation_id: Any) -> None:
    from hub.conversations import notifications

    ana, bea = await floor.actor(), await floor.actor()
    made = await note(floor, ana, conversation_id, bea, ana)
    async with floor.hub.work(bea) as work:
        (one,) = (await notifications.page(work)).results
    async with floor.hub.work(ana) as work:
        assert (await notifications.page(work)).results == []
    assert (one.kind, one.message_id, one.text) == ("mention", made.id, "look")
