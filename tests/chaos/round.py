"""One round: a new town, load from every kind of client, faults, quiet, and the judgement."""

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from hub.core.supervise import wait_at_most
from tests.chaos import facts
from tests.chaos.callers import SHOP, Agent, Caller, Line, Visitor, new_number
from tests.chaos.checks import violations
from tests.chaos.facts import Facts
from tests.chaos.harness import Town
from tests.chaos.history import History, Level, Outage, Probe
from tests.chaos.screens import Screen
from tests.running import colleague, register
from tests.waiting import until


class Verdict(msgspec.Struct, kw_only=True):
    """What a round came to. `recoveries`: seconds from a start after a kill until the hub served; `blinks`: seconds
    from a kill until the next write was acknowledged."""

    family: str
    seed: int
    cycles: int
    kills: int
    acknowledged: int
    violations: list[str]
    recoveries: list[float] = []
    blinks: list[float] = []
    seconds: float = 0.0


class Pace(msgspec.Struct, kw_only=True, frozen=True):
    """How much load. Pauses are seconds between the acts of one client; `patience` is how long everybody may take to
    catch up at the end, which costs nothing where they do."""

    customers: int = 4
    customer_pause: float = 0.12
    storm_pause: float = 0.8
    album_pause: float = 1.5
    agent_pause: float = 0.1
    screens: int = 2
    screen_pause: float = 0.25
    visitor_pause: float = 0.4
    patience: float = 30


