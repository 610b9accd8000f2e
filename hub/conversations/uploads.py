"""Files on their way to a message, and who may read them once they hang on one."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import select

from hub.conversations import rules, sniffing, views
from hub.conversations.models import Conversation, File, Message
from hub.core.access import Actor, Permission
from hub.core.clock import new_id
from hub.core.errors import Forbidden, NotFound
from hub.core.hub import Hub
from hub.core.signals import Audience
from hub.core.tenancy import storage_key
from hub.core.work import Work

CHUNK = 64 * 1024


async def upload(hub: Hub, actor: Actor, *, name: str, chunks: AsyncIterator[bytes]) -> File:
    """Stores the bytes, then the row: a crash in between leaves an orphan in the store, never a row without bytes.

    The type is what the bytes say, not what the sender says. Raises `LimitReached`, and `Invalid` for pictures that
    cannot be read.
    """
    if actor.kind == "user" and not actor.may(Permission.CONVERSATION_REPLY):
        raise Forbidden
    assert actor.organization_id is not None
    file_id = new_id()
    key = storage_key(actor.organization_id, file_id)
    limit = hub.settings.upload_limit_mb * 2**20
    head = bytearray()

    async def watched() -> AsyncIterator[bytes]:
        async for chunk in chunks:
            if len(head) < sniffing.HEAD:
                head.extend(chunk[: sniffing.HEAD - len(head)])
            yield chunk

    size, digest = await hub.ports.files.save(key, watched(), limit=limit)
    mime = sniffing.mime(bytes(head), name)
    try:
        measured = await sniffing.measure(hub.ports.files, key, mime)
    except Exception:
        await hub.ports.files.delete(key)
        raise
    async with hub.work(actor) as work:
        row = File(
            id=file_id, organization_id=work.organization_id, message_id=None, channel_id=None,
            name=sniffing.safe_name(name, mime), mime=mime, size=size, sha256=digest, state="stored", error=None,
            media_ref=None, uploaded_by=actor.label, width=measured[0], height=measured[1], duration=None,
            created_at=work.now,
        )
        work.session.add(row)
    return row


async def readable(work: Work, file_id: UUID) -> File:
    """A stored file that the actor may read: their own upload, or one on a message they can see. Raises `NotFound`."""
    statement = (
        select(File, Message.note, Conversation)
        .outerjoin(Message, Message.id == File.message_id)
        .outerjoin(Conversation, Conversation.id == Message.conversation_id)
        .where(File.id == file_id, File.state == "stored", Message.deleted_at.is_(None))
    )
    found = (await work.session.execute(statement)).first()
    if found is None:
        raise NotFound
    file, note, conversation = found
    if file.uploaded_by != work.actor.label and not (conversation and await _sees(work, conversation, note)):
        raise NotFound
    return file


async def _sees(work: Work, conversation: Conversation, note: bool) -> bool:
    if work.actor.kind == "visitor":
        return not note and conversation.id == await views.visitor_conversation(work)
    return rules.may_see(work.actor, Audience(conversation.department_id, conversation.assignee_id))
