"""Presence follows connections: told when it changes and only then."""

from uuid import UUID

import pytest

from hub.core.access import PERMISSIONS, Actor, Role
from hub.core.bus import Reactions
from hub.core.clock import SteppingClock, new_id
from hub.core.crypto import Keyring
from hub.core.db import Database, create_engine
from hub.core.errors import Conflict, Forbidden, Invalid
from hub.core.hub import Hub
from hub.core.settings import Settings
from hub.core.signals import AnySignal, PresenceSignal
from hub.ports import Ports
from hub.presence import actions, views
from providers.memory import MemoryPresence, MemorySignals


class Stage:
    """A hub whose presence is in memory, and what its screens were told: (user, state)."""

    def __init__(self, clock: SteppingClock) -> None:
        signals = MemorySignals()
        self.told: list[tuple[UUID, str]] = []
        signals.listen(self._hear, lambda: None)
        self.hub = Hub(
            settings=Settings(environment="test"), signals=signals, keyring=Keyring("s" * 40), clock=clock, jobs={},
            database=Database(create_engine("postgresql://127.0.0.1:1/nothing")),  # never connected to
            ports=Ports(presence=MemoryPresence(clock), mailer=None, files=None, rates=None, channels={}),  # type: ignore[arg-type]
            reactions=Reactions(),
        )

    def _hear(self, signal: AnySignal) -> None:
        if isinstance(signal, PresenceSignal):
            self.told.extend(signal.users)


@pytest.fixture
def stage(clock: SteppingClock) -> Stage:
    return Stage(clock)


def person(role: Role = Role.AGENT) -> Actor:
    return Actor(kind="user", organization_id=new_id(), user_id=new_id(), role=role, permissions=PERMISSIONS[role])


def ids(actor: Actor) -> tuple[UUID, UUID]:
    assert actor.organization_id is not None
    assert actor.user_id is not None
    return actor.organization_id, actor.user_id


async def test_the_first_connection_brings_a_user_online_and_the_second_changes_nothing(stage: Stage) -> None:
    ana = person()
    assert [await actions.arrive(stage.hub, ana, one) for one in ("tab 1", "tab 2")] == ["online", "online"]
    assert stage.told == [(ana.user_id, "online")]


async def test_a_choice_holds_for_the_connections_that_come_after(stage: Stage) -> None:
    ana = person()
    await actions.arrive(stage.hub, ana, "tab 1")
    await actions.choose(stage.hub, ana, "tab 1", "away")
    assert await actions.arrive(stage.hub, ana, "tab 2") == "away"
    assert stage.told[1:] == [(ana.user_id, "away")]


async def test_offline_is_told_when_the_last_connection_has_gone(stage: Stage) -> None:
    ana = person()
    for one in ("tab 1", "tab 2"):
        await actions.arrive(stage.hub, ana, one)
    await actions.depart(stage.hub, ana, "tab 1")
    await actions.tell_if_offline(stage.hub, *ids(ana))
    await actions.depart(stage.hub, ana, "tab 2")
    await actions.tell_if_offline(stage.hub, *ids(ana))
    assert stage.told == [(ana.user_id, "online"), (ana.user_id, "offline")]


async def test_a_lease_that_nobody_renews_lapses_and_is_told(stage: Stage, clock: SteppingClock) -> None:
    ana, ben = person(), person()
    for actor in (ana, ben):
        await actions.arrive(stage.hub, actor, "tab")
    clock.advance(seconds=20)
    await actions.renew(stage.hub, ids(ben)[0], [(ids(ben)[1], "tab", "online")])
    clock.advance(seconds=6)
    await actions.sweep(stage.hub)
    assert stage.told[2:] == [(ana.user_id, "offline")]


async def test_a_renewal_after_a_lapse_is_told(stage: Stage, clock: SteppingClock) -> None:
    ana = person()
    organization_id, user_id = ids(ana)
    await actions.arrive(stage.hub, ana, "tab")
    clock.advance(seconds=30)
    await actions.sweep(stage.hub)
    await actions.renew(stage.hub, organization_id, [(user_id, "tab", "online")])
    assert [state for _, state in stage.told] == ["online", "offline", "online"]


async def test_a_viewer_chooses_nothing(stage: Stage) -> None:
    with pytest.raises(Forbidden):
        await actions.choose(stage.hub, person(Role.VIEWER), "tab", "away")


async def test_offline_is_not_a_choice(stage: Stage) -> None:
    with pytest.raises(Invalid):
        await actions.choose(stage.hub, person(), "tab", "offline")


async def test_who_is_not_connected_has_nothing_to_choose_for(stage: Stage) -> None:
    with pytest.raises(Conflict, match="not_connected"):
        await actions.choose_everywhere(stage.hub, person(), "away")


async def test_the_list_holds_the_organizations_own_people(stage: Stage) -> None:
    ana, stranger = person(), person()
    for actor in (ana, stranger):
        await actions.arrive(stage.hub, actor, "tab")
    assert await views.present(stage.hub, ids(ana)[0]) == [views.PresenceView(ids(ana)[1], "online")]
