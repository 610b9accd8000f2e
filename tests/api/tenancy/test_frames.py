"""Every frame that a socket can send, with the ids of another organization's things, and whatever it can receive."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any, get_args
from uuid import UUID, uuid4

import httpx2
import msgspec
import pytest
from msgspec import inspect
from sqlalchemy.ext.asyncio import AsyncEngine
from websockets.asyncio.client import ClientConnection, connect

from api.live.frames import AnyClientFrame, ClientFrame, Hello
from tests.api.furnishing import Furnished
from tests.api.tenancy.test_routes import rows_of
from tests.api.tenancy.watching import Watch
from tests.running import Stack
from tests.waiting import PATIENCE

pytestmark = pytest.mark.timeout(240)
FRAMES: tuple[type[ClientFrame], ...] = tuple(one for one in get_args(AnyClientFrame) if one is not Hello)
THINGS = {"id": "conversation_id"}  # what an id is of, where its name does not say it
SILENT = frozenset({"beat", "presence"})  # comes of itself


class Tab:
    """A socket that is asked one frame at a time; everything it hears is kept."""

    def __init__(self, socket: ClientConnection, watch: Watch) -> None:
        self.socket, self.watch, self.heard, self.sent = socket, watch, [], 0  # type: ignore[var-annotated]

    async def ask(self, frame: dict[str, Any]) -> list[dict[str, Any]]:
        """Everything that came back until a question after it was answered; frames keep their order."""
        self.sent += 2
        mark = secrets.token_hex(4)
        await self.socket.send(json.dumps(frame))
        await self.socket.send(json.dumps({"t": "subscribe", "topic": "conversation", "ref": mark}))
        answers: list[dict[str, Any]] = []
        async with asyncio.timeout(PATIENCE):
            while True:
                raw = await self.socket.recv()
                self.watch.look(f"frame after {frame['t']}", str(raw))
                heard = json.loads(raw)
                if heard.get("ref") == mark:
                    return answers
                self.heard.append(heard)
                if heard["t"] not in SILENT:
                    answers.append(heard)


@pytest.fixture
async def tabs(running: Stack, watched: httpx2.AsyncClient, other: Furnished, watch: Watch) -> AsyncIterator["Tabs"]:
    made = Tabs(running, watched, other, watch)
    yield made
    for tab in made.open:
        await tab.socket.close()


class Tabs:
    """Opens sockets of `other`'s people and visitors."""

    def __init__(self, running: Stack, client: httpx2.AsyncClient, other: Furnished, watch: Watch) -> None:
        self.running, self.client, self.other, self.watch = running, client, other, watch
        self.open: list[Tab] = []

    async def of(self, who: str) -> Tab:
        base, headers = "/api/v1/live", {"authorization": f"Bearer {self.other.owner.token}"}
        if who == "visitor":
            base = f"/api/v1/widget/{self.other.ids['channel_id']}"
            headers = {"authorization": f"Visitor {self.other.visitor_token}"}
        ticket = (await self.client.post(f"{base}/ticket", headers=headers)).json()["ticket"]
        address = self.running.url.replace("http", "ws", 1) + "/api/v1/live"
        socket = await connect(address, origin=self.running.url, compression=None)  # type: ignore[arg-type]
        await socket.send(json.dumps({"t": "hello", "ticket": ticket, "v": 1}))
        welcome = json.loads(await socket.recv())
        assert welcome["t"] == "welcome"
        self.open.append(Tab(socket, self.watch))
        return self.open[-1]


