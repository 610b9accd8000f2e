"""Interactive messages: buttons, lists, links, flows and requests, with their limits (contract section 1.2)."""

from collections.abc import Callable
from typing import Any

from providers.simulator.errors import GraphError, invalid, missing

Json = dict[str, Any]


def check_interactive(content: Json) -> None:
    """Raise GraphError when an `interactive` object breaks a rule."""
    kind = content.get("type")
    if kind is None:
        raise missing("interactive['type']")
    if not isinstance(kind, str) or kind not in _CHECKS:
        raise invalid("interactive['type']", f"must be one of {', '.join(_CHECKS)}")
    if kind != "product":
        _part(content, "body", 4096 if kind == "list" else 1024, required=kind != "call_permission_request")
    _part(content, "footer", 60, required=False)
    header = content.get("header")
    if isinstance(header, dict) and header.get("type") == "text":
        _text(header, "header", "text", 60)
    action = content.get("action")
    if not isinstance(action, dict):
        raise missing("interactive['action']")
    _CHECKS[kind](action)


def _part(content: Json, name: str, most: int, *, required: bool) -> None:
    part = content.get(name)
    if part is None and not required:
        return
    if not isinstance(part, dict):
        raise missing(f"interactive['{name}']")
    _text(part, name, "text", most)


def _text(content: Json, name: str, key: str, most: int) -> str:
    value = content.get(key)
    if value is None or value == "":
        raise missing(f"{name}['{key}']")
    if not isinstance(value, str) or len(value) > most:
        raise invalid(f"{name}['{key}']", f"must be a string of at most {most} characters")
    return value


def _unique(name: str, values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise GraphError(131009, f"{name} must be unique.")


def _objects(action: Json, key: str, most: int) -> list[Json]:
    items = action.get(key)
    if not isinstance(items, list) or not 1 <= len(items) <= most or not all(isinstance(i, dict) for i in items):
        raise invalid(f"action['{key}']", f"must be a list of 1 to {most} objects")
    return items


def _buttons(action: Json) -> None:
    replies = []
    for button in _objects(action, "buttons", 3):
        reply = button.get("reply")
        if button.get("type") != "reply" or not isinstance(reply, dict):
            raise invalid("action['buttons']", "must be reply buttons")
        replies.append((_text(reply, "reply", "id", 256), _text(reply, "reply", "title", 20)))
    _unique("Button ids", [ident for ident, _ in replies])
    _unique("Button titles", [title for _, title in replies])


def _list(action: Json) -> None:
    _text(action, "action", "button", 20)
    sections = _objects(action, "sections", 10)
    rows: list[Json] = []
    for section in sections:
        if len(sections) > 1 or section.get("title"):
            _text(section, "section", "title", 24)
        rows += _objects(section, "rows", 10)
    if len(rows) > 10:
        raise GraphError(131009, "Total row count exceed max allowed count: 10.")
    for row in rows:
        _text(row, "row", "title", 24)
        if row.get("description"):
            _text(row, "row", "description", 72)
    _unique("Row ids", [_text(row, "row", "id", 200) for row in rows])


def _cta_url(action: Json) -> None:
    parameters = _parameters(action)
    _text(parameters, "parameters", "display_text", 20)
    if not _text(parameters, "parameters", "url", 2000).startswith(("http://", "https://")):
        raise invalid("parameters['url']", "must be an http or https address")


def _flow(action: Json) -> None:
    parameters = _parameters(action)
    _text(parameters, "parameters", "flow_cta", 30)
    if not parameters.get("flow_id") and not parameters.get("flow_name"):
        raise missing("parameters['flow_id']")


def _parameters(action: Json) -> Json:
    parameters = action.get("parameters")
    if not isinstance(parameters, dict):
        raise missing("action['parameters']")
    return parameters


def _location_request(action: Json) -> None:
    if action.get("name") != "send_location":
        raise invalid("action['name']", "must be send_location")


def _call_permission(action: Json) -> None:
    if action.get("name") != "call_permission_request":
        raise invalid("action['name']", "must be call_permission_request")


def _product(action: Json) -> None:
    _text(action, "action", "catalog_id", 64)
    _text(action, "action", "product_retailer_id", 256)


def _product_list(action: Json) -> None:
    _text(action, "action", "catalog_id", 64)
    _objects(action, "sections", 10)


def _catalog(action: Json) -> None:
    if action.get("name") != "catalog_message":
        raise invalid("action['name']", "must be catalog_message")


_CHECKS: dict[str, Callable[[Json], None]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _cta_url,
    "flow": _flow,
    "location_request_message": _location_request,
    "call_permission_request": _call_permission,
    "product": _product,
    "product_list": _product_list,
    "catalog_message": _catalog,
}
