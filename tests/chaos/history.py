"""The checker: what clients were promised, what the provider received and what the database holds must agree."""

from collections import Counter
from typing import Any

import msgspec


class History(msgspec.Struct):
    """What the load saw. `acknowledged`: provider ids of webhooks answered 2xx; `answered`: client id → message id of
    replies acknowledged; `tried`: client ids of all replies ever sent."""

    acknowledged: set[str] = msgspec.field(default_factory=set)
    answered: dict[str, str] = msgspec.field(default_factory=dict)
    tried: set[str] = msgspec.field(default_factory=set)


class Held(msgspec.Struct):
    """What the database holds. messages: (id, conversation, seq, vendor id, client id, state); numbers: conversation →
    its log's numbers in order; heads: conversation → head."""

    messages: list[tuple[str, str, int, str | None, str | None, str]]
    numbers: dict[str, list[int]]
    heads: dict[str, int]


def violations(history: History, held: Held, transmitted: list[str]) -> list[str]:
    """Every broken promise, by the name of its invariant. `transmitted`: our message id for each call received."""
    found: list[str] = []
    vendors = Counter(vendor for *_, vendor, _, _ in held.messages if vendor)
    clients = {client: message_id for message_id, *_, client, _ in held.messages if client}
    client_counts = Counter(client for *_, client, _ in held.messages if client)
    found += [f"D1: {vendor} was acknowledged and is gone" for vendor in history.acknowledged if not vendors[vendor]]
    found += [f"I1: {vendor} is there {count} times" for vendor, count in vendors.items() if count > 1]
    for client, message_id in history.answered.items():
        if clients.get(client) != message_id:
            found.append(f"D1: the reply {client} was acknowledged as {message_id}, is {clients.get(client)}")
    found += [f"I4: {client} is there {count} times" for client, count in client_counts.items() if count > 1]
    found += [f"I4: {client} was never sent" for client in clients if client not in history.tried]
    found += _order(held)
    found += _transmissions(held, Counter(transmitted))
    return found


def _order(held: Held) -> list[str]:
    found = []
    for conversation, numbers in held.numbers.items():
        head = held.heads.get(conversation)
        if numbers != list(range(1, len(numbers) + 1)) or head != len(numbers):
            found.append(f"O1: {conversation} has {numbers[:5]}… {len(numbers)} entries and head {head}")
    return found


def _transmissions(held: Held, calls: Counter[str]) -> list[str]:
    found = []
    for message_id, *_, client, state in held.messages:
        if client is None:
            continue
        if calls[message_id] > 1:
            found.append(f"S1: {message_id} was transmitted {calls[message_id]} times")
        if calls[message_id] == 0 and state not in ("failed", "uncertain"):
            found.append(f"S1: {message_id} is {state} and was never transmitted")
    return found


def without(held: Held, index: int) -> Held:
    """The same with one message missing; for testing the checker."""
    rows: list[Any] = [row for position, row in enumerate(held.messages) if position != index]
    return Held(rows, held.numbers, held.heads)
