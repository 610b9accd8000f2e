"""Faults that are no deaths: callers who hang up, too many of them, tabs that do not read, tasks that fail."""

import asyncio
import contextlib
import json
import secrets
import socket
import time

from websockets.asyncio.client import connect

from tests.chaos.callers import Caller, note
from tests.chaos.faults import Fault
from tests.chaos.history import Level, Stalled, Write
from tests.chaos.round import Round
from tests.chaos.screens import Screen

TOO_SLOW = 4008
UNANSWERED = 15.0  # seconds after which a tab that answers no ping may be closed for that instead
WIDE = "\N{GRINNING FACE}" * 4096  # the longest text, as many bytes as it can have


def hangups(count: int, *, at_once: int = 25) -> Fault:
    """Callers who send a request and go away before, while or just after it is done."""

    async def run(round_: Round) -> None:
        conversations = await round_.owner.conversations()
        left = iter(range(count))

        async def caller() -> None:
            for turn in left:
                await _hang_up(round_, conversations[turn % len(conversations)], writes=turn % 3 > 0)

        await asyncio.gather(*(caller() for _ in range(at_once)))
        round_.history.hurried = False

    return run


async def _hang_up(round_: Round, conversation_id: str, *, writes: bool) -> None:
    path, body = f"/api/v1/conversations/{conversation_id}/messages", b""
    if writes:
        write = Write(kind="agent", key=secrets.token_hex(8), sender="", text="never mind", began=time.time())
        round_.history.writes.append(write)
        body = json.dumps({"client_id": write.key, "text": write.text}).encode()
    head = (f"{'POST' if writes else 'GET'} {path} HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\n"
            f"authorization: Bearer {round_.owner.person.token}\r\ncontent-length: {len(body)}\r\n\r\n")
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", round_.town.ports[0])
        writer.write(head.encode() + body)
        await asyncio.sleep(round_.chance.uniform(0.0, 0.04))
        writer.transport.abort()


def overload(seconds: float, *, at_once: int = 120) -> Fault:
    """Far more callers than there is room for; memory is watched, and what they are told."""

    async def run(round_: Round) -> None:
        hub, until = round_.town.hub, time.monotonic() + seconds
        level = Level(name="memory", before=hub.memory, after=0, most=hub.memory)
        caller = Caller(round_.history, round_.town.own_url, seconds=20)
        number = round_.line.number["phone_number_id"]
        round_.history.hurried = False

        async def crowd(index: int) -> None:
            while time.monotonic() < until:
                write, body = round_.line.word(f"49160{number[-4:]}{index:04d}", sender="")
                if await round_.line.post(body, caller=caller):
                    write.acked = time.time()
                level.most = max(level.most, hub.memory)

        await asyncio.gather(*(crowd(index) for index in range(at_once)))
        await caller.close()
        level.after = hub.memory
        round_.history.levels.append(level)

    return run


def tasks() -> Fault:
    """The outbox's runner fails whenever it begins, and is well again after the next start."""
    return _failing(("runner.turn=raise", 4.0), ("", 1.5))


def revived() -> Fault:
    """The outbox's runner fails once, under load, and comes back by itself."""
    return _failing(("runner.turn=raise:3", 5.0))


def _failing(*phases: tuple[str, float]) -> Fault:
    async def run(round_: Round) -> None:
        round_.history.hurried = False
        stop = asyncio.Event()
        watching = asyncio.create_task(round_.probe(stop))
        for failpoint, seconds in phases:
            async with round_.outage("task"):
                round_.town.hub.kill()
                await round_.town.start_hub(failpoints=failpoint)
                began = time.time()
                await asyncio.sleep(seconds)
            if failpoint:
                round_.history.failing.append((began, time.time()))
        await asyncio.sleep(1.5)
        stop.set()
        await watching

    return run


def stalled(messages: int = 330) -> Fault:
    """A tab that subscribes and stops reading, while a conversation fills up with the longest notes there can be: more
    than the 4 MB that the kernel keeps for a socket."""

    async def run(round_: Round) -> None:
        round_.history.hurried = False
        conversation_id = (await round_.owner.conversations())[0]
        screen = round_.screens[0]
        await screen.follow(conversation_id)
        hub = round_.town.hub
        ticket = await round_.owner.ask("POST", "/api/v1/live/ticket", writes=False)
        address = round_.town.own_url.replace("http", "ws", 1) + "/api/v1/live"
        async with connect(address, origin=round_.town.url, compression=None,  # type: ignore[arg-type]
                           sock=_narrow(round_.town.ports[0]), max_queue=1, ping_interval=None,
                           close_timeout=0.2) as tab:
            await tab.send(json.dumps({"t": "hello", "ticket": ticket.json()["ticket"], "v": 1}))
            await tab.send(json.dumps({"t": "subscribe", "topic": "conversation", "id": conversation_id}))
            for _ in range(2):
                await tab.recv()
            before, late, left = hub.memory, [0.0], iter(range(messages))

            async def writer() -> None:
                for _ in left:
                    late[0] = max(late[0], await _noted(round_, screen, conversation_id))

            began = time.monotonic()
            await asyncio.gather(*(writer() for _ in range(16)))
            grown, fast = hub.memory - before, time.monotonic() - began < UNANSWERED
            if (too_slow := await _closed_as_too_slow(round_)) or fast:
                round_.history.stalled.append(Stalled(grown=grown, late=late[0], code=TOO_SLOW if too_slow else None))

    return run


def _narrow(port: int) -> socket.socket:
    """A connection whose end here takes little before it is full."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    made.setblocking(False)
    return made


async def _closed_as_too_slow(round_: Round) -> bool:
    """Whether the hub says so: who does not read does not get the closing frame either, and is cut."""
    said = (await round_.direct.get("/metrics")).text
    return f'hub_live_closes_total{{code="{TOO_SLOW}"}}' in said


async def _noted(round_: Round, screen: Screen, conversation_id: str) -> float:
    """One long note; seconds until another tab has it, at most five."""
    write = Write(kind="agent", key=secrets.token_hex(8), sender="", text=WIDE, began=time.time())
    round_.history.writes.append(write)
    answer = await round_.owner.ask("POST", f"/api/v1/conversations/{conversation_id}/messages",
                                    json={"client_id": write.key, "text": WIDE, "note": True})
    assert answer.status_code in (200, 201), answer.text
    note(write, answer.json())
    began = time.monotonic()
    while screen.place.get(conversation_id, 0) < answer.json()["seq"] and time.monotonic() - began < 5:
        await asyncio.sleep(0.005)
    return time.monotonic() - began
