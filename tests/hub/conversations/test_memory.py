"""What a process remembers spares it a look and decides nothing: what others have changed meanwhile is always seen."""

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.conversations import threads
from hub.conversations.grouped import arrivals, memory, replies
from hub.conversations.grouped.memory import Memory
from hub.conversations.messages import Draft
from hub.core.clock import SteppingClock, new_id
from hub.core.errors import NotFound
from hub.core.signals import ConversationSignal
from hub.crm.models import Contact
from tests.hub.conversations.floor import Floor, another_floor, is_waiting, receipt, sender, word
from tests.hub.conversations.scene import CARLA, Scene, made
from tests.waiting import until


async def test_what_is_remembered_is_written_in_one_attempt(scene: Scene) -> None:
    done, again = made("done"), made("outdated")
    row = await scene.hear("third")
    assert (made("done") - done, made("outdated") - again) == (1, 0)
    assert (row["contact"]["name"], row["assignee"]["name"], [tag["name"] for tag in row["tags"]]) == (
        "Carla Demo", "Ana Demo", ["vip"],
    )
    await scene.floor.assert_gapless(scene.id)


@pytest.mark.parametrize(("statement", "place", "value"), [
    ("UPDATE contacts SET name = 'Carla Nova' WHERE organization_id = :org", "contact.name", "Carla Nova"),
    ("UPDATE contact_identities SET display = '+55 11' WHERE organization_id = :org", "contact.handle", "+55 11"),
    ("UPDATE channels SET name = 'Other line' WHERE organization_id = :org", "channel.name", "Other line"),
    ("UPDATE users SET name = 'Ana Nova' WHERE organization_id = :org", "assignee.name", "Ana Nova"),
    ("UPDATE departments SET name = 'Support' WHERE organization_id = :org", "department.name", "Support"),
    ("UPDATE tags SET name = 'gold' WHERE organization_id = :org", "tags.0.name", "gold"),
    ("UPDATE tags SET color = '#000000' WHERE organization_id = :org", "tags.0.color", "#000000"),
    ("DELETE FROM tags WHERE organization_id = :org", "tags", []),
])
async def test_what_was_renamed_meanwhile_is_shown_as_it_is_now(
    scene: Scene, statement: str, place: str, value: Any
) -> None:
    """Changed behind the back of the process, without a number and without a signal."""
    again = made("outdated")
    await scene.sql(statement)
    assert _at(await scene.hear(), place) == value
    assert made("outdated") == again + 1
    assert _at(await scene.hear(), place) == value
    assert made("outdated") == again + 1


def _at(row: Any, place: str) -> Any:
    for step in place.split("."):
        row = row[int(step)] if step.isdigit() else row[step]
    return row


async def test_a_conversation_that_another_process_has_closed_is_opened_again(scene: Scene) -> None:
    async with scene.elsewhere.hub.work(scene.ana) as work:
        await threads.close(work, scene.id)
    assert (await scene.hear())["status"] == "open"
    assert [one.kind for one in await scene.floor.messages(scene.id, lines=True)].count("system") == 4
    await scene.floor.assert_gapless(scene.id)


async def test_words_that_two_processes_hear_at_once_have_one_order(scene: Scene) -> None:
    async def hear(floor: Floor, number: int) -> None:
        value = word(f"{number}", at=floor.hub.clock.now(), sender=sender(f"55119000{number % 3}0001"))
        assert await floor.take(floor.heard(scene.line, value))

    await asyncio.gather(*(hear((scene.floor, scene.elsewhere)[number % 2], number) for number in range(60)))
    await scene.floor.run()
    async with scene.floor.session() as session:
        found = (await session.execute(text(
            "SELECT c.id, c.inbound_count FROM conversations c WHERE c.organization_id = :org"
        ), {"org": scene.floor.organization_id})).all()
    assert sorted(row.inbound_count for row in found) == [2, 20, 20, 20]
    for row in found:
        await scene.floor.assert_gapless(row.id)
        said = [one.text for one in await scene.floor.messages(row.id) if one.text.isdigit()]
        assert len(said) == len(set(said))


