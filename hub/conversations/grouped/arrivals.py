"""Webhooks in groups: understood, their effects written, and kept once, all in the transaction that is acknowledged.

A delivery of which any part is out of the ordinary is kept all the same, and left to the job that does one at a time
(`inbound`); so is whatever comes from the same person while something of theirs waits there, so that nobody's words
overtake each other.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.channels import actions as channels
from hub.channels.ports import InboundMessage, Parcel, Receipt
from hub.conversations import receiving
from hub.conversations.grouped import senders, standings, statuses
from hub.conversations.grouped.looking import Asked, Found, Line, expect, look
from hub.conversations.grouped.memory import Memory
from hub.conversations.grouped.page import Page
from hub.conversations.grouped.senders import Sender
from hub.conversations.grouped.statuses import Status
from hub.conversations.text import clean, clean_json
from hub.conversations.values import Written
from hub.core import intake
from hub.core.access import Actor, system_actor
from hub.core.bulk import Bulk
from hub.core.clock import new_id
from hub.core.db import is_away, sqlstate
from hub.core.errors import HubError
from hub.core.hub import Hub
from hub.crm import folding
from hub.events import ContactCreated, ConversationOpened, DeliveryChanged, MessageReceived

_ACTOR = "job:intake"
_EVENTS = (ContactCreated, ConversationOpened, MessageReceived, DeliveryChanged)


class Signer(msgspec.Struct, frozen=True):
    """A channel whose secret signed a body, by the provider's name for it; `version` is that of its settings then."""

    id: UUID
    external_id: str | None
    version: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One body as it came. `signed_by`: the channels whose secret had signed it. `parcels` is what it says; None when
    it cannot be understood yet."""

    provider: str
    vendor_key: str
    headers: Mapping[str, str]
    body: bytes
    order_key: str | None
    signed_by: Sequence[Signer]
    parcels: Sequence[Parcel] | None
    key: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        """`key`, source and vendor key, is unique in the organization."""
        msgspec.structs.force_setattr(self, "key", (f"{self.provider}:{self.signed_by[0].id}", self.vendor_key))


class _Word(msgspec.Struct, eq=False):
    """A message and who says it."""

    sender: Sender
    value: InboundMessage

    @property
    def place(self) -> tuple[UUID, str]:
        """Channel and provider's id, unique in the organization."""
        return self.sender.line_id, self.value.vendor_id


class _Task(msgspec.Struct, eq=False):
    """A new delivery under way; `ordinary` until something of it turns out not to be."""

    id: UUID
    delivery: Delivery
    ordinary: bool
    effects: list[_Word | Status] = []


class _Gathered(NamedTuple):
    """What deliveries bring, and the order keys that they come under."""

    people: list[Sender]
    words: list[_Word]
    receipts: list[Status]
    orders: list[str]


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


async def rehearse(hub: Hub) -> None:
    """Has PostgreSQL plan what every group asks, so that the first delivery after a start does not wait for that. Where
    it is away, it will be planned when it is needed."""
    try:
        async with hub.bulk(system_actor(new_id(), _ACTOR)) as bulk:
            await look(bulk, Asked(lines=[new_id()], deliveries=[], people=[], orders=[], words=[], receipts=[]))
            await standings.lock(bulk, {new_id()})
    except Exception as error:
        if not is_away(error):
            raise
        hub.log.warning("not_rehearsed", error=type(error).__name__)


async def take(hub: Hub, organization_id: UUID, deliveries: Sequence[Delivery]) -> list[bool | None]:
    """Keeps the deliveries and does what they say. For each: True when it was new, False for a repeat, None when a
    channel that had signed it has changed since, so that the signature has to be looked at again."""
    actor = system_actor(organization_id, _ACTOR)
    results, lines = await hub.written(actor, partial(_take, deliveries))
    await _note_life(hub, actor, lines)
    return results


async def _take(deliveries: Sequence[Delivery], bulk: Bulk) -> tuple[list[bool | None], Collection[Line]]:
    """The results, and the channels that these came by."""
    tasks: dict[tuple[str, str], _Task] = {}
    for delivery in deliveries:
        if delivery.key not in tasks:
            tasks[delivery.key] = _Task(new_id(), delivery, _looks_ordinary(bulk.hub, delivery))
    gathered = _gather(tasks.values())
    found = await _find(bulk, tasks.values(), gathered)
    stale = {task.delivery.key for task in tasks.values() if _is_stale(task.delivery, found.lines)}
    valid = [(place, task) for place, task in enumerate(tasks.values()) if task.delivery.key not in stale]
    fresh = [task for place, task in valid if place not in found.deliveries]
    intake.again(bulk, dict(found.deliveries[place] for place, _ in valid if place in found.deliveries))
    await _process(bulk, fresh, gathered, found)
    _keep(bulk, fresh)
    results: list[bool | None] = []
    new = {task.delivery.key for task in fresh}
    for delivery in deliveries:
        results.append(None if delivery.key in stale else delivery.key in new)
        new.discard(delivery.key)
    return results, found.lines.values()


def _is_stale(delivery: Delivery, lines: Mapping[UUID, Line]) -> bool:
    return any(one.id not in lines or lines[one.id].version != one.version for one in delivery.signed_by)


