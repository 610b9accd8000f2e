"""How many notifications are unread is counted after what is told with it, one count after the other."""

import asyncio
from uuid import UUID

import pytest

from api.live import notices
from api.live.fanout import Fanout
from hub.core.access import Actor
from hub.core.clock import new_id
from hub.core.signals import Audience, NotificationSignal, NotificationsRead
from tests.api.live.world import EVERYBODY, Tab, World, until


@pytest.fixture
def ana(world: World, organization_id: UUID) -> Actor:
    return world.person(organization_id)


def id_of(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id


def read(world: World, actor: Actor, *, left: int) -> None:
    """The user has read notifications."""
    assert actor.organization_id is not None
    world.unread_of[id_of(actor)] = left
    world.tell(NotificationsRead(organization_id=actor.organization_id, user_id=id_of(actor)))


def notify(
    world: World, actor: Actor, *, left: int, audience: Audience = EVERYBODY, words: str = "look"
) -> None:
    assert actor.organization_id is not None
    world.unread_of[id_of(actor)] = left
    world.tell(NotificationSignal(
        organization_id=actor.organization_id, user_id=id_of(actor), notification={"text": words}, audience=audience,
    ))


def numbers(tab: Tab) -> list[int]:
    return [frame["unread"] for frame in tab.screen.frames]


async def test_what_happens_during_a_count_is_told_by_the_next(fanout: Fanout, world: World, ana: Actor) -> None:
    tab = Tab(fanout, ana)
    notify(world, ana, left=1)
    while "unread-answer" not in world.calls:  # the answer is under way
        await asyncio.sleep(0)
    assert numbers(tab) == []
    read(world, ana, left=0)
    await until(lambda: len(tab.screen.frames) == 2)
    assert tab.screen.frames == [
        {"t": "notification", "notification": {"text": "look"}, "unread": 1}, {"t": "notifications", "unread": 0},
    ]


async def test_a_crowd_is_counted_at_once_and_only_those_who_are_here(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    people = [world.person(organization_id) for _ in range(20)]
    tabs = [Tab(fanout, one) for one in people[1:] for _ in range(2)]
    for one in people:
        notify(world, one, left=3)
    await until(lambda: all(numbers(tab) == [3] for tab in tabs))
    assert [call for call in world.calls if call.startswith("unread of")] == ["unread of 19"]


async def test_who_may_not_see_what_it_is_about_learns_the_number_alone(
    fanout: Fanout, world: World, ana: Actor
) -> None:
    tab = Tab(fanout, ana)
    notify(world, ana, left=2, audience=Audience(new_id(), None))
    await until(lambda: tab.screen.frames == [{"t": "notifications", "unread": 2}])


async def test_what_could_not_be_counted_is_counted_when_the_database_is_back(
    fanout: Fanout, world: World, ana: Actor
) -> None:
    tab, world.away = Tab(fanout, ana), True
    notify(world, ana, left=1)
    await until(lambda: "unread of 1" in world.calls)
    read(world, ana, left=0)
    await until(lambda: world.calls.count("unread of 1") == 2)
    world.away = False
    await until(lambda: tab.screen.kinds() == ["notification", "notifications"])
    assert numbers(tab)[-1] == 0


async def test_of_very_many_that_could_not_be_counted_each_user_is_told_the_last(
    fanout: Fanout, world: World, ana: Actor, organization_id: UUID
) -> None:
    bia = world.person(organization_id)
    tab, other, world.away = Tab(fanout, ana), Tab(fanout, bia), True
    notify(world, bia, left=7)
    for number in range(2 * notices.KEPT):
        notify(world, ana, left=number, words=f"{number}")
    await until(lambda: "unread of 2" in world.calls)
    notify(world, ana, left=9, words="the last")
    world.away = False
    await until(lambda: len(tab.screen.frames) == notices.KEPT)
    assert [frame["notification"]["text"] for frame in tab.screen.frames] == [
        *(f"{number}" for number in range(notices.KEPT + 1, 2 * notices.KEPT)), "the last",
    ]
    assert set(numbers(tab)) == {9}
    assert numbers(other) == [7]
