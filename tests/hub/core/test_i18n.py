"""Texts come in the language asked for, and in some language always."""

import pytest

from hub.core.i18n import LOCALES, catalogue, negotiate, translate


@pytest.mark.parametrize(("header", "locale"), [
    (None, "en"), ("", "en"), ("pt-BR", "pt-BR"), ("pt", "pt-BR"), ("PT-pt;q=0.5", "pt-BR"), ("es-MX, en;q=0.5", "es"),
    ("de, es;q=0.3, en;q=0.2", "es"), ("fr", "en"), ("en;q=0.1, es;q=0.9", "es"), ("es;q=0, en", "en"),
    ("*", "en"), (";q=", "en"), ("es;q=high, pt", "pt-BR"), ("x" * 100_000, "en"), (",,,;q=1;q=2,", "en"),
])
def test_the_best_of_our_languages_is_chosen(header: str | None, locale: str) -> None:
    assert negotiate(header) == locale


def test_a_text_without_a_translation_is_its_key() -> None:
    assert translate("no.such.key", "es") == "no.such.key"


def test_a_text_with_a_missing_value_is_shown_as_it_is() -> None:
    assert "{" not in translate("no.such.key {value", "es").replace("{value", "")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_catalogue_has_the_same_keys_and_placeholders(locale: str) -> None:
    import string

    def placeholders(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english, other = catalogue("en"), catalogue(locale)
    assert set(english) == set(other)
    assert {key: placeholders(text) for key, text in english.items()} == {
        key: placeholders(text) for key, text in other.items()
    }
