"""What a process remembers spares it a look and decides nothing: what others have changed meanwhile is always seen."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.channels.models import Channel
from hub.conversations import threads
from hub.conversations.grouped import arrivals, memory, replies, standings
from hub.conversations.grouped.memory import Memory
from hub.conversations.messages import Draft
from hub.core.access import Actor
from hub.core.bulk import Outdated, open_attempt
from hub.core.clock import SteppingClock, new_id
from hub.core.db import Database
from hub.core.errors import NotFound
from hub.core.grouping import AHEAD
from hub.core.metrics import ATTEMPTS
from hub.core.signals import ConversationSignal
from hub.core.turns import Turn
from hub.crm.models import Contact
from tests.hub.conversations.floor import Floor, another_floor, is_waiting, open_floor, receipt, sender, word
from tests.waiting import until

CARLA = sender()


def made(outcome: str) -> float:
    return float(ATTEMPTS.labels(outcome)._value.get())


class Scene:
    """A conversation that somebody has, with a tag and a department, and a process that remembers it."""

    def __init__(self, floor: Floor, elsewhere: Floor, line: Channel, ana: Actor) -> None:
        self.floor, self.elsewhere, self.line, self.ana = floor, elsewhere, line, ana
        self.id = UUID(int=0)

    async def hear(self, said: str = "Hello") -> dict[str, Any]:
        """Carla writes to the process that remembers her; the row that screens are shown."""
        await self.floor.take(self.floor.heard(self.line, word(said, at=self.floor.hub.clock.now(), sender=CARLA)))
        await self.floor.run()
        row: dict[str, Any] = msgspec.json.decode(self.floor.ear.of(self.id)[-1].row)["row"]
        return row

    async def sql(self, statement: str, **values: Any) -> None:
        async with self.floor.session() as session:
            await session.execute(text(statement), {"org": self.floor.organization_id, **values})


@pytest.fixture
async def elsewhere(floor: Floor, database: Database, clock: SteppingClock) -> Floor:
    """The same organization in another process, which remembers things of its own."""
    return Floor((await open_floor(database, clock)).hub, floor.organization_id)


@pytest.fixture
async def scene(floor: Floor, elsewhere: Floor) -> Scene:
    department_id = await floor.department()
    line, ana = await floor.channel(), await floor.actor(departments=[department_id])
    made = Scene(floor, elsewhere, line, ana)
    await floor.receive(line, word("first", at=floor.hub.clock.now(), sender=CARLA))
    made.id = (await floor.conversation()).id
    await made.sql("UPDATE contacts SET name_given = true WHERE organization_id = :org")
    await made.sql("UPDATE conversations SET department_id = :department WHERE organization_id = :org",
                   department=department_id)
    tag_id = new_id()
    await made.sql("INSERT INTO tags (id, organization_id, name, color, created_at)"
                   " VALUES (:id, :org, 'vip', '#64748b', now())", id=tag_id)
    await made.sql("INSERT INTO conversation_tags (id, organization_id, conversation_id, tag_id)"
                   " VALUES (gen_random_uuid(), :org, :thread, :tag)", thread=made.id, tag=tag_id)
    async with elsewhere.hub.work(ana) as work:
        await threads.accept(work, made.id)
    await made.hear("second")  # under locks, for what it knew of her is out of date
    return made


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


class Held:
    """Groups of this process, the first of which waits for a row that somebody else holds, while the next thinks on."""

    def __init__(self, scene: Scene, engine: AsyncEngine) -> None:
        self.scene, self._engine = scene, engine
        self._tasks: list[asyncio.Task[bool]] = []

    async def first(self, *values: Any) -> None:
        """One body, on its way to PostgreSQL, which waits."""
        await self._send([values])
        await until(lambda: is_waiting(self._engine))

    async def next(self, *bodies: Any) -> None:
        """Bodies that come meanwhile, as many as make a group think ahead."""
        await self._send([(one,) for one in bodies])
        for _ in range(10):  # nothing tells when it has thought all that it can: it is given time to look ten times
            assert await is_waiting(self._engine)

    async def _send(self, bodies: Any) -> None:
        floor = self.scene.floor
        made = [await floor.delivery(floor.heard(self.scene.line, *values)) for values in bodies]
        self._tasks += [
            asyncio.create_task(self._received(delivery)) for delivery in made
        ]
        await asyncio.sleep(0)

    async def _received(self, delivery: arrivals.Delivery) -> bool:
        return bool(await arrivals.receive(self.scene.floor.hub, self.scene.floor.organization_id, delivery))

    async def done(self) -> None:
        assert all(await asyncio.gather(*self._tasks))
        await self.scene.floor.run()
        await self.scene.floor.assert_gapless(self.scene.id)


_HOLD = "SELECT id FROM conversations WHERE id = :thread FOR UPDATE"
_ALTER = "UPDATE conversations SET fields = '{\"size\": 40}', head_seq = head_seq + 1 WHERE id = :thread"


@pytest.mark.parametrize(("held_by", "refused"), [(_HOLD, 0), (_ALTER, 2)])
async def test_a_group_that_thinks_ahead_is_written_after_the_one_before_as_it_left_things(
    scene: Scene, owner_engine: AsyncEngine, held_by: str, refused: int
) -> None:
    """Also where that one was outdated, and had to be done again: then both are done under locks."""
    again, now = made("outdated"), scene.floor.hub.clock.now()
    held, said = Held(scene, owner_engine), [f"{number}" for number in range(AHEAD)]
    async with scene.floor.session() as session:
        await session.execute(text(held_by), {"thread": scene.id})
        await held.first(word("zero", at=now, sender=CARLA))
        await held.next(*(word(one, at=now, sender=CARLA) for one in said))
        if refused:
            await session.execute(text(
                "INSERT INTO events (id, organization_id, type, conversation_id, seq, data, actor, depth, at)"
                " SELECT gen_random_uuid(), organization_id, 'conversation.fields', id, head_seq, '{}', 'test', 0,"
                " now() FROM conversations WHERE id = :thread"), {"thread": scene.id})
    await held.done()
    assert made("outdated") - again == refused
    assert [one.text for one in await scene.floor.messages(scene.id)] == ["first", "second", "zero", *said]
    rows = [msgspec.json.decode(one.row)["row"] for one in scene.floor.ear.of(scene.id)][-AHEAD - 1:]
    assert rows[0]["last_message"]["text"] == "zero"  # told as its group left it, not as the next one has by now
    assert [row["inbound_count"] for row in rows] == [3, *[3 + AHEAD] * AHEAD]


async def test_newcomers_of_the_group_before_are_known_to_the_one_that_thinks_ahead(
    scene: Scene, owner_engine: AsyncEngine
) -> None:
    again, now = made("outdated"), scene.floor.hub.clock.now()
    bruno, held = sender("5511966660000", "Bruno Demo"), Held(scene, owner_engine)
    async with scene.floor.session() as session:
        await session.execute(text(_HOLD), {"thread": scene.id})
        await held.first(word("zero", at=now, sender=CARLA), word("I am new", at=now, sender=bruno))
        await held.next(*(word(f"{number}", at=now, sender=bruno) for number in range(AHEAD)))
    await held.done()
    assert made("outdated") == again
    told = await scene.floor.messages()
    assert [one.text for one in told if one.conversation_id != scene.id] == [
        "I am new", *(f"{number}" for number in range(AHEAD)),
    ]


async def test_what_is_not_written_yet_is_known_to_the_next_group_alone(
    scene: Scene, owner_engine: AsyncEngine
) -> None:
    """Were it not written, others could not tell: the head may be the same by what somebody else has done."""
    held, now = Held(scene, owner_engine), scene.floor.hub.clock.now()
    async with scene.floor.session() as session:
        await session.execute(text(_HOLD), {"thread": scene.id})
        await held.first(word("not written yet", at=now, sender=CARLA))
        async with open_attempt(scene.floor.hub, scene.ana) as attempt:
            seen = (await standings.hold(attempt, [scene.id]))[scene.id]
    await held.done()
    assert (seen.inbound_count, (seen.last_message or {})["text"]) == (2, "second")
    assert [one.text for one in await scene.floor.messages(scene.id)][-1] == "not written yet"


@pytest.mark.parametrize("ahead", [1, -1])
async def test_of_what_is_remembered_and_what_the_group_before_leaves_the_newer_counts(
    scene: Scene, ahead: int
) -> None:
    """What is remembered may be of two groups ago, or of somebody else who has written since."""
    await scene.hear()
    kept, organization_id = scene.floor.hub.kept(Memory), scene.floor.organization_id
    remembered = kept.take(organization_id, [scene.id])[scene.id]
    kept.keep(organization_id, [remembered])
    before, head = Turn(), remembered.head_seq
    before.leave(scene.id, msgspec.structs.replace(remembered, head_seq=head + ahead))
    before.written()
    with contextlib.suppress(Outdated):
        async with open_attempt(scene.floor.hub, scene.ana, Turn(before)) as attempt:
            held = (await standings.hold(attempt, [scene.id]))[scene.id]
    assert held.head_seq == held.held_seq == head + max(0, ahead)


async def test_a_receipt_that_thinks_ahead_sees_what_the_group_before_made_of_its_message(
    scene: Scene, owner_engine: AsyncEngine
) -> None:
    answer = await scene.floor.reply(scene.ana, scene.id)
    await scene.floor.run()
    sent = next(one for one in await scene.floor.messages(scene.id) if one.id == answer.id)
    assert sent.vendor_id is not None
    now, held = scene.floor.hub.clock.now(), Held(scene, owner_engine)
    await scene.hear("remembered")
    async with scene.floor.session() as session:
        await session.execute(text(_HOLD), {"thread": scene.id})
        await held.first(receipt(sent.vendor_id, "read", now))
        await held.next(receipt(sent.vendor_id, "delivered", now),
                        *(word(f"{number}", at=now, sender=CARLA) for number in range(AHEAD)))
    await held.done()
    states = {one.id: one.state for one in await scene.floor.messages(scene.id)}
    assert states[answer.id] == "read"
