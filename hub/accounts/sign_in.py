"""Signing in: e-mail and password, and the organization's slug where both fit several."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from hub.accounts import attempts, passwords, rules, sessions
from hub.accounts.models import Organization, User
from hub.core.access import Actor
from hub.core.errors import Conflict, Unauthenticated
from hub.core.hub import Hub
from hub.core.tenancy import Scope

MOST_CANDIDATES = 8
EVEN_CANDIDATES = 2  # without a slug so many hashes are compared at least: an address known twice is not told by time


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A user of that address, in one organization."""

    organization_id: UUID
    slug: str
    organization_name: str
    user_id: UUID
    password_hash: str | None


async def sign_in(
    hub: Hub, *, email: str, password: str, slug: str | None = None, device: sessions.Device
) -> sessions.Grant:
    """A session for whom the credentials fit.

    Raises `LimitReached` (too many wrong guesses), `Unauthenticated` (`credentials_wrong`, whatever of it is wrong),
    and `Conflict` (`organization_required`, with the organizations to choose from) when the password fits in several.
    """
    address = rules.folded_email(email)
    shared, own = attempts.sign_in(device.ip, address)
    await attempts.take(hub, shared, own)
    candidates = await _candidates(hub, address, slug)
    fitting = await _fitting(candidates, password, at_least=1 if slug else EVEN_CANDIDATES)
    if not fitting:
        hub.log.info("sign_in_failed")
        raise Unauthenticated("credentials_wrong")
    await attempts.forgive(hub, own, shared=shared)
    if len(fitting) > 1:
        choices = [{"slug": one.slug, "name": one.organization_name} for one in fitting]
        raise Conflict("organization_required", extra={"organizations": choices})
    return await _enter(hub, fitting[0], device)


async def _candidates(hub: Hub, email: str, slug: str | None) -> list[Candidate]:
    """Oldest first, so that organizations made later under somebody's address cannot crowd them out."""
    if not rules.is_printable(email + (slug or "")):
        return []
    statement = (
        select(User.organization_id, Organization.slug, Organization.name, User.id, User.password_hash)
        .join(Organization, Organization.id == User.organization_id)
        .where(User.email == email, User.is_active, User.deleted_at.is_(None))
        .order_by(User.created_at, User.id).limit(MOST_CANDIDATES)
    )
    if slug:
        statement = statement.where(Organization.slug == slug.strip().lower())
    async with hub.database.transaction(Scope.across("sign_in")) as session:
        rows = (await session.execute(statement)).all()
    return [
        Candidate(organization_id=row[0], slug=row[1], organization_name=row[2], user_id=row[3], password_hash=row[4])
        for row in rows
    ]


async def _fitting(candidates: Sequence[Candidate], password: str, *, at_least: int) -> list[Candidate]:
    """Compares as many hashes when there is nobody to compare with."""
    hashes = [one.password_hash for one in candidates]
    hashes += [None] * (at_least - len(hashes))
    right = await asyncio.gather(*(passwords.is_right(password, one) for one in hashes))
    return [one for one, fits in zip(candidates, right, strict=False) if fits]


async def _enter(hub: Hub, candidate: Candidate, device: sessions.Device) -> sessions.Grant:
    """Starts the session, unless the user changed while the password was being compared."""
    actor = Actor(kind="user", organization_id=candidate.organization_id, user_id=candidate.user_id)
    async with hub.work(actor) as work:
        statement = (
            select(User)
            .where(User.id == candidate.user_id, User.is_active, User.deleted_at.is_(None),
                   User.password_hash == candidate.password_hash)
            .with_for_update(read=True)
        )
        user = (await work.session.scalars(statement)).first()
        if user is None:
            raise Unauthenticated("credentials_wrong")
        return await sessions.start(work, user, device=device)
