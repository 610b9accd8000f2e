"""What hangs on messages, fetched for a whole page with one query of each kind."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from hub.conversations.models import File, Message, Reaction
from hub.conversations.rendering import Parts
from hub.core.work import Work


async def of(work: Work, messages: Sequence[Message]) -> dict[UUID, Parts]:
    """Files, reactions and quoted messages of these messages, by message id."""
    ids = [message.id for message in messages]
    if not ids:
        return {}
    files: dict[UUID, list[File]] = {}
    for file in await work.session.scalars(
        select(File).where(File.message_id.in_(ids)).order_by(File.created_at, File.id)
        .execution_options(populate_existing=True)
    ):
        files.setdefault(file.message_id, []).append(file)  # type: ignore[arg-type] # the query asked for those with one
    reactions: dict[UUID, list[Reaction]] = {}
    for reaction in await work.session.scalars(
        select(Reaction).where(Reaction.message_id.in_(ids)).order_by(Reaction.at, Reaction.id)
        .execution_options(populate_existing=True)
    ):
        reactions.setdefault(reaction.message_id, []).append(reaction)
    quoted = await _quoted(work, [message.reply_to_id for message in messages if message.reply_to_id])
    return {
        message.id: Parts(files.get(message.id, ()), reactions.get(message.id, ()),
                          quoted.get(message.reply_to_id) if message.reply_to_id else None)
        for message in messages
    }


async def of_one(work: Work, message: Message) -> Parts:
    return (await of(work, [message]))[message.id]


async def _quoted(work: Work, ids: Sequence[UUID]) -> dict[UUID, Message]:
    if not ids:
        return {}
    return {row.id: row for row in await work.session.scalars(select(Message).where(Message.id.in_(ids)))}
