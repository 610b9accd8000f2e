"""Sessions: one for each sign-in on each device, kept alive by a chain of refresh tokens, ended everywhere at once.

Each refresh token is followed by exactly one other, which only we can compute from it. Whoever comes with a used token
inside the leeway (two tabs, a lost answer) is given the same successor as the winner, so the family stays one line; a
used token after the leeway means that somebody has a copy, and ends the session.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from hub import events
from hub.accounts import opaque
from hub.accounts.models import RefreshToken, User, UserSession
from hub.core.access import PERMISSIONS, Actor, Role, system_actor
from hub.core.clock import new_id
from hub.core.crypto import token_hash
from hub.core.errors import NotFound, Unauthenticated
from hub.core.hub import Hub
from hub.core.signals import SessionEnded
from hub.core.work import Work

TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068, section 2.1
AUDIENCE = "switchboard"
ISSUER = "switchboard"
LEEWAY = timedelta(seconds=20)
LONGEST_TOKEN = 2048
# By `LATERAL … LIMIT 1` and the primary keys, as grouped statements look rows up (decision 0011).
_ACTORS = """
SELECT s.id AS session_id, u.id, u.name, u.role, u.locale, m.departments
FROM unnest($2::uuid[]) AS x(id)
CROSS JOIN LATERAL (SELECT s.* FROM sessions s WHERE s.id = x.id LIMIT 1) s
JOIN LATERAL (SELECT u.* FROM users u WHERE u.id = s.user_id LIMIT 1) u ON u.organization_id = s.organization_id
CROSS JOIN LATERAL (
  SELECT array_agg(m.department_id) AS departments FROM department_members m
  WHERE m.user_id = u.id AND m.organization_id = u.organization_id) m
WHERE s.organization_id = $1 AND s.ended_at IS NULL AND s.expires_at > $3 AND u.is_active AND u.deleted_at IS NULL
"""
_LONGEST_CHAIN = 32  # refreshes that can follow one another inside one leeway


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sign-in came from."""

    user_agent: str = ""
    ip: str = ""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in or a refresh gives: `expires_in` seconds of access, and the token for the time after."""

    organization_id: UUID
    user_id: UUID
    session_id: UUID
    access_token: str
    expires_in: int
    refresh_token: str
    session_expires_at: datetime


async def start(work: Work, user: User, *, device: Device) -> Grant:
    """Begins a session for a user whose credentials were checked."""
    session = UserSession(
        id=new_id(), organization_id=work.organization_id, user_id=user.id, user_agent=device.user_agent[:300],
        ip=device.ip[:64], created_at=work.now, last_seen_at=work.now,
        expires_at=work.now + timedelta(days=work.hub.settings.refresh_token_days),
    )
    work.session.add(session)
    await work.session.flush()
    token = opaque.mint(work.organization_id)
    _link(work, session, token)
    await work.emit(events.SessionStarted(user_id=user.id, session_id=session.id))
    return _grant(work, session, token)


async def authenticate(hub: Hub, token: str) -> Actor:
    """The actor of an access token. Raises `Unauthenticated`; role and departments are read afresh each time."""
    organization_id, session_id, user_id = claimed(hub, token)
    actor = await actor_of_session(hub, organization_id, session_id)
    if actor.user_id != user_id:
        raise Unauthenticated("token_invalid")
    return actor


def claimed(hub: Hub, token: str) -> tuple[UUID, UUID, UUID]:
    """The organization, session and user that a token of ours names; whether they are still there is another question.
    Raises `Unauthenticated`."""
    if len(token) > LONGEST_TOKEN:
        raise Unauthenticated("token_invalid")
    now = hub.clock.now().timestamp()
    claims = hub.keyring.verify(token, token_type=TOKEN_TYPE, audience=AUDIENCE, now=now)
    organization_id, session_id, user_id = (_claimed_id(str(claims.get(name))) for name in ("org", "sid", "sub"))
    return organization_id, session_id, user_id


@lru_cache(maxsize=4096)
def _claimed_id(claim: str) -> UUID:
    try:
        return UUID(claim)
    except ValueError:
        raise Unauthenticated("token_invalid") from None


async def actor_of_session(hub: Hub, organization_id: UUID, session_id: UUID) -> Actor:
    """The actor of a session as it is now, read together with whoever else comes at the same time.

    Raises `Unauthenticated` when it or its user has ended.
    """
    actor: Actor = await hub.grouping(actors_of).submit(organization_id, session_id)
    return actor


async def actors_of(hub: Hub, organization_id: UUID, session_ids: Sequence[UUID]) -> list[Actor | Unauthenticated]:
    """For each session its actor, or the refusal."""
    reading = hub.reading(system_actor(organization_id, "sessions"))
    rows = await reading.fetch(_ACTORS, session_ids, reading.now)
    actors = {row["session_id"]: _actor_in(organization_id, row) for row in rows}
    return [actors.get(session_id) or Unauthenticated("session_ended") for session_id in session_ids]


def _actor_in(organization_id: UUID, row: Any) -> Actor:
    role = Role(row["role"])
    return Actor(
        kind="user", organization_id=organization_id, user_id=row["id"], name=row["name"], role=role,
        session_id=row["session_id"], department_ids=frozenset(row["departments"] or ()), locale=row["locale"],
        permissions=PERMISSIONS[role],
    )


async def refresh(hub: Hub, token: str) -> Grant:
    """New access for a refresh token, and the token that follows it. Raises `Unauthenticated`."""
    organization_id = opaque.organization_of(token)
    if organization_id is None:
        raise Unauthenticated("token_invalid")
    async with hub.work(system_actor(organization_id, "refresh")) as work:
        outcome = await _renew(work, token)
    if isinstance(outcome, str):  # only now, so that an ended family stays ended
        raise Unauthenticated(outcome)
    return outcome


async def _renew(work: Work, token: str) -> Grant | str:
    """The grant, or the code of the refusal. The session's row is locked first: its chain grows one link at a time."""
    hashed = token_hash(token)
    of_token = select(RefreshToken.session_id).where(RefreshToken.hash == hashed).scalar_subquery()
    statement = (
        select(UserSession, User.is_active, User.deleted_at).join(User, User.id == UserSession.user_id)
        .where(UserSession.id == of_token).with_for_update(of=UserSession)
    )
    row = (await work.session.execute(statement)).first()
    if row is None:
        return "token_invalid"
    session, is_active, deleted_at = row
    if session.ended_at or session.expires_at <= work.now or not is_active or deleted_at:
        return "session_ended"
    link = (await work.session.scalars(select(RefreshToken).where(RefreshToken.hash == hashed))).one()
    if link.used_at is None:
        return _follow(work, session, link, token)
    if work.now - link.used_at <= LEEWAY:
        return _grant(work, session, await _newest(work, token))
    work.hub.log.warning("refresh_token_reused", session=str(session.id))
    await _end(work, session, "token_reused")
    return "token_reused"


