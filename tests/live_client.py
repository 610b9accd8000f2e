"""A client that follows the live protocol to the letter, and remembers what it was given."""

import asyncio
import json
from collections import defaultdict
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.running import Person
from tests.waiting import PATIENCE


class LiveClient:
    """One tab. `applied`: conversation → numbers in the order they were applied; `frames`: everything received."""

    def __init__(self, url: str, person: Person) -> None:
        self.url = url
        self.person = person
        self.socket: ClientConnection | None = None
        self.applied: dict[str, list[int]] = defaultdict(list)
        self.events: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.frames: list[dict[str, Any]] = []
        self.resets = 0
        self.epoch: str | None = None
        self._changed = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        ticket = (await self.person.post("/api/v1/live/ticket"))["ticket"]
        address = self.url.replace("http", "ws", 1) + "/api/v1/live"
        self.socket = await connect(address, origin=self.url, compression=None)  # type: ignore[arg-type]
        await self.send({"t": "hello", "ticket": ticket, "v": 1})
        self._reader = asyncio.create_task(self._read(self.socket))
        welcome = await self.until(lambda frame: frame["t"] == "welcome")
        self.epoch = welcome["epoch"]

    async def send(self, frame: dict[str, Any]) -> None:
        assert self.socket is not None
        await self.socket.send(json.dumps(frame))

    async def follow(self, conversation_id: str) -> dict[str, Any]:
        """Subscribes from where this client is. On a reset it takes the snapshot's head as its place."""
        numbers = self.applied[conversation_id]
        frame: dict[str, Any] = {"t": "subscribe", "topic": "conversation", "id": conversation_id}
        if numbers:
            frame |= {"from": numbers[-1], "epoch": self.epoch}
        mark = len(self.frames)
        await self.send(frame)
        answer = await self.until(
            lambda got: got["t"] == "subscribed" and got.get("id") == conversation_id, since=mark
        )
        if answer["mode"] == "reset":
            self.resets += 1
            page = await self.person.get(f"/api/v1/conversations/{conversation_id}/messages?limit=1")
            held = [event for event in self.events[conversation_id] if event["s"] > page["head_seq"]]
            self.applied[conversation_id] = [page["head_seq"], *(event["s"] for event in held)]
        return answer

    async def until(self, match: Any, *, since: int = 0, seconds: float = PATIENCE) -> dict[str, Any]:
        """The first frame at or after `since` that matches."""
        seen = since
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._changed.clear()
                    for frame in self.frames[seen:]:
                        if match(frame):
                            return frame
                    seen = len(self.frames)
                    await self._changed.wait()
        except TimeoutError:
            if self._reader is not None and self._reader.done():
                self._reader.result()  # a broken promise of the protocol ended the reader
            raise AssertionError(f"no such frame among {[frame['t'] for frame in self.frames[since:]]}") from None

    async def event(self, name: str, **data: Any) -> dict[str, Any]:
        """The first event of this name whose data has these values."""
        return await self.until(lambda frame: frame["t"] == "event" and frame["e"] == name and all(
            frame["d"].get(key) == value for key, value in data.items()
        ))

    async def drop(self) -> None:
        """Cuts the line without a goodbye."""
        if self.socket is not None:
            self.socket.transport.abort()
        await self.closed()

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close()
        await self.closed()

    async def closed(self) -> int | None:
        """Waits until the connection is over; the close code."""
        assert self.socket is not None
        if self._reader is not None:
            await asyncio.wait([self._reader], timeout=PATIENCE)
        return self.socket.close_code

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for raw in socket:
                frame = json.loads(raw)
                self.frames.append(frame)
                if frame["t"] == "event":
                    self._apply(frame)
                elif frame["t"] == "beat":
                    await self.send({"t": "pong"})
                self._changed.set()
        except ConnectionClosed:
            return

    def _apply(self, frame: dict[str, Any]) -> None:
        numbers = self.applied[frame["c"]]
        assert not numbers or frame["s"] == numbers[-1] + 1, f"{frame['s']} after {numbers[-1]}"
        numbers.append(frame["s"])
        self.events[frame["c"]].append(frame)


async def live(url: str, person: Person) -> LiveClient:
    made = LiveClient(url, person)
    await made.connect()
    return made