async def test_who_may_not_see_a_conversation_any_more_cannot_answer_it(scene: Scene) -> None:
    other = await scene.floor.department("Other")
    bia = await scene.floor.actor(name="Bia Demo", departments=[other])
    await scene.floor.reply(scene.ana, scene.id)
    await scene.sql("UPDATE conversations SET assignee_id = :bia, department_id = :other, head_seq = head_seq + 1"
                    " WHERE organization_id = :org AND id = :thread", bia=bia.user_id, other=other, thread=scene.id)
    item = replies.Reply(scene.ana, scene.id, Draft(client_id="late-0001", text="Hello"))
    outcome, = await replies.write(scene.floor.hub, scene.floor.organization_id, [item])
    assert isinstance(outcome, NotFound)


async def test_an_answer_sent_to_two_processes_is_one(scene: Scene) -> None:
    drafts = [Draft(client_id=f"both-{number:04d}", text="Hello") for number in range(10)]
    sent = await asyncio.gather(*(
        replies.reply(floor.hub, scene.ana, scene.id, draft)
        for draft in drafts for floor in (scene.floor, scene.elsewhere)
    ))
    assert len({message.id for message, _ in sent}) == sum(created for _, created in sent) == 10


async def test_an_address_that_belongs_to_somebody_else_now_brings_their_words_to_them(
    scene: Scene, clock: SteppingClock
) -> None:
    other_id = new_id()
    await scene.floor.add(Contact(id=other_id, name="Bruno", name_given=True, search_text="", created_at=clock.now(),
                                  updated_at=clock.now()))
    await scene.sql("UPDATE conversations SET identity_id = NULL WHERE organization_id = :org")
    await scene.sql("UPDATE contact_identities SET contact_id = :other WHERE organization_id = :org", other=other_id)
    await scene.floor.take(scene.floor.heard(scene.line, word("for Bruno", at=clock.now(), sender=CARLA)))
    await scene.floor.run()
    said = next(one for one in await scene.floor.messages() if one.text == "for Bruno")
    assert said.conversation_id != scene.id
    assert (await scene.floor.conversation(said.conversation_id)).contact_id == other_id


async def test_a_conversation_that_was_given_to_somebody_else_is_not_theirs_any_more(
    scene: Scene, clock: SteppingClock
) -> None:
    other_id = new_id()
    await scene.floor.add(Contact(id=other_id, name="Bruno", name_given=True, search_text="", created_at=clock.now(),
                                  updated_at=clock.now()))
    await scene.sql("UPDATE conversations SET contact_id = :other, head_seq = head_seq + 1, identity_id = NULL"
                    " WHERE organization_id = :org", other=other_id)
    for number in range(3):
        value = word(f"from Carla {number}", at=clock.now(), sender=CARLA)
        await scene.floor.take(scene.floor.heard(scene.line, value))
        await scene.floor.run()
    await scene.floor.take(scene.floor.heard(scene.line, word("from Carla, at once", at=clock.now(), sender=CARLA)))
    said = [one for one in await scene.floor.messages() if one.text.startswith("from Carla")]
    assert len(said) == 4
    assert {one.conversation_id for one in said} == {said[0].conversation_id} != {scene.id}


async def test_what_changes_while_an_attempt_waits_for_the_row_is_not_written_over(
    scene: Scene, owner_engine: AsyncEngine
) -> None:
    """Nothing but the head says so here: the change itself has left no row with that number."""
    async with scene.floor.session() as session:
        await session.execute(text(
            "UPDATE conversations SET fields = '{\"size\": 40}', head_seq = head_seq + 5 WHERE id = :thread"
        ), {"thread": scene.id})
        heard = asyncio.create_task(scene.hear("waited"))
        await until(lambda: is_waiting(owner_engine))
    row = await heard
    assert (row["fields"], row["head_seq"], row["last_message"]["text"]) == ({"size": 40}, 10, "waited")


