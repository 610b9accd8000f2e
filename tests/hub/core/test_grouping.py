"""What arrives at the same time is done together; what is bad in it fails alone."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.core import grouping, turns
from hub.core.errors import Invalid, Unavailable
from hub.core.grouping import Grouping

HERE = uuid4()


class Desk:
    """Does what it is given, while it is `open`; `bad` are items that it cannot bear, `away`: it is not there."""

    def __init__(self) -> None:
        self.groups: list[list[Any]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.bad: set[Any] = set()
        self.away = False

    async def do(self, _organization_id: UUID, items: Sequence[Any]) -> list[Any]:
        self.groups.append(list(items))
        await self.open.wait()
        if self.away:
            raise ConnectionRefusedError
        if self.bad & set(items):
            raise ValueError("cannot be borne")
        return [Invalid("seven") if item == 7 else -item for item in items]


async def test_what_comes_while_a_group_is_done_is_the_next_group() -> None:
    desk = Desk()
    work = Grouping(desk.do)
    desk.open.clear()
    first = asyncio.create_task(work.submit(HERE, 1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = [asyncio.create_task(work.submit(HERE, number)) for number in range(2, 7)]
    await asyncio.sleep(0)
    desk.open.set()
    assert await asyncio.gather(first, *rest) == [-1, -2, -3, -4, -5, -6]
    assert desk.groups == [[1], [2, 3, 4, 5, 6]]


async def test_a_bad_item_fails_alone_and_the_others_are_done() -> None:
    desk = Desk()
    desk.bad = {2}
    work = Grouping(desk.do)
    results = await asyncio.gather(*(work.submit(HERE, number) for number in range(4)), return_exceptions=True)
    assert [results[0], results[1], results[3]] == [0, -1, -3]
    assert isinstance(results[2], ValueError)
    assert desk.groups == [[0, 1, 2, 3], [0], [1], [2], [3]]


async def test_what_is_wrong_with_an_item_goes_to_the_one_who_brought_it() -> None:
    work = Grouping(Desk().do)
    results = await asyncio.gather(work.submit(HERE, 7), work.submit(HERE, 8), return_exceptions=True)
    assert isinstance(results[0], Invalid)
    assert results[1] == -8


async def test_while_the_database_is_away_nobody_is_tried_one_by_one() -> None:
    desk = Desk()
    desk.away = True
    work = Grouping(desk.do)
    results = await asyncio.gather(*(work.submit(HERE, number) for number in range(5)), return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    assert len(desk.groups) == 1


async def test_items_keep_their_order() -> None:
    desk = Desk()
    work = Grouping(desk.do)
    await asyncio.gather(*(work.submit(HERE, number) for number in range(8, 300)))
    assert [item for group in desk.groups for item in group] == list(range(8, 300))


async def test_organizations_are_never_in_one_group() -> None:
    seen: list[tuple[UUID, list[UUID]]] = []

    async def do(organization_id: UUID, items: Sequence[UUID]) -> list[None]:
        seen.append((organization_id, list(items)))
        return [None for _ in items]

    work, houses = Grouping(do), [uuid4() for _ in range(5)]
    await asyncio.gather(*(work.submit(house, house) for number in range(20) for house in houses))
    assert all(set(items) == {organization_id} for organization_id, items in seen)


async def test_one_who_leaves_takes_nothing_along() -> None:
    desk = Desk()
    work = Grouping(desk.do)
    desk.open.clear()
    leaving, staying = (asyncio.create_task(work.submit(HERE, number)) for number in (1, 2))
    await asyncio.sleep(0)
    leaving.cancel()
    desk.open.set()
    assert await staying == -2
    await work.close()
    assert desk.groups == [[1, 2]]


async def test_too_much_at_once_is_refused_before_it_piles_up() -> None:
    desk = Desk()
    work = Grouping(desk.do)
    desk.open.clear()
    tasks = [asyncio.create_task(work.submit(HERE, number)) for number in range(grouping.WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await work.submit(HERE, -1)
    desk.open.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert max(map(len, desk.groups)) == grouping.MOST


class Writer:
    """Thinks each group out, and writes it in its turn when it is `let`; `fails`: groups that cannot be written so,
    `senseless`: that cannot even be thought, each by its first item and once. `again`: done otherwise."""

    def __init__(self) -> None:
        self.thought: list[list[int]] = []
        self.sent: list[list[int]] = []
        self.came: list[bool] = []
        self.fails: set[int] = set()
        self.senseless: set[int] = set()
        self.again: list[int] = []
        self._let = asyncio.Semaphore(0)

    def let(self, count: int = 1) -> None:
        for _ in range(count):
            self._let.release()

    async def do(self, _organization_id: UUID, items: Sequence[Any]) -> list[Any]:
        turn = turns.take()
        self.thought.append(list(items))
        if items[0] in self.senseless:
            self.senseless.discard(items[0])
            raise ValueError("makes no sense")
        self.came.append(await turn.come())
        if not self.came[-1]:
            self.again.append(items[0])
            return [-item for item in items]
        turn.send()
        self.sent.append(list(items))
        await self._let.acquire()
        if items[0] in self.fails:
            self.fails.discard(items[0])
            raise ValueError("cannot be written")
        turn.written()
        return [-item for item in items]


async def moments(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def submitted(work: Grouping, numbers: Sequence[int]) -> list[asyncio.Task[Any]]:
    return [asyncio.create_task(work.submit(HERE, number)) for number in numbers]


async def test_a_group_is_thought_out_while_the_one_before_is_written_and_sent_in_its_turn() -> None:
    writer = Writer()
    work = Grouping(writer.do)
    first, second, third = range(1, 3), range(10, 10 + grouping.AHEAD), range(50, 50 + 2 * grouping.AHEAD)
    tasks = submitted(work, first)
    await moments()
    tasks += submitted(work, second)
    await moments()
    tasks += submitted(work, third)
    await moments()
    assert writer.thought == [[*first], [*second]]  # two at most
    assert writer.sent == [[*first]]
    writer.let()
    await moments()
    assert writer.sent == [[*first], [*second]]
    assert writer.thought[2:] == [[*third]]
    writer.let(2)
    assert await asyncio.gather(*tasks) == [-number for number in (*first, *second, *third)]
    assert writer.came == [True, True, True]
    await work.close()


async def test_few_wait_for_more() -> None:
    writer = Writer()
    work = Grouping(writer.do)
    tasks = submitted(work, range(1))
    await moments()
    tasks += submitted(work, range(1, grouping.AHEAD))
    await moments()
    assert writer.thought == [[0]]
    tasks += submitted(work, range(grouping.AHEAD, grouping.AHEAD + 1))
    await moments()
    assert writer.thought == [[0], [*range(1, grouping.AHEAD + 1)]]
    writer.let(2)
    await asyncio.gather(*tasks)


async def test_what_was_thought_on_a_group_that_failed_waits_until_that_is_done_otherwise() -> None:
    """Item by item, in the order in which they came."""
    writer = Writer()
    work = Grouping(writer.do)
    writer.fails = {1}
    tasks = submitted(work, (1, 2))
    await moments()
    tasks += submitted(work, range(10, 10 + grouping.AHEAD))
    await moments()
    writer.let()
    await moments(20)
    assert writer.thought == [[1, 2], [*range(10, 10 + grouping.AHEAD)], [1]]
    assert (writer.came, writer.again) == ([True, True], [])  # of 10 and the others nothing has been sent
    writer.let(2)
    assert await asyncio.gather(*tasks) == [-number for number in (1, 2, *range(10, 10 + grouping.AHEAD))]
    assert writer.sent == [[1, 2], [1], [2]]
    assert writer.again == [10]


async def test_one_organization_waits_for_no_other() -> None:
    writer = Writer()
    work, there = Grouping(writer.do), uuid4()
    here = submitted(work, (1,))
    await moments()
    elsewhere = asyncio.create_task(work.submit(there, 2))
    await moments()
    assert writer.sent == [[1], [2]]
    writer.let(2)
    assert await asyncio.gather(*here, elsewhere) == [-1, -2]


async def test_nobody_goes_ahead_while_another_organization_waits_to_be_begun() -> None:
    writer = Writer()
    work, busy = Grouping(writer.do), [uuid4() for _ in range(grouping.AT_ONCE)]
    tasks = []
    for number, one in enumerate(busy):
        tasks.append(asyncio.create_task(work.submit(one, number)))
        await moments()
    late = asyncio.create_task(work.submit(HERE, 1000))
    more = [asyncio.create_task(work.submit(busy[0], 100 + number)) for number in range(grouping.AHEAD)]
    await moments()
    assert writer.thought == [[0], [1], [2], [3]]
    writer.let()
    await moments(10)
    assert writer.thought[4:] == [[1000]]
    writer.let(grouping.AT_ONCE + 1)
    assert await asyncio.gather(*tasks, late, *more) == [0, -1, -2, -3, -1000, *range(-100, -100 - grouping.AHEAD, -1)]


async def test_whoever_waits_when_the_process_ends_is_told_so() -> None:
    writer = Writer()
    work = Grouping(writer.do)
    tasks = submitted(work, (1,))
    await moments()
    tasks += submitted(work, range(10, 10 + grouping.AHEAD))
    await moments()
    for task in tuple(work._tasks):
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    assert writer.sent == [[1]]


async def test_what_makes_no_sense_is_taken_apart_when_all_before_it_is_done() -> None:
    writer = Writer()
    work = Grouping(writer.do)
    writer.senseless = {10}
    tasks = submitted(work, (1,))
    await moments()
    tasks += submitted(work, range(10, 10 + grouping.AHEAD))
    await moments(20)
    assert writer.sent == [[1]]
    writer.let(1 + grouping.AHEAD)
    assert await asyncio.gather(*tasks) == [-number for number in (1, *range(10, 10 + grouping.AHEAD))]
    assert writer.sent == [[1], *([number] for number in range(10, 10 + grouping.AHEAD))]
