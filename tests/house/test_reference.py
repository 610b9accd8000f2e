"""The generated pages say what the code says, and every operation says what it is for."""

from pathlib import Path

import pytest

from api.app import create_app
from api.reference import pages
from hub.core.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["events.md", "api.md", "../THIRD_PARTY.md"])
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run: python -m api.reference"


def test_every_operation_says_what_it_is_for_in_words() -> None:
    document = create_app(Settings(database_url="postgresql://x", secret_key="x" * 40)).openapi_schema.to_schema()
    mute = [
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method, operation in item.items()
        if " " not in operation.get("summary", "").strip()
    ]
    assert mute == []


def test_every_operation_id_is_given_by_hand() -> None:
    document = create_app(Settings(database_url="postgresql://x", secret_key="x" * 40)).openapi_schema.to_schema()
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert [name for name in ids if name != name.lower()] == []
    assert len(ids) == len(set(ids))