async def test_a_newcomer_is_shown_with_the_department_as_it_is_called_now(scene: Scene) -> None:
    floor, department_id = scene.floor, await scene.floor.department()
    line = await floor.channel(department_id=department_id)
    for number, name in enumerate(("Support", "Care", "Desk")):
        await scene.sql("UPDATE departments SET name = :name WHERE id = :id AND organization_id = :org", name=name,
                        id=department_id)
        value = word(at=floor.hub.clock.now(), sender=sender(f"551193333000{number}"))
        await floor.take(floor.heard(line, value))
        shown = [one for one in floor.ear.heard if isinstance(one, ConversationSignal)][-1]
        assert msgspec.json.decode(shown.row)["row"]["department"]["name"] == name


async def test_a_channel_that_has_changed_is_known_after_one_refusal(scene: Scene, clock: SteppingClock) -> None:
    """The signature is looked at again, with what is remembered of the channel out of the way."""
    old = await scene.floor.delivery(scene.floor.heard(scene.line, word("old", at=clock.now(), sender=CARLA)))
    clock.advance(seconds=1)
    await scene.sql("UPDATE channels SET updated_at = :now WHERE organization_id = :org", now=clock.now())
    assert await arrivals.receive(scene.floor.hub, scene.floor.organization_id, old) is None
    assert (await scene.hear("new"))["last_message"]["text"] == "new"


async def test_receipts_of_a_message_that_went_on_elsewhere_never_take_it_back(
    scene: Scene, clock: SteppingClock
) -> None:
    answer = await scene.floor.reply(scene.ana, scene.id)
    await scene.floor.run()
    sent = next(one for one in await scene.floor.messages(scene.id) if one.id == answer.id)
    assert sent.vendor_id is not None
    for floor, state in ((scene.floor, "sent"), (scene.elsewhere, "read"), (scene.floor, "delivered")):
        clock.advance(seconds=1)
        await floor.receive(scene.line, receipt(sent.vendor_id, state, clock.now()))
    states = {one.id: one.state for one in await scene.floor.messages(scene.id)}
    assert states[answer.id] == "read"
    await scene.floor.assert_gapless(scene.id)


async def test_what_others_change_in_this_process_is_forgotten_when_it_is_heard(scene: Scene) -> None:
    kept = scene.floor.hub.kept(Memory)
    organization_id = scene.floor.organization_id
    await scene.hear()
    standing = kept.take(organization_id, [scene.id])[scene.id]
    kept.keep(organization_id, [standing])
    kept._hear(scene.floor.ear.of(scene.id)[-1])
    assert kept.take(organization_id, [scene.id]) == {scene.id: standing}
    kept.keep(organization_id, [standing])
    kept._hear(msgspec.structs.replace(scene.floor.ear.of(scene.id)[-1], seq=standing.head_seq + 1))
    assert kept.take(organization_id, [scene.id]) == {}


async def test_nothing_is_remembered_for_another_organization(scene: Scene) -> None:
    other = await another_floor(scene.floor.hub)
    stranger = await other.actor("owner")
    assert scene.floor.hub.kept(Memory).take(other.organization_id, [scene.id]) == {}
    with pytest.raises(NotFound):
        await other.reply(stranger, scene.id)
    assert (await scene.hear("still ours"))["last_message"]["text"] == "still ours"


async def test_memory_has_an_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST", 2)
    for number in range(4):
        value = word(at=scene.floor.hub.clock.now(), sender=sender(f"551191111000{number}"))
        await scene.floor.take(scene.floor.heard(scene.line, value))
    kept = scene.floor.hub.kept(Memory)
    assert len(kept._standings) == len(kept._people) == 2
