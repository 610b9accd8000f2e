"""Mail through the operator's SMTP server."""

import re
import ssl
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import structlog

from hub.accounts.ports import Mail
from hub.core.errors import Invalid, Unavailable
from hub.core.settings import SettingsError

log = structlog.get_logger("providers.mail")

SECONDS = 20.0
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class SmtpServer:
    """How to reach the server. `starttls`: True demands it, None takes it when offered, False goes without."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False
    starttls: bool | None = None

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """`smtp://user:password@host:port`, `smtps://…`, each with `?starttls=1` or `0`. A password never travels in
        the clear to another machine unless `starttls=0` says so. Raises `SettingsError`."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise SettingsError("HUB_SMTP_URL is not an address like smtp://user:password@host:587") from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SettingsError("HUB_SMTP_URL must begin with smtp:// or smtps:// and name a host")
        tls = parts.scheme == "smtps"
        starttls = {"1": True, "0": False}.get(parse_qs(parts.query).get("starttls", [""])[0])
        if starttls is None and parts.password and parts.hostname not in _LOCAL:
            starttls = True
        return cls(
            host=parts.hostname,
            port=port or (465 if tls else 587 if starttls else 25),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=tls,
            starttls=False if tls else starttls,
        )


class SmtpMailer:
    """A `Mailer`. `sender` is what stands in From, such as `Switchboard <no-reply@example.com>`."""

    def __init__(self, server: SmtpServer, *, sender: str, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._tls = tls
        self._name, self._address = parseaddr(sender)
        if "@" not in self._address:
            raise SettingsError("HUB_MAIL_FROM holds no e-mail address")

    async def send(self, mail: Mail) -> None:
        """Raises `Invalid` for an address that cannot be one or that the server refuses for good, `Unavailable` for
        everything else that keeps the mail here."""
        message = self._compose(mail)
        server = self._server
        try:
            await aiosmtplib.send(
                message, hostname=server.host, port=server.port, username=server.user, password=server.password,
                use_tls=server.tls, start_tls=server.starttls, tls_context=self._tls, timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(500 <= refusal.code < 600 for refusal in error.recipients):
                raise Invalid("mail_address_refused") from None
            raise Unavailable("mail_failed") from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            log.warning("mail_failed", error=type(error).__name__)
            raise Unavailable("mail_failed") from None

    def _compose(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(_one_line(self._name), addr_spec=self._address)
        message["To"] = _recipient(mail.to)
        message["Subject"] = _one_line(mail.subject)
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self._address.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


class UnconfiguredMailer:
    """Stands in when there is no server: says so instead of losing mail in silence."""

    async def send(self, mail: Mail) -> None:
        raise Unavailable("mail_not_configured")


def _recipient(text: str) -> Address:
    """Exactly one bare address: no list, no second header, no display name."""
    try:
        if re.search(r"[\s,;<>\x00-\x1f]", text):
            raise ValueError(text)
        address = Address(addr_spec=text)
    except (ValueError, IndexError, AttributeError, MessageError):
        raise Invalid("mail_address_invalid") from None
    if not address.domain:
        raise Invalid("mail_address_invalid")
    return address


def _one_line(text: str) -> str:
    """Line breaks would begin a header of the sender's choice."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", text).split())
