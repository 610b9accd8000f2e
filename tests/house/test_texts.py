"""Every code that the product answers with has a text in every language."""

import ast

import pytest

from hub.core import errors
from hub.core.i18n import LOCALES, catalogue
from tests.house.test_imports import sources

KINDS = {kind.__name__: kind for kind in errors.HubError.__subclasses__()}


def codes() -> set[str]:
    """`error.<code>` and `field.<code>` for every code written in hub and api."""
    found = {f"error.{kind.default_code}" for kind in KINDS.values()}
    for _, tree in sources("hub", "api"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found |= _codes_of(node)
    return found


def _codes_of(call: ast.Call) -> set[str]:
    name = ast.unparse(call.func).rpartition(".")[2]
    if name in KINDS:
        return {f"error.{code}" for code in _texts(call, 0)}
    if name in ("invalid_field", "FieldError"):
        return {f"field.{code}" for code in _texts(call, 1)}
    return set()


def _texts(call: ast.Call, position: int) -> set[str]:
    """The strings an argument may be: a literal, or the ends of a conditional."""
    if len(call.args) <= position:
        return {keyword.value.value for keyword in call.keywords
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)}
    argument = call.args[position]
    ends = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
    return {end.value for end in ends if isinstance(end, ast.Constant) and isinstance(end.value, str)}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_code_has_a_text(locale: str) -> None:
    assert sorted(codes() - set(catalogue(locale))) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_empty(locale: str) -> None:
    assert [key for key, text in catalogue(locale).items() if not text.strip()] == []


def test_every_kind_of_error_has_a_code_of_its_own() -> None:
    found = [kind.default_code for kind in KINDS.values()]
    assert len(found) == len(set(found))
