"""What agents and visitors write: once for each client id, in the right hands, within what the channel allows."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from hub.channels.models import Channel
from hub.conversations import messages, threads
from hub.conversations.messages import Draft
from hub.conversations.models import File, Message
from hub.core.access import Actor
from hub.core.clock import SteppingClock, new_id
from hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from tests.hub.conversations.floor import Floor, word


async def upload(floor: Floor, actor: Actor, *, mime: str = "image/png", state: str = "stored") -> File:
    row = File(id=new_id(), message_id=None, channel_id=None, name="cat.png", mime=mime, size=3, sha256=None,
               state=state, error=None, media_ref=None, uploaded_by=actor.label, width=None, height=None,
               duration=None, created_at=floor.hub.clock.now())
    await floor.add(row)
    return row


async def waiting(floor: Floor, line: Channel) -> object:
    await floor.receive(line, word(at=floor.hub.clock.now()))
    return (await floor.conversation()).id


async def test_an_answer_takes_the_conversation_and_ends_the_waiting(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    made = await floor.reply(ana, conversation_id, "Good morning!")
    conversation = await floor.conversation()
    assert (made.state, made.author_id, made.author_name) == ("queued", ana.user_id, "Ana Demo")
    assert (conversation.assignee_id, conversation.waiting_since) == (ana.user_id, None)
    assert [event.type for event in await floor.events(conversation_id)][2:] == [
        "conversation.accepted", "message.sent",
    ]


async def test_the_same_client_id_gives_the_same_message(floor: Floor, line: Channel) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    draft = Draft(client_id="client-0001", text="once")

    async def send() -> tuple[object, bool]:
        async with floor.hub.work(ana) as work:
            made, created = await messages.reply(work, conversation_id, draft)
            return made.id, created

    outcomes = await asyncio.gather(*(send() for _ in range(6)))
    assert len({message_id for message_id, _ in outcomes}) == 1
    assert sorted(created for _, created in outcomes) == [False] * 5 + [True]


async def test_the_same_client_id_with_other_words_is_refused(floor: Floor, line: Channel) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    await floor.reply(ana, conversation_id, "one", client_id="client-0001")
    with pytest.raises(Conflict, match="client_id_reused"):
        await floor.reply(ana, conversation_id, "two", client_id="client-0001")


async def test_two_senders_may_use_the_same_client_id(floor: Floor, line: Channel) -> None:
    conversation_id, ana, bea = await waiting(floor, line), await floor.actor(), await floor.actor()
    first = await floor.reply(ana, conversation_id, "one", client_id="client-0001")
    second = await floor.reply(bea, conversation_id, "two", client_id="client-0001")
    assert first.id != second.id


async def test_after_24_hours_only_notes_are_taken(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    clock.advance(hours=24, seconds=1)
    with pytest.raises(Conflict, match="window_closed"):
        await floor.reply(ana, conversation_id)
    note = await floor.reply(ana, conversation_id, "call her", note=True)
    assert (note.state, note.note) == ("sent", True)
    assert "deliver" not in await floor.run()


async def test_a_note_takes_nothing_and_reopens_nothing(floor: Floor, line: Channel) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    async with floor.hub.work(ana) as work:
        await threads.close(work, conversation_id)
    await floor.reply(ana, conversation_id, "for later", note=True)
    conversation = await floor.conversation()
    assert (conversation.status, conversation.assignee_id) == ("closed", None)
    assert conversation.last_message["text"] == "Hello"


async def test_an_answer_to_a_closed_conversation_reopens_it_for_the_sender(floor: Floor, line: Channel) -> None:
    conversation_id, ana, bea = await waiting(floor, line), await floor.actor(), await floor.actor()
    await floor.reply(ana, conversation_id)
    async with floor.hub.work(ana) as work:
        await threads.close(work, conversation_id)
    await floor.reply(bea, conversation_id, "one more thing")
    conversation = await floor.conversation()
    assert (conversation.status, conversation.assignee_id) == ("open", bea.user_id)
    assert [event.type for event in await floor.events(conversation_id)][-3:] == [
        "conversation.reopened", "conversation.accepted", "message.sent",
    ]


async def test_a_web_chat_answer_is_sent_at_once(floor: Floor) -> None:
    visitor, ana = await floor.visitor(await floor.channel("webchat")), await floor.actor()
    _, conversation_id, _ = await floor.say(visitor)
    assert (await floor.reply(ana, conversation_id)).state == "sent"
    assert await floor.run() == []


async def test_a_visitors_first_word_makes_contact_and_conversation_once(floor: Floor) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"), "Vera")
    outcomes = await asyncio.gather(*(floor.say(visitor, "Hi", client_id="client-0001") for _ in range(5)))
    assert len({(message.id, conversation) for message, conversation, _ in outcomes}) == 1
    assert (await floor.messages())[0].author_name == "Vera"
    assert (await floor.conversation()).inbound_count == 1


async def test_a_visitor_cannot_write_notes(floor: Floor) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"))
    with pytest.raises(Invalid):
        await floor.say(visitor, note=True)


async def test_an_upload_hangs_on_one_message_only(floor: Floor, line: Channel) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    file = await upload(floor, ana)
    made = await floor.reply(ana, conversation_id, "look", attachment_ids=[file.id])
    assert (made.kind, made.text, [one.id for one in made.attachments]) == ("image", "look", [file.id])
    with pytest.raises(NotFound):
        await floor.reply(ana, conversation_id, "again", attachment_ids=[file.id])


async def test_somebody_elses_upload_is_not_there(floor: Floor, line: Channel) -> None:
    conversation_id, ana, bea = await waiting(floor, line), await floor.actor(), await floor.actor()
    file = await upload(floor, bea)
    with pytest.raises(NotFound):
        await floor.reply(ana, conversation_id, "", attachment_ids=[file.id])


@pytest.mark.parametrize("fields", [
    {"text": "  "}, {"text": "x" * 4097}, {"text": "x", "kind": "image"}, {"text": "x", "attachment_ids": [1, 2]},
])
async def test_what_cannot_be_a_message_is_refused(floor: Floor, line: Channel, fields: dict[str, object]) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    if "attachment_ids" in fields:
        fields = {**fields, "attachment_ids": [uuid4(), uuid4()]}
    with pytest.raises(Invalid):
        await floor.reply(ana, conversation_id, **fields)


async def test_a_voice_note_takes_no_text_on_whatsapp(floor: Floor, line: Channel) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    file = await upload(floor, ana, mime="audio/ogg")
    with pytest.raises(Invalid):
        await floor.reply(ana, conversation_id, "listen", attachment_ids=[file.id], kind="voice")
    assert (await floor.reply(ana, conversation_id, "", attachment_ids=[file.id], kind="voice")).kind == "voice"


async def test_a_note_is_never_quoted_to_the_customer(floor: Floor, line: Channel) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    note = await floor.reply(ana, conversation_id, "secret", note=True)
    with pytest.raises(Invalid):
        await floor.reply(ana, conversation_id, "answer", reply_to_id=note.id)


async def test_viewers_read_and_do_not_write(floor: Floor, line: Channel) -> None:
    conversation_id = await waiting(floor, line)
    with pytest.raises(Forbidden):
        await floor.reply(await floor.actor("viewer"), conversation_id)


async def test_a_foreign_conversation_is_not_there(floor: Floor, stranger: Floor) -> None:
    visitor = await stranger.visitor(await stranger.channel("webchat"))
    _, foreign, _ = await stranger.say(visitor)
    ana = await floor.actor("owner")
    for missing in (foreign, uuid4()):
        with pytest.raises(NotFound):
            await floor.reply(ana, missing)


async def test_web_chat_messages_can_be_edited_and_taken_back_by_their_author(floor: Floor) -> None:
    visitor, ana, bea = await floor.visitor(await floor.channel("webchat")), await floor.actor(), await floor.actor()
    _, conversation_id, _ = await floor.say(visitor)
    made = await floor.reply(ana, conversation_id, "helo")
    async with floor.hub.work(ana) as work:
        assert (await messages.edit(work, conversation_id, made.id, "hello")).text == "hello"
    async with floor.hub.work(bea) as work:
        with pytest.raises(Forbidden):
            await messages.delete(work, conversation_id, made.id)
    async with floor.hub.work(ana) as work:
        gone = await messages.delete(work, conversation_id, made.id)
    assert (gone.text, gone.deleted_at is not None) == ("", True)


async def test_whatsapp_messages_cannot_be_edited(floor: Floor, line: Channel) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    made = await floor.reply(ana, conversation_id)
    async with floor.hub.work(ana) as work:
        with pytest.raises(Conflict, match="not_supported_by_channel"):
            await messages.edit(work, conversation_id, made.id, "other")


async def test_a_reaction_goes_out_to_the_provider(floor: Floor, line: Channel) -> None:
    await floor.receive(line, word(at=floor.hub.clock.now(), vendor_id="m1"))
    ana, message = await floor.actor(), (await floor.messages())[0]
    async with floor.hub.work(ana) as work:
        seen = await messages.react(work, message.conversation_id, message.id, "👍")
    await floor.run()
    assert [one.emoji for one in seen.reactions] == ["👍"]
    assert [(one.kind, one.target, one.text) for one in floor.adapter.sent] == [("reaction", "m1", "👍")]


async def test_a_paused_channel_takes_no_answers(floor: Floor, line: Channel) -> None:
    conversation_id, ana = await waiting(floor, line), await floor.actor()
    async with floor.session() as session:
        (await session.get(Channel, line.id)).state = "paused"
    with pytest.raises(Conflict, match="channel_unavailable"):
        await floor.reply(ana, conversation_id)


async def test_the_window_follows_the_customers_own_time(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.receive(line, word(at=clock.now() - timedelta(hours=25)))
    with pytest.raises(Conflict, match="window_closed"):
        await floor.reply(await floor.actor(), (await floor.conversation()).id)
    assert await floor.count(Message) == 2