def sample(kind: type[ClientFrame], ids: dict[str, str]) -> dict[str, Any]:
    """A frame of this kind with every member, made from its type."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return {"t": str(info.tag)} | {
        field.encode_name: _value(field, ids) for field in info.fields if field.encode_name not in ("ref", "from")
    }


def _value(field: inspect.Field, ids: dict[str, str]) -> Any:
    kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
    for kind in kinds:
        match kind:
            case inspect.UUIDType():
                return ids[THINGS.get(field.encode_name, field.encode_name)]
            case inspect.LiteralType():
                return "conversation" if "conversation" in kind.values else kind.values[0]
            case inspect.BoolType():
                return True
            case inspect.IntType():
                return 1
            case inspect.StrType():
                return "https://shop.example/" if field.encode_name == "url" else secrets.token_hex(8)
    raise AssertionError(f"give {field.name} a sample")


def cells() -> Iterator[tuple[type[ClientFrame], str]]:
    """Every id of every frame."""
    for kind in FRAMES:
        info = inspect.type_info(kind)
        assert isinstance(info, inspect.StructType)
        for field in info.fields:
            kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
            if any(isinstance(one, inspect.UUIDType) for one in kinds):
                yield kind, field.encode_name


def plain(answers: list[dict[str, Any]], frame: dict[str, Any]) -> str:
    """Answers without what each frame gives of its own."""
    text = json.dumps(answers, sort_keys=True)
    for value in frame.values():
        text = text.replace(str(value), "VALUE") if isinstance(value, str) and len(value) > 12 else text
    return text


@pytest.mark.parametrize("who", ["agent", "visitor"])
async def test_a_foreign_id_in_a_frame_answers_as_a_missing_one(
    who: str, tabs: Tabs, owned: Furnished, other: Furnished, running_engine: AsyncEngine, watch: Watch
) -> None:
    before = await rows_of(running_engine, owned.owner.organization_id)
    theirs = owned.ids if who == "agent" else owned.ids | owned.visitor_ids
    ours = other.ids if who == "agent" else other.ids | other.visitor_ids
    tab = await tabs.of(who)
    for kind, name in cells():
        if tab.sent > 20:  # more in one go would be flooding
            tab = await tabs.of(who)
        said = []
        for ids in (theirs, {key: str(uuid4()) for key in theirs}):
            frame = sample(kind, ours)
            frame[name] = ids[THINGS.get(name, name)]
            said.append(plain(await tab.ask(frame), frame))
            watch.cells += 1
        assert said[0] == said[1], f"{kind.__name__}.{name}"
        assert '"ack"' not in said[0], f"{kind.__name__}.{name}: {said[0]}"
        assert '"subscribed"' not in said[0], f"{kind.__name__}.{name}: {said[0]}"
    assert await rows_of(running_engine, owned.owner.organization_id) == before


async def test_the_same_frames_work_with_ones_own_ids(tabs: Tabs, other: Furnished, watch: Watch) -> None:
    tab = await tabs.of("agent")
    for kind in FRAMES:
        answers = await tab.ask(sample(kind, other.ids))
        bad = [one for one in answers if one["t"] in ("error", "refused")]
        assert [one["code"] for one in bad] == (["forbidden"] if kind.__name__ == "Look" else []), kind.__name__


async def test_every_frame_is_sampled() -> None:
    ids = {name: str(uuid4()) for name in ("conversation_id", "reply_to_id")}
    for kind in FRAMES:
        assert msgspec.convert(sample(kind, ids), kind)
    assert {name for _, name in cells()} <= {"id", "conversation_id", "reply_to_id"}
    assert len(FRAMES) == len(get_args(AnyClientFrame)) - 1


async def test_nothing_that_happens_there_is_heard_here(
    tabs: Tabs, owned: Furnished, other: Furnished, watch: Watch
) -> None:
    """Everything that is told live is brought about in one organization while people of another listen to all of
    theirs, and ask for the ids of the first."""
    tab = await tabs.of("agent")
    await tab.ask({"t": "subscribe", "topic": "inbox"})
    for ids in (other.ids, owned.ids):
        await tab.ask({"t": "subscribe", "topic": "conversation", "id": ids["conversation_id"]})
    await tab.ask({"t": "presence", "state": "online"})
    mark = len(tab.heard)
    base = f"/api/v1/conversations/{owned.ids['conversation_id']}"
    note = await owned.owner.post(f"{base}/messages", {
        "client_id": secrets.token_hex(8), "text": f"News {owned.canary}", "note": True,
        "mention_ids": [owned.ids["user_id"]],
    })
    for act, body in (
        ("read", {"seq": note["seq"]}), ("unread", {}), ("assign", {"user_id": owned.agent.id}),
        ("snooze", {"until": "2027-06-01T00:00:00Z"}), ("resume", {}), ("close", {}), ("reopen", {}),
    ):
        await owned.owner.post(f"{base}/{act}", body)
    await owned.owner.put(f"{base}/draft", {"mode": "note", "text": f"More {owned.canary}"})
    await tab.ask({"t": "pong"})
    told = [one for one in tab.heard[mark:] if one["t"] not in SILENT]
    assert told == []
    beats = [one for one in tab.heard if one["t"] == "beat"]  # one may come in between; it names what the tab follows
    assert not any(str(owned.ids["conversation_id"]) in one["heads"] for one in beats)
    known = {str(UUID(str(user["id"]))) for one in tab.heard if one["t"] == "presence" for user in one["users"]}
    assert owned.agent.id not in known
    assert owned.owner.id not in known
