"""Message templates of a business account: what is approved, whether a send fits, how it looks on the phone."""

import re
from typing import Any

import msgspec

from providers.simulator.errors import GraphError, invalid
from providers.simulator.journal import Journal

MEDIA = ("image", "video", "document")
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Template(msgspec.Struct, kw_only=True):
    """One language of one template; `parameter_format` is POSITIONAL ({{1}}) or NAMED ({{first_name}})."""

    id: str
    waba_id: str
    name: str
    language: str
    category: str
    components: list[dict[str, Any]]
    status: str = "APPROVED"
    parameter_format: str = "POSITIONAL"

    def shown(self) -> dict[str, Any]:
        """As the Graph API lists it."""
        body: dict[str, Any] = msgspec.to_builtins(self)
        del body["waba_id"]
        return body


class Templates:
    """The templates of all business accounts."""

    def __init__(self, journal: Journal) -> None:
        self.rows = journal.table("template", Template, 5_000)

    def put(self, template: Template) -> Template:
        return self.rows.put(f"{template.waba_id}|{template.name}|{template.language}", template)

    def of(self, waba_id: str) -> list[Template]:
        return [template for template in self.rows if template.waba_id == waba_id]

    def remove(self, waba_id: str, name: str) -> bool:
        """Remove every language of `name`; False when there was none."""
        keys = [key for key in list(self.rows.rows) if key.startswith(f"{waba_id}|{name}|")]
        for key in keys:
            self.rows.drop(key)
        return bool(keys)

    def require(self, waba_id: str, content: dict[str, Any]) -> Template:
        """The stored template of a send. Raises 132001, 132015, 132016, 132000 or 132012."""
        name, language = content["name"], content["language"]["code"]
        template = self.rows.get(f"{waba_id}|{name}|{language}")
        if template is None or template.status in ("PENDING", "REJECTED"):
            raise GraphError(132001, f"template name ({name[:60]}) does not exist in {language}")
        if template.status == "PAUSED":
            raise GraphError(132015)
        if template.status == "DISABLED":
            raise GraphError(132016)
        given = _given(content)
        for part in ("header", "body"):
            _fits(template, part, given.get(part, []))
        return template


def render(template: Template, content: dict[str, Any]) -> dict[str, Any]:
    """The template with its parameters filled in: header, body, footer, buttons and a header's media."""
    given = _given(content)
    shown: dict[str, Any] = {"header": "", "body": "", "footer": "", "buttons": []}
    for component in template.components:
        kind = str(component.get("type", "")).lower()
        if kind in ("header", "body", "footer"):
            shown[kind] = _filled(str(component.get("text", "")), given.get(kind, []))
        elif kind == "buttons":
            shown["buttons"] = [_button(button, i, content) for i, button in enumerate(component.get("buttons", []))]
    for parameter in given.get("header", []):
        if parameter.get("type") in MEDIA:
            shown["media"] = {**parameter[parameter["type"]], "type": parameter["type"]}
    return shown


def _button(button: dict[str, Any], index: int, content: dict[str, Any]) -> dict[str, Any]:
    payload = button.get("text", "")
    for component in _components(content):
        if str(component.get("type", "")).lower() == "button" and str(component.get("index", "")) == str(index):
            payload = next((p.get("payload") for p in _parameters(component) if p.get("payload")), payload)
    return {"type": button.get("type"), "text": button.get("text", ""), "payload": payload, "url": button.get("url")}


def _components(content: dict[str, Any]) -> list[dict[str, Any]]:
    components = content.get("components") or []
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise invalid("template['components']", "must be a list of objects")
    return components


def _parameters(component: dict[str, Any]) -> list[dict[str, Any]]:
    parameters = component.get("parameters") or []
    if not isinstance(parameters, list) or not all(isinstance(p, dict) for p in parameters):
        raise invalid("template['components'][0]['parameters']", "must be a list of objects")
    return parameters


def _given(content: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {str(c.get("type", "")).lower(): _parameters(c) for c in _components(content)}


def _fits(template: Template, part: str, parameters: list[dict[str, Any]]) -> None:
    text = next((str(c.get("text", "")) for c in template.components if str(c.get("type")).lower() == part), "")
    wanted = list(dict.fromkeys(PLACEHOLDER.findall(text)))
    texts = [p for p in parameters if p.get("type") not in (*MEDIA, "location")]
    for parameter in parameters:
        if parameter.get("type") in MEDIA and not isinstance(parameter.get(parameter["type"]), dict):
            raise invalid(f"{part} parameter", "must hold the media object that its type names")
    if len(texts) != len(wanted):
        raise GraphError(
            132000, f"{part}: number of localizable_params ({len(texts)}) does not match the expected ({len(wanted)})"
        )
    if template.parameter_format == "NAMED" and sorted(str(p.get("parameter_name")) for p in texts) != sorted(wanted):
        raise GraphError(132012, f"{part}: parameter_name does not match the names in the template")


def _value(parameter: dict[str, Any]) -> str:
    if parameter.get("type") in ("currency", "date_time"):
        value = parameter.get(parameter["type"])
        return str(value.get("fallback_value", "")) if isinstance(value, dict) else ""
    return str(parameter.get("text", ""))


def _filled(text: str, parameters: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(PLACEHOLDER.findall(text)))
    named = {str(p["parameter_name"]): _value(p) for p in parameters if p.get("parameter_name")}
    values = named or dict(zip(names, map(_value, parameters), strict=False))
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)
