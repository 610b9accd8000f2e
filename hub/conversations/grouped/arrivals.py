"""Webhooks in groups: kept once, understood, and their effects written, all in the transaction that is acknowledged.

A delivery of which any part is out of the ordinary is kept all the same, and left to the job that does one at a time
(`inbound`); so is whatever comes from the same person while something of theirs waits there, so that nobody's words
overtake each other.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.channels import actions as channels
from hub.channels.ports import InboundMessage, Parcel, Receipt
from hub.conversations import receiving
from hub.conversations.grouped import senders, standings, statuses
from hub.conversations.grouped.page import Page
from hub.conversations.grouped.senders import Line, Sender
from hub.conversations.grouped.statuses import Status
from hub.conversations.shapes import Named
from hub.conversations.text import clean, clean_json
from hub.conversations.values import Written
from hub.core import intake
from hub.core.access import system_actor
from hub.core.bulk import Bulk
from hub.core.clock import new_id
from hub.core.db import sqlstate
from hub.core.errors import HubError
from hub.core.hub import Hub
from hub.crm import folding
from hub.events import ContactCreated, ConversationOpened, DeliveryChanged, MessageReceived

_ACTOR = "job:intake"
_LINES = """
SELECT h.id, h.external_id, h.name, h.kind, h.provider, h.state = 'active' AS live, h.updated_at, h.department_id,
  d.name AS department_name, h.last_inbound_at, h.health->>'status' AS health
FROM channels h LEFT JOIN departments d ON d.id = h.department_id AND d.organization_id = h.organization_id
WHERE h.organization_id = $1 AND h.id = ANY($2::uuid[]) AND h.deleted_at IS NULL
"""
_WAITING = """
SELECT x.order_key FROM unnest($2::text[]) AS x(order_key) CROSS JOIN LATERAL (
  SELECT FROM outbox o
  WHERE o.organization_id = $1 AND o.order_key = x.order_key AND o.state IN ('waiting', 'running') LIMIT 1) o
"""
_KNOWN = """
SELECT m.channel_id, m.vendor_id FROM unnest($2::uuid[], $3::text[]) AS x(channel_id, vendor_id)
CROSS JOIN LATERAL (
  SELECT m.channel_id, m.vendor_id FROM messages m
  WHERE m.organization_id = $1 AND m.channel_id = x.channel_id AND m.vendor_id = x.vendor_id LIMIT 1) m
"""
_EVENTS = (ContactCreated, ConversationOpened, MessageReceived, DeliveryChanged)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One body as it came. `signed_by`: the channels whose secret had signed it, with the version of their settings.
    `parcels` is what it says; None when it cannot be understood yet."""

    provider: str
    vendor_key: str
    headers: Mapping[str, str]
    body: bytes
    order_key: str | None
    signed_by: Sequence[tuple[UUID, datetime]]
    parcels: Sequence[Parcel] | None
    key: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        """`key`, source and vendor key, is unique in the organization."""
        msgspec.structs.force_setattr(self, "key", (f"{self.provider}:{self.signed_by[0][0]}", self.vendor_key))


class _Word(msgspec.Struct, eq=False):
    """A message and who says it."""

    sender: Sender
    value: InboundMessage


class _Task(msgspec.Struct, eq=False):
    """A new delivery under way; `ordinary` until something of it turns out not to be."""

    id: UUID
    delivery: Delivery
    ordinary: bool
    effects: list[_Word | Status] = []


async def receive(hub: Hub, organization_id: UUID, delivery: Delivery) -> bool | None:
    """Takes one delivery in, with whatever else arrives at this moment; see `take` for the answer.

    One that cannot be processed is kept as it came, and the job says what is wrong with it. Raises `Unavailable`.
    """
    grouping = hub.grouping(take)
    taken: bool | None
    try:
        taken = await grouping.submit(organization_id, delivery)
    except HubError:
        raise
    except Exception as error:  # whatever it holds that the database or we could not bear
        hub.log.warning("delivery_left_to_the_job", error=type(error).__name__, sqlstate=sqlstate(error))
        kept = msgspec.structs.replace(delivery, parcels=None)
        taken = await grouping.submit(organization_id, kept)
    return taken


