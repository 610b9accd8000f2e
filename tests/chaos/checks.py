"""The checker: each invariant is a function of what clients saw and what was left behind; it says what is broken.

Together they decide a round. They read nothing and wait for nothing, and `test_checks.py` shows each of them a broken
history. Feeds are checked in `feed_checks.py`, times and resources in `service_checks.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.chaos.facts import Facts, Kept
from tests.chaos.feed_checks import o2, o3, o4, o5, o6
from tests.chaos.history import History, Write
from tests.chaos.service_checks import d4, d5, r2, r5, r6

Check = Callable[[History, Facts], Iterator[str]]
RANK = {state: rank for rank, state in enumerate(
    ("queued", "sending", "uncertain", "sent", "failed", "delivered", "read")
)}
_GIVEN_TO = {"conversation.accepted", "conversation.assigned", "conversation.opened"}


def violations(history: History, facts: Facts) -> list[str]:
    """Every broken promise, each beginning with the name of its invariant."""
    return [f"{name}: {problem}" for name, check in CHECKS.items() for problem in check(history, facts)]


def broken(found: list[str]) -> set[str]:
    """The names of the invariants among violations."""
    return {line.partition(":")[0] for line in found}


def d1(history: History, facts: Facts) -> Iterator[str]:
    """Nothing acknowledged is lost."""
    ids, vendors = {kept.id: kept for kept in facts.messages}, _by_vendor(facts)
    for write in history.writes:
        if write.acked is None:
            continue
        if write.kind == "inbound":
            found = vendors.get(write.key, [])
        else:
            found = [ids[one] for one in write.ids if one in ids and (ids[one].client or ("", ""))[1] == write.key]
            found = found if len(found) == len(write.ids) else []
        if not found:
            yield f"{write.kind} {write.key} was acknowledged and is gone"
        elif any(kept.text != write.text for kept in found):
            yield f"{write.kind} {write.key} was acknowledged with other words"
    steps = {(one.message_id, one.state) for one in facts.deliveries}
    for status in history.statuses:
        known = any((kept.id, status.state) in steps for kept in vendors.get(status.vendor_id, []))
        if status.acked and not known and (status.vendor_id, status.state) not in facts.pending:
            yield f"the receipt {status.state} of {status.vendor_id} was acknowledged and is gone"


def d3(_history: History, facts: Facts) -> Iterator[str]:
    """A message, its number, the head, the assignment and what it owes commit together."""
    ids = {kept.id for kept in facts.messages}
    entries = {(one.conversation, one.seq): one for one in facts.log}
    owed = {row.message_id for row in facts.outbox if row.job == "deliver"}
    said, holders = Counter(), {}
    for kept in facts.messages:
        entry = entries.get((kept.conversation, kept.seq))
        if entry is None or entry.message_id != kept.id:
            yield f"message {kept.id} has no entry at its number {kept.seq}"
        if _goes_out(kept) and kept.id not in owed:
            yield f"message {kept.id} is to be sent and no row of the outbox says so"
        said[kept.conversation] += kept.author == "customer"
    for one in facts.log:
        if one.message_id is not None and one.message_id not in ids:
            yield f"entry {one.seq} of {one.conversation} speaks of a message that is not there"
        if one.type in _GIVEN_TO:
            holders[one.conversation] = one.user_id
    for thread in facts.threads:
        if thread.assignee != holders.get(thread.id):
            yield f"{thread.id} is with {thread.assignee}, its log says {holders.get(thread.id)}"
        if thread.inbound != said[thread.id]:
            yield f"{thread.id} counts {thread.inbound} of the customer's {said[thread.id]} messages"


def i1(_history: History, facts: Facts) -> Iterator[str]:
    """One message and one set of effects for each of the provider's ids."""
    for vendor_id, found in _by_vendor(facts).items():
        if len(found) > 1:
            yield f"{vendor_id} is there {len(found)} times"
    effects = Counter(one.message_id for one in facts.log if one.type in ("message.received", "message.sent"))
    for kept in facts.messages:
        if kept.kind != "system" and effects[kept.id] != 1:
            yield f"message {kept.id} had its effects {effects[kept.id]} times"


def i2(history: History, facts: Facts) -> Iterator[str]:
    """What was said to be taken in gets done, if not by the first attempt then by a later one."""
    for state, count in Counter(facts.intake).items():
        if state != "processed":
            yield f"{count} deliveries were kept and are {state}"
    known = _by_vendor(facts)
    for write in history.writes:
        if write.kind == "inbound" and write.acked is not None and write.key not in known:
            yield f"{write.key} was answered as seen, and it has no effect"


def i3(history: History, facts: Facts) -> Iterator[str]:
    """One conversation for each contact of a channel, with one engagement open at most."""
    for (_, contact), count in Counter((thread.channel, thread.contact) for thread in facts.threads).items():
        if count > 1:
            yield f"contact {contact} has {count} conversations on a channel"
    held = Counter((thread.channel, address) for thread in facts.threads for address in set(thread.addresses))
    for (_, address), count in held.items():
        if count > 1:
            yield f"{address} has {count} conversations on a channel"
    for wa_id, found in _places(history, facts).items():
        if len(found) > 1:
            yield f"the words of {wa_id} lie in {len(found)} conversations"
    for thread in facts.threads:
        if thread.open_engagements > 1:
            yield f"{thread.id} has {thread.open_engagements} open engagements"


