"""Guessing passwords at two servers at once, over real connections, with Redis and without (SEC-5)."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.running import PASSWORD, Person, Stack, register, stack
from tests.workers.servers import Valkey

LIMIT = 20  # wrong guesses at one account from one address in 15 minutes
PROXY = {"trusted_proxies": "127.0.0.1"}


class Pair:
    """Two servers over one database, a connection to each, and somebody whose password is wanted."""

    def __init__(self, first: Stack, second: Stack, here: httpx2.AsyncClient, there: httpx2.AsyncClient, owner: Person):
        self.stacks, self.doors, self.owner = (first, second), (here, there), owner
        self.email: str = owner.session["user"]["email"]
        self.slug: str = owner.session["user"]["organization"]["slug"]

    async def login(self, number: int, password: str, *, chain: str = "198.51.100.7") -> httpx2.Response:
        """At one of the two doors in turn; `chain` is what the proxy before them says of where it comes from."""
        return await self.doors[number % 2].post("/api/v1/auth/login", headers={"x-forwarded-for": chain}, json={
            "email": self.email, "password": password, "slug": self.slug,
        })


@contextlib.asynccontextmanager
async def pair(url: str, folder: Path, **settings: str) -> AsyncIterator[Pair]:
    async with contextlib.AsyncExitStack() as entered:
        stacks = [await entered.enter_async_context(stack(url, folder / name, **settings)) for name in "ab"]
        doors = [await entered.enter_async_context(httpx2.AsyncClient(base_url=one.url, timeout=60)) for one in stacks]
        yield Pair(stacks[0], stacks[1], doors[0], doors[1], await register(doors[0]))


@pytest.mark.parametrize("shared", ["redis", "database alone"])
async def test_a_hundred_parallel_guesses_at_two_servers_pass_the_limit_once(
    own_database: str, tmp_path: Path, valkey: Valkey, shared: str
) -> None:
    """The address that guessed is shut out even with the right password; the victim's own is not; and neither a
    spoofed chain before the proxy's word nor Redis going away opens the door again."""
    settings = PROXY | ({"redis_url": valkey.url} if shared == "redis" else {}) | {"secret_key": "k" * 40}
    async with pair(own_database, tmp_path, **settings) as both:
        answers = await asyncio.gather(*(both.login(number, f"guess number {number}") for number in range(100)))
        statuses = [answer.status_code for answer in answers]
        assert 0 < statuses.count(401) <= LIMIT
        assert set(statuses) <= {401, 429, 503}  # 503: a slow machine lets no more of them wait for one row
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers if answer.status_code == 429)
        if shared == "redis":
            valkey.stop()
        assert [(await both.login(number, PASSWORD)).status_code for number in range(2)] == [429, 429]
        spoofed = [await both.login(number, PASSWORD, chain=f"203.0.113.{number}, 198.51.100.7") for number in range(2)]
        assert [answer.status_code for answer in spoofed] == [429, 429]
        elsewhere = [await both.login(number, PASSWORD, chain="192.0.2.9") for number in range(2)]
        assert [answer.status_code for answer in elsewhere] == [200, 200]


async def test_an_unknown_address_answers_as_a_known_one_and_costs_as_much(own_database: str, tmp_path: Path) -> None:
    """The cost is the processor's time, which no load on the machine changes: one comparison less would halve it."""
    async with pair(own_database, tmp_path, **PROXY) as both:
        costs: dict[bool, list[float]] = {True: [], False: []}
        seen = set()
        for number in range(12):
            is_known = number % 2 == 0
            started = time.process_time()
            answer = await both.doors[0].post(
                "/api/v1/auth/login", headers={"x-forwarded-for": f"192.0.2.{number}"},
                json={"email": both.email if is_known else f"nobody{number}@example.com", "password": "not this one"},
            )
            costs[is_known].append(time.process_time() - started)
            body = answer.json() | {"request_id": ""}
            kept = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id")}
            seen.add((answer.status_code, str(body), str(kept)))
        assert len(seen) == 1
        assert 0.7 < statistics.median(costs[True]) / statistics.median(costs[False]) < 1.4