class Round:
    """The clients and what they know. A fault is a coroutine that is given the round."""

    def __init__(self, town: Town, seed: int, pace: Pace) -> None:
        self.town, self.seed, self.pace = town, seed, pace
        self.chance = random.Random(seed)
        self.history = History()
        self.broke: list[str] = []
        self.kills = 0
        self.recoveries: list[float] = []
        self.stopping = asyncio.Event()
        self.screens: list[Screen] = []

    async def administer(self, sql: tuple[str, ...]) -> None:
        if sql:
            connection = await self.town.connect()
            for statement in sql:
                await connection.execute(statement)
            await connection.close()

    async def furnish(self) -> None:
        """An organization with a WhatsApp number, a widget, an owner and an agent for each screen."""
        town = self.town
        self.direct = httpx2.AsyncClient(base_url=town.own_url, timeout=30)
        owner = await register(self.direct, "Crash")
        number = await _number(owner, self.direct, town)
        widget = await owner.post("/api/v1/channels", {
            "kind": "webchat", "name": "Shop", "settings": {"allowed_origins": [SHOP]},
            "credentials": {"identity_secret": secrets.token_urlsafe(32)},
        })
        self.caller = Caller(self.history, town.url)
        self.other_caller = Caller(self.history, town.second_url)
        self.line = Line(self.caller, number, owner.organization_id)
        self.owner = Agent(self.caller, owner, "owner")
        self.visitor = Visitor(self.caller, widget["id"], "visitor")
        await self.visitor.arrive()
        for index in range(self.pace.screens):
            person = await colleague(self.direct, owner, "agent")
            agent = Agent(self.other_caller if index % 2 else self.caller, person, f"screen {index}")
            url = town.second_url if index % 2 else town.url
            self.screens.append(Screen(agent, url, agent.name, random.Random(self.seed + index)))
        for _ in range(2):  # so that everybody has something to do from the start
            await self.line.say(await self._person(), sender="")
        await until(self.owner.conversations, pause=0.1)
        for screen in self.screens:
            screen.start()

    async def load(self, fault: Callable[["Round"], Awaitable[None]]) -> None:
        """Everybody at work for as long as the fault takes; each ends the act it has begun."""
        async with asyncio.TaskGroup() as group:
            numbers = [await self._person() for _ in range(self.pace.customers)]
            for number in numbers:
                group.create_task(self._every(self.pace.customer_pause, self._customer(number)))
            group.create_task(self._every(self.pace.storm_pause, self._storm(numbers[0])))
            group.create_task(self._every(self.pace.album_pause, self._album))
            group.create_task(self._every(self.pace.agent_pause, self._answer))
            group.create_task(self._every(self.pace.visitor_pause, self.visitor.say))
            group.create_task(self._every(0.2, self._receipts()))
            for screen in self.screens:
                group.create_task(self._every(self.pace.screen_pause, self._speak(screen)))
            try:
                await fault(self)
            finally:
                self.stopping.set()

    async def _person(self) -> str:
        """A new customer, to whom the provider lets us write."""
        wa_id, number = new_number(self.chance), self.line.number["phone_number_id"]
        await self.direct.post(f"{self.town.simulator_url}/phones/{wa_id}/window",
                               json={"phone_number_id": number, "seconds_ago": 0})
        return wa_id

    async def _every(self, pause: float, act: Callable[[], Awaitable[Any]]) -> None:
        while not self.stopping.is_set():
            try:
                await act()
            except Exception as error:  # the edge of a client: it goes no further, and the round is judged
                self.broke.append(repr(error))
                return
            await wait_at_most(self.stopping, pause)

    def _customer(self, number: str) -> Callable[[], Awaitable[None]]:
        return lambda: self.line.say(number, sender=number)

    def _storm(self, number: str) -> Callable[[], Awaitable[None]]:
        return lambda: self.line.storm(number, caller=self.other_caller)

    async def _album(self) -> None:
        await self.line.album(await self._person())

    async def _answer(self) -> None:
        found = await self.owner.conversations()
        write = await self.owner.reply(self.chance.choice(found))
        if self.chance.random() < 0.15:
            await self.owner.repeat(write)

    def _speak(self, screen: Screen) -> Callable[[], Awaitable[None]]:
        async def speak() -> None:
            found = await screen.agent.conversations()
            await screen.follow(self.chance.choice(found))
            await screen.say(self.chance.choice(sorted(screen.followed)))

        return speak

    def _receipts(self) -> Callable[[], Awaitable[None]]:
        """Receipts in any order for what the provider has received, often before its answer has reached us."""
        seen = 0

        async def tell() -> None:
            nonlocal seen
            answer = await self.direct.get(f"{self.town.simulator_url}/record?kind=send&since={seen}&limit=50")
            calls = answer.json()
            seen = calls[-1]["seq"] if calls else seen
            vendors = [call["message_id"] for call in calls if call["message_id"]]
            for vendor_id in self.chance.sample(vendors, min(3, len(vendors))):
                states = ["sent", "delivered", "read"]
                self.chance.shuffle(states)
                await asyncio.gather(*(self.line.receipt(vendor_id, state) for state in states))

        return tell

    async def progress(self, *, writes: int = 5, seconds: float = 20.0) -> None:
        """Goes on once some writes were acknowledged from now on, so that there is something to lose; or after long."""
        answers, until = self.history.answers, time.monotonic() + seconds
        since = len(answers)
        while time.monotonic() < until and not self.stopping.is_set():
            if sum(answer.writes and 200 <= answer.status < 300 for answer in answers[since:]) >= writes:
                return
            await asyncio.sleep(0.05)

    async def probe(self, stop: asyncio.Event) -> None:
        """Asks for readiness four times a second."""
        while not stop.is_set():
            status, checks = 0, {}
            with contextlib.suppress(httpx2.HTTPError):
                answer = await self.direct.get("/readyz", timeout=4)
                status, checks = answer.status_code, answer.json().get("checks", {})
            self.history.probes.append(Probe(at=time.time(), status=status, checks=checks))
            await asyncio.sleep(0.25)

    @contextlib.asynccontextmanager
    async def outage(self, what: str) -> Any:
        """Notes from when until when something is away; the hub has served again when the block is left."""
        began = time.time()
        noted = Outage(what=what, began=began, ended=began)
        self.history.outages.append(noted)
        try:
            yield noted
        finally:
            noted.ended = time.time() if noted.ended == began else noted.ended
            noted.served = time.time()

    async def in_use(self) -> int:
        """Connections of the hub that are in a transaction."""
        connection = await self.town.connect()
        try:
            return int(await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'switchboard' AND state <> 'idle'"
            ))
        finally:
            await connection.close()

    async def pool_level(self) -> Level:
        """Waits until no connection is in use; the level when it stays."""
        level = 0

        async def idle() -> bool:
            nonlocal level
            level = await self.in_use()
            return level == 0

        with contextlib.suppress(AssertionError):
            await until(idle, seconds=self.pace.patience, pause=0.1)
        return Level(name="connections", before=0, after=level, most=level)

    async def outcome(self, fault: Callable[["Round"], Awaitable[None]]) -> list[str]:
        """The violations after load and fault; a client that could not go on is one, and what it saw is judged."""
        await self.load(fault)
        return [f"load: broke off: {error}" for error in self.broke] + await self.judge()

    async def judge(self) -> list[str]:
        """Waits until all that was taken is done and told, then compares what everybody knows."""
        connection = await self.town.connect()
        try:
            await self._quiet(connection)
            heads = {str(row["id"]): row["head_seq"]
                     for row in await connection.fetch("SELECT id, head_seq FROM conversations")}
            listed = (await self.owner.ask("GET", "/api/v1/conversations?view=all", writes=False)).json()["results"]
            rows = {row["id"]: row["head_seq"] for row in listed}
            await asyncio.gather(*(screen.settle(heads, rows, seconds=self.pace.patience) for screen in self.screens))
            calls = (await self.direct.get(f"{self.town.simulator_url}/record?limit=100000")).json()
            left: Facts = await facts.read(connection, calls)
        finally:
            await connection.close()
        self.history.levels.append(await self.pool_level())
        return violations(self.history, left)

    async def _quiet(self, connection: Any) -> None:
        async def quiet() -> bool:
            await self.direct.post(f"{self.town.simulator_url}/webhooks/retry")
            pending = (await self.direct.get(f"{self.town.simulator_url}/health")).json()["pending_webhooks"]
            return pending == 0 and await facts.is_quiet(connection)

        for _ in range(2):  # the last work may cause a last receipt
            with contextlib.suppress(AssertionError):  # what is left is for the checker to name
                await until(quiet, seconds=40, pause=0.1)
            await asyncio.sleep(0.15)

    async def close(self) -> None:
        for screen in self.screens:
            await screen.stop()
        for caller in (self.caller, self.other_caller):
            await caller.close()
        await self.direct.aclose()