def _places(history: History, facts: Facts) -> dict[str, set[str]]:
    """The conversations in which each customer's words lie."""
    places, vendors = defaultdict(set), _by_vendor(facts)
    for write in history.writes:
        if write.wa_id is not None:
            places[write.wa_id] |= {kept.conversation for kept in vendors.get(write.key, ())}
    return places


def i4(history: History, facts: Facts) -> Iterator[str]:
    """One message for each client id of a sender; other words under the same id are refused."""
    counts = Counter((kept.conversation, kept.client) for kept in facts.messages if kept.client)
    for (_, client), count in counts.items():
        if count > 1:
            yield f"{client} is there {count} times"
    tried = {write.key for write in history.writes if write.kind != "inbound"}
    for kept in facts.messages:
        if kept.client and kept.client[1] not in tried:
            yield f"{kept.client} was never sent"
    for write in history.writes:
        if write.kind != "inbound" and len(write.ids) > 1:
            yield f"{write.key} was acknowledged as {len(write.ids)} messages"
    for client_id, status in history.reused:
        if status != 409:
            yield f"other words under {client_id} were answered with {status}"


def i6(history: History, facts: Facts) -> Iterator[str]:
    """Delivery states only move forward, and no receipt is forgotten."""
    told: dict[str, str] = {}
    for one in facts.log:
        if one.type != "message.delivery" or one.message_id is None or one.state is None:
            continue
        before = told.get(one.message_id, "queued")
        throttled = (before, one.state) == ("sending", "queued")
        if RANK[one.state] <= RANK[before] and not throttled:
            yield f"message {one.message_id} went from {before} to {one.state}"
        told[one.message_id] = one.state
    for kept in facts.messages:
        if kept.id in told and kept.state != told[kept.id]:
            yield f"message {kept.id} is {kept.state}, its log says {told[kept.id]}"
    vendors = _by_vendor(facts)
    for status in history.statuses:
        for kept in vendors.get(status.vendor_id, []):
            if status.acked and RANK[kept.state] < RANK[status.state]:
                yield f"message {kept.id} is {kept.state} after the receipt {status.state}"


def o1(history: History, facts: Facts) -> Iterator[str]:
    """Numbers are 1, 2, … n, never change, and follow the order in which a sender was answered."""
    numbers = defaultdict(list)
    for one in facts.log:
        numbers[one.conversation].append(one.seq)
    for thread in facts.threads:
        found = sorted(numbers[thread.id])
        if found != list(range(1, len(found) + 1)) or thread.head != len(found):
            yield f"{thread.id} has {len(found)} entries up to {found[-1:]} and head {thread.head}"
    yield from _turned_round(history, facts)


def _turned_round(history: History, facts: Facts) -> Iterator[str]:
    """Acknowledgements that named another number, and words that lie in another order than they were written in."""
    lines: dict[tuple[str, str], list[tuple[Write, int]]] = defaultdict(list)
    for write, kept in _pairs(history, facts):
        if write.seqs - {kept.seq}:
            yield f"{write.key} was acknowledged as number {sorted(write.seqs)} and is {kept.seq}"
        if write.sender:
            lines[write.sender, kept.conversation].append((write, kept.seq))
    for (sender, conversation), line in lines.items():
        ordered = sorted(line, key=lambda pair: pair[0].began)
        for (first, before), (second, after) in pairwise(ordered):
            if first.acked is not None and first.acked <= second.began and before > after:
                yield f"{sender} wrote {first.key} before {second.key}; in {conversation} it is after"


def s1(_history: History, facts: Facts) -> Iterator[str]:
    """Transmitted at most once, or flagged."""
    calls = Counter(facts.calls)
    flagged = {one.message_id for one in facts.deliveries if one.state == "uncertain"}
    denied = {one.message_id for one in facts.deliveries if (one.state, one.source) == ("failed", "provider")}
    for kept in facts.messages:
        if not _goes_out(kept):
            continue
        times = calls[kept.id]
        if times > 1 and kept.id not in flagged:
            yield f"{kept.id} was transmitted {times} times"
        if times == 0 and kept.state in ("sent", "delivered", "read"):
            yield f"{kept.id} is {kept.state} and was never transmitted"
        if times == 0 and kept.state in ("queued", "sending"):
            yield f"{kept.id} is {kept.state} for ever"
        if times and kept.id in denied:
            yield f"{kept.id} was transmitted and called failed"


def _pairs(history: History, facts: Facts) -> Iterator[tuple[Write, Kept]]:
    ids, vendors = {kept.id: kept for kept in facts.messages}, _by_vendor(facts)
    for write in history.writes:
        named = [ids[one] for one in write.ids if one in ids]
        if found := vendors.get(write.key, []) if write.kind == "inbound" else named:
            yield write, found[0]


def _by_vendor(facts: Facts) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = defaultdict(list)
    for kept in facts.messages:
        if kept.vendor_id:
            found[kept.vendor_id].append(kept)
    return found


def _goes_out(kept: Kept) -> bool:
    return kept.author in ("agent", "bot") and kept.client is not None and not kept.note \
        and kept.channel_kind != "webchat"


CHECKS: dict[str, Check] = {
    "D1": d1, "D3": d3, "D4": d4, "D5": d5, "I1": i1, "I2": i2, "I3": i3, "I4": i4, "I6": i6, "O1": o1, "O2": o2,
    "O3": o3, "O4": o4, "O5": o5, "O6": o6, "S1": s1, "R2": r2, "R5": r5, "R6": r6,
}
