"""What exists in the simulated world: numbers, phones, chats and their messages."""

import base64
import bisect
import secrets
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from providers.simulator.config import NumberConfig
from providers.simulator.journal import Journal
from providers.simulator.live import Live
from providers.simulator.numbering import digits_of, forms_of, user_id_of

Author = Literal["customer", "business"]
WINDOW_SECONDS = 24 * 3600.0
# What a customer does without writing to the business.
QUIET = ("edit", "revoke", "system", "unsupported")
# How far a message is; a message never goes back.
RANK = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "played": 4, "failed": 5}


class Phone(msgspec.Struct, kw_only=True):
    """A customer's phone. `hide_number`: the webhooks carry only `user_id`, as for people with a user name."""

    wa_id: str
    name: str
    user_id: str
    online: bool = True
    demo: bool = False
    hide_number: bool = False


class Message(msgspec.Struct, kw_only=True):
    """One message in a chat; `body` is the content under its type's key, as on the wire.

    `state` of a business message: accepted, sent, delivered, read, played or failed. Of a customer message: waiting
    (the phone is offline), sent, delivered (the hub took the webhook) or read (the hub marked it). `at` is unix
    seconds. `extra` are further keys of the wire form (context, referral); `preview` is a template filled in; `fate`
    is the error code that an accepted message is bound to end with.
    """

    id: str
    phone_number_id: str
    wa_id: str
    author: Author
    type: str
    body: Any
    at: float
    state: str
    context_id: str | None = None
    opaque: str | None = None
    fate: int | None = None
    error: dict[str, Any] | None = None
    reactions: dict[str, str] = {}
    edited: bool = False
    revoked: bool = False
    extra: dict[str, Any] | None = None
    preview: dict[str, Any] | None = None
    category: str = "service"


class World:
    """The state, and the small changes to it; every change is journalled and shown to open pages."""

    def __init__(self, journal: Journal, live: Live, *, now: Callable[[], float]) -> None:
        self.live = live
        self.now = now
        self.numbers = journal.table("number", NumberConfig, 1_000)
        self.phones = journal.table("phone", Phone, 100_000)
        self.messages = journal.table("message", Message, 50_000)
        self.windows = journal.table("window", float, 100_000)
        self.chats: dict[tuple[str, str], list[Message]] = defaultdict(list)
        self.typing: dict[tuple[str, str], float] = {}
        self._open: dict[str, dict[str, str]] = defaultdict(dict)
        self._by_user_id: dict[str, str] = {}
        self.registered: Callable[[NumberConfig], None] = lambda number: None
        self.heard: Callable[[Message], None] = lambda message: None
        self.messages.on_drop = self._leave_chat

    def restore(self) -> None:
        """Rebuild what is derived from the tables, after the journal was read."""
        for phone in self.phones:
            self._by_user_id[phone.user_id] = phone.wa_id
        for message in sorted(self.messages, key=_when):
            self.chats[message.wa_id, message.phone_number_id].append(message)

    def register(self, number: NumberConfig) -> NumberConfig:
        """Add a business number, or change it."""
        self.numbers.put(number.phone_number_id, number)
        self.registered(number)
        self.live.publish("number", {"phone_number_id": number.phone_number_id})
        return number

    def phone(self, wa_id: str, *, name: str = "", demo: bool = False) -> Phone:
        """The phone of a customer; an unknown one comes into being."""
        if (found := self.phones.get(wa_id)) is not None:
            return found
        new = Phone(wa_id=wa_id, name=name or f"+{wa_id}", user_id=user_id_of(wa_id), demo=demo)
        return self.save_phone(new)

    def save_phone(self, phone: Phone) -> Phone:
        self.phones.put(phone.wa_id, phone)
        self._by_user_id[phone.user_id] = phone.wa_id
        self.live.publish("phone", phone)
        return phone

    def recipient(self, to: str) -> Phone:
        """Who answers at `to`, in whichever form the number is written."""
        if to in self._by_user_id:
            return self.phone(self._by_user_id[to])
        digits = digits_of(to)
        for form in forms_of(digits):
            if (found := self.phones.get(form)) is not None:
                return found
        return self.phone(digits)

    def knows_user_id(self, user_id: str) -> bool:
        return user_id in self._by_user_id

    def chat(self, wa_id: str, phone_number_id: str) -> list[Message]:
        """The messages between a customer and a number, oldest first."""
        return self.chats.get((wa_id, phone_number_id), [])

    def add(self, message: Message) -> Message:
        """Put a new message at the end of its chat."""
        key = (message.wa_id, message.phone_number_id)
        self.chats[key].append(message)
        if message.author == "customer" and message.type not in QUIET:
            self.windows.put("|".join(key), message.at)
        elif message.author == "business":
            self.typing.pop(key, None)
        self.save(message)
        if message.author == "business":
            self.heard(message)
        return message

    def insert(self, message: Message) -> Message:
        """Put a message of the past where it belongs in its chat."""
        key = (message.wa_id, message.phone_number_id)
        bisect.insort(self.chats[key], message, key=_when)
        if message.author == "customer":
            self.windows.put("|".join(key), max(message.at, self.windows.get("|".join(key)) or 0.0))
        return self.save(message)

    def save(self, message: Message) -> Message:
        """Keep a message that changed."""
        self.messages.put(message.id, message)
        self.live.publish("message", message)
        return message

    def window_open(self, wa_id: str, phone_number_id: str) -> bool:
        last = self.windows.get(f"{wa_id}|{phone_number_id}")
        return last is not None and self.now() - last <= WINDOW_SECONDS

    def look_at(self, wa_id: str, phone_number_id: str | None, *, viewer: str) -> None:
        """`viewer` (a page, or the control API) has this chat before its eyes, or none."""
        if phone_number_id is None:
            self._open[wa_id].pop(viewer, None)
        else:
            self._open[wa_id][viewer] = phone_number_id

    def is_open(self, wa_id: str, phone_number_id: str) -> bool:
        return phone_number_id in self._open.get(wa_id, {}).values()

    def show_typing(self, wa_id: str, phone_number_id: str) -> None:
        """The business types; it stops by its next message or after 25 s."""
        until = self.now() + 25
        self.typing[wa_id, phone_number_id] = until
        self.live.publish("typing", {"wa_id": wa_id, "phone_number_id": phone_number_id, "until": until})

    def _leave_chat(self, message: Message) -> None:
        chat = self.chats.get((message.wa_id, message.phone_number_id), [])
        if message in chat:
            chat.remove(message)


def on_phone(message: Message) -> bool:
    """Whether the customer can see it: what the business sent is there once it is delivered."""
    return message.author == "customer" or message.state not in ("accepted", "sent", "failed")


def _when(message: Message) -> float:
    return message.at


def new_wamid(wa_id: str) -> str:
    """A message id as Meta writes it: the number and a random part, packed and in base64."""
    number = wa_id.encode()
    packed = b"\x1c\x18" + bytes([len(number)]) + number + b"\x15\x02\x00\x11\x18\x14"
    return "wamid." + base64.b64encode(packed + secrets.token_hex(10).upper().encode() + b"\x00").decode()
