"""One act on many conversations: each in a transaction of its own, through the same action as for one alone."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from hub.conversations import reading, snoozing, threads
from hub.conversations.filters import At
from hub.core.access import Actor, Permission, require
from hub.core.errors import HubError, invalid_field
from hub.core.hub import Hub
from hub.core.work import Work

Action = Literal["assign", "close", "reopen", "tag", "untag", "snooze", "resume", "read", "unread"]
Step = Callable[[Work, UUID], Awaitable[Any]]
_HEAD = 2**53  # reading up to here is reading all


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do with which. assign takes `user_id` and `department_id` (null: nobody's, absent: as it is), tag and
    untag `tag_ids`, snooze `until`, close `disposition`."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=100)]
    action: Action
    user_id: UUID | UnsetType | None = UNSET
    department_id: UUID | UnsetType | None = UNSET
    tag_ids: Annotated[list[UUID], Meta(max_length=threads.MOST_TAGS)] = []
    until: At | None = None
    disposition: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """`error` None: done."""

    id: UUID
    error: HubError | None


async def run(hub: Hub, actor: Actor, order: Order) -> list[Outcome]:
    """What became of each, in the order given; what is named twice is done once.

    Raises `Invalid`, `NotFound`, `Forbidden` for what is wrong with all of it; then nothing is done.
    """
    async with hub.work(actor) as work:
        step = await _step(work, order)
    return [await _done(hub, actor, step, one) for one in dict.fromkeys(order.ids)]


async def _done(hub: Hub, actor: Actor, step: Step, conversation_id: UUID) -> Outcome:
    try:
        async with hub.work(actor) as work:
            await step(work, conversation_id)
    except HubError as error:
        return Outcome(conversation_id, error)
    return Outcome(conversation_id, None)


async def _step(work: Work, order: Order) -> Step:
    """The act on one of them; whatever all of them need is looked up here, once."""
    match order.action:
        case "assign":
            return await _assigning(work, order)
        case "tag" | "untag":
            return await _tagging(work, order)
        case "snooze":
            return _snoozing(work, order)
        case "close":
            return _closing(work, order)
        case "resume" | "reopen":
            require(work, Permission.CONVERSATION_REPLY)
            return snoozing.resume if order.action == "resume" else threads.reopen
        case "read":
            return partial(reading.mark_read, seq=_HEAD)
        case "unread":
            return reading.mark_unread


def _snoozing(work: Work, order: Order) -> Step:
    require(work, Permission.CONVERSATION_REPLY)
    if order.until is None:
        raise invalid_field("/until", "required")
    return partial(snoozing.snooze, until=snoozing.future(work, order.until, "/until"))


def _closing(work: Work, order: Order) -> Step:
    require(work, Permission.CONVERSATION_REPLY)
    if len(order.disposition or "") > threads.DISPOSITION_LIMIT:
        raise invalid_field("/disposition", "too_long")
    return partial(threads.close, disposition=order.disposition)


async def _assigning(work: Work, order: Order) -> Step:
    require(work, Permission.CONVERSATION_ASSIGN)
    if order.user_id is UNSET and order.department_id is UNSET:
        raise invalid_field("/user_id", "required")
    return partial(threads.assign_to, to=await threads.receivers(work, order.user_id, order.department_id))


async def _tagging(work: Work, order: Order) -> Step:
    require(work, Permission.CONVERSATION_REPLY)
    if not order.tag_ids:
        raise invalid_field("/tag_ids", "required")
    named = await threads.tags_named(work, set(order.tag_ids))
    return partial(threads.retag, add=named) if order.action == "tag" else partial(threads.retag, remove=named)
