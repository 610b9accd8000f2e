"""Search over messages, contacts and tags: all the words, the last one as far as it is typed, accents left aside."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Select, func, select

from hub.conversations import filters, parts, rendering, rows, visibility
from hub.conversations.models import Conversation, Message, Tag
from hub.conversations.shapes import Found, Hit, Named, Place, TagView
from hub.conversations.visibility import visible_to
from hub.core.access import Permission, require
from hub.core.errors import invalid_field
from hub.core.paging import Stream, decode_cursor, encode_cursor
from hub.core.work import Work
from hub.crm import folding
from hub.crm import views as crm
from hub.crm.models import Contact

OPEN, CLOSE = "\ue000", "\ue001"
_BEFORE, _LENGTH = 40, 160
MAX_HITS = 50


async def find(work: Work, text: str, *, limit: int = 20) -> Found:
    """Contacts, messages and tags with these words, and what has those tags, the newest first. Raises `Invalid`."""
    require(work, Permission.CONVERSATION_READ)
    if not 1 <= limit <= MAX_HITS:
        raise invalid_field("/limit", "out_of_range")
    contacts = await crm.search(work, text, limit=limit) if work.actor.may(Permission.CONTACT_READ) else []
    tags = await _tags(work, text, limit)
    return Found(
        contacts=contacts, messages=await _messages(work, text, limit), tags=tags,
        conversations=await rows.of_tags(work, [tag.id for tag in tags], limit=limit) if tags else [],
    )


async def within(
    work: Work, conversation_id: UUID, text: str, *, cursor: str | None = None, limit: int = 20
) -> Stream[Place]:
    """Where a thread has these words, the newest first. Raises `NotFound`, `Invalid`."""
    require(work, Permission.CONVERSATION_READ)
    await visibility.find(work, conversation_id)
    if not text.strip():
        raise invalid_field("/q", "required")
    if not 1 <= limit <= MAX_HITS:
        raise invalid_field("/limit", "out_of_range")
    query = folding.prefix_query(text)
    if query is None:
        return Stream(results=[], next_cursor=None)
    statement = select(Message.seq, Message.id, Message.text).where(
        Message.conversation_id == conversation_id, filters.message_matches(query)
    ).order_by(Message.seq.desc()).limit(limit + 1)
    if cursor:
        statement = statement.where(Message.seq < decode_cursor(cursor, tuple[int])[0])
    found = (await work.session.execute(statement)).all()
    shown = [Place(seq=one.seq, message_id=one.id, snippet=snippet(one.text, text)) for one in found[:limit]]
    return Stream(results=shown, next_cursor=encode_cursor(shown[-1].seq) if len(found) > limit else None)


async def _tags(work: Work, text: str, limit: int) -> list[TagView]:
    if not folding.words(text):
        return []
    statement = select(Tag).where(filters.tag_matches(text)).order_by(func.lower(Tag.name), Tag.id).limit(limit)
    return [TagView(id=tag.id, name=tag.name, color=tag.color) for tag in await work.session.scalars(statement)]


async def _messages(work: Work, text: str, limit: int) -> list[Hit]:
    query = folding.prefix_query(text)
    if query is None:
        return []
    found = (await work.session.execute(_hits_statement(work, query, limit))).all()
    held = await parts.of(work, [row[0] for row in found])
    return [
        Hit(conversation_id=message.conversation_id, contact=Named(id=contact_id, name=name),
            message=rendering.message(message, held[message.id]), snippet=snippet(message.text, text))
        for message, contact_id, name in found
    ]


def _hits_statement(work: Work, query: str, limit: int) -> Select[Message, UUID, str]:
    return (
        select(Message, Contact.id, Contact.name)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(filters.message_matches(query), visible_to(work.actor))
        .order_by(Message.created_at.desc(), Message.id.desc()).limit(limit)  # no index has this order: the words lead
    )


def snippet(text: str, asked: str) -> str:
    """The stretch around the first hit on one line, every hit between U+E000 and U+E001."""
    clean = " ".join(text.replace(OPEN, "").replace(CLOSE, "").split())
    hits = list(_hits(clean, folding.words(asked)))
    start = max(0, hits[0][0] - _BEFORE) if hits else 0
    end = min(len(clean), start + _LENGTH)
    marked, at = "…" if start else "", start
    for begin, finish in hits:
        if begin >= end:
            break
        marked += f"{clean[at:begin]}{OPEN}{clean[begin:finish]}{CLOSE}"
        at = finish
    return marked + clean[at:max(at, end)] + ("…" if end < len(clean) else "")


def _hits(text: str, words: list[str]) -> Iterator[tuple[int, int]]:
    """Where words of the text begin with a word asked for: (start, end) in the text as written."""
    folded = [folding.fold(char) for char in text]
    position = 0
    while position < len(text):
        if not _in_word(folded[position]):
            position += 1
            continue
        end = position
        while end < len(text) and (_in_word(folded[end]) or not folded[end]):
            end += 1
        if length := _match_length(folded[position:end], words):
            yield position, position + length
        position = end


def _in_word(folded: str) -> bool:
    return bool(folded) and folded[0].isalnum()


def _match_length(folded: list[str], words: list[str]) -> int:
    """How many characters of this word the longest of the words asked for covers; whole words but the last."""
    joined = "".join(folded)
    for index, word in sorted(enumerate(words), key=lambda pair: -len(pair[1])):
        if joined == word or (index == len(words) - 1 and joined.startswith(word)):
            covered, length = 0, 0
            while covered < len(word):
                covered += len(folded[length])
                length += 1
            return length
    return 0
