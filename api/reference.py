"""Pages made from what the repository records: every event, every route, and what others wrote.

`python -m api.reference` writes them.
"""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

from hub import events
from hub.core.bus import Event
from hub.core.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RECORDS = ("api/web/vendor", "api/web/console/emoji", "tests/web")  # folders with a vendor.json
_MADE = "<!-- Made by `python -m api.reference`; do not edit. -->"


def pages() -> dict[str, str]:
    """Path from `docs/` → text."""
    return {"events.md": event_page(), "api.md": api_page(), "../THIRD_PARTY.md": third_party_page()}


def event_page() -> str:
    """Every event with its fields and what they are."""
    lines = [
        "# Events", "", _MADE, "",
        "Everything that can happen. An event is written to the log in the transaction that caused it, never changed.",
        "Those with a `seq` are entries of a conversation's log; open screens hear of them by the same name.",
        "",
        "| event | meaning | fields |", "|---|---|---|",
    ]
    for kind in sorted(_events(), key=lambda kind: kind.name()):
        hints = get_type_hints(kind)
        fields = ", ".join(f"`{name}`: {_plain(hints[name])}" for name in kind.__struct_fields__)
        own = kind.__doc__ if "__doc__" in vars(kind) and kind.__doc__ else ""
        meaning = " ".join(inspect.cleandoc(own).split()) or _words(kind.__name__)
        lines.append(f"| `{kind.name()}` | {meaning} | {fields} |")
    return "\n".join(lines) + "\n"


def api_page() -> str:
    """Every route by its tag."""
    from api.app import create_app

    document = create_app(Settings(database_url="postgresql://docs", secret_key="d" * 40)).openapi_schema.to_schema()
    by_tag: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            line = f"| `{method.upper()}` | `{path}` | {_summary(operation)} |"
            by_tag.setdefault((operation.get("tags") or ["Other"])[0], []).append(line)
    lines = [
        "# API", "", _MADE, "",
        "The routes of this version. Shapes and errors are in the OpenAPI document at `/api/schema`, drawn at",
        "`/api/docs` and `/api/redoc`. The socket is described in `live.md`.",
    ]
    for tag in sorted(by_tag):
        lines += ["", f"## {tag}", "", "| method | path | what |", "|---|---|---|", *sorted(by_tag[tag])]
    return "\n".join(lines) + "\n"


def third_party_page() -> str:
    """Every file that others wrote, with its licence."""
    lines = [
        "# What others wrote", "", _MADE, "",
        "Files of other projects that lie in this repository, as their `vendor.json` records them. Their licences",
        "stand beside them and stay with every copy. Switchboard itself is under the [MIT licence](LICENSE). Python",
        "packages are installed, not copied: `requirements.lock` names them with their hashes, and each brings its own",
        "licence.", "",
        "| file | package | licence | what was changed | SHA-256 |", "|---|---|---|---|---|",
    ]
    for folder in RECORDS:
        for one in json.loads((ROOT / folder / "vendor.json").read_text(encoding="utf-8")):
            licence = f"[{one['licence']}]({folder}/{one['licence_file']})" if "licence_file" in one else one["licence"]
            changes = ". ".join(text for text in (one["changes"], one.get("licence_note", "").rstrip(".")) if text)
            source = f"{one['package']} {one['version']} (`{one['from']}`)"
            lines.append(f"| `{folder}/{one['file']}` | {source} | {licence} | {changes} | `{one['sha256']}` |")
    return "\n".join(lines) + "\n"


def _events() -> Iterator[type[Event]]:
    for value in vars(events).values():
        if isinstance(value, type) and issubclass(value, Event) and "." in value.name():
            yield value


def _summary(operation: dict[str, Any]) -> str:
    text = operation.get("summary") or ""
    described = (operation.get("description") or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    return f"{text}. {described}".strip(". ").strip() if described else text


def _plain(hint: Any) -> str:
    text = str(hint) if getattr(hint, "__args__", None) else getattr(hint, "__name__", str(hint))
    for module in ("uuid.", "datetime.", "typing."):
        text = text.replace(module, "")
    return text.replace("|", "or")


def _words(name: str) -> str:
    return "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip()


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
