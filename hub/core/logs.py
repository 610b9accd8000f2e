"""Structured logs: an event name with keys, context bound at the edge, and no personal data."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEYS = re.compile(r"token|secret|password|authorization|cookie|credential|api_?key|signature", re.I)
_PERSONAL_KEYS = re.compile(r"e?mail|phone|wa_id|body|text|name$|content", re.I)
_SECRETS = re.compile(
    r"(Bearer|Visitor)\s+\S+|eyJ[\w-]+\.[\w-]+\.[\w-]+"  # credentials
    r"|[\w.+-]+@[\w-]+\.[\w.]+|(?<![\w-])\+?\d{10,15}(?![\w-])"  # addresses of people
)
_ALLOWED = frozenset({"event", "hostname", "filename"})


def configure(*, level: str, form: str) -> None:
    """Sets up structlog, and the standard library's loggers to speak through it."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    ))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpx2", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def redact(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blanks secrets and personal data, by the key's name and by the look of the value."""
    for key, value in entry.items():
        if key.startswith("_") or (key in _ALLOWED and not isinstance(value, str)):
            continue
        if key not in _ALLOWED and (_SECRET_KEYS.search(key) or _PERSONAL_KEYS.search(key)):
            entry[key] = "[redacted]"
        elif isinstance(value, str) and key != "timestamp":
            entry[key] = _SECRETS.sub("[redacted]", value)
    return entry
