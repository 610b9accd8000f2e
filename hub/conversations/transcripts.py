"""The thread by e-mail, for the visitor who asks for it: ordered at once, composed and sent by the outbox."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_datetime
from sqlalchemy import or_, select, update

from hub.accounts import rules as accounts
from hub.accounts.models import Organization
from hub.accounts.ports import Mail
from hub.channels import rules as channels
from hub.channels.models import Channel, Visitor
from hub.conversations.models import Conversation, File, Message
from hub.conversations.visibility import visitor_conversation
from hub.core.errors import Conflict, Forbidden, LimitReached
from hub.core.hub import Hub
from hub.core.i18n import DEFAULT
from hub.core.outbox import Job
from hub.core.work import Work

MAIL_JOB = "mail_transcript"
EVERY = timedelta(minutes=10)
_MESSAGES = 500


class TranscriptDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: str


class TranscriptOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a `mail_transcript` row."""

    conversation_id: UUID
    visitor_id: UUID
    email: str


class _Words(msgspec.Struct, frozen=True):
    subject: str
    opening: str
    closing: str
    you: str
    deleted: str
    earlier: str


async def order(work: Work, draft: TranscriptDraft) -> None:
    """Mails the acting visitor their thread. Raises `Invalid`, `Conflict` ("nothing_to_send"), `LimitReached`."""
    visitor_id = work.actor.visitor_id
    if visitor_id is None:
        raise Forbidden
    address = accounts.email(draft.email)
    conversation_id = await visitor_conversation(work)
    if conversation_id is None:
        raise Conflict("nothing_to_send")
    await _take_turn(work, visitor_id)
    wanted = TranscriptOrder(conversation_id=conversation_id, visitor_id=visitor_id, email=address)
    await work.later(MAIL_JOB, wanted, key=f"{visitor_id}:{work.now.isoformat()}")


async def _take_turn(work: Work, visitor_id: UUID) -> None:
    """One statement decides among those who ask at once. Raises `LimitReached`."""
    due = or_(Visitor.transcript_at.is_(None), Visitor.transcript_at <= work.now - EVERY)
    taken = await work.session.execute(
        update(Visitor).where(Visitor.id == visitor_id, due).values(transcript_at=work.now).returning(Visitor.id)
    )
    if taken.first() is None:
        last = await work.session.scalar(select(Visitor.transcript_at).where(Visitor.id == visitor_id))
        wait = last + EVERY - work.now if last else EVERY
        raise LimitReached("transcript_too_soon", retry_after=max(1.0, wait.total_seconds()))


async def send(hub: Hub, job: Job) -> None:
    """Handler of `mail_transcript`; one whose visitor is gone is not sent. Raises `Invalid`, `Unavailable`."""
    wanted = msgspec.convert(job.payload, TranscriptOrder)
    async with job.work(hub) as work:
        mail = await _composed(work, wanted)
    if mail is not None:
        await hub.ports.mailer.send(mail)


async def _composed(work: Work, wanted: TranscriptOrder) -> Mail | None:
    found = (await work.session.execute(
        select(Visitor.locale, Channel.name, Channel.settings, Organization.time_zone)
        .join(Channel, Channel.id == Visitor.channel_id)
        .join(Organization, Organization.id == Visitor.organization_id)
        .join(Conversation, Conversation.channel_id == Channel.id)
        .where(Visitor.id == wanted.visitor_id, Conversation.id == wanted.conversation_id)
    )).first()
    if found is None:
        return None
    words = _WORDS.get(found.locale) or _WORDS[DEFAULT]
    hours = channels.webchat(found.settings).hours
    zone = ZoneInfo(hours.time_zone or found.time_zone if hours else found.time_zone)
    spoken = await _spoken(work, wanted.conversation_id)
    parts = [words.opening.format_map({"company": found.name, "zone": zone.key})]
    if len(spoken) > _MESSAGES:
        parts.append(words.earlier)
    parts += [_entry(message, files, words, found.name, found.locale, zone) for message, files in spoken[-_MESSAGES:]]
    parts.append(words.closing.format_map({"company": found.name}))
    subject = words.subject.format_map({"company": found.name})
    return Mail(to=wanted.email, subject=subject, text="\n\n".join(parts) + "\n")


async def _spoken(work: Work, conversation_id: UUID) -> list[tuple[Message, list[str]]]:
    """What both sides said, oldest first, with the names of its files; one more than is shown when there is more."""
    newest = (await work.session.scalars(
        select(Message).where(
            Message.conversation_id == conversation_id, Message.note.is_(False), Message.kind != "system"
        ).order_by(Message.seq.desc()).limit(_MESSAGES + 1)
    )).all()
    files: dict[UUID, list[str]] = {}
    for file in await work.session.scalars(select(File).where(File.message_id.in_([one.id for one in newest]))):
        if file.message_id is not None:
            files.setdefault(file.message_id, []).append(file.name)
    return [(message, files.get(message.id, [])) for message in reversed(newest)]


def _entry(
    message: Message, files: list[str], words: _Words, company: str, locale: str, zone: ZoneInfo
) -> str:
    name = words.you if message.author == "customer" else message.author_name or company
    said = words.deleted if message.deleted_at else "\n".join([*([message.text] if message.text else []),
                                                               *(f"[{name}]" for name in files)])
    return f"{_when(message.created_at, locale, zone)} · {name}\n{said}"


def _when(at: datetime, locale: str, zone: ZoneInfo) -> str:
    return str(format_datetime(at, "short", tzinfo=zone, locale=locale.replace("-", "_")))


_WORDS = {
    "en": _Words(
        "Your conversation with {company}", "Here is your conversation with {company}. Times are those of {zone}.",
        "You get this mail because it was asked for in the chat of {company}.", "You", "(message deleted)",
        "(earlier messages are left out)",
    ),
    "pt-BR": _Words(
        "Sua conversa com {company}", "Aqui está a sua conversa com {company}. Os horários são os de {zone}.",
        "Você recebe este e-mail porque ele foi pedido no chat de {company}.", "Você", "(mensagem apagada)",
        "(as mensagens anteriores foram omitidas)",
    ),
    "es": _Words(
        "Su conversación con {company}", "Aquí está su conversación con {company}. Las horas son las de {zone}.",
        "Recibe este correo porque se pidió en el chat de {company}.", "Usted", "(mensaje eliminado)",
        "(se omiten los mensajes anteriores)",
    ),
}
