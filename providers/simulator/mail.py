"""A mailbox: SMTP on loopback takes every mail, a page shows them.

    GET    /mail         the page
    GET    /mail.json    ?to → newest first: [{id, at, sender, to, subject, text, links}]
    DELETE /mail.json    empty it

Needs aiosmtpd; without it the mailbox stays empty and `port` is None.
"""

import asyncio
import re
import secrets
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import msgspec
from litestar import Router, delete, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from providers.simulator.journal import Journal
from providers.simulator.live import Live

LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
MOST_BYTES = 5 * 1024 * 1024


class Mail(msgspec.Struct, kw_only=True):
    """A mail as text; `at` is unix seconds, `links` every address in it."""

    id: str
    at: float
    sender: str
    to: list[str]
    subject: str
    text: str
    links: list[str]


class Mailbox:
    """The last 500 mails, and the SMTP server that takes them."""

    def __init__(self, journal: Journal, live: Live, *, now: Callable[[], float]) -> None:
        self.rows = journal.table("mail", Mail, 500)
        self.port: int | None = None
        self._live = live
        self._now = now
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one."""
        try:
            from aiosmtpd.smtp import SMTP
        except ImportError:
            return
        loop = asyncio.get_running_loop()

        def session() -> Any:
            return SMTP(self, hostname="localhost", data_size_limit=MOST_BYTES, enable_SMTPUTF8=True, loop=loop)

        self._server = await loop.create_server(session, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - their name
        """aiosmtpd's hook for a finished mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        mail = read_mail(content, sender=envelope.mail_from or "", to=list(envelope.rcpt_tos), at=self._now())
        self.rows.put(mail.id, mail)
        self._live.publish("mail", {"id": mail.id})
        return "250 OK"

    def newest(self, to: str | None = None) -> list[Mail]:
        return [mail for mail in reversed(list(self.rows)) if to is None or to in mail.to]


def read_mail(content: bytes, *, sender: str, to: list[str], at: float) -> Mail:
    """A raw mail as text and links; a broken one is kept as it is."""
    message = message_from_bytes(content, policy=policy.default)
    text, hrefs = _text(message)
    links = list(dict.fromkeys([*hrefs, *LINK.findall(text)]))
    subject = str(message.get("subject", ""))
    return Mail(id=secrets.token_hex(8), at=at, sender=sender, to=to, subject=subject, text=text, links=links)


def _text(message: EmailMessage) -> tuple[str, list[str]]:
    parts = {"plain": "", "html": ""}
    for part in message.walk():
        kind = part.get_content_subtype()
        if part.get_content_maintype() == "text" and kind in parts and not parts[kind]:
            raw = part.get_payload(decode=True)
            parts[kind] = _decoded(raw, part.get_content_charset()) if isinstance(raw, bytes) else ""
    reader = _HtmlText()
    reader.feed(parts["html"])
    reader.close()
    return parts["plain"] or reader.text(), reader.links


def _decoded(raw: bytes, charset: str | None) -> str:
    try:
        return raw.decode(charset or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


class _HtmlText(HTMLParser):
    BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table"})
    SILENT = frozenset({"style", "script", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self._parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self.SILENT
        if tag in self.BLOCKS:
            self._parts.append("\n")
        href = dict(attrs).get("href") if tag == "a" else None
        if href and href.startswith(("http://", "https://")):
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        return re.sub(r"\n\s*\n+", "\n\n", "".join(self._parts)).strip()


@get("/mail.json")
async def list_mail(mailbox: NamedDependency[Mailbox], to: FromQuery[str | None] = None) -> list[Mail]:
    return mailbox.newest(to)


@delete("/mail.json", status_code=204)
async def empty(mailbox: NamedDependency[Mailbox]) -> None:
    for mail in mailbox.rows:
        mailbox.rows.drop(mail.id)


def mail_router() -> Router:
    return Router("/", route_handlers=[list_mail, empty])
