"""A tab of the live feed that follows the protocol of docs/live.md, is cut at any moment, comes back, and writes down
every number it applies."""

import asyncio
import contextlib
import json
import random
import secrets
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.chaos.callers import Agent, note
from tests.chaos.history import Step, Tab, Write

ENDS = (OSError, WebSocketException, TimeoutError)
FOLLOWED = 8
TRY_AGAIN = {"unavailable", "internal", "limit_reached"}


class Screen:
    """One tab. `place` is the last number applied; a conversation without one needs a snapshot."""

    def __init__(self, agent: Agent, url: str, name: str, chance: random.Random) -> None:
        self.agent, self.url, self.chance = agent, url, chance
        self.tab = Tab(name=name)
        agent.history.tabs.append(self.tab)
        self.place: dict[str, int] = {}
        self.shown: dict[str, dict[str, tuple[str, str]]] = {}
        self.rows: dict[str, int] = {}
        self.followed: set[str] = set()
        self.epoch: str | None = None
        self.up = asyncio.Event()
        self.stopping = False
        self._socket: ClientConnection | None = None
        self._asked: set[str] = set()  # conversations whose subscription is not answered yet
        self._seen: dict[str, int] = {}  # up to here a snapshot has it, or it came while we asked to resume
        self._held: dict[str, list[dict[str, Any]]] = {}  # events that came while the snapshot is fetched
        self._acks: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._fetches: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        self.stopping = True
        if self._socket is not None:
            self._socket.transport.abort()
        for fetch in self._fetches:
            fetch.cancel()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def follow(self, conversation_id: str) -> None:
        if conversation_id not in self.followed and len(self.followed) < FOLLOWED:
            self.followed.add(conversation_id)
            if self.up.is_set():
                await self._subscribe(conversation_id)

    async def say(self, conversation_id: str) -> None:
        """An answer, sent again under its id over as many connections as it takes."""
        write = Write(kind="agent", key=secrets.token_hex(8), sender=self.tab.name, conversation=conversation_id,
                      text=f"from {self.tab.name}", began=time.time())
        self.agent.history.writes.append(write)
        while write.acked is None:
            await self.up.wait()
            answer = self._acks[write.key] = asyncio.get_running_loop().create_future()
            await self._send({"t": "send", "client_id": write.key, "conversation_id": conversation_id,
                              "text": write.text})
            said = None
            with contextlib.suppress(TimeoutError):
                said = await asyncio.wait_for(answer, 4)
            if said is not None and said["t"] == "ack":
                note(write, said)
            elif said is not None and said["code"] not in TRY_AGAIN:
                raise AssertionError(f"{self.tab.name} was refused: {said}")
            else:
                await asyncio.sleep(0.05)

    async def settle(self, heads: dict[str, int], listed: dict[str, int], *, seconds: float) -> None:
        """Waits until all is there, for at most that long, and writes down what is shown and what should be."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not (self.up.is_set() and self._is_at(heads, listed)):
            await asyncio.sleep(0.05)
        for conversation_id in sorted(self.followed):
            self._step("end", conversation_id, head=heads.get(conversation_id, 0))
            page = await self.agent.ask("GET", _page(conversation_id), writes=False)
            self.tab.fetched[conversation_id] = {
                row["id"]: (row["text"], row["state"]) for row in page.json()["results"]
            } if page.status_code == 200 else None
        self.tab.shown, self.tab.rows, self.tab.listed = self.shown, self.rows, listed

    def _is_at(self, heads: dict[str, int], listed: dict[str, int]) -> bool:
        return all(self.place.get(one) == heads.get(one) for one in self.followed) and \
            all(self.rows.get(one) == head for one, head in listed.items())

    async def _run(self) -> None:
        while not self.stopping:
            with contextlib.suppress(*ENDS):
                await self._session()
            self.up.clear()
            for fetch in self._fetches:
                fetch.cancel()
            for answer in self._acks.values():
                if not answer.done():
                    answer.set_exception(TimeoutError())
                    answer.exception()
            for conversation_id in self._held:
                self.place.pop(conversation_id, None)
            self._held.clear()
            self._asked.clear()
            for conversation_id in self.followed:
                self._step("cut", conversation_id)
            await asyncio.sleep(self.chance.uniform(0.05, 0.3))

    async def _session(self) -> None:
        headers = {"authorization": f"Bearer {self.agent.person.token}"}
        answer = await self.agent.caller.once("POST", "/api/v1/live/ticket", writes=False, headers=headers)
        if answer is None or answer.status_code != 200:
            return
        address = self.url.replace("http", "ws", 1) + "/api/v1/live"
        async with connect(address, origin=self.url, compression=None, open_timeout=4,  # type: ignore[arg-type]
                           ping_interval=5, ping_timeout=5, close_timeout=0.2) as socket:
            self._socket = socket
            await self._send({"t": "hello", "ticket": answer.json()["ticket"], "v": 1})
            async for raw in socket:
                await self._take(json.loads(raw))

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["t"]
        if kind == "event":
            self._event(frame)
        elif kind == "row":
            row = frame["row"]
            self._row(row["id"], row["head_seq"])
        elif kind in ("ack", "refused"):
            answer = self._acks.pop(frame["client_id"], None)
            if answer is not None and not answer.done():
                answer.set_result(frame)
        elif kind == "welcome":
            await self._welcome(frame)
        elif kind == "subscribed":
            self._subscribed(frame)
        elif kind == "reset":
            await self._reset(frame)
        elif kind == "beat":
            await self._beat(frame)

    async def _welcome(self, frame: dict[str, Any]) -> None:
        if frame["epoch"] != self.epoch:
            self.epoch, self.place = frame["epoch"], {}
        await self._send({"t": "subscribe", "topic": "inbox"})
        for conversation_id in self.followed:
            await self._subscribe(conversation_id)
        self.up.set()

    async def _subscribe(self, conversation_id: str) -> None:
        """Asks for the conversation from our place; once, until that is answered."""
        if conversation_id in self._asked:
            return
        self._asked.add(conversation_id)
        frame: dict[str, Any] = {"t": "subscribe", "topic": "conversation", "id": conversation_id}
        if (place := self.place.get(conversation_id)) is not None:
            frame |= {"from": place, "epoch": self.epoch, "ref": str(place)}
        await self._send(frame)

    def _subscribed(self, frame: dict[str, Any]) -> None:
        if frame["topic"] == "inbox":
            self._spawn(self._list())
            return
        conversation_id = frame["id"]
        self._asked.discard(conversation_id)
        if frame["mode"] == "resumed":
            place = self.place[conversation_id]
            self._seen[conversation_id] = place if frame["ref"] != str(place) else 0
            self._step("resumed", conversation_id, place, frame["head"])
        else:
            held = self._held[conversation_id] = []
            self._spawn(self._fetch(conversation_id, held))

    async def _reset(self, frame: dict[str, Any]) -> None:
        if frame["topic"] == "inbox":
            self._spawn(self._list())
            return
        if frame["id"] in self._asked:
            return  # it speaks of the subscription before the one that we are asking for
        self.place.pop(frame["id"], None)
        self._held.pop(frame["id"], None)
        self._step("cut", frame["id"])
        await self._subscribe(frame["id"])

    async def _beat(self, frame: dict[str, Any]) -> None:
        await self._send({"t": "pong"})
        for conversation_id, head in frame["heads"].items():
            if conversation_id not in self._held and self.place.get(conversation_id, head) < head:
                await self._subscribe(conversation_id)

    def _event(self, frame: dict[str, Any]) -> None:
        if (held := self._held.get(frame["c"])) is not None:
            held.append(frame)
        else:
            self._apply(frame)

    def _apply(self, frame: dict[str, Any]) -> None:
        conversation_id = frame["c"]
        if frame["s"] <= self._seen.get(conversation_id, 0):
            return
        self._step("event", conversation_id, frame["s"])
        self.place[conversation_id] = frame["s"]
        shown, data = self.shown.setdefault(conversation_id, {}), frame["d"]
        if (message := data.get("message")) is not None:
            shown[message["id"]] = (message["text"], message["state"])
        elif "message_id" in data and data["message_id"] in shown:
            shown[data["message_id"]] = (shown[data["message_id"]][0], data["state"])

    async def _fetch(self, conversation_id: str, held: list[dict[str, Any]]) -> None:
        page = (await self.agent.ask("GET", _page(conversation_id), writes=False)).json()
        if self._held.get(conversation_id) is not held:
            return  # the subscription has changed meanwhile
        del self._held[conversation_id]
        head = page["head_seq"]
        self.place[conversation_id] = self._seen[conversation_id] = head
        self.shown[conversation_id] = {row["id"]: (row["text"], row["state"]) for row in page["results"]}
        self._step("snapshot", conversation_id, head)
        for frame in held:
            self._apply(frame)

    async def _list(self) -> None:
        listed = await self.agent.ask("GET", "/api/v1/conversations?view=all", writes=False)
        for row in listed.json()["results"]:
            self._row(row["id"], row["head_seq"])

    def _row(self, conversation_id: str, head: int) -> None:
        self.rows[conversation_id] = max(head, self.rows.get(conversation_id, 0))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._fetches.add(task)
        task.add_done_callback(self._fetched)

    def _fetched(self, task: asyncio.Task[None]) -> None:
        """A tab that was refused what it needs comes again."""
        self._fetches.discard(task)
        if not task.cancelled() and task.exception() is not None and self._socket is not None:
            self._socket.transport.abort()

    async def _send(self, frame: dict[str, Any]) -> None:
        with contextlib.suppress(*ENDS):
            assert self._socket is not None
            await self._socket.send(json.dumps(frame))

    def _step(self, what: str, conversation_id: str, number: int = 0, head: int = 0) -> None:
        self.tab.steps.append(Step(what=what, conversation=conversation_id, number=number, head=head))


def _page(conversation_id: str) -> str:
    return f"/api/v1/conversations/{conversation_id}/messages?limit=50"
