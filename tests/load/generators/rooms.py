"""Rooms of participants on open connections: who says something, and when everybody has it."""

import asyncio
import random
import resource
import socket
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tests.load.exactness import same_for_all
from tests.load.generators.seats import ProductSeat, Seat, seat
from tests.load.generators.wire import Api, paced
from tests.load.ratios import percentile

_AT_ONCE = 50
_STRAGGLERS = 20.0  # seconds for what is still on its way when a phase ends


class Generator:
    """Sits down everybody once, then lets them speak, phase by phase."""

    def __init__(self) -> None:
        self._rooms: dict[str, list[Seat]] = defaultdict(list)
        self._stalled: list[Seat] = []
        self._number = 0
        self._chance = random.Random(7)
        self._apis: list[Api] = []
        self._speaks_at: int | None = None
        self._clear()

    def _clear(self) -> None:
        self._sent_at: dict[int, float] = {}
        self._room_of: dict[int, str] = {}
        self._left: dict[int, int] = {}
        self._latencies: list[float] = []
        self._latencies_at: dict[int, list[float]] = defaultdict(list)  # by the port where the listener sits
        self._complete = self._deliveries = self._acknowledged = self._sent = 0
        self._complaints: list[str] = []
        self._next: Callable[[str], None] | None = None
        self._idle = asyncio.Event()

    # Sitting down.

    async def enter(
        self, kind: str, port: int, places: list[dict[str, Any]], origin: str = "", at_once: int = _AT_ONCE
    ) -> dict[str, float]:
        """Opens a connection for each place (`room`, and `token` at the product); connections per second."""
        began = time.perf_counter()
        line = iter(enumerate(places))

        async def usher() -> None:
            api = Api(port)
            self._apis.append(api)
            for index, place in line:
                more: dict[str, Any] = {}
                if kind == "product":
                    more = {"token": place["token"], "origin": origin, "api": api}
                elif kind == "xmpp":
                    more = {"nick": f"n{index}"}
                made = seat(kind, self, port, place["room"], **more)
                await made.enter()
                self._rooms[place["room"]].append(made)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(at_once, len(places))):
                group.create_task(usher())
        return {"seats": len(places), "rate": len(places) / (time.perf_counter() - began)}

    async def speak_at(self, port: int) -> None:
        """From here on only those who sit at this server speak; the others hear."""
        self._speaks_at = port

    async def leave(self) -> None:
        for one in [one for seats in self._rooms.values() for one in seats] + self._stalled:
            one.leave()
        self._rooms.clear()
        self._stalled.clear()
        for api in self._apis:
            api.close()

    async def stall(self, part: float) -> int:
        """This part of every room stops reading, with a small receive buffer, and is counted no more."""
        for seats in self._rooms.values():
            for _ in range(round(len(seats) * part)):
                one = seats.pop()
                one.wire.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                one.wire.transport.pause_reading()
                self._stalled.append(one)
        return len(self._stalled)

    # Counting.

    def heard(self, seat: Seat, number: int) -> None:
        at = self._sent_at.get(number)
        if at is None:
            return
        now = time.perf_counter()
        self._deliveries += 1
        self._latencies.append(now - at)
        self._latencies_at[seat.port].append(now - at)
        left = self._left[number] - 1
        self._left[number] = left
        if left == 0:
            room = self._room_of[number]
            self._complete += 1
            del self._sent_at[number], self._left[number], self._room_of[number]
            if self._next is not None:
                self._next(room)
            elif not self._sent_at:
                self._idle.set()

    def acknowledged(self, number: int) -> None:
        self._acknowledged += 1

    def complained(self, words: str) -> None:
        self._complaints.append(words)

    def _say(self, room: str, at: float | None = None, length: int = 0) -> None:
        self._number += 1
        number, seats = self._number, self._rooms[room]
        self._sent += 1
        self._left[number], self._room_of[number] = len(seats), room
        self._sent_at[number] = at if at is not None else time.perf_counter()
        if self._speaks_at is not None:
            seats = [one for one in seats if one.port == self._speaks_at]
        self._chance.choice(seats).say(number, length)

    # Phases.

    async def closed(self, seconds: float, window: int, length: int = 0, warm: float = 0.5) -> dict[str, Any]:
        """`window` messages in flight in each room; one is done when everybody in the room has it."""
        self._clear()
        self._next = lambda room: self._say(room, None, length)
        for room in self._rooms:
            for _ in range(window):
                self._say(room, None, length)
        await asyncio.sleep(warm)
        self._latencies.clear()
        complete, deliveries, cpu, began = self._complete, self._deliveries, _cpu(), time.perf_counter()
        await asyncio.sleep(seconds)
        took = time.perf_counter() - began
        measured = {
            "rate": (self._complete - complete) / took, "deliveries": self._deliveries - deliveries, "seconds": took,
            "cpu": (_cpu() - cpu) / took, **self._percentiles(),
        }
        self._next = None
        return {**measured, **await self._end()}

    async def steady(self, rate: float, seconds: float, length: int = 0) -> dict[str, Any]:
        """An open loop over all rooms; latency from the instant a message was due to each receipt."""
        self._clear()
        rooms = list(self._rooms)
        cpu, began = _cpu(), time.perf_counter()
        await paced(int(rate * seconds), rate, lambda index, at: self._say(rooms[index % len(rooms)], at, length))
        ended = await self._end()
        took = time.perf_counter() - began
        p50_at = {port: percentile(those, 0.5) * 1e3 for port, those in self._latencies_at.items()}
        return {"rate": rate, "seconds": took, "cpu": (_cpu() - cpu) / took, "p50_at": p50_at, **self._percentiles(),
                **ended}

    def _percentiles(self) -> dict[str, float]:
        if not self._latencies:
            return {"p50": 0.0, "p95": 0.0, "p99": 0.0}
        return {name: percentile(self._latencies, part) * 1e3
                for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}

    async def _end(self) -> dict[str, Any]:
        """Waits for the stragglers, then compares what everybody heard."""
        if self._sent_at:
            self._idle.clear()
            try:
                async with asyncio.timeout(_STRAGGLERS):
                    await self._idle.wait()
            except TimeoutError:
                self._complaints.append(f"{len(self._sent_at)} messages never reached everybody")
        await asyncio.sleep(0.05)  # for an acknowledgement behind the last event
        violations = [f"{words} (and {len(self._complaints) - 1} more)" for words in self._complaints[:1]]
        frame = 0
        for room, seats in self._rooms.items():
            violations += same_for_all(room, [one.seen for one in seats])
            for one in seats:
                one.seen.clear()
                if one.wire.lost if hasattr(one, "wire") else False:
                    violations.append(f"{room}: a connection was lost ({one.wire.close_code})")
                if isinstance(one, ProductSeat):
                    frame = one.frame_bytes
        return {
            "sent": self._sent, "acknowledged": self._acknowledged, "complete": self._complete,
            "all_deliveries": self._deliveries, "violations": violations[:5], "frame_bytes": frame,
        }

    # Coming back.

    async def expect(
        self, kind: str, port: int, places: list[dict[str, Any]], origin: str, heads: int, epoch: str
    ) -> None:
        """Seats for those who will come back: each knows its conversation up to `heads`."""
        for place in places:
            made = seat(kind, self, port, place["room"], token=place["token"], origin=origin, api=Api(port))
            assert isinstance(made, ProductSeat)
            made.head, made.epoch = heads, epoch
            self._rooms[place["room"]].append(made)

    async def storm(self, missed: int, at_once: int) -> dict[str, Any]:
        """Everybody comes at once and resumes; connections per second until the last has what it missed."""
        seats = [one for members in self._rooms.values() for one in members if isinstance(one, ProductSeat)]
        for one in seats:
            one.resumed_from = one.head - missed
            one.seen.clear()
        self._clear()
        began = time.perf_counter()
        line = iter(seats)

        async def usher() -> None:
            api = Api(seats[0].port)
            for one in line:
                one.api = api
                await one.enter()
            api.close()

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(usher())
        async with asyncio.timeout(_STRAGGLERS):
            while any(len(one.seen) < missed for one in seats):
                await asyncio.sleep(0.005)
        took = time.perf_counter() - began
        heard = sum(len(one.seen) for one in seats)
        violations = self._complaints[:1]
        for room, members in self._rooms.items():
            violations += same_for_all(room, [one.seen for one in members])
        return {"rate": len(seats) / took, "heard": heard, "seats": len(seats), "violations": violations[:5]}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
