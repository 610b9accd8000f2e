"""A morning's customers, who write, wait for answers and go on: at a set rate, for a set time, and no faster than
the hub takes what they write.
"""

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, Literal

import msgspec
import structlog

from providers.simulator import samples
from providers.simulator.config import NumberConfig
from providers.simulator.crowd_pace import Pace
from providers.simulator.crowd_script import MOST_CUSTOMERS, Customer, Line, customers, dialogue
from providers.simulator.crowd_talk import Offer, Say, Talk
from providers.simulator.delivery import Deliveries
from providers.simulator.inbound import Customers, RefusedError, SendBody
from providers.simulator.media import MediaStore
from providers.simulator.webhooks import Webhooks
from providers.simulator.world import Message, World

log = structlog.get_logger("simulator.crowd")
# Customers' messages that the hub has not taken yet; with this many nobody writes.
BACKLOG = 20
# Somebody whose matter is settled comes with another one after this many seconds, when the rate leaves room.
REST = 30.0
TELL_EVERY = 0.5
VIEWER = "crowd"


class CrowdPlan(msgspec.Struct, kw_only=True, frozen=True):
    """Who comes (`seed`, at most `customers`), how many messages a minute they write, and for how many minutes.

    Without `customers` as many come as the rate needs; with few of them the rate cannot be reached.
    """

    seed: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 1
    rate: Annotated[float, msgspec.Meta(ge=1, le=600)] = 20
    minutes: Annotated[float, msgspec.Meta(gt=0, le=120)] = 10
    customers: Annotated[int, msgspec.Meta(ge=1, le=MOST_CUSTOMERS)] | None = None
    phone_number_id: str | None = None


class CrowdStatus(msgspec.Struct, kw_only=True):
    """How it stands. `answered` and `waiting` count questions; `held`: the hub has not taken what was written.

    `came` counts customers who have written, `settled` those of them who want nothing more; `last_minute` is what was
    sent in the last 60 seconds.
    """

    state: Literal["none", "running", "paused", "over"] = "none"
    plan: CrowdPlan = CrowdPlan()
    ends_at: float | None = None
    seconds_left: float = 0.0
    sent: int = 0
    last_minute: int = 0
    answered: int = 0
    waiting: int = 0
    came: int = 0
    settled: int = 0
    held: bool = False


