"""The rules of outbound messages hold against anything that JSON can say."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from providers.simulator.errors import GraphError
from providers.simulator.journal import Journal
from providers.simulator.outbound import check_message
from providers.simulator.seeds import seed_templates
from providers.simulator.templates import Templates, render

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
BUTTON = {"type": "reply", "reply": {"id": "1", "title": "x"}}
NAMES = ("first_name", "day")
PARAMETERS = [{"type": "text", "parameter_name": name, "text": "x"} for name in NAMES]
COMPONENTS = [
    {"type": "body", "parameters": PARAMETERS},
    {"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]},
    {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "p"}]},
]
LANGUAGE = {"code": "en_US"}
CONTENTS: dict[str, Any] = {
    "text": {"body": "x"},
    "image": {"id": "1"},
    "document": {"link": "https://example.com", "filename": "x"},
    "location": {"latitude": 1, "longitude": 1},
    "contacts": [{"name": {"formatted_name": "x", "first_name": "x"}}],
    "reaction": {"message_id": "1", "emoji": "x"},
    "interactive": {
        "type": "button",
        "header": {"type": "text", "text": "x"},
        "body": {"text": "x"},
        "action": {
            "buttons": [BUTTON],
            "button": "x",
            "sections": [{"title": "x", "rows": [{"id": "1", "title": "x", "description": "x"}]}],
            "parameters": {"display_text": "x", "url": "https://example.com", "flow_cta": "x", "flow_id": "1"},
        },
    },
    "template": {"name": "appointment_reminder", "language": LANGUAGE, "components": COMPONENTS},
}
ENVELOPE = {"messaging_product": "whatsapp", "to": "5511900000001", "context": {"message_id": "x"}}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def with_at(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with `new` at `path`."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_at(value[path[0]], path[1:], new)
    return copy


@st.composite
def spoiled(draw: st.DrawFn) -> Any:
    """A good message with anything at all in one place."""
    kind = draw(st.sampled_from(sorted(CONTENTS)))
    message = ENVELOPE | {"type": kind, kind: CONTENTS[kind]}
    if kind == "interactive":
        types = ["button", "list", "cta_url", "flow", "product", "catalog_message", "location_request_message"]
        message["interactive"] = CONTENTS[kind] | {"type": draw(st.sampled_from(types))}
    path = draw(st.sampled_from(places(message)[1:]))
    return with_at(message, path, draw(ANYTHING))


def refusal(message: Any) -> GraphError | None:
    templates = Templates(Journal(None))
    seed_templates(templates, "1")
    try:
        kind = check_message(message, has_media=lambda ident: True, has_message=lambda ident: True)
        if kind == "template":
            content = message["template"]
            render(templates.require("1", content), content)
    except GraphError as error:
        return error
    return None


def test_the_messages_are_good_before_they_are_spoiled() -> None:
    for kind, content in CONTENTS.items():
        assert refusal(ENVELOPE | {"type": kind, kind: content}) is None


@given(spoiled())
@settings(max_examples=600, deadline=None)
def test_a_message_is_valid_or_refused_and_nothing_else(message: Any) -> None:
    error = refusal(message)

    assert error is None or 400 <= error.status < 500
