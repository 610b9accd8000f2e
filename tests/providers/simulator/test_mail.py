"""The mailbox: what is sent by SMTP is read by a person and by a test."""

from email.message import EmailMessage

import aiosmtplib
import pytest

from providers.simulator.mail import read_mail
from tests.providers.simulator.stage import Stage


def mail(text: str, html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hub@example.com", "ana@example.com", "Transcrição ✓"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


async def test_a_mail_arrives_with_its_links(stage: Stage) -> None:
    message = mail("Olá,\nveja https://example.com/a?b=1.", '<p>Olá <a href="https://example.com/h">aqui</a></p>')
    await aiosmtplib.send(message, hostname="127.0.0.1", port=stage.simulator.smtp_port)

    listed = (await stage.phone.get("/mail.json", params={"to": "ana@example.com"})).json()

    assert len(listed) == 1
    assert (listed[0]["subject"], listed[0]["sender"]) == ("Transcrição ✓", "hub@example.com")
    assert listed[0]["text"].startswith("Olá,")
    assert set(listed[0]["links"]) == {"https://example.com/a?b=1", "https://example.com/h"}
    assert (await stage.phone.get("/mail.json", params={"to": "other@example.com"})).json() == []


async def test_the_mailbox_can_be_emptied(stage: Stage) -> None:
    await aiosmtplib.send(mail("x"), hostname="127.0.0.1", port=stage.simulator.smtp_port)

    await stage.phone.delete("/mail.json")

    assert (await stage.phone.get("/mail.json")).json() == []


def test_a_mail_of_html_alone_is_read_as_text() -> None:
    raw = b"Content-Type: text/html\r\n\r\n<style>p{}</style><h1>Hi</h1><p>one<br>two</p><a href='javascript:x'>no</a>"

    read = read_mail(raw, sender="a", to=["b"], at=0)

    assert read.text == "Hi\none\ntwono"
    assert read.links == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: text/plain; charset=nothing\r\n\r\n\xe1",
        b"Content-Type: multipart/mixed\r\n\r\n",
    ],
)
def test_a_broken_mail_is_kept(raw: bytes) -> None:
    assert read_mail(raw, sender="", to=[], at=0).subject == ""
