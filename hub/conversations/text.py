"""Text from outside made fit to keep: PostgreSQL takes neither NUL nor half a surrogate pair."""

from typing import Any


def clean(text: str) -> str:
    """The text without NUL; a lone surrogate becomes a replacement character."""
    if text.isascii():
        return text.replace("\x00", "")
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean_json(value: Any) -> Any:
    """The same for every string in a JSON value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): clean_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(inner) for inner in value]
    return value
