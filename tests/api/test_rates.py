"""How often one may ask, over HTTP: who is counted together, and what an answer tells of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hub.accounts import attempts
from hub.core.clock import SteppingClock
from tests.running import Person, Stack, colleague, register, stack

TIGHT = {
    "rate_limits": True, "rate_user": "6/3", "rate_visitor": "6/3", "rate_sessions_address": "6/3",
    "rate_messages_address": "6/2", "rate_files_channel": "6/1", "trusted_proxies": "127.0.0.1/32",
}


@pytest.fixture(scope="module")
async def strict(
    running_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Stack, httpx2.AsyncClient, SteppingClock]]:
    """The product with limits that tests can reach, and a clock that stands still."""
    clock = SteppingClock()
    async with (
        stack(running_url, Path(tmp_path_factory.mktemp("strict")), clock=clock, **TIGHT) as made,
        httpx2.AsyncClient(base_url=made.url, timeout=30) as client,
    ):
        yield made, client, clock


def told(answer: httpx2.Response) -> tuple[str | None, str | None, str | None]:
    headers = answer.headers
    return headers.get("ratelimit-policy"), headers.get("ratelimit"), headers.get("retry-after")


async def test_a_user_is_told_what_is_left_and_then_how_long_to_wait(strict: Any) -> None:
    _, client, clock = strict
    owner = await register(client)
    left = [told(await owner.ask("GET", "/api/v1/me")) for _ in range(3)]
    policy = '"user";q=3;w=30'
    assert left == [(policy, f'"user";r={rest};t={wait}', None) for rest, wait in ((2, 10), (1, 20), (0, 30))]
    refused = await owner.ask("GET", "/api/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert told(refused) == (policy, '"user";r=0;t=10', "10")
    assert refused.headers["content-type"] == "application/problem+json"
    clock.advance(seconds=10)
    assert (await owner.ask("GET", "/api/v1/me")).status_code == 200


async def test_people_are_counted_one_by_one_and_whoever_asks_without_a_name_is_not(strict: Any) -> None:
    _, client, clock = strict
    owner, other = await register(client), await register(client)
    clock.advance(minutes=1)
    for _ in range(4):
        last = await owner.ask("GET", "/api/v1/me")
    assert last.status_code == 429
    assert (await other.ask("GET", "/api/v1/me")).status_code == 200
    assert told(await client.get("/healthz")) == (None, None, None)
    assert [(await client.get("/api/v1/ping")).status_code for _ in range(8)] == [200] * 8


async def test_files_are_read_by_the_dozen_without_being_counted(strict: Any) -> None:
    _, client, clock = strict
    owner = await register(client)
    clock.advance(minutes=1)
    given = {"file": ("a.txt", b"words", "text/plain")}
    url = (await owner.ask("POST", "/api/v1/files", files=given)).json()["url"]
    answers = [await owner.ask("GET", url) for _ in range(8)]
    assert {(answer.status_code, told(answer)) for answer in answers} == {(200, (None, None, None))}


async def widget(owner: Person, clock: SteppingClock) -> str:
    clock.advance(minutes=1)
    channel = await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Shop"})
    return f"/api/v1/widget/{channel['id']}"


async def test_sessions_of_a_widget_are_counted_by_address_and_by_channel(strict: Any) -> None:
    _, client, clock = strict
    owner = await register(client)
    base, second = await widget(owner, clock), await widget(owner, clock)

    async def open_one(where: str, address: str) -> int:
        answer = await client.post(f"{where}/session", json={}, headers={"x-forwarded-for": address})
        return int(answer.status_code)

    assert [await open_one(base, "2001:db8::1") for _ in range(3)] == [200] * 3
    assert await open_one(base, "2001:db8::2") == 429  # the same network
    assert await open_one(base, "2001:db8:0:1::1") == 200
    assert await open_one(second, "2001:db8::1") == 200  # another channel


async def test_what_a_visitor_sends_is_counted_by_visitor_address_and_channel(strict: Any) -> None:
    _, client, clock = strict
    owner = await register(client)
    base = await widget(owner, clock)

    async def visitor(address: str) -> dict[str, str]:
        answer = await client.post(f"{base}/session", json={}, headers={"x-forwarded-for": address})
        return {"authorization": f"Visitor {answer.json()['visitor_token']}", "x-forwarded-for": address}

    first, second, third = [await visitor(address) for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")]

    async def say(who: dict[str, str], number: int) -> tuple[int, str | None]:
        body = {"client_id": f"message-{number}", "text": "Hello"}
        answer = await client.post(f"{base}/messages", json=body, headers=who)
        return answer.status_code, told(answer)[0]

    assert [(await say(who, 1))[0] for who in (first, second)] == [201, 201]
    assert await say(first, 2) == (429, '"messages_address";q=2;w=20')
    assert (await say(third, 1))[0] == 201
    assert (await client.get(f"{base}/messages", headers=third)).status_code == 200
    assert (await client.get(f"{base}/messages", headers=third)).status_code == 200
    refused = await client.get(f"{base}/messages", headers=third)
    assert (refused.status_code, told(refused)[0]) == (429, '"visitor";q=3;w=30')
    given = {"file": ("a.txt", b"words", "text/plain")}
    files = [await client.post(f"{base}/files", files=given, headers=await visitor(address))
             for address in ("192.0.2.3", "192.0.2.4")]
    assert [(answer.status_code, told(answer)[0]) for answer in files] == [
        (201, '"files_address";q=60;w=30'), (429, '"files_channel";q=1;w=10'),
    ]


async def test_guessing_is_refused_with_the_same_headers(strict: Any) -> None:
    _, client, clock = strict
    clock.advance(hours=2)
    owner = await register(client)
    colleague_ = await colleague(client, owner, "agent")
    clock.advance(minutes=1)
    body = {"email": colleague_.session["user"]["email"], "password": "not this one at all"}
    most = attempts.sign_in("", "")[1].most
    for _ in range(most):
        assert (await client.post("/api/v1/auth/login", json=body)).status_code == 401
    refused = await client.post("/api/v1/auth/login", json=body)
    assert told(refused) == (f'"sign_in.account";q={most};w=900', '"sign_in.account";r=0;t=900', "900")


async def test_limits_are_off_where_the_setting_says_so(client: httpx2.AsyncClient) -> None:
    owner = await register(client)
    answers = [await owner.ask("GET", "/api/v1/me") for _ in range(5)]
    assert {told(answer) for answer in answers} == {(None, None, None)}
