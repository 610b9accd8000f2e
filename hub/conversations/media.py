"""Fetching what hangs on inbound messages: a row first, the bytes by a job, a word when they are given up."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import select

from hub.channels.models import Channel
from hub.channels.ports import ChannelAccess, MediaRef, Refused
from hub.conversations import log, outgoing, sniffing
from hub.conversations.models import File, Message
from hub.core.clock import new_id
from hub.core.errors import Invalid, LimitReached, NotFound
from hub.core.hub import Hub
from hub.core.outbox import Job
from hub.core.work import Work
from hub.events import MediaSettled

JOB = "fetch_media"
MAX_ATTEMPTS = 8


class Corrupt(Exception):
    """What came is not what the provider announced."""


async def expect(work: Work, channel: Channel, message_id: UUID, refs: Sequence[MediaRef]) -> list[File]:
    """Pending rows for the files of a message, and what will fetch them. The caller adds the rows."""
    files = [
        File(id=new_id(), organization_id=work.organization_id, message_id=message_id, channel_id=channel.id,
             name=sniffing.safe_name(ref.name, ref.mime), mime=_mime(ref.mime), size=ref.size, sha256=ref.sha256,
             state="pending", error=None, media_ref=ref.ref, uploaded_by=None, width=None, height=None, duration=None,
             created_at=work.now)
        for ref in refs
    ]
    for file in files:
        await work.later(JOB, {"file_id": file.id}, key=str(file.id))
    return files


async def fetch(hub: Hub, job: Job) -> None:
    """Job: gets the bytes, keeps them, and says so in the conversation."""
    file_id = UUID(job.payload["file_id"])
    async with job.work(hub) as work:
        file = (await work.session.scalars(select(File).where(File.id == file_id))).first()
        if file is None or file.state != "pending" or file.channel_id is None or file.media_ref is None:
            return
        access = await outgoing.access_to(work, file.channel_id)
        provider = await work.session.scalar(select(Channel.provider).where(Channel.id == file.channel_id))
    if access is None:
        await _give_up(hub, job, file_id, "channel_removed")
        return
    try:
        stored = await _store(hub, provider, access, file)
    except (NotFound, LimitReached, Refused, Corrupt) as error:
        await _give_up(hub, job, file_id, getattr(error, "code", "media_corrupt"))
    except Exception as error:  # a provider or a disk may fail in any way; the last attempt has to say so
        if job.attempt < MAX_ATTEMPTS:
            raise
        hub.log.warning("media_given_up", file=str(file_id), error=type(error).__name__)
        await _give_up(hub, job, file_id, "media_unavailable")
    else:
        async with job.work(hub) as work:
            await _settle(work, file_id, state="stored", **stored)


async def _store(hub: Hub, provider: str | None, access: ChannelAccess, file: File) -> dict[str, object]:
    """The bytes into the store, and what they are. Raises `Corrupt` when their digest is not the announced one."""
    key, limit, head = file.key, hub.settings.upload_limit_mb * 2**20, bytearray()

    async def watched() -> AsyncIterator[bytes]:
        async for chunk in hub.ports.channels[provider].fetch_media(access, file.media_ref, limit=limit):
            head.extend(chunk[: max(0, sniffing.HEAD - len(head))])
            yield chunk

    size, digest = await hub.ports.files.save(key, watched(), limit=limit)
    if file.sha256 is not None and digest != file.sha256:
        await hub.ports.files.delete(key)
        raise Corrupt
    mime = sniffing.mime(bytes(head), file.name)
    try:
        width, height = await sniffing.measure(hub.ports.files, key, mime)
    except Invalid:  # kept, but only ever as a download
        mime, width, height = "application/octet-stream", None, None
    return {"size": size, "sha256": digest, "mime": mime, "width": width, "height": height}


async def _give_up(hub: Hub, job: Job, file_id: UUID, reason: str) -> None:
    async with job.work(hub) as work:
        await _settle(work, file_id, state="failed", error=reason)


async def _settle(work: Work, file_id: UUID, *, state: str, **values: object) -> None:
    conversation_id = await work.session.scalar(
        select(Message.conversation_id).join(File, File.message_id == Message.id).where(File.id == file_id)
    )
    if conversation_id is None:
        return
    thread = await log.lock(work, conversation_id)
    file = (await work.session.scalars(
        select(File).where(File.id == file_id).execution_options(populate_existing=True)
    )).one()
    if file.state != "pending" or file.message_id is None:
        return
    file.state = state
    for name, value in values.items():
        setattr(file, name, value)
    message = await log.message_in(thread, file.message_id)
    await log.change(thread, message, MediaSettled, file_id=file_id, state=state)


def _mime(text: str) -> str:
    """`audio/ogg; codecs=opus` keeps its parameters, anything that is not a type becomes bytes."""
    return text[:100] if "/" in text and text.isprintable() else "application/octet-stream"
