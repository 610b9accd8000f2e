"""A stretch of a thread as colleagues read it, in as few round trips as it takes: this is asked at every turn."""

from typing import Any
from uuid import UUID

import msgspec

from hub.conversations import hung, rendering, rules
from hub.conversations.shapes import Message, MessagePage
from hub.conversations.values import Shown
from hub.core.access import Actor, Permission, system_actor
from hub.core.bulk import Reading
from hub.core.errors import Forbidden, NotFound, invalid_field
from hub.core.hub import Hub
from hub.core.installation import EPOCH
from hub.core.signals import Audience

MAX_MESSAGES = 200
_LAST = 2**62  # beyond every number
_COLUMNS = ", ".join(f"m.{name}" for name in Shown.__struct_fields__ if name != "conversation_id")
# Each row begins with what is asked of the conversation, so that a page is one statement, also where it is empty. What
# hangs on messages is asked for by a further one, when any row says that there is some.
_STRETCH = f"""
SELECT c.head_seq, c.department_id, c.assignee_id, ({EPOCH}) AS epoch, m.*
FROM (SELECT c.* FROM conversations c WHERE c.organization_id = $1 AND c.id = $2) c
LEFT JOIN LATERAL (
  SELECT m.reply_to_id IS NOT NULL
    OR EXISTS (SELECT FROM files f WHERE f.organization_id = $1 AND f.message_id = m.id)
    OR EXISTS (SELECT FROM message_reactions r WHERE r.organization_id = $1 AND r.message_id = m.id) AS hung,
    {_COLUMNS}
  FROM messages m
  WHERE m.organization_id = $1 AND m.conversation_id = $2 AND {{bound}} ORDER BY m.seq {{order}} LIMIT $4
) m ON true
"""  # noqa: S608 - put together from our own parts
_EARLIER = _STRETCH.format(bound="m.seq < $3", order="DESC")
_LATER = _STRETCH.format(bound="m.seq > $3", order="ASC")
_BEFORE_THEM = 5  # columns of the conversation, and whether anything hangs on the messages


class Ahead(msgspec.Struct, frozen=True):
    """The rows that a page of this organization begins with."""

    organization_id: UUID
    rows: list[Any]


async def ahead(
    hub: Hub, organization_id: UUID, conversation_id: UUID, *, before: int | None = None, after: int | None = None,
    around: int | None = None, limit: int = 50,
) -> Ahead | None:
    """Looks at what `page` will begin with while it is still being found out who asks; the organization is that of a
    signed token. Whoever calls may only hand it to `page`, which judges it. None where a page begins with more."""
    if after is not None or around is not None or not 1 <= limit <= MAX_MESSAGES:
        return None
    reading = hub.reading(system_actor(organization_id, "page"))
    bound = _LAST if before is None else before
    return Ahead(organization_id, await reading.fetch(_EARLIER, conversation_id, bound, limit + 1))


async def page(
    hub: Hub, actor: Actor, conversation_id: UUID, *, before: int | None = None, after: int | None = None,
    around: int | None = None, limit: int = 50, ahead: Ahead | None = None,
) -> MessagePage:
    """The newest messages, or those before, after or around a number; `ahead` is for the same of them. Raises
    `NotFound`, `Forbidden`, `Invalid`."""
    if not actor.may(Permission.CONVERSATION_READ):
        raise Forbidden("forbidden", extra={"permission": str(Permission.CONVERSATION_READ)})
    if not 1 <= limit <= MAX_MESSAGES:
        raise invalid_field("/limit", "out_of_range")
    if sum(bound is not None for bound in (before, after, around)) > 1:
        raise invalid_field("/before", "only_one_of")
    thread = _Thread(hub.reading(actor), conversation_id)
    begun = ahead.rows if ahead is not None and ahead.organization_id == actor.organization_id else None
    if around is not None:
        earlier = await thread.stretch(_EARLIER, around, limit // 2 + 1)
        room = limit - min(len(earlier), limit // 2)
        later = await thread.stretch(_LATER, around - 1, room + 1)
        found = earlier[: limit // 2][::-1] + later[:room]
        has_before, has_after = len(earlier) > limit // 2, len(later) > room
    elif after is not None:
        later = await thread.stretch(_LATER, after, limit + 1)
        found, has_after = later[:limit], len(later) > limit
        has_before = bool(await thread.stretch(_EARLIER, after + 1, 1))
    else:
        earlier = await thread.stretch(_EARLIER, _LAST if before is None else before, limit + 1, begun)
        found, has_before = earlier[:limit][::-1], len(earlier) > limit
        has_after = before is not None and bool(await thread.stretch(_LATER, before - 1, 1))
    return MessagePage(results=await thread.seen(found), has_before=has_before, has_after=has_after,
                       head_seq=thread.head, epoch=thread.epoch)


class _Thread:
    """What is read of a conversation."""

    def __init__(self, reading: Reading, conversation_id: UUID) -> None:
        self.reading, self.conversation_id = reading, conversation_id
        self.head, self.epoch = 0, ""
        self._hung = False

    async def stretch(
        self, statement: str, bound: int, most: int, begun: list[Any] | None = None
    ) -> list[Shown]:
        """Messages in the statement's order, `begun` if that was asked already. Raises `NotFound` for a conversation
        that the actor may not see."""
        rows = begun if begun is not None else await self.reading.fetch(statement, self.conversation_id, bound, most)
        if not rows:
            raise NotFound
        self.head, department_id, assignee_id, self.epoch, is_hung = rows[0][:_BEFORE_THEM]
        if not rules.may_see(self.reading.actor, Audience(department_id, assignee_id)):
            raise NotFound
        if is_hung is None:  # there is no message
            return []
        self._hung = self._hung or any(row["hung"] for row in rows)
        first, rest = _BEFORE_THEM, _BEFORE_THEM + 1
        return [Shown(row[first], self.conversation_id, *row[rest:]) for row in rows]

    async def seen(self, found: list[Shown]) -> list[Message]:
        if self._hung:
            return await hung.seen_with_all(self.reading, found)
        return [rendering.message(one, rendering.NO_PARTS) for one in found]
