"""What people write: answers and notes of agents, words of visitors, and what they do to them afterwards."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from hub.channels import actions as channels
from hub.channels import visitors
from hub.channels.models import Channel, Visitor
from hub.conversations import (
    delivery,
    drafts,
    engagements,
    log,
    mentions,
    outgoing,
    parts,
    receiving,
    rendering,
    revisions,
    rules,
    sniffing,
    threads,
)
from hub.conversations import shapes as shown
from hub.conversations.log import Thread
from hub.conversations.models import File, Message
from hub.conversations.rendering import Parts
from hub.conversations.shapes import Named, VisitorMessage
from hub.conversations.text import clean
from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import Conflict, Forbidden, NotFound, invalid_field
from hub.core.work import Work
from hub.crm import contacts, folding
from hub.events import MessageDeleted, MessageEdited, MessageSent

_OF_FILES = {"image": "image", "audio": "audio", "voice": "audio", "video": "video", "document": ""}


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message on its way in. `client_id` is the sender's own and makes repeating safe; at most one attachment.

    `kind` may say that an audio file is a voice note; otherwise it follows from the file. `mention_ids` are colleagues
    whom a note calls in.
    """

    client_id: Annotated[str, msgspec.Meta(min_length=8, max_length=64)]
    text: str | None = None
    note: bool = False
    reply_to_id: UUID | None = None
    attachment_ids: list[UUID] = []
    mention_ids: list[UUID] = []
    kind: str | None = None


def is_plain(draft: Draft) -> bool:
    """Whether it is a text and nothing more."""
    return not (draft.attachment_ids or draft.mention_ids or draft.reply_to_id) and draft.kind in (None, "text")


async def reply(
    work: Work, conversation_id: UUID, draft: Draft, *, keeps_draft: bool = False
) -> tuple[shown.Message, bool]:
    """Adds an answer or a note; (message, False) when this client id did so before.

    The sender takes what nobody has, and reopens what is closed; what was kept of the words while they were written
    goes, unless these are others (`keeps_draft`). Raises `NotFound`, `Forbidden`, `Invalid`,
    `Conflict` ("client_id_reused", "window_closed", "channel_unavailable").
    """
    require(work, Permission.CONVERSATION_REPLY)
    text = checked_text(draft)
    thread = await log.lock(work, conversation_id)
    if (earlier := await _earlier(thread, draft)) is not None:
        return earlier, False
    if not draft.note:
        _check_open(thread)
    file = await _attachment(work, draft)
    quoted = await _quoted(thread, draft)
    kind = _kind(draft, file)
    _check_caption(thread, draft, kind, text)
    named = await mentions.named(thread, draft.mention_ids, note=draft.note)
    message = _written(thread, draft, kind, text, quoted, file)
    if named:
        message.content = {"mentions": named}
    if not draft.note:
        await _take_charge(thread, message)
    message.state = "sent" if draft.note or thread.around.channel_kind == "webchat" else "queued"
    seen = await log.post(
        thread, message, MessageSent, hung=Parts(files=[file] if file else (), reply_to=quoted),
        author=message.author, author_id=message.author_id, note=draft.note,
        mentions=tuple(UUID(one["id"]) for one in named),
    )
    if not draft.note:
        await delivery.begin(thread, message)
    if not keeps_draft:
        await drafts.sent(work, conversation_id, note=draft.note)
    return seen, True


async def examine(thread: Thread, draft: Draft) -> None:
    """Raises what `reply` would say of the draft itself, whatever the hour: `Invalid`, `NotFound`."""
    text = checked_text(draft)
    file = await _attachment(thread.work, draft)
    await _quoted(thread, draft)
    _check_caption(thread, draft, _kind(draft, file), text)


async def visitor_send(work: Work, draft: Draft) -> tuple[VisitorMessage, UUID, bool]:
    """A visitor's word: (message, conversation, whether it is new). The first one makes contact and conversation.

    Raises `Forbidden`, `NotFound`, `Invalid`, `Conflict` ("client_id_reused").
    """
    actor = work.actor
    if actor.kind != "visitor" or actor.visitor_id is None or actor.channel_id is None:
        raise Forbidden
    text = checked_text(draft)
    if draft.note or draft.mention_ids:
        raise invalid_field("/note", "invalid")
    channel = await channels.get(work, actor.channel_id)
    await visitors.require_introduction(work, channel)
    thread = await _visitor_thread(work, channel, actor.visitor_id)
    if (earlier := await _earlier(thread, draft)) is not None:
        return rendering.for_visitor(earlier, channel.id), thread.id, False
    file = await _attachment(work, draft)
    quoted = await _quoted(thread, draft)
    message = _written(thread, draft, _kind(draft, file), text, quoted, file)
    message.author, message.author_id, message.author_name = "customer", None, thread.around.contact_name
    message.state = "received"
    seen = await receiving.take_in(
        thread, channel, message, Parts(files=[file] if file else (), reply_to=quoted)
    )
    return rendering.for_visitor(seen, channel.id), thread.id, True


