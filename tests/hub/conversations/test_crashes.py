"""Dying at any statement: what was kept is done once by whoever comes next."""

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.channels.models import Channel
from hub.channels.ports import MediaRef
from hub.core.clock import SteppingClock
from hub.core.runner import run_leased
from tests.hub.conversations.floor import Floor, receipt, sender, word


class Death(BaseException):
    """What no handler of ours may catch, as a killed process runs none."""


@contextlib.contextmanager
def death_at(engine: AsyncEngine, statement: int) -> Iterator[list[int]]:
    """Dies when the n-th statement from here is about to be sent; the list holds how many were."""
    sent: list[int] = []

    def count(*_args: Any) -> None:
        sent.append(len(sent))
        if len(sent) == statement:
            raise Death

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", count)


async def dies(floor: Floor, engine: AsyncEngine, job_name: str, statement: int) -> bool:
    """Runs the next row of this kind until it dies; False when it lived to the end."""
    job = await floor.claim(job_name)
    assert job is not None
    with death_at(engine, statement), contextlib.suppress(Death):
        await run_leased(floor.hub, job)
        return False
    return True


async def test_a_delivery_that_dies_at_any_statement_has_one_effect(
    floor: Floor, line: Channel, engine: AsyncEngine, clock: SteppingClock
) -> None:
    statement, alive = 1, False
    while not alive:
        parcels = floor.heard(line, word(
            str(statement), at=clock.now(), vendor_id=f"in-{statement}", sender=sender(f"55119{statement:08d}"),
            media=(MediaRef(ref="ref", mime="image/png"),),
        ))
        await floor.take(parcels, apart=True)
        alive = not await dies(floor, engine, "intake", statement)
        clock.advance(seconds=11)
        await floor.run()
        statement += 1
    assert statement > 20
    assert sorted(int(one.text) for one in await floor.messages()) == list(range(1, statement))
    for conversation_id in {one.conversation_id for one in await floor.messages()}:
        await floor.assert_gapless(conversation_id)


async def test_a_send_that_dies_at_any_statement_goes_out_at_most_once_or_is_flagged(
    floor: Floor, line: Channel, engine: AsyncEngine, clock: SteppingClock
) -> None:
    await floor.receive(line, word(at=clock.now()))
    ana, conversation_id = await floor.actor(), (await floor.conversation()).id
    statement, alive = 1, False
    while not alive:
        await floor.reply(ana, conversation_id, str(statement))
        alive = not await dies(floor, engine, "deliver", statement)
        clock.advance(seconds=11)
        await floor.run()
        statement += 1
    assert statement > 15
    sent = [one.text for one in floor.adapter.sent]
    assert len(sent) == len(set(sent))
    states = {one.text: one.state for one in await floor.messages() if one.author == "agent"}
    assert set(states.values()) == {"sent", "uncertain"}
    assert {text for text, state in states.items() if state == "sent"} <= set(sent)
    await floor.assert_gapless(conversation_id)


async def test_a_receipt_that_dies_at_any_statement_is_applied_by_the_next(
    floor: Floor, line: Channel, engine: AsyncEngine, clock: SteppingClock
) -> None:
    await floor.receive(line, word(at=clock.now()))
    ana, conversation_id = await floor.actor(), (await floor.conversation()).id
    statement, alive = 1, False
    while not alive:
        made = await floor.reply(ana, conversation_id, str(statement))
        await floor.run()
        await floor.take(floor.heard(line, receipt("r", "delivered", clock.now(), our_id=made.id)), apart=True)
        alive = not await dies(floor, engine, "intake", statement)
        clock.advance(seconds=11)
        await floor.run()
        statement += 1
    assert {one.state for one in await floor.messages() if one.author == "agent"} == {"delivered"}
    await floor.assert_gapless(conversation_id)
