"""The fan-out alone keeps organizations apart: a signal of one reaches nobody of another, whatever its ids."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest

from api.live.fanout import Fanout
from hub.conversations.shapes import VisitorView
from hub.core.access import Role
from hub.core.clock import new_id
from hub.core.signals import ActorChanged, AnySignal, SessionEnded, Signal, VisitorSignal
from tests.api.live.world import EVERYBODY, Tab, Thread, World

FRAME = msgspec.Raw(json.dumps({"t": "row", "row": {"id": "secret"}}).encode())


class Twins:
    """Two organizations whose conversation and person have the same ids, each with an open tab that follows all."""

    def __init__(self, world: World, fanout: Fanout) -> None:
        self.ids = new_id(), new_id()
        conversation_id = new_id()
        self.threads = [Thread(one, conversation_id) for one in self.ids]
        world.threads |= {thread.key: thread for thread in self.threads}
        first = world.person(self.ids[0], Role.OWNER)
        second = world.person(self.ids[1], Role.OWNER)
        self.person_id = first.user_id
        second = msgspec.structs.replace(second, user_id=first.user_id)
        assert second.session_id is not None
        world.people[second.session_id] = second
        self.tabs = [Tab(fanout, actor) for actor in (first, second)]

    async def follow(self) -> None:
        for tab, thread in zip(self.tabs, self.threads, strict=True):
            await tab.say(t="subscribe", topic="inbox")
            await tab.follow(thread)
            await tab.say(t="viewing", id=str(thread.id))
            tab.screen.frames.clear()

    def values(self) -> Mapping[str, Any]:
        """What any signal is made of, of the first organization."""
        assert self.person_id is not None
        return {
            "organization_id": self.ids[0], "conversation_id": self.threads[0].id, "user_id": self.person_id,
            "session_id": None, "seq": 1, "event": FRAME, "visitor_event": FRAME, "row": FRAME, "frame": FRAME,
            "audience": EVERYBODY, "was": None, "who_kind": "customer", "who_id": new_id(), "who_name": "secret",
            "on": True, "origin": "elsewhere", "inbound_seen": 1, "mode": "reply", "text": "secret",
            "notification": {"text": "secret"}, "reply_to_id": None, "updated_at": datetime.now(UTC),
        }

    def signal(self, kind: type[Signal]) -> Any:
        names = [field.name for field in msgspec.structs.fields(kind)]
        users: tuple[tuple[UUID | None, str], ...] = ((self.person_id, "away"),)
        return kind(**{name: users if name == "users" else self.values()[name] for name in names})


def visitor() -> VisitorView:
    now = datetime.now(UTC)
    return VisitorView(online=True, page=None, since=None, first_seen_at=now, last_seen_at=now, locale="en", visits=1,
                       email="", verified=False)


@pytest.mark.parametrize("kind", get_args(AnySignal), ids=lambda kind: kind.__name__)
async def test_a_signal_reaches_only_its_own_organization(world: World, fanout: Fanout, kind: type[Signal]) -> None:
    twins = Twins(world, fanout)
    await twins.follow()
    world.visitors = {thread.key: visitor() for thread in twins.threads} if kind is VisitorSignal else {}
    world.tell(twins.signal(kind))
    for _ in range(50):
        await asyncio.sleep(0)
    own, foreign = twins.tabs
    assert foreign.screen.frames == []
    assert (foreign.connection.closing, foreign.connection.changes) == (None, 0)
    if kind is SessionEnded:
        assert own.connection.closing is not None
    elif kind is ActorChanged:
        assert own.connection.changes == 1
    else:
        assert own.screen.frames != []


async def test_a_socket_of_one_organization_replaces_none_of_another(world: World, fanout: Fanout) -> None:
    twins = Twins(world, fanout)
    for _ in range(25):
        Tab(fanout, twins.tabs[0].connection.actor)
    assert twins.tabs[0].connection.closing is not None
    assert twins.tabs[1].connection.closing is None


async def test_inboxes_of_one_organization_are_reset_alone(world: World, fanout: Fanout) -> None:
    twins = Twins(world, fanout)
    await twins.follow()
    fanout.following.reset_inboxes(twins.ids[0])
    await asyncio.sleep(0.01)
    assert [tab.screen.kinds() for tab in twins.tabs] == [["reset"], []]
