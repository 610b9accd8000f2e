"""Mail as a real SMTP server receives it."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller

from hub.accounts.ports import Mail
from hub.core.errors import Invalid, Unavailable
from hub.core.settings import SettingsError
from providers.mail import SmtpMailer, SmtpServer, UnconfiguredMailer
from tests.conftest import free_port


class Mailbox:
    """Keeps what arrives; `refusal` is what it says to a recipient instead."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.refusal: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, cast(EmailMessage, parsed)))
        return "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mailer(mailbox: Mailbox) -> Iterator[SmtpMailer]:
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield SmtpMailer(SmtpServer.from_url(f"smtp://127.0.0.1:{port}"), sender="Loja São João <no-reply@shop.test>")
    controller.stop()


async def test_a_mail_arrives_with_its_sender_subject_and_text(mailer: SmtpMailer, mailbox: Mailbox) -> None:
    await mailer.send(Mail(to="ana@shop.test", subject="Olá 👋", text="Até já\nTchau"))

    (recipients, mail), = mailbox.mails
    assert recipients == ["ana@shop.test"]
    assert mail["From"] == "Loja São João <no-reply@shop.test>"
    assert mail["Subject"] == "Olá 👋"
    assert mail.get_content().splitlines() == ["Até já", "Tchau"]


async def test_a_line_break_in_the_subject_begins_no_header(mailer: SmtpMailer, mailbox: Mailbox) -> None:
    await mailer.send(Mail(to="ana@shop.test", subject="Hi\r\nBcc: eve@evil.test\n\nbody\u2028x", text="t"))

    (recipients, mail), = mailbox.mails
    assert recipients == ["ana@shop.test"]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hi Bcc: eve@evil.test body x"


@pytest.mark.parametrize("to", [
    "", "ana", "@shop.test", "ana@", "ana@shop.test\r\nBcc: eve@evil.test", "ana@shop.test, eve@evil.test",
    "ana@shop.test eve@evil.test", "Ana <ana@shop.test>", "ana@shop.test;eve@evil.test", "ana@sh op.test",
])
async def test_what_is_not_one_bare_address_is_refused(mailer: SmtpMailer, mailbox: Mailbox, to: str) -> None:
    with pytest.raises(Invalid, match="mail_address_invalid"):
        await mailer.send(Mail(to=to, subject="s", text="t"))

    assert mailbox.mails == []


async def test_a_recipient_refused_for_good_is_not_tried_again(mailer: SmtpMailer, mailbox: Mailbox) -> None:
    mailbox.refusal = "550 no such user"
    with pytest.raises(Invalid, match="mail_address_refused"):
        await mailer.send(Mail(to="ana@shop.test", subject="s", text="t"))


async def test_a_recipient_refused_for_now_may_be_tried_again(mailer: SmtpMailer, mailbox: Mailbox) -> None:
    mailbox.refusal = "451 try later"
    with pytest.raises(Unavailable):
        await mailer.send(Mail(to="ana@shop.test", subject="s", text="t"))


async def test_a_server_that_is_down_is_unavailable() -> None:
    mailer = SmtpMailer(SmtpServer.from_url(f"smtp://127.0.0.1:{free_port()}"), sender="a@shop.test")
    with pytest.raises(Unavailable):
        await mailer.send(Mail(to="ana@shop.test", subject="s", text="t"))


async def test_without_a_server_mail_says_that_it_cannot_leave() -> None:
    with pytest.raises(Unavailable, match="mail_not_configured"):
        await UnconfiguredMailer().send(Mail(to="ana@shop.test", subject="s", text="t"))


@pytest.mark.parametrize(("url", "expected"), [
    ("smtp://mail.test", SmtpServer("mail.test", 25)),
    ("smtp://mail.test?starttls=1", SmtpServer("mail.test", 587, starttls=True)),
    ("smtps://u%40x:p%2Fw@mail.test", SmtpServer("mail.test", 465, "u@x", "p/w", tls=True, starttls=False)),
    ("smtp://u:p@mail.test:2525", SmtpServer("mail.test", 2525, "u", "p", starttls=True)),
    ("smtp://u:p@mail.test:25?starttls=0", SmtpServer("mail.test", 25, "u", "p", starttls=False)),
    ("smtp://u:p@localhost:25", SmtpServer("localhost", 25, "u", "p")),
])
def test_an_address_of_a_server_is_read(url: str, expected: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == expected


@pytest.mark.parametrize("url", ["http://mail.test", "smtp://", "mail.test:25", "smtp://mail.test:99999"])
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="HUB_SMTP_URL"):
        SmtpServer.from_url(url)