async def play(
    folder: Path, *, family: str, fault: Callable[[Round], Awaitable[None]], seed: int, cycles: int = 1,
    pace: Pace | None = None, sql: tuple[str, ...] = (), **town: Any,
) -> Verdict:
    """A whole round, and what it came to. `sql` is run first, by the superuser."""
    began = time.monotonic()
    made = Round(Town(folder, seed=seed, **town), seed, pace or Pace())
    try:
        await made.town.start()
        await made.administer(sql)
        await made.furnish()
        found = await made.outcome(fault)
    finally:
        with contextlib.suppress(AttributeError):  # it may not have come to be furnished
            await made.close()
        await made.town.stop()
    return Verdict(
        family=family, seed=seed, cycles=cycles, kills=made.kills, acknowledged=made.history.acknowledged,
        violations=found, recoveries=made.recoveries, blinks=_blinks(made.history), seconds=time.monotonic() - began,
    )


def _blinks(history: History) -> list[float]:
    """From each kill until the next acknowledged write."""
    acked = sorted(write.acked for write in history.writes if write.acked is not None)
    return [next((at for at in acked if at > outage.began), outage.began) - outage.began
            for outage in history.outages if outage.what == "kill"]


async def _number(owner: Any, client: httpx2.AsyncClient, town: Town) -> dict[str, str]:
    phone_number_id = str(10**14 + secrets.randbelow(10**14))
    secret = {name: secrets.token_urlsafe(24) for name in ("access_token", "app_secret", "verify_token")}
    channel = await owner.post("/api/v1/channels", {
        "kind": "whatsapp_business", "name": "Line", "credentials": secret,
        "settings": {"phone_number_id": phone_number_id, "waba_id": "1"},
    })
    path = "/" + channel["webhook_url"].split("/", 3)[3]
    number = {"phone_number_id": phone_number_id, "waba_id": "1", "display_phone_number": "15550001111", "name": "Line",
              "webhook_url": path, **secret}
    answer = await client.post(f"{town.simulator_url}/numbers", json=number)
    assert answer.status_code < 300, answer.text
    return number
