"""Setting a password through a mailed link: asked for by anybody, answered always the same, good for one use."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update

from hub.accounts import attempts, opaque, passwords, rules
from hub.accounts.models import Organization, PasswordReset, User
from hub.core.access import system_actor
from hub.core.clock import new_id
from hub.core.crypto import token_hash
from hub.core.errors import Invalid, LimitReached, NotFound
from hub.core.hub import Hub
from hub.core.tenancy import Scope
from hub.core.work import Work
from hub.events import PasswordResetRequested

LIFETIME = timedelta(hours=1)
INVITATION_LIFETIME = timedelta(hours=72)
ANSWER_AFTER = 0.3  # seconds: longer than any of the work, so that time tells nothing about who exists
MOST_MAILS = 3  # to one user in an hour, wherever they were asked for
MOST_ORGANIZATIONS = 8
MAIL_JOB = "send_mail"

Kind = Literal["password_reset", "invitation"]


class MailOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a `send_mail` row. `sealed`: the token, sealed for `place_of(reset_id)`, base64."""

    kind: Kind
    user_id: UUID
    reset_id: UUID
    sealed: str


def place_of(reset_id: UUID) -> str:
    """What the sealed token is bound to, so that it opens for no other mail."""
    return f"mail:{reset_id}"


async def request(hub: Hub, *, email: str, slug: str | None = None, ip: str = "") -> None:
    """Mails a link to every user of that address, if there is one. Neither answer nor time tells whether there is."""
    address = rules.folded_email(email)
    async with _taking(ANSWER_AFTER):
        try:
            await attempts.take(hub, *attempts.password_reset(ip, address))
        except LimitReached:
            return
        for organization_id, user_id in await _owners_of(hub, address, slug):
            async with hub.work(system_actor(organization_id, "password_reset")) as work:
                with suppress(NotFound):  # deleted in between
                    await _order(work, user_id)


async def _order(work: Work, user_id: UUID) -> None:
    user = await passwords.find(work, user_id, lock=True)
    if await _asked_lately(work, user_id) < MOST_MAILS:
        await mail_link(work, user, kind="password_reset", lifetime=LIFETIME)
        await work.emit(PasswordResetRequested(user_id=user_id))


@asynccontextmanager
async def _taking(seconds: float) -> AsyncIterator[None]:
    """Ends so many seconds after it began, whatever was done in between."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, until - loop.time()))


async def _owners_of(hub: Hub, email: str, slug: str | None) -> list[tuple[UUID, UUID]]:
    statement = (
        select(User.organization_id, User.id).join(Organization, Organization.id == User.organization_id)
        .where(User.email == email, User.is_active, User.deleted_at.is_(None))
        .order_by(User.created_at).limit(MOST_ORGANIZATIONS)
    )
    if not rules.is_printable(email + (slug or "")):
        return []
    if slug:
        statement = statement.where(Organization.slug == slug.strip().lower())
    async with hub.database.transaction(Scope.across("password_reset")) as session:
        return [(row[0], row[1]) for row in await session.execute(statement)]


async def _asked_lately(work: Work, user_id: UUID) -> int:
    statement = select(func.count()).select_from(PasswordReset).where(
        PasswordReset.user_id == user_id, PasswordReset.created_at > work.now - LIFETIME
    )
    return (await work.session.execute(statement)).scalar_one()


async def mail_link(work: Work, user: User, *, kind: Kind, lifetime: timedelta) -> None:
    """Permits one setting of the user's password and orders the mail that says so."""
    token = opaque.mint(work.organization_id)
    reset = PasswordReset(
        id=new_id(), organization_id=work.organization_id, user_id=user.id, hash=token_hash(token),
        created_at=work.now, expires_at=work.now + lifetime,
    )
    work.session.add(reset)
    sealed = work.hub.keyring.seal(token.encode(), place=place_of(reset.id))
    order = MailOrder(kind=kind, user_id=user.id, reset_id=reset.id, sealed=base64.b64encode(sealed).decode())
    await work.later(MAIL_JOB, order, key=str(reset.id))


async def confirm(hub: Hub, *, token: str, password: str, ip: str = "") -> None:
    """Sets the password that a mailed link permits; every session of the user ends.

    Raises `Invalid`: for a password that is too easy (the link stays good), or for a link that is not good any more;
    `LimitReached` for an address that tries too many.
    """
    await attempts.take(hub, attempts.reset_confirmation(ip))
    organization_id = opaque.organization_of(token)
    if organization_id is None:
        raise Invalid("reset_invalid")
    actor = system_actor(organization_id, "password_reset")
    good = (
        (PasswordReset.hash == token_hash(token)) & PasswordReset.used_at.is_(None)
        & (PasswordReset.expires_at > hub.clock.now())
    )
    async with hub.work(actor) as work:
        statement = (
            select(User.email).join(PasswordReset, PasswordReset.user_id == User.id)
            .where(good, User.is_active, User.deleted_at.is_(None))
        )
        email = (await work.session.execute(statement)).scalar()
    if email is None:
        raise Invalid("reset_invalid")
    new_hash = await passwords.hashed(password, email=email)
    async with hub.work(actor) as work:
        taken = update(PasswordReset).where(good).values(used_at=work.now).returning(PasswordReset.user_id)
        user_id = (await work.session.execute(taken)).scalar()
        if user_id is None:
            raise Invalid("reset_invalid")
        user = await passwords.find(work, user_id, lock=True)
        await passwords.settle(work, user, new_hash, by="reset")
