"""Who comes with the crowd and what they mean to say: drawn from a seed, the same for the same seed.

The words lie in `dialogues/{language}.json`: topic → dialogues → turns → lines. A turn is what somebody writes before
an answer is expected; `{order}`, `{item}` and the like are filled in.
"""

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec

MOST_CUSTOMERS = 1000
LANGUAGES = (("en", 9), ("pt-BR", 7), ("es", 4))
TOPICS = (("orders", 6), ("delivery", 5), ("billing", 3), ("returns", 3), ("small talk", 2), ("wrong number", 1))
# Ten area codes with the hundred numbers each that belong to nobody (555-0100 to 555-0199).
AREAS = ("202", "206", "212", "303", "312", "404", "415", "503", "602", "617")
FOLDER = Path(__file__).parent / "dialogues"


class Customer(msgspec.Struct, frozen=True):
    """Somebody invented; number 17 is the same person in every crowd."""

    number: int
    wa_id: str
    name: str
    language: str


class Line(msgspec.Struct, frozen=True):
    """One message to send: `content` lies under `type`, as on the wire; an image is `{scene, caption}`, to be drawn."""

    type: str
    content: dict[str, Any]


class Dialogue(msgspec.Struct, frozen=True):
    """What a customer came for. `ends`: the last turn is a farewell, no answer to it is waited for."""

    topic: str
    turns: tuple[tuple[Line, ...], ...]
    nudges: tuple[Line, ...]
    ends: bool
    leaves_after: int | None
    patience: float


class _Book(msgspec.Struct):
    """A language's file; a line is a text, `{picture, caption}`, `{voice}` in seconds, or `{place}` with its text."""

    slots: dict[str, list[str]]
    nudges: list[str]
    thanks: list[str]
    places: list[tuple[str, float, float]]
    topics: dict[str, list[list[list[str | dict[str, Any]]]]]


def customers(seed: int, count: int) -> list[Customer]:
    """The first `count` customers of this seed's morning, in their order of arrival."""
    numbers = list(range(1, MOST_CUSTOMERS + 1))
    Random(seed).shuffle(numbers)  # noqa: S311 - a play, not a secret
    return [customer(number) for number in numbers[:count]]


def customer(number: int) -> Customer:
    """Customer 1 … 1000."""
    language = _weighted(Random(number), LANGUAGES)  # noqa: S311
    wa_id = {
        "en": f"1{AREAS[(number - 1) // 100]}55501{(number - 1) % 100:02}",
        "pt-BR": f"551190001{number:04}",
        "es": f"3460001{number:04}",
    }[language]
    return Customer(number, wa_id, f"Customer {number:04} (demo)", language)


def dialogue(seed: int, who: Customer, visit: int = 0) -> Dialogue:
    """What this customer came for at the first, second, … visit."""
    chance = Random(f"{seed}/{who.number}/{visit}")  # noqa: S311
    book = _book(who.language)
    topic = _weighted(chance, TOPICS)
    slots = {name: chance.choice(choices) for name, choices in sorted(book.slots.items())}
    slots["order"] = f"#{chance.randrange(4000, 9999)}"
    written = chance.choice(book.topics[topic])
    turns = [tuple(_line(line, slots, book, chance) for line in turn) for turn in written]
    ends = topic == "wrong number"
    if not ends and chance.random() < 0.7:
        turns.append((_text(chance.choice(book.thanks)),))
        ends = True
    return Dialogue(
        topic=topic,
        turns=tuple(turns),
        nudges=tuple(_text(words) for words in chance.sample(book.nudges, chance.choice((1, 1, 2)))),
        ends=ends,
        leaves_after=chance.randrange(1, len(turns) + 1) if chance.random() < 0.15 else None,
        patience=chance.uniform(45, 120),
    )


def _line(given: str | dict[str, Any], slots: dict[str, str], book: _Book, chance: Random) -> Line:
    if isinstance(given, str):
        return _text(given.format(**slots))
    if "picture" in given:
        return Line("image", {"scene": given["picture"], "caption": given["caption"].format(**slots)})
    if "voice" in given:
        return Line("audio", {"seconds": given["voice"] + chance.randrange(4), "voice": True})
    name, latitude, longitude = chance.choice(book.places)
    shift = chance.uniform(-0.01, 0.01)
    place = {"latitude": round(latitude + shift, 5), "longitude": round(longitude - shift, 5)}
    return Line("location", place | {"name": name, "address": given["place"].format(**slots)})


def _text(words: str) -> Line:
    return Line("text", {"body": words})


def _weighted(chance: Random, choices: tuple[tuple[str, int], ...]) -> str:
    return chance.choices([name for name, _ in choices], weights=[weight for _, weight in choices])[0]


@cache
def _book(language: str) -> _Book:
    return msgspec.json.decode((FOLDER / f"{language}.json").read_bytes(), type=_Book)
