"""Bodies made from the OpenAPI document, so that a new route is asked properly without a sample for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
SAMPLES: dict[str, Any] = {  # what a type alone cannot tell
    "email": "someone@example.com", "password": "correct horse battery 9",
    "current_password": "correct horse battery 9",
    "color": "#2563eb", "role": "agent", "kind": "text", "client_id": "client-id-0001", "slug": "some-slug",
    "locale": "en", "time_zone": "UTC", "theme": "dark", "state": "active", "session": "token", "emoji": "👍",
    "disposition": "solved", "text": "hello", "seq": 1, "until": TOMORROW, "send_at": TOMORROW,
}


class Sampler:
    """Makes a body for an operation; `ids` fills fields named after things (`user_id`, `tag_ids`)."""

    def __init__(self, document: dict[str, Any], ids: dict[str, str]) -> None:
        self.document = document
        self.ids = ids

    def body(self, operation: dict[str, Any], *, everything: bool = False) -> Any:
        """The JSON body, or None when the operation takes none."""
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return self._make(schema, "", everything) if schema else None

    def single_values(self, operation: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
        """Where a JSON body has a boolean, a number or a text, and which of them."""
        content = operation.get("requestBody", {}).get("content", {})
        yield from self._single_values(content.get("application/json", {}).get("schema", {}), ())

    def _single_values(self, schema: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
        schema = self._resolved(schema)
        if (kind := schema.get("type")) in ("boolean", "integer", "number", "string"):
            yield path, kind
        for name, inner in schema.get("properties", {}).items():
            yield from self._single_values(inner, (*path, name))

    def _make(self, schema: dict[str, Any], name: str, everything: bool) -> Any:
        schema = self._resolved(schema)
        if "enum" in schema:
            return schema["enum"][0]
        if name in SAMPLES:
            return SAMPLES[name]
        if self._names_thing(name):
            return [self.ids[name[:-1]]] if name.endswith("_ids") else self.ids[name]
        return self._by_type(schema, name, everything)

    def _by_type(self, schema: dict[str, Any], name: str, everything: bool) -> Any:
        match schema.get("type"):
            case "object" if "properties" in schema:
                wanted = schema["properties"] if everything else schema.get("required", [])
                chosen = [key for key in schema["properties"] if key in wanted or self._names_thing(key)]
                return {key: self._make(schema["properties"][key], key, everything) for key in chosen}
            case "object":
                return {}
            case "array":
                return []
            case "integer" | "number":
                return 1
            case "boolean":
                return True
            case _:
                return "some text"

    def _names_thing(self, name: str) -> bool:
        return name in self.ids or (name.endswith("_ids") and name[:-1] in self.ids)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        for options in (schema.get("oneOf"), schema.get("anyOf")):
            if options:
                return self._resolved(next((one for one in options if one.get("type") != "null"), options[0]))
        if isinstance(schema.get("type"), list):
            return schema | {"type": next(kind for kind in schema["type"] if kind != "null")}
        return schema