def _looks_ordinary(hub: Hub, delivery: Delivery) -> bool:
    """By the body alone; what the database says of it comes later."""
    return bool(delivery.parcels) and hub.reactions.groups(*_EVENTS) and all(
        _is_plain(parcel.value) for parcel in delivery.parcels or ()
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, InboundMessage):
        return not (value.echo or value.media or value.reply_to)
    return isinstance(value, Receipt) and value.state != "failed"


def _keep(bulk: Bulk, tasks: Collection[_Task]) -> None:
    """Keeps what came, and leaves to the job what is not ordinary."""
    intake.keep(bulk, [
        intake.Arrival(id=task.id, source=task.delivery.key[0], vendor_key=task.delivery.vendor_key,
                       headers=task.delivery.headers, body=task.delivery.body, order_key=task.delivery.order_key,
                       done=task.ordinary)
        for task in tasks
    ])


def _gather(tasks: Collection[_Task]) -> _Gathered:
    """Fills in the effects of ordinary deliveries. A person who speaks more than once is one sender."""
    people: dict[Any, Sender] = {}
    words: list[_Word] = []
    receipts: list[Status] = []
    for task in tasks:
        lines = {one.external_id: one.id for one in task.delivery.signed_by}
        for parcel in (task.delivery.parcels or ()) if task.ordinary else ():
            line_id, value = lines.get(parcel.external_id), parcel.value
            if line_id is None:
                task.ordinary = False  # the job says of which channel it speaks
                break
            if isinstance(value, Receipt):
                receipts.append(Status(channel_id=line_id, receipt=value))
                task.effects.append(receipts[-1])
            elif isinstance(value, InboundMessage):
                key = line_id, value.sender
                if key not in people:
                    people[key] = senders.sender(line_id, value.sender.identities, value.sender.name)
                words.append(_Word(people[key], value))
                task.effects.append(words[-1])
    orders = {task.delivery.order_key for task in tasks if task.delivery.order_key}
    return _Gathered(list(people.values()), words, receipts, list(orders))


async def _find(bulk: Bulk, tasks: Collection[_Task], gathered: _Gathered) -> Found:
    """What is remembered, if it may be, and what a look tells of the rest."""
    memory, organization_id = bulk.hub.kept(Memory), bulk.organization_id
    lines = {one.id: None if bulk.locks else memory.line(organization_id, one.id)
             for task in tasks for one in task.delivery.signed_by}
    unknown = senders.remember(bulk, gathered.people)
    found = await look(bulk, Asked(
        lines=[line_id for line_id, line in lines.items() if line is None],
        people=[(place, gathered.people[place].line_id, gathered.people[place].addresses) for place in unknown],
        receipts=[(one.channel_id, one.receipt) for one in gathered.receipts],
        deliveries=[task.delivery.key for task in tasks] if bulk.locks else (),
        orders=gathered.orders if bulk.locks else (),
        words=[word.place for word in gathered.words] if bulk.locks else (),
    ))
    found.lines |= {line_id: line for line_id, line in lines.items() if line is not None}
    if not bulk.locks:
        expect(bulk, found.lines.values(), gathered.orders)
    bulk.then(partial(memory.keep_lines, organization_id, lines | found.lines))
    return found


async def _process(bulk: Bulk, tasks: Sequence[_Task], gathered: _Gathered, found: Found) -> None:
    senders.recognise(gathered.people, found)
    statuses.recognise(gathered.receipts, found)
    effects = [effect for task in tasks if task.ordinary for effect in task.effects]
    receipts = [effect for effect in effects if isinstance(effect, Status)]
    people = list(dict.fromkeys(effect.sender for effect in effects if isinstance(effect, _Word)))
    talks = {*(one.conversation_id for one in people), *(one.conversation_id for one in receipts)}
    standing = await standings.hold(bulk, {one for one in talks if one is not None})
    senders.stand(people, standing)
    await statuses.read(bulk, receipts)
    _judge(tasks, {gathered.orders[place] for place in found.orders})
    ordinary = [effect for task in tasks if task.ordinary for effect in task.effects]
    page = Page(bulk)
    await senders.welcome(page, list(dict.fromkeys(
        effect.sender for effect in ordinary if isinstance(effect, _Word) and effect.sender.is_new
    )))
    known = {gathered.words[place].place for place in found.words}
    for effect in ordinary:
        if isinstance(effect, Status):
            assert effect.conversation_id is not None
            statuses.apply(page, standing[effect.conversation_id], effect)
        elif effect.place not in known:
            known.add(effect.place)
            _hear(page, effect)
    await page.write()
    senders.meet(bulk, people)


def _judge(tasks: Sequence[_Task], waiting: set[str]) -> None:
    """Settles which are ordinary: everything in them is, and nothing of the same person's waits."""
    for task in tasks:
        task.ordinary = task.ordinary and task.delivery.order_key not in waiting and all(
            effect.is_ordinary if isinstance(effect, Status) else effect.sender.is_ordinary
            for effect in task.effects
        )
        if not task.ordinary and task.delivery.order_key:
            waiting.add(task.delivery.order_key)


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


async def _note_life(hub: Hub, actor: Actor, lines: Collection[Line]) -> None:
    """Traffic proves that a channel lives; said now and then, and apart, so that no channel's row becomes a queue."""
    now = hub.clock.now()
    stale = [line.id for line in lines if channels.is_stale(line.last_inbound_at, line.health, now)]
    if stale:
        async with hub.bulk(actor) as noting:
            await channels.saw_inbound(noting, stale)
            noting.then(partial(hub.kept(Memory).keep_lines, noting.organization_id, dict.fromkeys(stale)))
