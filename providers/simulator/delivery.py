"""Business messages on their way: accepted → sent → delivered → read, told to the hub by status webhooks."""

import asyncio

from providers.simulator.config import SimulatorConfig
from providers.simulator.envelopes import status_event
from providers.simulator.faults import Faults
from providers.simulator.webhooks import Webhooks
from providers.simulator.world import RANK, Message, Phone, World


class Deliveries:
    """Moves messages forward as the phones allow: delivered when online, read when the chat is open."""

    def __init__(self, config: SimulatorConfig, world: World, faults: Faults, webhooks: Webhooks) -> None:
        self._delay = config.status_delay
        self._world = world
        self._faults = faults
        self._webhooks = webhooks
        self._timers: set[asyncio.TimerHandle] = set()

    def start(self) -> None:
        """Go on with what was accepted before a restart."""
        for message in self._world.messages:
            if message.state == "accepted":
                self.begin(message)

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def begin(self, message: Message) -> None:
        """Let an accepted message go out after the usual short delay."""

        def due() -> None:
            self._timers.discard(timer)
            self.advance(message)

        timer = asyncio.get_running_loop().call_later(self._delay, due)
        self._timers.add(timer)

    def fail(self, message: Message, code: int, details: str = "") -> None:
        """End a message as failed."""
        message.error = {"code": code, "details": details}
        self._move(message, ["failed"])

    def advance(self, message: Message) -> None:
        """Take a message as far as its fate and the phone allow."""
        if message.author != "business" or message.state == "failed":
            return
        if message.fate is not None:
            self.fail(message, message.fate)
            return
        phone = self._world.phone(message.wa_id)
        reached = ["sent"]
        if phone.online:
            reached.append("delivered")
            if self._world.is_open(message.wa_id, message.phone_number_id):
                reached.append("read")
        self._move(message, [state for state in reached if RANK[state] > RANK[message.state]])

    def catch_up(self, phone: Phone, phone_number_id: str | None = None) -> None:
        """A phone came online or opened a chat: everything that waited for it moves."""
        for (wa_id, number_id), chat in list(self._world.chats.items()):
            if wa_id == phone.wa_id and phone_number_id in (None, number_id):
                for message in chat:
                    if message.author == "business" and message.state in ("sent", "delivered"):
                        self.advance(message)

    def played(self, message: Message) -> None:
        """The customer listened to a voice message."""
        if message.author == "business" and message.type == "audio" and message.state in ("delivered", "read"):
            self._move(message, ["played"])

    def _move(self, message: Message, states: list[str]) -> None:
        number = self._world.numbers.get(message.phone_number_id)
        if not states or number is None:
            return
        phone = self._world.phone(message.wa_id)
        message.state = states[-1]
        self._world.save(message)
        known = {"phone_number_id": message.phone_number_id, "to": message.wa_id}
        if len(states) > 1 and self._faults.take("reorder_statuses", **known):
            states = states[::-1]
        for state in states:
            event = status_event(number, phone, message, state, at=self._world.now())
            self._webhooks.send(number, event, to=message.wa_id)