def _follow(work: Work, session: UserSession, link: RefreshToken, token: str) -> Grant:
    link.used_at = session.last_seen_at = work.now
    successor = _successor(work, token)
    _link(work, session, successor)
    return _grant(work, session, successor)


async def _newest(work: Work, token: str) -> str:
    """The end of the chain that begins at a token used a moment ago."""
    for _ in range(_LONGEST_CHAIN):
        token = _successor(work, token)
        statement = select(RefreshToken.used_at).where(RefreshToken.hash == token_hash(token))
        if (await work.session.execute(statement)).scalar() is None:
            break
    return token


def _successor(work: Work, token: str) -> str:
    return opaque.compose(work.organization_id, work.hub.keyring.derive(token, purpose="refresh"))


def _link(work: Work, session: UserSession, token: str) -> None:
    work.session.add(RefreshToken(
        id=new_id(), organization_id=session.organization_id, session_id=session.id, hash=token_hash(token),
        created_at=work.now,
    ))


def _grant(work: Work, session: UserSession, refresh_token: str) -> Grant:
    """Access ends with the session at the latest."""
    longest = timedelta(minutes=work.hub.settings.access_token_minutes)
    expires = min(work.now + longest, session.expires_at)
    claims: dict[str, object] = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": str(session.user_id), "sid": str(session.id),
        "org": str(session.organization_id), "iat": int(work.now.timestamp()), "exp": int(expires.timestamp()),
    }
    return Grant(
        organization_id=session.organization_id, user_id=session.user_id, session_id=session.id,
        access_token=work.hub.keyring.sign(claims, token_type=TOKEN_TYPE),
        expires_in=int((expires - work.now).total_seconds()), refresh_token=refresh_token,
        session_expires_at=session.expires_at,
    )


async def end(work: Work, session_id: UUID, *, reason: str = "sign_out") -> None:
    """Ends a session of the actor's own; its sockets close. Raises `NotFound` for any other."""
    statement = (
        select(UserSession)
        .where(UserSession.id == session_id, UserSession.user_id == work.actor.user_id, UserSession.ended_at.is_(None))
        .with_for_update()
    )
    session = (await work.session.scalars(statement)).first()
    if session is None:
        raise NotFound
    await _end(work, session, reason)


async def end_all(work: Work, user_id: UUID, reason: str, except_session: UUID | None = None) -> None:
    """Ends every session of a user, but the one that is to be kept."""
    statement = (
        select(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .order_by(UserSession.id).with_for_update()
    )
    if except_session is not None:
        statement = statement.where(UserSession.id != except_session)
    for session in await work.session.scalars(statement):
        await _end(work, session, reason)


async def _end(work: Work, session: UserSession, reason: str) -> None:
    session.ended_at, session.end_reason = work.now, reason
    await work.emit(events.SessionEnded(user_id=session.user_id, session_id=session.id, reason=reason))
    work.show(SessionEnded(
        organization_id=session.organization_id, user_id=session.user_id, session_id=session.id,
    ))