async def take(hub: Hub, organization_id: UUID, deliveries: Sequence[Delivery]) -> list[bool | None]:
    """Keeps the deliveries and does what they say. For each: True when it was new, False for a repeat, None when a
    channel that had signed it has changed since, so that the signature has to be looked at again."""
    async with hub.bulk(system_actor(organization_id, _ACTOR)) as bulk:
        lines = await _lines(bulk, deliveries)
        tasks: dict[tuple[str, str], _Task] = {}
        results: list[bool | None] = []
        for delivery in deliveries:
            stale = any(line_id not in lines or lines[line_id].version != version
                        for line_id, version in delivery.signed_by)
            results.append(None if stale else delivery.key not in tasks)
            if not stale and delivery.key not in tasks:
                tasks[delivery.key] = _Task(new_id(), delivery, _looks_ordinary(hub, delivery))
        fresh = await _keep(bulk, tasks.values())
        await _process(bulk, fresh, lines.values())
    new = {task.id for task in fresh}
    await _note_life(hub, bulk, lines.values())
    return [known and tasks[delivery.key].id in new if known else known
            for known, delivery in zip(results, deliveries, strict=True)]


async def _lines(bulk: Bulk, deliveries: Sequence[Delivery]) -> dict[UUID, Line]:
    ids = {line_id for delivery in deliveries for line_id, _ in delivery.signed_by}
    return {row["id"]: Line(
        id=row["id"], external_id=row["external_id"], name=row["name"], kind=row["kind"], provider=row["provider"],
        live=row["live"], version=row["updated_at"], last_inbound_at=row["last_inbound_at"], health=row["health"],
        department=Named(id=row["department_id"], name=row["department_name"]) if row["department_id"] else None,
    ) for row in await bulk.fetch(_LINES, list(ids))}


def _looks_ordinary(hub: Hub, delivery: Delivery) -> bool:
    """By the body alone; what the database says of it comes later."""
    return bool(delivery.parcels) and hub.reactions.groups(*_EVENTS) and all(
        _is_plain(parcel.value) for parcel in delivery.parcels or ()
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, InboundMessage):
        return not (value.echo or value.media or value.reply_to)
    return isinstance(value, Receipt) and value.state != "failed"


async def _keep(bulk: Bulk, tasks: Collection[_Task]) -> list[_Task]:
    """Those that were not here before."""
    if not tasks:
        return []
    new = await intake.keep(bulk, [
        intake.Arrival(id=task.id, source=task.delivery.key[0], vendor_key=task.delivery.vendor_key,
                       headers=task.delivery.headers, body=task.delivery.body, done=task.ordinary)
        for task in tasks
    ])
    return [task for task in tasks if task.id in new]


async def _process(bulk: Bulk, tasks: Sequence[_Task], lines: Collection[Line]) -> None:
    people, receipts = _gather(tasks, {line.external_id: line for line in lines})
    await senders.recognise(bulk, people)
    await statuses.find(bulk, receipts)
    found = [*(one.conversation_id for one in people), *(one.conversation_id for one in receipts)]
    standing = await standings.lock(bulk, {one for one in found if one is not None})
    senders.stand(people, standing)
    await statuses.read(bulk, receipts)
    await _judge(bulk, tasks)
    ordinary = [task for task in tasks if task.ordinary]
    words = [effect for task in ordinary for effect in task.effects if isinstance(effect, _Word)]
    page = Page(bulk)
    await senders.welcome(page, list(dict.fromkeys(word.sender for word in words if word.sender.is_new)))
    known = await _known(bulk, words)
    for task in ordinary:
        for effect in task.effects:
            if isinstance(effect, Status):
                assert effect.conversation_id is not None
                statuses.apply(page, standing[effect.conversation_id], effect)
            elif (place := (effect.sender.line.id, effect.value.vendor_id)) not in known:
                known.add(place)
                _hear(page, effect)
    await page.write()
    await intake.leave(bulk, {task.id: task.delivery.order_key for task in tasks if not task.ordinary})


