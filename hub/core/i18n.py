"""Texts that people read, in the language asked for; codes and log lines are never translated."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec

LOCALES = ("en", "pt-BR", "es")
DEFAULT = "en"


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """Key → text with `{name}` placeholders."""
    raw = (Path(__file__).parent / "locales" / f"{locale}.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, str])


def translate(key: str, locale: str, **values: Any) -> str:
    """The text of a key; falls back to English, then to the key itself."""
    text = catalogue(locale if locale in LOCALES else DEFAULT).get(key) or catalogue(DEFAULT).get(key) or key
    try:
        return text.format_map(values)
    except (KeyError, IndexError, ValueError):
        return text


def negotiate(header: str | None) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110, section 12.5.4)."""
    return _negotiated((header or "")[:500])


@lru_cache(maxsize=256)  # people have few, and each request brings one
def _negotiated(header: str) -> str:
    wanted: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((float(quality) if quality else 1.0, tag.strip().lower()))
        except ValueError:
            continue
    for weight, tag in sorted(wanted, key=lambda pair: -pair[0]):
        for locale in LOCALES:
            if weight > 0 and tag.split("-")[0] == locale.split("-")[0].lower():
                return locale
    return DEFAULT
