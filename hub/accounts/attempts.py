"""Limits on guessing, counted in PostgreSQL so that all processes share them and parallel guesses cannot slip by.

An attempt is counted before it is looked at, and given back when it was right. Buckets are keyed by address and by
address with account, never by account alone: an attacker elsewhere cannot lock a victim out.
"""

import ipaddress
from datetime import timedelta

import msgspec
from sqlalchemy import case, delete, func, update
from sqlalchemy.dialects.postgresql import insert

from hub.accounts.models import LoginAttempts
from hub.core.crypto import token_hash
from hub.core.errors import LimitReached
from hub.core.hub import Hub
from hub.core.tenancy import Scope


class Bucket(msgspec.Struct, frozen=True):
    """At most `most` attempts of this kind by this subject in a window of so many minutes."""

    kind: str
    subject: str
    most: int
    minutes: int

    @property
    def key(self) -> bytes:
        return token_hash(f"{self.kind}|{self.subject}")


def sign_in(ip: str, email: str) -> tuple[Bucket, Bucket]:
    return (
        Bucket("sign_in", network_of(ip), most=200, minutes=15),
        Bucket("sign_in.account", f"{network_of(ip)}|{email}", most=20, minutes=15),
    )


def registration(ip: str) -> Bucket:
    return Bucket("registration", network_of(ip), most=600, minutes=60)


def password_reset(ip: str, email: str) -> tuple[Bucket, Bucket]:
    return (
        Bucket("password_reset", network_of(ip), most=60, minutes=60),
        Bucket("password_reset.account", f"{network_of(ip)}|{email}", most=5, minutes=60),
    )


def reset_confirmation(ip: str) -> Bucket:
    """Links that are tried: a firm that was invited as a whole sets its passwords from one address."""
    return Bucket("reset_confirmation", network_of(ip), most=600, minutes=60)


def current_password(organization_id: object, user_id: object) -> Bucket:
    """Guesses by whoever holds a session of the user: there is nobody else to lock out."""
    return Bucket("current_password", f"{organization_id}|{user_id}", most=10, minutes=15)


def network_of(ip: str) -> str:
    """The address, or the /64 of an IPv6 address: a household owns all of one."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


async def take(hub: Hub, *buckets: Bucket) -> None:
    """Counts an attempt in each bucket. Raises `LimitReached` when one of them is full; `retry_after` says how long."""
    now = hub.clock.now()
    rows = sorted(buckets, key=lambda bucket: bucket.key)  # everybody locks in the same order
    statement = insert(LoginAttempts).values([
        {"key": row.key, "count": 1, "window_ends_at": now + timedelta(minutes=row.minutes)} for row in rows
    ])
    over = LoginAttempts.window_ends_at <= now
    counted = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((over, 1), else_=LoginAttempts.count + 1),
            "window_ends_at": case((over, statement.excluded.window_ends_at), else_=LoginAttempts.window_ends_at),
        },
    ).returning(LoginAttempts.key, LoginAttempts.count.label("taken"), LoginAttempts.window_ends_at)
    async with hub.database.transaction(Scope.across("attempts")) as session:
        found = {row.key: row for row in await session.execute(counted)}
    full = [(found[row.key].window_ends_at, row) for row in rows if found[row.key].taken > row.most]
    if full:
        hub.log.warning("attempts_limited", kind=buckets[0].kind)
        until, row = max(full, key=lambda pair: pair[0])
        raise LimitReached("too_many_attempts", retry_after=(until - now).total_seconds(),
                           quota=(row.kind, row.most, row.minutes * 60))


async def forgive(hub: Hub, *own: Bucket, shared: Bucket | None = None) -> None:
    """The attempt was right: the subject's own buckets are emptied, the shared one gets this attempt back."""
    async with hub.database.transaction(Scope.across("attempts")) as session:
        if shared is not None:
            await session.execute(
                update(LoginAttempts).where(LoginAttempts.key == shared.key)
                .values(count=func.greatest(LoginAttempts.count - 1, 0))
            )
        await session.execute(delete(LoginAttempts).where(LoginAttempts.key.in_([bucket.key for bucket in own])))
