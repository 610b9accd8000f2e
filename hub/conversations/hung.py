"""Messages with what hangs on them, by set-based SQL: files, reactions, and the messages that they answer."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from hub.conversations import rendering
from hub.conversations.rendering import Parts
from hub.conversations.shapes import Message
from hub.conversations.values import Shown
from hub.core.bulk import Reading

COLUMNS = ", ".join(f"m.{name}" for name in Shown.__struct_fields__)
# Looked up by message, whatever the planner believes of the tables (decision 0011).
_MESSAGES = f"""
SELECT {COLUMNS} FROM unnest($2::uuid[]) AS x(id) CROSS JOIN LATERAL (
  SELECT m.* FROM messages m WHERE m.id = x.id LIMIT 1) m
WHERE m.organization_id = $1
"""  # noqa: S608
_FILES = """
SELECT f.message_id, f.id, f.name, f.mime, f.size, f.state, f.width, f.height, f.duration
FROM unnest($2::uuid[]) AS x(id) CROSS JOIN LATERAL (
  SELECT f.* FROM files f WHERE f.message_id = x.id OFFSET 0) f
WHERE f.organization_id = $1 ORDER BY f.created_at, f.id
"""
_REACTIONS = """
SELECT r.message_id, r.emoji, r.author, r.author_id, r.author_name
FROM unnest($2::uuid[]) AS x(id) CROSS JOIN LATERAL (
  SELECT r.* FROM message_reactions r WHERE r.message_id = x.id OFFSET 0) r
WHERE r.organization_id = $1 ORDER BY r.at, r.id
"""


class _File(msgspec.Struct):
    message_id: UUID
    id: UUID
    name: str
    mime: str
    size: int | None
    state: str
    width: int | None
    height: int | None
    duration: float | None


class _Reaction(msgspec.Struct):
    message_id: UUID
    emoji: str
    author: str
    author_id: UUID | None
    author_name: str


async def by_id(reading: Reading, ids: Collection[UUID]) -> dict[UUID, Message]:
    """The messages as they are now; those that are not there are left out."""
    found = [Shown(*row) for row in await reading.fetch(_MESSAGES, list(ids))] if ids else []
    return {seen.id: seen for seen in await seen_with_all(reading, found)}


async def seen_with_all(reading: Reading, found: Sequence[Shown]) -> list[Message]:
    """As the outside sees them, in the same order."""
    if not found:
        return []
    ids = [one.id for one in found]
    files = _by_message(_File(*row) for row in await reading.fetch(_FILES, ids))
    reactions = _by_message(_Reaction(*row) for row in await reading.fetch(_REACTIONS, ids))
    answered: dict[UUID | None, Shown] = {}
    if targets := {one.reply_to_id for one in found if one.reply_to_id}:
        answered = {row["id"]: Shown(*row) for row in await reading.fetch(_MESSAGES, list(targets))}
    return [
        rendering.message(one, Parts(files.get(one.id, ()), reactions.get(one.id, ()), answered.get(one.reply_to_id)))
        for one in found
    ]


def _by_message(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.message_id].append(row)
    return found
