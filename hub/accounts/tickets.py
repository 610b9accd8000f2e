"""Single-use passes to open one socket, so that no lasting token stands in a WebSocket's address or frames."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete

from hub.accounts import opaque
from hub.accounts.models import LiveTicket
from hub.core.clock import new_id
from hub.core.crypto import token_hash
from hub.core.errors import Unauthenticated
from hub.core.hub import Hub
from hub.core.tenancy import Scope
from hub.core.work import Work

LIFETIME = timedelta(seconds=30)


async def issue(work: Work, *, session_id: UUID | None = None, visitor_id: UUID | None = None) -> tuple[str, int]:
    """A ticket for a user's session or for a visitor, and the seconds it is good for."""
    if (session_id is None) == (visitor_id is None):
        raise ValueError("a ticket is for a session or for a visitor")
    ticket = opaque.mint(work.organization_id)
    work.session.add(LiveTicket(
        id=new_id(), organization_id=work.organization_id, hash=token_hash(ticket), session_id=session_id,
        visitor_id=visitor_id, expires_at=work.now + LIFETIME,
    ))
    return ticket, int(LIFETIME.total_seconds())


async def redeem(hub: Hub, ticket: str) -> tuple[UUID, UUID | None, UUID | None]:
    """Takes a ticket: (organization, session, visitor). Raises `Unauthenticated`; of many at once one succeeds."""
    organization_id = opaque.organization_of(ticket)
    if organization_id is None:
        raise Unauthenticated("ticket_invalid")
    statement = (
        delete(LiveTicket).where(LiveTicket.hash == token_hash(ticket))
        .returning(LiveTicket.session_id, LiveTicket.visitor_id, LiveTicket.expires_at)
    )
    async with hub.database.transaction(Scope.of(organization_id)) as session:
        row = (await session.execute(statement)).first()
    if row is None or row.expires_at <= hub.clock.now():
        raise Unauthenticated("ticket_invalid")
    return organization_id, row.session_id, row.visitor_id
