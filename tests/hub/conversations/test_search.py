"""Search finds words without their accents, beginnings of the last word, and parts of numbers."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.channels.models import Channel
from hub.conversations import search, views
from hub.conversations.search import CLOSE, OPEN, snippet
from hub.conversations.views import Wanted
from hub.core.clock import SteppingClock
from tests.hub.conversations.floor import Floor, sender, word


@pytest.fixture
async def found(floor: Floor, line: Channel, clock: SteppingClock) -> Any:
    await floor.receive(line, word("Minha instalação está atrasada", at=clock.now(),
                                   sender=sender("5511987654321", "José Araújo")))
    await floor.receive(line, word("Quero um orçamento", at=clock.now(), sender=sender("5521912345678", "Bia Demo")))

    async def ask(text: str) -> tuple[list[str], list[str]]:
        async with floor.hub.work(await floor.actor()) as work:
            answer = await search.find(work, text)
        return [one.name for one in answer.contacts], [one.message.text for one in answer.messages]

    return ask


@pytest.mark.parametrize(("asked", "contacts", "messages"), [
    ("instalacao", [], ["Minha instalação está atrasada"]),
    ("INSTALAÇÃO atra", [], ["Minha instalação está atrasada"]),
    ("jose", ["José Araújo"], []),
    ("araú", ["José Araújo"], []),
    ("98765-4321", ["José Araújo"], []),
    ("+55 (21) 91234", ["Bia Demo"], []),
    ("instalação orçamento", [], []),
    ("' | 'x", [], []),
    ("!!!", [], []),
])
async def test_what_is_found(found: Any, asked: str, contacts: list[str], messages: list[str]) -> None:
    assert await found(asked) == (contacts, messages)


async def test_lists_are_searched_by_contact_and_by_words(floor: Floor, found: Any) -> None:
    ana = await floor.actor()
    for asked, expected in (("bia", ["Bia Demo"]), ("atrasada", ["José Araújo"]), ("54321", ["José Araújo"])):
        async with floor.hub.work(ana) as work:
            rows = (await views.page(work, Wanted(search=asked))).results
        assert [row.contact.name for row in rows] == expected


async def test_a_message_taken_back_is_not_found(floor: Floor) -> None:
    from hub.conversations import messages

    visitor, ana = await floor.visitor(await floor.channel("webchat")), await floor.actor()
    _, conversation_id, _ = await floor.say(visitor)
    made = await floor.reply(ana, conversation_id, "a blunder")
    async with floor.hub.work(ana) as work:
        await messages.delete(work, conversation_id, made.id)
        assert (await search.find(work, "blunder")).messages == []


@pytest.mark.parametrize(("text", "asked", "expected"), [
    ("Minha instalação", "instalacao", f"Minha {OPEN}instalação{CLOSE}"),
    ("Orçamentos e orçamento", "orca", f"{OPEN}Orça{CLOSE}mentos e {OPEN}orça{CLOSE}mento"),
    ("one two", "three", "one two"),
    ("ﬁne words", "fine", f"{OPEN}ﬁne{CLOSE} words"),
    (f"forged {OPEN}mark{CLOSE}", "mark", f"forged {OPEN}mark{CLOSE}"),
])
def test_snippets_mark_the_words_as_written(text: str, asked: str, expected: str) -> None:
    assert snippet(text, asked) == expected


def test_a_snippet_is_the_stretch_around_the_first_hit() -> None:
    made = snippet("x " * 300 + "needle " + "y " * 300, "needle")
    assert made.startswith("…")
    assert made.endswith("…")
    assert f"{OPEN}needle{CLOSE}" in made
    assert len(made) < 170


async def test_what_waits_for_the_search_indexes_is_little(owner_engine: AsyncEngine) -> None:
    """Whoever finds the list full empties it while everybody waits: 50 ms of a busy chat by PostgreSQL's default."""
    async with owner_engine.connect() as connection:
        options = (await connection.scalars(text(
            "SELECT array_to_string(reloptions, ' ') FROM pg_class WHERE relkind = 'i' AND relname LIKE 'ix_%_search'"
        ))).all()
    assert options == ["gin_pending_list_limit=256"] * 2