def _gather(tasks: Sequence[_Task], lines: Mapping[str | None, Line]) -> tuple[list[Sender], list[Status]]:
    """Fills in the effects of ordinary deliveries; the people and the receipts in them. A person who speaks more than
    once is one sender."""
    people: dict[Any, Sender] = {}
    receipts: list[Status] = []
    for task in tasks:
        signed = {line_id for line_id, _ in task.delivery.signed_by}
        for parcel in (task.delivery.parcels or ()) if task.ordinary else ():
            line, value = lines.get(parcel.external_id), parcel.value
            if line is None or line.id not in signed:
                task.ordinary = False  # the job says of which channel it speaks
                break
            if isinstance(value, Receipt):
                receipts.append(Status(channel_id=line.id, receipt=value))
                task.effects.append(receipts[-1])
            elif isinstance(value, InboundMessage):
                key = line.id, value.sender
                if key not in people:
                    people[key] = senders.sender(line, value.sender.identities, value.sender.name)
                task.effects.append(_Word(people[key], value))
    return list(people.values()), receipts


async def _judge(bulk: Bulk, tasks: Sequence[_Task]) -> None:
    """Settles which are ordinary: everything in them is, and nothing of the same person's waits."""
    orders = list({task.delivery.order_key for task in tasks if task.delivery.order_key})
    waiting = {row["order_key"] for row in await bulk.fetch(_WAITING, orders)} if orders else set()
    for task in tasks:
        task.ordinary = task.ordinary and task.delivery.order_key not in waiting and all(
            effect.is_ordinary if isinstance(effect, Status) else effect.sender.is_ordinary
            for effect in task.effects
        )
        if not task.ordinary and task.delivery.order_key:
            waiting.add(task.delivery.order_key)


async def _known(bulk: Bulk, words: Sequence[_Word]) -> set[tuple[UUID, str]]:
    """Which of the messages are here already: (channel, provider's id)."""
    asked = [(word.sender.line.id, word.value.vendor_id) for word in words]
    if not asked:
        return set()
    rows = await bulk.fetch(_KNOWN, *(list(column) for column in zip(*asked, strict=True)))
    return {(row["channel_id"], row["vendor_id"]) for row in rows}


def _hear(page: Page, word: _Word) -> None:
    """The same as `inbound` does for one message."""
    standing, value, bulk = word.sender.standing, word.value, page.bulk
    assert standing is not None
    text = clean(value.text)
    message = Written(
        id=new_id(), organization_id=bulk.organization_id, conversation_id=standing.id, channel_id=standing.channel_id,
        engagement_id=standing.engagement_id, author="customer", author_id=None,
        author_name=standing.around.contact_name, kind=value.kind, text=text, content=clean_json(value.content),
        vendor_id=value.vendor_id, state="received", state_at=bulk.now, search_text=folding.search_text([text]),
        created_at=bulk.now, occurred_at=value.occurred_at,
    )
    receiving.heard(standing, message, bulk.now)
    page.post(standing, message, MessageReceived, channel_id=standing.channel_id, contact_id=standing.contact_id)


async def _note_life(hub: Hub, bulk: Bulk, lines: Collection[Line]) -> None:
    """Traffic proves that a channel lives; said now and then, and apart, so that no channel's row becomes a queue."""
    stale = [line.id for line in lines if channels.is_stale(line.last_inbound_at, line.health, bulk.now)]
    if stale:
        async with hub.work(bulk.actor) as work:
            await channels.saw_inbound(work, stale)
