"""Sweeps away what has run out: counters of attempts, unused tickets, and the token chains of sessions long over."""

from datetime import timedelta

from sqlalchemy import delete, or_, select

from hub.accounts.models import LiveTicket, LoginAttempts, PasswordReset, RefreshToken, UserSession
from hub.core.hub import Hub
from hub.core.tenancy import Scope

KEPT_AFTER_END = timedelta(days=30)


async def sweep(hub: Hub) -> None:
    """Repeatable at any time; meant for about once an hour."""
    now = hub.clock.now()
    long_ago = now - KEPT_AFTER_END
    over = select(UserSession.id).where(or_(UserSession.ended_at < long_ago, UserSession.expires_at < long_ago))
    async with hub.database.transaction(Scope.across("housekeeping")) as session:
        await session.execute(delete(LoginAttempts).where(LoginAttempts.window_ends_at < now))
        await session.execute(delete(LiveTicket).where(LiveTicket.expires_at < now))
        await session.execute(delete(PasswordReset).where(PasswordReset.expires_at < long_ago))
        await session.execute(delete(RefreshToken).where(RefreshToken.session_id.in_(over)))
