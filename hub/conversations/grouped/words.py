"""What visitors of the widget write, in groups: further words in a conversation that is open.

The first word, files, quotes and whatever else is out of the ordinary are taken by `messages.visitor_send`.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations import messages, receiving, rendering
from hub.conversations.grouped import repeats, standings
from hub.conversations.grouped.page import Page, seen
from hub.conversations.grouped.repeats import Key
from hub.conversations.messages import Draft
from hub.conversations.shapes import VisitorMessage
from hub.conversations.values import Standing, Written
from hub.core.access import Actor, system_actor
from hub.core.bulk import Bulk
from hub.core.clock import new_id
from hub.core.hub import Hub
from hub.crm import contacts, folding
from hub.events import MessageReceived

# `OFFSET 0`: a person's conversations are few and a channel's many, so they are looked up by the person.
_FIND = """
SELECT x.place, c.id, v.name FROM unnest($2::integer[], $3::uuid[], $4::uuid[]) AS x(place, channel_id, visitor_id)
CROSS JOIN LATERAL (
  SELECT v.contact_id, v.name FROM visitors v
  WHERE v.organization_id = $1 AND v.id = x.visitor_id AND v.channel_id = x.channel_id LIMIT 1) v
JOIN LATERAL (
  SELECT c.* FROM conversations c WHERE c.contact_id = v.contact_id OFFSET 0) c
  ON c.organization_id = $1 AND c.channel_id = x.channel_id
"""


class Word(msgspec.Struct, frozen=True, eq=False):
    """A visitor and what they send."""

    actor: Actor
    draft: Draft


async def say(hub: Hub, actor: Actor, draft: Draft) -> tuple[VisitorMessage, UUID, bool]:
    """The same as `messages.visitor_send`, in one transaction with what others say at the same moment."""
    is_visitor = actor.visitor_id is not None and actor.channel_id is not None and actor.organization_id is not None
    if is_visitor and not draft.note and messages.is_plain(draft) and hub.reactions.groups(MessageReceived):
        messages.checked_text(draft)
        assert actor.organization_id is not None
        said: tuple[VisitorMessage, UUID, bool] | None = await hub.grouping(write).submit(
            actor.organization_id, Word(actor, draft)
        )
        if said is not None:
            return said
    async with hub.work(actor) as work:
        return await messages.visitor_send(work, draft)


async def write(hub: Hub, organization_id: UUID, words: Sequence[Word]) -> list[Any]:
    """Writes the words. For each: (message, conversation, True), or None for one that is not so simple."""
    return await hub.written(system_actor(organization_id, "visitor"), partial(_write, words))


async def _write(words: Sequence[Word], bulk: Bulk) -> list[Any]:
    found = await _find(bulk, words)
    standing = await standings.hold(bulk, {conversation_id for conversation_id, _ in found.values()})
    places = [place for place, (conversation_id, _) in found.items() if conversation_id in standing]
    known = await repeats.find(bulk, [
        Key(found[place][0], words[place].actor.label, words[place].draft.client_id) for place in places
    ])
    page = Page(bulk)
    said: list[Any] = [None] * len(words)
    for number, place in enumerate(places):
        conversation_id, name = found[place]
        thread, word = standing[conversation_id], words[place]
        if number in known or not _is_simple(thread, word, name):
            continue
        message = _message(bulk, thread, word)
        receiving.heard(thread, message, bulk.now)
        page.post(thread, message, MessageReceived, actor=word.actor.label, channel_id=thread.channel_id,
                  contact_id=thread.contact_id)
        said[place] = rendering.for_visitor(seen(message), thread.channel_id), thread.id, True
    await page.write()
    return said


async def _find(bulk: Bulk, words: Sequence[Word]) -> dict[int, tuple[UUID, str]]:
    """By place: the conversation of the visitor, and the name they go by; nothing before their first word."""
    asked = [(place, word.actor.channel_id, word.actor.visitor_id) for place, word in enumerate(words)]
    rows = await bulk.fetch(_FIND, *(list(column) for column in zip(*asked, strict=True)))
    return {row["place"]: (row["id"], contacts.cleaned_name(row["name"])) for row in sorted(
        rows, key=lambda row: row["place"]
    )}


def _is_simple(thread: Standing, word: Word, name: str) -> bool:
    around = thread.around
    return (
        around.channel_live and thread.status == "open" and thread.engagement_id is not None
        and thread.snoozed_until is None and around.address == str(word.actor.visitor_id)
        and (not name or thread.name_given or around.contact_name == name)
    )


def _message(bulk: Bulk, thread: Standing, word: Word) -> Written:
    text = messages.checked_text(word.draft)
    return Written(
        id=new_id(), organization_id=bulk.organization_id, conversation_id=thread.id, channel_id=thread.channel_id,
        engagement_id=thread.engagement_id, author="customer", author_id=None, author_name=thread.around.contact_name,
        kind="text", text=text, sender_key=word.actor.label, client_id=word.draft.client_id,
        client_hash=messages.hash_of(word.draft), state="received", state_at=bulk.now,
        search_text=folding.search_text([text]), created_at=bulk.now, occurred_at=bulk.now,
    )
