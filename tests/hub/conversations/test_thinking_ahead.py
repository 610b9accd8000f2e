"""A group is thought out while the one before it is written: after it, on what it leaves, and not on what never was."""

import asyncio
import contextlib
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.conversations.grouped import arrivals, standings
from hub.conversations.grouped.memory import Memory
from hub.core.bulk import Outdated, open_attempt
from hub.core.grouping import AHEAD
from hub.core.turns import Turn
from tests.hub.conversations.floor import is_waiting, receipt, sender, word
from tests.hub.conversations.scene import CARLA, Scene, made
from tests.waiting import until


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
