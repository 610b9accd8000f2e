"""Variables in prepared texts: `{{contact.first_name}}` becomes the name, or nothing at all where there is none."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\{\{\s*([a-z_.]{1,60})\s*\}\}")
_GAP = "\x00"  # where something is missing; no text of ours has it in it
_TIDY = (
    (re.compile(rf"^(?:{_GAP}[ \t]*)+", re.M), ""),  # at the beginning of a line
    (re.compile(rf"(?:[ \t]*{_GAP})+(?=[ \t]*(?:[,.;:!?]|$))", re.M), ""),  # before a sign, and at the end
    (re.compile(rf"[ \t]+(?:{_GAP}[ \t]+)+"), " "),  # between two words
    (re.compile(_GAP), ""),
)


def fill(body: str, values: Mapping[str, str]) -> str:
    """The body with its variables replaced, once: what a value says is never read as a variable.

    Around what is missing the blanks are tidied; the author's own stay.
    """
    text = _VARIABLE.sub(lambda match: values.get(match[1]) or _GAP, body)
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    return text


def first_name(name: str) -> str:
    """The first word of a name."""
    words = name.split(maxsplit=1)
    return words[0] if words else ""