class Crowd:
    """At most one crowd at a time."""

    def __init__(
        self, world: World, *, media: MediaStore, customers: Customers, deliveries: Deliveries, webhooks: Webhooks
    ) -> None:
        self._world = world
        self._media = media
        self._customers = customers
        self._deliveries = deliveries
        self._webhooks = webhooks
        self._status = CrowdStatus()
        self._number: NumberConfig | None = None
        self._pace = Pace(1, 0)
        self._talks: dict[str, Talk] = {}
        self._coming: list[Customer] = []
        self._times: deque[float] = deque(maxlen=700)
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._told = -math.inf

    def status(self) -> CrowdStatus:
        """Now's numbers."""
        status = self._status
        status.seconds_left = max(0.0, (status.ends_at or 0.0) - self._world.now()) if self._goes() else 0.0
        if self._goes():
            status.waiting = sum(talk.awaits for talk in self._talks.values())
            status.last_minute = sum(at > self._world.now() - 60 for at in self._times)
        status.came = len(self._talks)
        status.settled = sum(talk.state == "resting" for talk in self._talks.values())
        return msgspec.structs.replace(status)

    async def start(self, plan: CrowdPlan) -> CrowdStatus:
        """Bring this crowd and keep it going; one that is there goes. Raises RefusedError without a business number."""
        await self.stop()
        status = self.begin(plan)
        self._task = asyncio.create_task(self._run())
        return status

    def begin(self, plan: CrowdPlan) -> CrowdStatus:
        """Set the crowd up; `step` moves it. Raises RefusedError."""
        number = self._chosen(plan.phone_number_id)
        now = self._world.now()
        self._number = number
        self._pace = Pace(plan.rate, now)
        self._talks = {}
        self._coming = customers(plan.seed, plan.customers or MOST_CUSTOMERS)[::-1]
        self._times.clear()
        self._status = CrowdStatus(state="running", plan=plan, ends_at=now + plan.minutes * 60)
        self._world.heard = self._hear
        return self._tell()

    def change(self, *, rate: float | None = None, paused: bool | None = None) -> CrowdStatus:
        """Another rate, or a pause (the time goes on). Raises RefusedError when there is no crowd."""
        if not self._goes():
            raise RefusedError("there is no crowd")
        if rate is not None:
            self._status.plan = msgspec.structs.replace(self._status.plan, rate=rate)
            self._pace.change(rate, self._world.now())
        if paused is not None:
            self._status.state = "paused" if paused else "running"
        self._news.set()
        return self._tell()

    async def stop(self) -> None:
        """Send everybody home; without a crowd nothing happens."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._finish()

    async def step(self) -> float:
        """Do what is due now; gives the seconds until something is due next, infinite when it is over."""
        now = self._world.now()
        if not self._goes() or self._number is None:
            return math.inf
        if now >= (self._status.ends_at or 0.0) or self._number.phone_number_id not in self._world.numbers.rows:
            self._finish()
            return math.inf
        if self._status.state == "paused":
            return 1.0
        was_held = self._status.held
        self._act_silently(now)
        while not self._behind() and (talk := self._next_to_write(now)) is not None and self._pace.take(now):
            await self._write(talk, now)
        if self._status.held != was_held or now - self._told >= TELL_EVERY:
            self._tell()
        return self._until_next(now)

    async def _run(self) -> None:
        try:
            while (pause := await self.step()) < math.inf:
                self._news.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._news.wait()
        except Exception:  # the outermost edge of a task nobody awaits
            log.exception("crowd_failed")
            self._finish()

    def _finish(self) -> None:
        """Nobody stays offline, and the numbers stay to be read."""
        if not self._goes():
            return
        self.status()
        self._status.state = "over"
        self._status.held = False
        self._world.heard = lambda message: None
        for talk in self._talks.values():
            self._connect(talk, online=True)
        self._tell()

    def _goes(self) -> bool:
        return self._status.state in ("running", "paused")

    def _chosen(self, phone_number_id: str | None) -> NumberConfig:
        known = list(self._world.numbers)
        if phone_number_id is not None:
            known = [number for number in known if number.phone_number_id == phone_number_id]
        if not known:
            raise RefusedError("there is no business number to write to")
        return known[0]

    def _act_silently(self, now: float) -> None:
        """What needs no message: reading, going and coming back, giving up."""
        for talk in self._talks.values():
            if talk.due > now or isinstance(wish := talk.wish(), Say):
                continue
            if wish == "look":
                self._look(talk)
            elif wish != "give up":
                self._connect(talk, online=wish == "come back")
            talk.done(now)

    def _behind(self) -> bool:
        """Whether the hub has yet to take what was written."""
        self._status.held = self._webhooks.waiting_messages() >= BACKLOG
        return self._status.held

    def _next_to_write(self, now: float) -> Talk | None:
        """Who writes next: an old customer before a new one, and a new one before one who comes again."""
        due = [talk for talk in self._talks.values() if talk.due <= now and isinstance(talk.wish(), Say)]
        if due:
            return min(due, key=lambda talk: talk.due)
        if self._coming and len(self._talks) < self._room():
            return Talk(self._coming[-1], self._status.plan.seed)
        rested = [talk for talk in self._talks.values() if talk.state == "resting" and now - talk.since >= REST]
        return min(rested, key=lambda talk: talk.since, default=None)

    def _room(self) -> int:
        """How many customers there may be: unanswered ones write about three messages in four minutes."""
        plan = self._status.plan
        return plan.customers or max(20, math.ceil(plan.rate * 2))

    async def _write(self, talk: Talk, now: float) -> None:
        if talk.state == "resting":
            self._arrive(talk, now)
        wish = talk.wish()
        if not isinstance(wish, Say) or self._number is None:
            return
        self._look(talk)
        body = {
            "phone_number_id": self._number.phone_number_id,
            "type": wish.line.type,
            "reply_to": wish.reply_to,
            wish.line.type: await self._content(wish.line, talk),
        }
        phone = self._world.phone(talk.who.wa_id)
        await self._customers.send(phone, self._number, msgspec.convert(body, SendBody))
        self._status.sent += 1
        self._times.append(now)
        talk.done(now)

    def _arrive(self, talk: Talk, now: float) -> None:
        if talk.who.wa_id not in self._talks:
            self._coming.pop()
            self._talks[talk.who.wa_id] = talk
            self._world.phone(talk.who.wa_id, name=talk.who.name, demo=True)
            self._connect(talk, online=True)
        talk.begin(dialogue(self._status.plan.seed, talk.who, talk.visits), now)

    async def _content(self, line: Line, talk: Talk) -> dict[str, Any]:
        """The line's content, with the medium made that it speaks of."""
        if line.type == "image":
            from providers.simulator.scenes import scene

            picture = await asyncio.to_thread(scene, line.content["scene"], talk.who.number % 6)
            made = await self._media.add(picture, mime="image/jpeg")
            return {"id": made.id, "caption": line.content["caption"]}
        if line.type == "audio":
            voice = samples.voice_note(line.content["seconds"])
            made = await self._media.add(voice, mime="audio/ogg; codecs=opus")
            return {"id": made.id, "voice": True}
        return line.content

    def _hear(self, message: Message) -> None:
        talk = self._talks.get(message.wa_id)
        here = self._number is not None and message.phone_number_id == self._number.phone_number_id
        if talk is None or not here or message.type == "reaction" or message.fate is not None:
            return
        self._status.answered += talk.hear(message.id, self._world.now(), offer_of(message))
        self._news.set()

    def _look(self, talk: Talk) -> None:
        """The customer reads what is there, and listens to what was spoken."""
        if self._number is None:
            return
        wa_id, number_id = talk.who.wa_id, self._number.phone_number_id
        self._world.look_at(wa_id, number_id, viewer=VIEWER)
        self._deliveries.catch_up(self._world.phone(wa_id), number_id)
        self._world.look_at(wa_id, None, viewer=VIEWER)
        for message in self._world.chat(wa_id, number_id):
            if message.state == "read":
                self._deliveries.played(message)

    def _connect(self, talk: Talk, *, online: bool) -> None:
        phone = self._world.phone(talk.who.wa_id)
        if phone.online != online:
            self._customers.switch(phone, online=online)

    def _until_next(self, now: float) -> float:
        soonest = min((talk.due for talk in self._talks.values()), default=now) - now
        can_write = self._next_to_write(now) is not None
        if can_write and not self._status.held:
            soonest = min(soonest if soonest > 0 else math.inf, self._pace.wait(now))
        return min(max(soonest, 0.02 if not self._status.held else 0.2), 1.0)

    def _tell(self) -> CrowdStatus:
        status = self.status()
        self._told = self._world.now()
        self._world.live.publish("crowd", status)
        return status


def offer_of(message: Message) -> Offer | None:
    """What the customer may tap under a message of the business."""
    taps: Sequence[Line] = ()
    if message.type == "interactive":
        action = message.body.get("action") or {}
        if message.body.get("type") == "button":
            taps = [_tap("button_reply", button["reply"]) for button in action.get("buttons", [])]
        elif message.body.get("type") == "list":
            rows = [row for section in action.get("sections", []) for row in section.get("rows", [])]
            taps = [_tap("list_reply", row) for row in rows]
    elif message.type == "template":
        buttons = [button for button in (message.preview or {}).get("buttons", []) if "payload" in button]
        taps = [Line("button", {"payload": button["payload"], "text": button["text"]}) for button in buttons]
    return Offer(message.id, tuple(taps)) if taps else None


def _tap(kind: str, chosen: dict[str, Any]) -> Line:
    return Line("interactive", {"type": kind, kind: chosen})
