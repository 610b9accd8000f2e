"""The small waiting places of connections."""

import asyncio

from api.live.gate import Gate, Mailbox


async def test_whoever_waits_at_a_gate_passes_when_it_opens() -> None:
    gate = Gate()
    waiting = [asyncio.create_task(gate.wait()) for _ in range(2)]
    await asyncio.sleep(0)
    assert not gate.is_set()

    gate.set()
    await asyncio.gather(*waiting)
    await gate.wait()

    assert gate.is_set()


async def test_a_gate_that_shut_again_holds_the_next() -> None:
    gate = Gate(is_open=True)
    gate.clear()
    waiting = asyncio.create_task(gate.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    gate.clear()
    await waiting


async def test_one_who_gave_up_waiting_hinders_nobody() -> None:
    gate = Gate()
    impatient, patient = asyncio.create_task(gate.wait()), asyncio.create_task(gate.wait())
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)

    gate.set()

    await patient
    assert impatient.cancelled()


async def test_a_mailbox_keeps_the_order_and_wakes_its_reader() -> None:
    mailbox: Mailbox[int] = Mailbox()
    reading = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    for number in (1, 2, 3):
        mailbox.put_nowait(number)

    assert [await reading, await mailbox.get(), await mailbox.get()] == [1, 2, 3]
    assert mailbox.empty()


async def test_a_reader_that_was_cancelled_loses_no_message() -> None:
    mailbox: Mailbox[str] = Mailbox()
    reading = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    mailbox.put_nowait("first")
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    assert await mailbox.get() == "first"
