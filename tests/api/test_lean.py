"""The short way answers as the long one does, and leaves to it whatever is not plain."""

import secrets

import httpx2
import pytest

from tests.running import Person, Stack, register


@pytest.fixture(scope="module")
async def owner(client: httpx2.AsyncClient) -> Person:
    return await register(client)


@pytest.fixture(scope="module")
async def messages(client: httpx2.AsyncClient, owner: Person) -> str:
    """The path of a conversation's messages."""
    origin = {"origin": "https://shop.example"}
    channel = await owner.post("/api/v1/channels", {
        "kind": "webchat", "name": "Site", "settings": {"allowed_origins": [origin["origin"]]},
    })
    path = f"/api/v1/widget/{channel['id']}"
    session = (await client.post(f"{path}/session", json={}, headers=origin)).json()
    headers = {**origin, "authorization": f"Visitor {session['visitor_token']}"}
    for number in range(3):
        body = {"client_id": secrets.token_hex(8), "text": f"word {number}"}
        sent = (await client.post(f"{path}/messages", json=body, headers=headers)).json()
    return f"/api/v1/conversations/{sent['conversation_id']}/messages"


@pytest.mark.parametrize("query", ["", "?limit=2", "?limit=2&before=3", "?after=1", "?around=2&limit=1"])
async def test_a_page_is_the_same_either_way(owner: Person, messages: str, query: str) -> None:
    short = await owner.ask("GET", messages + query)
    long = await owner.ask("GET", messages.replace("/messages", "/messages/") + query)

    assert short.status_code == long.status_code == 200
    assert short.json() == long.json()
    assert {name.lower() for name in short.headers} == {name.lower() for name in long.headers}


@pytest.mark.parametrize(("query", "status"), [
    ("?limit=0", 422), ("?limit=x", 422), ("?before=1&after=1", 422), ("?limit=1&limit=2", 200), ("?more=1", 200),
])
async def test_what_is_not_plain_is_answered_the_long_way(
    owner: Person, messages: str, query: str, status: int
) -> None:
    answer = await owner.ask("GET", messages + query)

    assert answer.status_code == status, answer.text


async def test_refusals_are_those_of_the_route(client: httpx2.AsyncClient, owner: Person, messages: str) -> None:
    stranger = await register(client)

    for refused, status in (
        (await client.get(messages), 401),
        (await client.get(messages, headers={"authorization": "Bearer nonsense"}), 401),
        (await stranger.ask("GET", messages), 404),
        (await client.post("/api/v1/live/ticket"), 401),
    ):
        assert refused.status_code == status
        assert refused.headers["content-type"] == "application/problem+json"


async def test_a_ticket_got_the_short_way_is_good(running: Stack, owner: Person) -> None:
    answer = await owner.ask("POST", "/api/v1/live/ticket")

    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 30
    assert (await running.app.state.fanout.source.admit(answer.json()["ticket"])).session_id is not None