async def resend(work: Work, conversation_id: UUID, message_id: UUID) -> shown.Message:
    """Sends again what failed or may not have arrived. Raises `NotFound`, `Conflict`."""
    require(work, Permission.CONVERSATION_REPLY)
    thread = await log.lock(work, conversation_id)
    message = await log.message_in(thread, message_id)
    if message.state not in ("failed", "uncertain") or message.deleted_at is not None:
        raise Conflict("not_resendable")
    _check_open(thread)
    return await delivery.again(thread, message)


async def edit(work: Work, conversation_id: UUID, message_id: UUID, text: str) -> shown.Message:
    """Changes one's own note or web chat message. Raises `NotFound`, `Forbidden`, `Invalid`, `Conflict`."""
    thread, message = await _own(work, conversation_id, message_id)
    cleaned = _checked(text)
    if not cleaned.strip() and message.kind == "text":
        raise invalid_field("/text", "required")
    if cleaned == message.text:
        return await _seen(work, message)
    message.text, message.edited_at, message.search_text = cleaned, work.now, folding.search_text([cleaned])
    return await log.change(thread, message, MessageEdited)


async def delete(work: Work, conversation_id: UUID, message_id: UUID) -> shown.Message:
    """Takes back one's own note or web chat message. Raises `NotFound`, `Forbidden`, `Conflict`."""
    thread, message = await _own(work, conversation_id, message_id, allow_deleted=True)
    if message.deleted_at is not None:
        return await _seen(work, message)
    message.deleted_at, message.search_text = work.now, ""
    return await log.change(thread, message, MessageDeleted)


async def react(work: Work, conversation_id: UUID, message_id: UUID, emoji: str | None) -> shown.Message:
    """Sets the actor's emoji on a message, None takes it back. Raises `NotFound`, `Invalid`, `Conflict`."""
    require(work, Permission.CONVERSATION_REPLY)
    if emoji is not None and not 1 <= len(emoji) <= 16:
        raise invalid_field("/emoji", "length")
    thread = await log.lock(work, conversation_id)
    message = await log.message_in(thread, message_id)
    if message.kind == "system" or message.deleted_at is not None:
        raise Conflict("not_supported_by_channel")
    outside = thread.around.channel_kind != "webchat" and not message.note
    if outside:
        if message.vendor_id is None:
            raise Conflict("not_supported_by_channel")
        _check_open(thread)
    changed = await revisions.react(
        thread, message, emoji or "", author="agent", key=work.actor.label, author_id=work.actor.user_id,
        name=work.actor.name, at=work.now,
    )
    if changed and outside:
        await outgoing.owe_reaction(work, message, emoji or "")
    return await _seen(work, message)


async def _seen(work: Work, message: Message) -> shown.Message:
    await work.session.flush()
    return rendering.message(message, await parts.of_one(work, message))


async def _own(
    work: Work, conversation_id: UUID, message_id: UUID, *, allow_deleted: bool = False
) -> tuple[Thread, Message]:
    """A message that the actor may change: their own, and a note or on a channel that can take words back."""
    require(work, Permission.CONVERSATION_REPLY)
    thread = await log.lock(work, conversation_id)
    message = await log.message_in(thread, message_id)
    if message.kind == "system" or not (message.note or thread.around.channel_kind == "webchat"):
        raise Conflict("not_supported_by_channel")
    if message.author_id is None or message.author_id != work.actor.user_id:
        raise Forbidden("not_the_author")
    if message.deleted_at is not None and not allow_deleted:
        raise Conflict("message_deleted")
    return thread, message


async def _earlier(thread: Thread, draft: Draft) -> shown.Message | None:
    """What this sender made with this client id before. Raises `Conflict` when it was something else."""
    statement = select(Message).where(
        Message.conversation_id == thread.id, Message.sender_key == thread.work.actor.label,
        Message.client_id == draft.client_id,
    )
    found = (await thread.work.session.scalars(statement)).first()
    if found is None:
        return None
    if found.client_hash != hash_of(draft):
        raise Conflict("client_id_reused")
    return rendering.message(found, await parts.of_one(thread.work, found))


def _written(
    thread: Thread, draft: Draft, kind: str, text: str, quoted: Message | None, file: File | None
) -> Message:
    """The message of the acting person: an agent's, or a bot's when nobody is signed in."""
    work = thread.work
    return Message(
        id=new_id(), organization_id=work.organization_id, conversation_id=thread.id,
        channel_id=thread.conversation.channel_id, engagement_id=None,
        author="agent" if work.actor.user_id else "bot", author_id=work.actor.user_id, author_name=work.actor.name,
        note=draft.note, kind=kind, text=text, content={}, reply_to_id=quoted.id if quoted else None,
        sender_key=work.actor.label, client_id=draft.client_id, client_hash=hash_of(draft), state="sent",
        state_at=work.now, search_text=folding.search_text([text, file.name if file else ""]),
        created_at=work.now, occurred_at=work.now,
    )


