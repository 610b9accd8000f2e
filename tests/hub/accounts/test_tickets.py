"""Tickets for the live socket."""

import asyncio
import secrets
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.accounts import organizations, sessions, tickets
from hub.core.access import system_actor
from hub.core.clock import SteppingClock, new_id
from hub.core.errors import Unauthenticated
from hub.core.hub import Hub
from tests.api.accounts.conftest import hub_over


@pytest.fixture
def hub(engine: AsyncEngine, clock: SteppingClock) -> Hub:
    return hub_over(engine, clock)


@pytest.fixture
async def grant(hub: Hub) -> sessions.Grant:
    async with hub.work(system_actor(new_id(), "test")) as work:
        _, user = await organizations.create(
            work, name="Demo", slug=f"s-{secrets.token_hex(6)}", owner_name="Demo Owner",
            owner_email=f"{secrets.token_hex(6)}@demo.example", password_hash="none",
        )
        return await sessions.start(work, user, device=sessions.Device(user_agent="test", ip="192.0.2.1"))


async def issue(hub: Hub, organization_id: UUID, **whose: UUID) -> str:
    ticket, seconds = await tickets.issue(hub, organization_id, **whose)
    assert seconds == 30
    return ticket


async def test_a_ticket_names_its_session_once(hub: Hub, grant: sessions.Grant) -> None:
    ticket = await issue(hub, grant.organization_id, session_id=grant.session_id)
    actor = await sessions.actor_of_session(hub, grant.organization_id, grant.session_id)
    assert await tickets.redeem(hub, ticket) == (grant.organization_id, actor, None)
    with pytest.raises(Unauthenticated, match="ticket_invalid"):
        await tickets.redeem(hub, ticket)


async def test_a_visitors_ticket_names_the_visitor(hub: Hub, grant: sessions.Grant) -> None:
    visitor_id = new_id()
    ticket = await issue(hub, grant.organization_id, visitor_id=visitor_id)
    assert await tickets.redeem(hub, ticket) == (grant.organization_id, None, visitor_id)


async def test_a_ticket_of_a_session_that_ended_is_good_for_nothing(hub: Hub, grant: sessions.Grant) -> None:
    ticket = await issue(hub, grant.organization_id, session_id=grant.session_id)
    async with hub.work(system_actor(grant.organization_id, "test")) as work:
        await sessions.end_all(work, grant.user_id, "revoked")
    with pytest.raises(Unauthenticated, match="session_ended"):
        await tickets.redeem(hub, ticket)


async def test_of_many_redeeming_one_ticket_one_succeeds(hub: Hub, grant: sessions.Grant) -> None:
    ticket = await issue(hub, grant.organization_id, session_id=grant.session_id)
    outcomes = await asyncio.gather(*(tickets.redeem(hub, ticket) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(outcome, Unauthenticated) for outcome in outcomes) == 19


async def test_a_ticket_lasts_thirty_seconds(hub: Hub, grant: sessions.Grant, clock: SteppingClock) -> None:
    ticket = await issue(hub, grant.organization_id, session_id=grant.session_id)
    clock.advance(seconds=30)
    with pytest.raises(Unauthenticated, match="ticket_invalid"):
        await tickets.redeem(hub, ticket)


@pytest.mark.parametrize("ticket", ["", "x", "A" * 65, "ü" * 65, "A" * 10_000])
async def test_what_is_no_ticket_is_refused(hub: Hub, ticket: str) -> None:
    with pytest.raises(Unauthenticated, match="ticket_invalid"):
        await tickets.redeem(hub, ticket)


async def test_a_ticket_is_for_somebody(hub: Hub, grant: sessions.Grant) -> None:
    with pytest.raises(ValueError, match="session or for a visitor"):
        await issue(hub, grant.organization_id)


async def test_the_actor_of_a_session_is_read_afresh(hub: Hub, grant: sessions.Grant) -> None:
    actor = await sessions.actor_of_session(hub, grant.organization_id, grant.session_id)
    assert (actor.user_id, actor.session_id, actor.role) == (grant.user_id, grant.session_id, "owner")
    assert len(actor.department_ids) == 1
    async with hub.work(actor) as work:
        await sessions.end_all(work, grant.user_id, "revoked")
    with pytest.raises(Unauthenticated, match="session_ended"):
        await sessions.actor_of_session(hub, grant.organization_id, grant.session_id)


async def test_a_session_is_not_found_from_another_organization(hub: Hub, grant: sessions.Grant) -> None:
    with pytest.raises(Unauthenticated, match="session_ended"):
        await sessions.actor_of_session(hub, new_id(), grant.session_id)


async def test_ending_all_sessions_can_spare_one(hub: Hub, grant: sessions.Grant) -> None:
    async with hub.work(system_actor(grant.organization_id, "test")) as work:
        await sessions.end_all(work, grant.user_id, "password_changed", except_session=grant.session_id)
    actor = await sessions.actor_of_session(hub, grant.organization_id, grant.session_id)
    assert actor.user_id == grant.user_id
