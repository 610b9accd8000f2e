"""Guessing is limited, whoever guesses from wherever, and nobody can be locked out by somebody else."""

import asyncio
import secrets

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.accounts import attempts
from hub.core.clock import SteppingClock
from hub.core.hub import Hub
from tests.api.accounts.conftest import Caller, address, client_over, hub_over, login

LIMIT = 20


async def guess(http: httpx2.AsyncClient, owner: Caller, number: int) -> httpx2.Response:
    """A wrong password; that the organization is named saves comparing a second hash."""
    slug = owner.session["user"]["organization"]["slug"]
    return await login(http, owner.email, f"guess number {number}", slug=slug)


async def test_of_a_hundred_parallel_guesses_at_most_the_limit_pass(
    hub: Hub, owner: Caller, engine: AsyncEngine, clock: SteppingClock
) -> None:
    """Over two hubs, as two processes would: they share nothing but the database."""
    ip, second = "198.51.100.7", hub_over(engine, clock)
    async with client_over(hub, ip=ip) as one, client_over(second, ip=ip) as two:
        answers = await asyncio.gather(*(
            guess((one, two)[number % 2], owner, number) for number in range(100)
        ))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(401), statuses.count(429)) == (LIMIT, 100 - LIMIT)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "too_many_attempts"
    assert int(refused.headers["retry-after"]) == 900


async def test_the_victim_signs_in_from_elsewhere_while_an_attacker_is_locked_out(hub: Hub, owner: Caller) -> None:
    async with client_over(hub) as attacker, client_over(hub) as victim:
        for number in range(LIMIT + 1):
            refused = await guess(attacker, owner, number)
        assert refused.status_code == 429
        assert (await login(victim, owner.email)).status_code == 200


async def test_the_limit_lapses(hub: Hub, owner: Caller, clock: SteppingClock) -> None:
    async with client_over(hub) as http:
        for number in range(LIMIT + 1):
            await guess(http, owner, number)
        assert (await login(http, owner.email)).status_code == 429
        clock.advance(minutes=15)
        assert (await login(http, owner.email)).status_code == 200


async def test_a_right_password_empties_the_count(hub: Hub, owner: Caller) -> None:
    async with client_over(hub) as http:
        for _ in range(2):
            for number in range(LIMIT - 1):
                assert (await guess(http, owner, number)).status_code == 401
            assert (await login(http, owner.email)).status_code == 200


async def test_one_address_cannot_try_many_accounts(hub: Hub) -> None:
    """Most of the guesses are only counted: comparing a hash takes its time."""
    ip = "198.51.100.23"
    for _ in range(185):
        await attempts.take(hub, *attempts.sign_in(ip, address()))
    async with client_over(hub, ip=ip) as http:
        answers = await asyncio.gather(*(login(http, address(), "some guess here", slug="none") for _ in range(25)))
    assert [answer.status_code for answer in answers].count(429) == 10


async def test_a_forged_forwarded_address_changes_nothing(hub: Hub, owner: Caller) -> None:
    async with client_over(hub) as http:
        statuses = []
        for number in range(LIMIT + 5):
            body = {"email": owner.email, "password": f"guess {number} here", "slug": "some-slug"}
            forged = {"x-forwarded-for": f"203.0.113.{number}"}
            statuses.append((await http.post("/api/v1/auth/login", json=body, headers=forged)).status_code)
    assert statuses.count(401) == LIMIT


async def test_a_household_of_ipv6_addresses_counts_as_one(hub: Hub, owner: Caller) -> None:
    prefix = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}"
    statuses = []
    for number in range(LIMIT + 2):
        async with client_over(hub, ip=f"{prefix}::{number + 1:x}") as http:
            statuses.append((await guess(http, owner, number)).status_code)
    assert statuses.count(429) == 2


async def test_spelling_an_address_otherwise_is_no_new_account(hub: Hub, owner: Caller) -> None:
    async with client_over(hub) as http:
        for number in range(LIMIT):
            email = owner.email.upper() if number % 2 else f" {owner.email} "
            assert (await login(http, email, "some guess here", slug=f"s{number}")).status_code == 401
        assert (await login(http, owner.email)).status_code == 429


async def test_registering_is_limited(hub: Hub, http: httpx2.AsyncClient) -> None:
    from hub.core.errors import LimitReached

    bucket = attempts.Bucket("registration", "192.0.2.1", most=3, minutes=60)
    outcomes = await asyncio.gather(*(attempts.take(hub, bucket) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, LimitReached) for outcome in outcomes) == 5
