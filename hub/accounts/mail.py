"""The mails of the house: composed in the reader's language, handed to the mailer by the outbox."""

import base64

import msgspec
from sqlalchemy import select

from hub.accounts.letters import letter
from hub.accounts.models import Organization, PasswordReset, User
from hub.accounts.ports import Mail
from hub.accounts.resets import MailOrder, place_of
from hub.core.crypto import SealBroken
from hub.core.errors import Invalid
from hub.core.hub import Hub
from hub.core.outbox import Job
from hub.core.work import Work


async def send(hub: Hub, job: Job) -> None:
    """Handler of `send_mail`. What was used, ran out or lost its reader meanwhile is not sent. Raises `Unavailable`."""
    order = msgspec.convert(job.payload, MailOrder)
    async with job.work(hub) as work:
        mail = await _composed(work, order)
    if mail is not None:
        await hub.ports.mailer.send(mail)


async def _composed(work: Work, order: MailOrder) -> Mail | None:
    statement = (
        select(User.name, User.email, User.locale, Organization.name.label("organization"), PasswordReset.expires_at,
               PasswordReset.created_at)
        .join(PasswordReset, PasswordReset.user_id == User.id)
        .join(Organization, Organization.id == User.organization_id)
        .where(PasswordReset.id == order.reset_id, PasswordReset.used_at.is_(None),
               PasswordReset.expires_at > work.now, User.is_active, User.deleted_at.is_(None))
    )
    row = (await work.session.execute(statement)).first()
    if row is None:
        return None
    text = letter(order.kind, row.locale)
    values = {
        "name": row.name, "organization": row.organization, "link": _link(work, order),
        "hours": round((row.expires_at - row.created_at).total_seconds() / 3600),
    }
    return Mail(to=row.email, subject=text.subject.format_map(values), text=text.body.format_map(values))


def _link(work: Work, order: MailOrder) -> str:
    try:
        token = work.hub.keyring.open(base64.b64decode(order.sealed), place=place_of(order.reset_id)).decode()
    except SealBroken:
        raise Invalid("seal_broken") from None  # trying again would not open it either
    return f"{work.hub.settings.base_url}/app/#/reset/{token}"
