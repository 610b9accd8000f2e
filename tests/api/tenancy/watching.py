"""Everything that one organization is shown, searched for what belongs to the other."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import structlog
from structlog.testing import LogCapture

from hub.core.logs import redact


class Watch:
    """`found` names each place where a canary was seen; `cells` counts the attempts."""

    def __init__(self, *canaries: str) -> None:
        self.canaries = canaries
        self.found: list[str] = []
        self.cells = 0

    def look(self, place: str, *shown: object) -> None:
        text = " ".join(one if isinstance(one, str) else repr(one) for one in shown)
        if any(canary in text for canary in self.canaries):
            self.found.append(f"{place}: {text[:300]}")

    async def answer(self, response: httpx2.Response) -> None:
        """A hook of an HTTP client. What was asked with may come back: links repeat their query."""
        self.cells += 1
        await response.aread()
        text = response.content.decode("utf-8", "replace") + repr(response.headers.multi_items())
        for asked in response.request.url.query.decode().split("&"):
            text = text.replace(asked, "") if asked else text
        self.look(f"{response.request.method} {response.request.url.path}", text)

    @contextmanager
    def reading_logs(self) -> Iterator[None]:
        """Whatever is logged meanwhile, as an operator would read it, holds no canary of anybody."""
        kept, lines = LogCapture(), Lines()
        structlog.configure(processors=[
            structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, redact, kept,
        ])
        logging.getLogger().addHandler(lines)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(lines)
            structlog.reset_defaults()
            for entry in [*kept.entries, *lines.said]:
                self.look("log", entry)


class Lines(logging.Handler):
    """What the standard library's loggers said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
