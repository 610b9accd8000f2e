"""Signals and presence within one process."""

from uuid import UUID, uuid4

import pytest

from hub.core.clock import SteppingClock
from hub.core.signals import AnySignal, PresenceSignal
from providers.memory import MemoryPresence, MemorySignals

ORG, ANA, BIA = uuid4(), uuid4(), uuid4()


def signal() -> PresenceSignal:
    return PresenceSignal(organization_id=ORG, users=((ANA, "online"),))


def unexpected_gap() -> None:
    raise AssertionError("nothing can be missed in memory")


def test_every_listener_has_heard_a_signal_when_publish_returns() -> None:
    bus, first, second = MemorySignals(), list[AnySignal](), list[AnySignal]()
    bus.listen(first.append, unexpected_gap)
    bus.listen(second.append, unexpected_gap)
    sent = [signal(), signal()]
    bus.publish(sent)

    assert first == second == sent


def test_a_listener_that_fails_stops_neither_the_others_nor_the_publisher() -> None:
    def failing(_: AnySignal) -> None:
        raise RuntimeError("broken")

    bus, heard = MemorySignals(), list[AnySignal]()
    bus.listen(failing, unexpected_gap)
    bus.listen(heard.append, unexpected_gap)
    bus.publish([signal(), signal()])

    assert len(heard) == 2


def test_a_listener_that_stopped_hears_no_more() -> None:
    bus, heard = MemorySignals(), list[AnySignal]()
    stop = bus.listen(heard.append, unexpected_gap)
    stop()
    stop()
    bus.publish([signal()])

    assert heard == []


@pytest.fixture
def presence(clock: SteppingClock) -> MemoryPresence:
    return MemoryPresence(clock)


async def test_a_user_is_there_while_one_of_their_connections_is_renewed(
    presence: MemoryPresence, clock: SteppingClock
) -> None:
    await presence.renew(ORG, ANA, "tab 1", "online")
    await presence.renew(ORG, ANA, "tab 2", "online")
    clock.advance(seconds=20)
    await presence.renew(ORG, ANA, "tab 2", "online")
    clock.advance(seconds=20)

    assert await presence.states(ORG) == {ANA: "online"}
    assert await presence.sweep() == []


async def test_a_lease_that_lapses_takes_the_user_offline_once(presence: MemoryPresence, clock: SteppingClock) -> None:
    await presence.renew(ORG, ANA, "tab", "online")
    clock.advance(seconds=25)

    assert await presence.states(ORG) == {}
    assert await presence.sweep() == [(ORG, ANA)]
    assert await presence.sweep() == []


async def test_who_leaves_with_their_last_connection_is_gone(presence: MemoryPresence) -> None:
    await presence.renew(ORG, ANA, "tab 1", "online")
    await presence.renew(ORG, ANA, "tab 2", "online")
    await presence.leave(ORG, ANA, "tab 1")
    assert await presence.states(ORG) == {ANA: "online"}

    await presence.leave(ORG, ANA, "tab 2")
    await presence.leave(ORG, ANA, "tab 2")
    assert await presence.states(ORG) == {}


async def test_the_state_chosen_last_holds_over_the_renewals_of_other_connections(presence: MemoryPresence) -> None:
    await presence.renew(ORG, ANA, "tab 1", "online")
    await presence.renew(ORG, ANA, "tab 2", "online")
    await presence.renew(ORG, ANA, "tab 2", "busy")
    await presence.renew(ORG, ANA, "tab 1", "online")

    assert await presence.states(ORG) == {ANA: "busy"}


async def test_opening_another_tab_does_not_undo_what_was_chosen(presence: MemoryPresence) -> None:
    await presence.renew(ORG, ANA, "tab 1", "busy")
    await presence.renew(ORG, ANA, "tab 2", "online")

    assert await presence.states(ORG) == {ANA: "busy"}


async def test_who_comes_back_after_lapsing_begins_anew(presence: MemoryPresence, clock: SteppingClock) -> None:
    await presence.renew(ORG, ANA, "tab 1", "busy")
    clock.advance(seconds=30)
    await presence.renew(ORG, ANA, "tab 2", "online")

    assert await presence.states(ORG) == {ANA: "online"}
    assert await presence.sweep() == []


async def test_presence_of_one_organization_is_not_seen_in_another(presence: MemoryPresence) -> None:
    other: UUID = uuid4()
    await presence.renew(ORG, ANA, "tab", "online")
    await presence.renew(other, BIA, "tab", "away")

    assert await presence.states(ORG) == {ANA: "online"}
    assert await presence.states(other) == {BIA: "away"}
