"""Answers and notes in groups: what people write in an open conversation that somebody has.

Whatever asks for more (files, quotes, mentions, a thread that is closed or nobody's) is written by `messages.reply`.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations import delivery, messages, outgoing, rules
from hub.conversations.grouped import repeats, standings
from hub.conversations.grouped.page import Page, seen
from hub.conversations.grouped.repeats import Key
from hub.conversations.messages import Draft
from hub.conversations.shapes import Message as Seen
from hub.conversations.values import Standing, Written
from hub.core.access import Actor, Permission, permit, system_actor
from hub.core.bulk import Bulk
from hub.core.clock import new_id
from hub.core.errors import HubError, NotFound
from hub.core.hub import Hub
from hub.core.signals import DraftSignal
from hub.crm import folding
from hub.events import MessageSent

_FIRST_REPLY = """
UPDATE engagements SET first_reply_at = coalesce(first_reply_at, $3)
WHERE id = ANY($2::uuid[]) AND organization_id = $1
"""
_FORGET = """
DELETE FROM drafts WHERE (organization_id = $1) IS TRUE AND id IN (
  SELECT d.id FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS x(user_id, conversation_id, mode) CROSS JOIN LATERAL (
    SELECT d.id FROM drafts d WHERE d.organization_id = $1 AND d.user_id = x.user_id
      AND d.conversation_id = x.conversation_id AND d.mode = x.mode LIMIT 1) d)
RETURNING user_id, conversation_id, mode
"""


class Reply(msgspec.Struct, frozen=True, eq=False):
    """A draft and who sends it where."""

    actor: Actor
    conversation_id: UUID
    draft: Draft


async def reply(hub: Hub, actor: Actor, conversation_id: UUID, draft: Draft) -> tuple[Seen, bool]:
    """The same as `messages.reply`, in one transaction with what others write at the same moment."""
    permit(actor, Permission.CONVERSATION_REPLY)
    if messages.is_plain(draft) and hub.reactions.groups(MessageSent):
        messages.checked_text(draft)
        assert actor.organization_id is not None
        item = Reply(actor, conversation_id, draft)
        written: Seen | None = await hub.grouping(write).submit(actor.organization_id, item)
        if written is not None:
            return written, True
    async with hub.work(actor) as work:
        return await messages.reply(work, conversation_id, draft)


async def write(hub: Hub, organization_id: UUID, replies: Sequence[Reply]) -> list[Seen | HubError | None]:
    """Writes the replies. For each: the message, what is wrong with it, or None for one that is not so simple."""
    return await hub.written(system_actor(organization_id, "reply"), partial(_write, replies))


async def _write(replies: Sequence[Reply], bulk: Bulk) -> list[Seen | HubError | None]:
    standing = await standings.hold(bulk, {one.conversation_id for one in replies})
    known = await repeats.find(bulk, [
        Key(one.conversation_id, one.actor.label, one.draft.client_id) for one in replies
    ])
    page = Page(bulk)
    written: list[Written] = []
    results: list[Seen | HubError | None] = []
    for place, one in enumerate(replies):
        thread = standing.get(one.conversation_id)
        if thread is None or not rules.may_see(one.actor, thread.audience):
            results.append(NotFound())
        elif place in known or not _is_simple(bulk, thread, one):
            results.append(None)
        else:
            message = _message(bulk, thread, one)
            written.append(message)
            _post(page, thread, one, message)
            results.append(seen(message))
    await page.write()
    _owe(bulk, standing, written)
    _forget_drafts(bulk, [one for place, one in enumerate(replies) if isinstance(results[place], Seen)])
    return results


def _is_simple(bulk: Bulk, thread: Standing, one: Reply) -> bool:
    """Whether writing it changes nothing but the log and the waiting. A note needs no more than a conversation."""
    if one.draft.note:
        return True
    around = thread.around
    is_open, _ = rules.window(around.channel_kind, around.channel_provider, thread.last_inbound_at, bulk.now)
    return (
        is_open and around.channel_live and thread.status == "open" and thread.engagement_id is not None
        and (thread.assignee_id is not None or one.actor.user_id is None)
    )


def _message(bulk: Bulk, thread: Standing, one: Reply) -> Written:
    actor, draft, text = one.actor, one.draft, messages.checked_text(one.draft)
    sent_here = draft.note or thread.around.channel_kind == "webchat"
    return Written(
        id=new_id(), organization_id=bulk.organization_id, conversation_id=thread.id, channel_id=thread.channel_id,
        engagement_id=None if draft.note else thread.engagement_id, author="agent" if actor.user_id else "bot",
        author_id=actor.user_id, author_name=actor.name, note=draft.note, kind="text", text=text,
        sender_key=actor.label, client_id=draft.client_id, client_hash=messages.hash_of(draft),
        state="sent" if sent_here else "queued", state_at=bulk.now, search_text=folding.search_text([text]),
        created_at=bulk.now, occurred_at=bulk.now,
    )


def _post(page: Page, thread: Standing, one: Reply, message: Written) -> None:
    if not message.note:
        thread.waiting_since = None
        page.step(message.id, message.state, source="hub", at=page.bulk.now)
    page.post(thread, message, MessageSent, actor=one.actor.label, author=message.author,
              author_id=message.author_id, note=message.note, mentions=())


def _owe(bulk: Bulk, standing: dict[UUID, Standing], written: Sequence[Written]) -> None:
    """What answers cause: the sending, and the first reply of an engagement."""
    answers = [one for one in written if not one.note]
    bulk.later([
        (delivery.JOB, delivery.key_of(one.id, one.seq), outgoing.order_of(one.conversation_id), {"message_id": one.id})
        for one in answers if one.state == "queued"
    ])
    first = {one.engagement_id: standing[one.conversation_id] for one in answers
             if standing[one.conversation_id].first_reply_at is None}
    if first:
        bulk.write(_FIRST_REPLY, list(first), bulk.now)
    for thread in first.values():
        thread.first_reply_at = bulk.now


def _forget_drafts(bulk: Bulk, sent: Sequence[Reply]) -> None:
    """What was kept of the words while they were written goes, and other screens of theirs learn it."""
    keys = {(one.actor.user_id, one.conversation_id, "note" if one.draft.note else "reply") for one in sent
            if one.actor.user_id is not None}

    def told(gone: Sequence[Any]) -> None:
        for row in gone:
            bulk.show(DraftSignal(
                organization_id=bulk.organization_id, user_id=UUID(row["user_id"]),
                conversation_id=UUID(row["conversation_id"]), mode=row["mode"], text="", reply_to_id=None,
                updated_at=bulk.now,
            ))

    if keys:
        bulk.write(_FORGET, *zip(*keys, strict=True), told=told)