async def _take_charge(thread: Thread, message: Message) -> None:
    """An answer opens what is closed, takes what nobody has, and ends the waiting."""
    work = thread.work
    engagement = await engagements.current(thread)
    reopened = engagement is None
    if engagement is None:
        engagement = await engagements.reopened(thread)
    owner, me = thread.conversation.assignee_id, work.actor.user_id
    if me is not None and (owner is None or (reopened and owner != me)):
        await threads.take(thread, Named(id=me, name=work.actor.name), engagement)
    engagement.first_reply_at = engagement.first_reply_at or work.now
    thread.conversation.waiting_since = None
    message.engagement_id = engagement.id


def _check_open(thread: Thread) -> None:
    around = thread.around
    if not around.channel_live:
        raise Conflict("channel_unavailable")
    is_open, closes_at = rules.window(
        around.channel_kind, around.channel_provider, thread.conversation.last_inbound_at, thread.work.now
    )
    if not is_open:
        raise Conflict("window_closed", extra={"closed_at": msgspec.to_builtins(closes_at)})


def checked_text(draft: Draft) -> str:
    """The text to keep. Whoever builds a draft in Python is held to the same limits as one that was decoded."""
    if not 8 <= len(draft.client_id) <= 64 or not draft.client_id.isprintable():
        raise invalid_field("/client_id", "invalid")
    text = _checked(draft.text or "")
    if not text.strip() and not draft.attachment_ids:
        raise invalid_field("/text", "required")
    return text


def _checked(text: str) -> str:
    cleaned = clean(text)
    if len(cleaned) > rules.TEXT_LIMIT:
        raise invalid_field("/text", "too_long", limit=rules.TEXT_LIMIT)
    return cleaned


async def _attachment(work: Work, draft: Draft) -> File | None:
    """The actor's own upload, not yet used. Raises `Invalid` for more than one, `NotFound` for any other."""
    if len(draft.attachment_ids) > 1:
        raise invalid_field("/attachment_ids", "too_many", limit=1)
    if not draft.attachment_ids:
        return None
    statement = select(File).where(
        File.id == draft.attachment_ids[0], File.uploaded_by == work.actor.label, File.state == "stored",
        File.message_id.is_(None),
    ).with_for_update()
    file = (await work.session.scalars(statement.execution_options(populate_existing=True))).first()
    if file is None:
        raise NotFound("attachment_not_found")
    return file


async def _quoted(thread: Thread, draft: Draft) -> Message | None:
    """The message answered to. A note is never quoted to the outside."""
    if draft.reply_to_id is None:
        return None
    target = await log.message_in(thread, draft.reply_to_id)
    if target.kind == "system" or (target.note and not draft.note):
        if thread.work.actor.kind == "visitor":
            raise NotFound
        raise invalid_field("/reply_to_id", "not_quotable")
    return target


def _kind(draft: Draft, file: File | None) -> str:
    """The kind of the message: asked for and fitting, else what the file makes it."""
    if file is None:
        if draft.kind not in (None, "text"):
            raise invalid_field("/kind", "needs_attachment")
        return "text"
    natural = sniffing.kind_of(file.mime)
    if draft.kind is None or draft.kind == natural:
        return natural
    if _OF_FILES.get(draft.kind) not in (natural, ""):
        raise invalid_field("/kind", "does_not_fit")
    return draft.kind


def _check_caption(thread: Thread, draft: Draft, kind: str, text: str) -> None:
    if draft.note or thread.around.channel_kind == "webchat" or kind == "text" or not text:
        return
    if kind in rules.WITHOUT_CAPTION:
        raise invalid_field("/text", "no_caption")
    if len(text) > rules.CAPTION_LIMIT:
        raise invalid_field("/text", "too_long", limit=rules.CAPTION_LIMIT)


def hash_of(draft: Draft) -> bytes:
    """What tells a repetition from another message under the same client id."""
    left_out = {"client_id"} if draft.mention_ids else {"client_id", "mention_ids"}  # as it was before there were any
    body: dict[str, Any] = {field: getattr(draft, field) for field in draft.__struct_fields__ if field not in left_out}
    return rules.body_hash(body | {"text": draft.text or ""})


async def _visitor_thread(work: Work, channel: Channel, visitor_id: UUID) -> Thread:
    """The visitor's conversation, locked; contact and conversation are made with the first word."""
    visitor = (await work.session.scalars(select(Visitor).where(Visitor.id == visitor_id))).first()
    if visitor is None or visitor.channel_id != channel.id:
        raise NotFound
    contact = await contacts.find_or_create(
        work, [("visitor", str(visitor_id), f"#{visitor_id.hex[-4:]}")], name=visitor.name
    )
    if visitor.contact_id != contact.id:
        visitor.contact_id = contact.id
        await work.session.flush()
    return await threads.of_contact(work, channel, contact.id, [str(visitor_id)])
