"""What was said before a phone was first held: messages are put into the chats, and no webhook tells of them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from providers.simulator.world import Author, Message, World


class PastMessage(msgspec.Struct, kw_only=True):
    """A text of the past; `id` is the one that the hub knows it by, `at` unix seconds, `seen` whether it was read."""

    id: str
    author: Author
    text: str
    at: float
    seen: bool = True


def remember(world: World, number_id: str, wa_id: str, name: str, messages: Sequence[PastMessage]) -> int:
    """Put what is missing of `messages` into the chat, in the order of time. Gives how many were missing."""
    phone = world.phone(wa_id, name=name, demo=True)
    new = [message for message in messages if world.messages.get(message.id) is None]
    for past in new:
        world.insert(_message(past, number_id, phone.wa_id))
    return len(new)


def _message(past: PastMessage, number_id: str, wa_id: str) -> Message:
    body: dict[str, Any] = {"body": past.text}
    return Message(
        id=past.id, phone_number_id=number_id, wa_id=wa_id, author=past.author, type="text", body=body, at=past.at,
        state="read" if past.seen else "delivered",
    )  # fmt: skip
