"""What providers say has its effect once, in one place, whatever the order and however often it is said."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from hub.channels.models import Channel
from hub.channels.ports import InboundEdit, InboundReaction, InboundRevoke, MediaRef, Parcel, Sender
from hub.conversations import inbound, revisions
from hub.conversations.models import Conversation, File, Message, Reaction
from hub.core import intake, outbox
from hub.core.clock import SteppingClock
from hub.core.runner import run_leased
from hub.crm.models import Contact
from tests.hub.conversations.floor import Floor, sender, word


async def test_first_word_opens_a_conversation_with_its_line_before_it(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    await floor.receive(line, word("Good morning", at=clock.now()))
    conversation = await floor.conversation()
    found = [(one.seq, one.kind, one.text, one.content.get("event")) for one in await floor.messages(lines=True)]
    assert found == [(1, "system", "", "opened"), (2, "text", "Good morning", None)]
    assert (conversation.status, conversation.inbound_count, conversation.head_seq) == ("open", 1, 2)
    assert conversation.last_message["text"] == "Good morning"
    assert conversation.waiting_since == conversation.last_inbound_at == clock.now()


async def test_twenty_deliveries_of_one_webhook_over_eight_tasks_have_one_effect(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    parcels = floor.heard(line, word(at=clock.now(), vendor_id="wamid-1"))
    bodies = [[*parcels] if number % 2 else [*parcels, *parcels] for number in range(20)]
    gate = asyncio.Semaphore(8)

    async def deliver(number: int) -> None:
        async with gate:
            await floor.take(bodies[number], key=str(number // 2))
            while (job := await floor.claim("intake")) is not None:
                await run_leased(floor.hub, job)

    await asyncio.gather(*(deliver(number) for number in range(20)))
    conversation = await floor.conversation()
    assert len(await floor.messages()) == 1
    assert (conversation.head_seq, conversation.inbound_count) == (2, 1)
    await floor.assert_gapless(conversation.id)


async def test_a_crash_after_the_intake_commit_loses_nothing(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    await floor.take(floor.heard(line, word(at=clock.now())), apart=True)
    dead = await floor.claim("intake")
    assert dead is not None  # leased by a process that dies here
    clock.advance(seconds=11)
    await floor.run()
    assert len(await floor.messages()) == 1


async def test_a_lost_lease_cannot_write(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.take(floor.heard(line, word(at=clock.now())), apart=True)
    paused = await floor.claim("intake")
    clock.advance(seconds=11)
    taken_over = await floor.claim("intake")
    assert paused is not None
    assert taken_over is not None
    with pytest.raises(outbox.LeaseLost):
        await inbound.process(floor.hub, paused)
    assert await floor.count(Message) == 0


@pytest.mark.parametrize("apart", [True, False])
async def test_an_album_of_ten_from_a_new_number_makes_one_conversation(
    floor: Floor, line: Channel, clock: SteppingClock, *, apart: bool
) -> None:
    await asyncio.gather(*(
        floor.take(floor.heard(line, word(str(number), at=clock.now())), apart=apart) for number in range(10)
    ))
    jobs = [job for _ in range(10) if (job := await floor.claim("intake"))]
    await asyncio.gather(*(run_leased(floor.hub, job) for job in jobs))
    await floor.run()
    conversation = await floor.conversation()
    assert sorted(one.text for one in await floor.messages()) == [str(number) for number in range(10)]
    assert (await floor.count(Contact), conversation.inbound_count) == (1, 10)
    await floor.assert_gapless(conversation.id)


@pytest.mark.parametrize("first", ["whatsapp", "bsuid"])
async def test_two_addresses_of_one_person_are_one_contact(
    floor: Floor, line: Channel, clock: SteppingClock, first: str
) -> None:
    number, user_id = ("whatsapp", "5511900000001", "+55"), ("bsuid", "BR.77", "@carla")
    alone = Sender(identities=(number if first == "whatsapp" else user_id,))
    await floor.receive(line, word("one", at=clock.now(), sender=alone))
    await floor.receive(line, word("both", at=clock.now(), sender=Sender(identities=(user_id, number))))
    await floor.receive(line, word("number", at=clock.now(), sender=Sender(identities=(number,))))
    await floor.receive(line, word("id", at=clock.now(), sender=Sender(identities=(user_id,))))
    assert await floor.count(Contact) == 1
    assert (await floor.conversation()).inbound_count == 4


async def test_alias_pairs_in_both_orders_at_once_are_one_contact(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    number, user_id = ("whatsapp", "5511900000002", "+55"), ("bsuid", "BR.78", "@carla")
    for identities in ((number, user_id), (user_id, number), (number, user_id), (user_id, number)):
        await floor.take(floor.heard(line, word(at=clock.now(), sender=Sender(identities=identities))))
    jobs = [job for _ in range(4) if (job := await floor.claim("intake"))]
    await asyncio.gather(*(run_leased(floor.hub, job) for job in jobs))
    assert await floor.count(Contact) == 1
    assert await floor.count(Conversation) == 1


async def test_a_bad_part_fails_alone_and_is_written_down(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.receive(
        line, word("before", at=clock.now()), word("nobody", at=clock.now(), sender=Sender(identities=())),
        word("after", at=clock.now()),
    )
    assert [one.text for one in await floor.messages()] == ["before", "after"]
    async with floor.session() as session:
        row = (await session.scalars(select(intake.IntakeRow))).one()
        job = (await session.scalars(select(outbox.OutboxRow).where(outbox.OutboxRow.job == "intake"))).one()
    assert (row.state, row.error, job.state) == ("failed", "1: sender_unknown", "dead")


async def test_a_body_for_another_organizations_channel_is_refused(
    floor: Floor, stranger: Floor, clock: SteppingClock
) -> None:
    foreign = await stranger.channel()
    await floor.channel()
    await floor.receive(foreign, word(at=clock.now()))
    assert await floor.count(Message) == 0
    assert await stranger.count(Message) == 0
    async with floor.session() as session:
        row = (await session.scalars(select(intake.IntakeRow))).one()
    assert row.error == "1 of 1 for a channel that is not here"


async def test_a_body_that_cannot_be_read_is_kept_as_failed(floor: Floor, line: Channel) -> None:
    await floor.take(b"not json")
    await floor.run()
    async with floor.session() as session:
        row = (await session.scalars(select(intake.IntakeRow))).one()
    assert (row.state, row.error) == ("failed", "body_unreadable")


async def test_text_that_the_database_cannot_take_is_cleaned(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.receive(line, word("nul \x00 here", at=clock.now(), content={"deep": ["\x00"]}))
    assert (await floor.messages())[0].text == "nul  here"


async def test_an_old_message_arrives_late_and_does_not_reopen_the_window(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    await floor.receive(line, word("new", at=clock.now()))
    await floor.receive(line, word("old", at=clock.now() - timedelta(minutes=5)))
    conversation = await floor.conversation()
    late = [b'"late":true' in bytes(signal.event) for signal in floor.ear.of(conversation.id)]
    assert late == [False, False, True]
    assert conversation.last_inbound_at == clock.now()


async def test_an_echo_is_ours_to_show_and_nobodys_to_read(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.receive(line, word("from the phone", at=clock.now(), echo=True))
    conversation = await floor.conversation()
    message = (await floor.messages())[0]
    assert (message.author, message.state, message.author_name) == ("agent", "sent", "Line")
    assert (conversation.inbound_count, conversation.waiting_since, conversation.last_inbound_at) == (0, None, None)


async def test_a_profile_name_follows_until_a_colleague_typed_one(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    await floor.receive(line, word(at=clock.now(), sender=sender(name="Carla")))
    await floor.receive(line, word(at=clock.now(), sender=sender(name="Carla Maria")))
    async with floor.session() as session:
        contact = (await session.scalars(select(Contact))).one()
        assert contact.name == "Carla Maria"
        contact.name, contact.name_given = "VIP", True
    await floor.receive(line, word(at=clock.now(), sender=sender(name="Carla")))
    async with floor.session() as session:
        assert await session.scalar(select(Contact.name)) == "VIP"


async def test_reactions_edits_and_withdrawals_change_the_message_once(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    at, who = clock.now(), sender()
    await floor.receive(line, word("helo", at=at, vendor_id="m1"))
    conversation = await floor.conversation()
    for _ in range(2):
        await floor.receive(line, InboundReaction(vendor_id="r", target="m1", sender=who, emoji="👍", occurred_at=at))
        await floor.receive(line, InboundEdit(vendor_id="e", target="m1", sender=who, text="hello", occurred_at=at))
    assert (await floor.messages())[0].text == "hello"
    for number in range(2):
        revoke = InboundRevoke(vendor_id=f"d{number}", target="m1", sender=who, occurred_at=at)
        await floor.receive(line, revoke)
    names = [event.type for event in await floor.events(conversation.id)]
    assert names[2:] == ["message.reacted", "message.edited", "message.deleted"]


async def test_an_older_reaction_does_not_come_back(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    at, who = clock.now(), sender()
    await floor.receive(line, word(at=at, vendor_id="m1"))
    for seconds, emoji in ((2, "👍"), (3, ""), (1, "😀")):
        await floor.receive(line, InboundReaction(vendor_id=uuid4().hex, target="m1", sender=who, emoji=emoji,
                                                  occurred_at=at + timedelta(seconds=seconds)))
    async with floor.session() as session:
        assert await session.scalar(select(Reaction.emoji)) == ""


@pytest.mark.parametrize("apart", [False, True])
async def test_what_comes_before_its_message_finds_it_later(
    floor: Floor, line: Channel, clock: SteppingClock, apart: bool
) -> None:
    at, who = clock.now(), sender()
    await floor.receive(line, InboundReaction(vendor_id="r", target="m1", sender=who, emoji="👍", occurred_at=at))
    await floor.receive(line, InboundEdit(vendor_id="e", target="m1", sender=who, text="hello", occurred_at=at))
    clock.advance(seconds=1)
    assert await floor.run() == ["revise", "revise"]
    await floor.take(floor.heard(line, word("helo", at=at, vendor_id="m1")), apart=apart)
    await floor.run()
    clock.advance(seconds=5)
    await floor.run()
    assert (await floor.messages())[0].text == "hello"
    async with floor.session() as session:
        assert await session.scalar(select(Reaction.emoji)) == "👍"
    await floor.assert_gapless((await floor.conversation()).id)


async def test_what_never_finds_its_message_stops_looking(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.receive(line, InboundRevoke(vendor_id="d", target="m1", sender=sender(), occurred_at=clock.now()))
    for pause in revisions.LOOKS:
        clock.advance(seconds=pause.total_seconds())
        assert await floor.run() == ["revise"]
    clock.advance(days=30)
    assert await floor.run() == []


async def test_nobody_changes_the_words_of_another(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.receive(line, word("mine", at=clock.now(), vendor_id="m1"))
    await floor.receive(line, InboundEdit(vendor_id="e", target="m1", sender=sender("5511000000000"), text="hacked",
                                          occurred_at=clock.now()))
    assert (await floor.messages())[0].text == "mine"


async def test_an_answer_to_a_message_quotes_it(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.receive(line, word("first", at=clock.now(), vendor_id="m1"))
    await floor.receive(line, word("second", at=clock.now(), reply_to="m1"))
    first, second = await floor.messages()
    assert second.reply_to_id == first.id


async def test_media_is_fetched_later_and_its_type_is_what_its_bytes_say(
    floor: Floor, line: Channel, clock: SteppingClock
) -> None:
    floor.adapter.media["ref-1"] = b"%PDF-1.7 of a kind"
    media = (MediaRef(ref="ref-1", mime="image/png", name="../cat.png"),)
    await floor.receive(line, word("", at=clock.now(), kind="image", media=media))
    async with floor.session() as session:
        file = (await session.scalars(select(File))).one()
    assert (file.state, file.mime, file.size, file.name) == ("stored", "application/pdf", 18, "cat.png")
    assert floor.shelf.kept[file.key] == b"%PDF-1.7 of a kind"
    assert (await floor.events(file.message_id and (await floor.conversation()).id))[-1].type == "message.media"


async def test_media_that_is_gone_is_given_up_with_a_word(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.receive(line, word("", at=clock.now(), kind="image", media=(MediaRef(ref="no", mime="image/png"),)))
    async with floor.session() as session:
        file = (await session.scalars(select(File))).one()
    assert (file.state, file.error) == ("failed", "not_found")


async def test_traffic_proves_that_the_channel_lives(floor: Floor, line: Channel, clock: SteppingClock) -> None:
    await floor.receive(line, word(at=clock.now()))
    async with floor.session() as session:
        channel = await session.get(Channel, line.id)
        assert (channel.last_inbound_at, channel.health["status"]) == (clock.now(), "ok")


async def test_a_customer_who_writes_to_a_closed_conversation_waits_in_the_channels_department(
    floor: Floor, clock: SteppingClock
) -> None:
    department = await floor.department()
    line = await floor.channel(department_id=department)
    await floor.receive(line, word(at=clock.now()))
    async with floor.session() as session:
        conversation = (await session.scalars(select(Conversation))).one()
        agent = await floor.actor()
        conversation.assignee_id = agent.user_id
    async with floor.hub.work(floor.system) as work:
        from hub.conversations import threads

        await threads.close(work, conversation.id)
    await floor.receive(line, word("again", at=clock.now()))
    after = await floor.conversation()
    assert (after.status, after.assignee_id, after.department_id) == ("open", None, department)
    assert [event.type for event in await floor.events(after.id)][-2:] == ["conversation.reopened", "message.received"]


async def test_parcels_keep_their_shape_in_the_fake() -> None:
    """The fake's bodies are real parcels; a change of the port must not pass unseen."""
    assert set(Parcel.__struct_fields__) == {"external_id", "value"}
