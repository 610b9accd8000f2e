"""Text as search sees it: without accents, in lower case, cut into words; the same on both sides of a match."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
_INDEXED = 20_000  # characters of one text that search looks at
_SHORTEST_SUFFIX = 4


def fold(text: str) -> str:
    """NFKD without combining marks, lower case: `Ação` becomes `acao`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def words(text: str) -> list[str]:
    return _WORD.findall(fold(text[:_INDEXED]))


def search_text(texts: Iterable[str]) -> str:
    """What goes into a `search_text` column."""
    return " ".join(word for text in texts for word in words(text))


def endings(digits: str) -> list[str]:
    """Every ending of a number from four digits up, so that any part of it is found as the beginning of a word."""
    return [digits[start:] for start in range(len(digits) - _SHORTEST_SUFFIX + 1)] or [digits]


def prefix_query(text: str) -> str | None:
    """A tsquery: every word, the last one as far as it is typed; None when there is no word.

    A number written with spaces and dashes is one word.
    """
    found = words(text[:200])
    if found and all(word.isdigit() for word in found):
        found = ["".join(found)]
    if not found:
        return None
    return " & ".join([*(f"'{word}'" for word in found[:-1]), f"'{found[-1]}':*"])
