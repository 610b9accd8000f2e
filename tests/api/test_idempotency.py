"""`Idempotency-Key` over HTTP: sent twice, done once, answered alike."""

import asyncio
import secrets
from typing import Any

import httpx2
import pytest

from api.idempotency import repeatable
from tests.running import Person, Stack, colleague, register

PATH = "/api/v1/views"


@pytest.fixture
async def owner(client: httpx2.AsyncClient) -> Person:
    return await register(client)


def view(name: str = "Mine") -> dict[str, Any]:
    return {"name": name, "query": {"search": "lamp"}}


async def ask(person: Person, key: str, body: Any, path: str = PATH) -> httpx2.Response:
    return await person.ask("POST", path, json=body, headers={"idempotency-key": key})


async def names(person: Person) -> list[str]:
    found = await person.get(PATH)
    return [one["name"] for one in found["results"] if not one.get("shared")]


async def test_the_same_request_is_done_once_and_answered_alike(owner: Person) -> None:
    key = secrets.token_hex(8)
    first, second = await ask(owner, key, view()), await ask(owner, f'"{key}"', view())
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (first.headers.get("idempotency-replayed"), second.headers["idempotency-replayed"]) == (None, "true")
    assert second.headers["content-type"] == first.headers["content-type"]
    assert await names(owner) == ["Mine"]


async def test_of_eight_connections_one_acts_and_the_others_hear_its_answer_or_wait(
    running: Stack, owner: Person
) -> None:
    key = secrets.token_hex(8)

    async def knock() -> httpx2.Response:
        async with httpx2.AsyncClient(base_url=running.url, timeout=30) as own:
            while True:
                answer = await ask(Person(own, owner.session), key, view())
                if answer.status_code != 409:
                    return answer
                assert answer.json()["code"] == "idempotency_key_in_use"
                assert answer.headers["retry-after"] == "1"

    answers = await asyncio.gather(*(knock() for _ in range(8)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum(answer.headers.get("idempotency-replayed") is None for answer in answers) == 1
    assert await names(owner) == ["Mine"]


async def test_another_body_or_path_under_the_same_key_is_refused(owner: Person) -> None:
    key = secrets.token_hex(8)
    await ask(owner, key, view())
    for answer in (await ask(owner, key, view("Other")), await ask(owner, key, view(), f"{PATH}?x=1")):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await names(owner) == ["Mine"]


async def test_another_person_may_use_the_same_key(client: httpx2.AsyncClient, owner: Person) -> None:
    key = secrets.token_hex(8)
    agent, stranger = await colleague(client, owner, "agent"), await register(client)
    answers = [await ask(person, key, view()) for person in (owner, agent, stranger)]
    assert [(answer.status_code, answer.headers.get("idempotency-replayed")) for answer in answers] == [(201, None)] * 3


async def test_a_refused_request_may_be_mended_under_its_key(owner: Person) -> None:
    key = secrets.token_hex(8)
    assert (await ask(owner, key, view(""))).status_code == 422
    assert (await ask(owner, key, {"surprise": 1})).status_code == 422
    assert (await ask(owner, key, view())).status_code == 201


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "tab\there", 'a"b', "ol\\é"])
async def test_a_key_that_is_none_is_refused(owner: Person, key: str) -> None:
    headers = [(b"authorization", f"Bearer {owner.token}".encode()), (b"idempotency-key", key.encode())]
    answer = await owner._client.post(PATH, json=view(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid")


async def test_nobodys_tickets_are_kept(owner: Person) -> None:
    first, second = [await ask(owner, "the same", {}, "/api/v1/live/ticket") for _ in range(2)]
    assert first.json()["ticket"] != second.json()["ticket"]
    assert "idempotency-replayed" not in second.headers


async def test_a_visitor_sends_once_too(client: httpx2.AsyncClient, owner: Person) -> None:
    channel = await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Shop"})
    base = f"/api/v1/widget/{channel['id']}"
    token = (await client.post(f"{base}/session", json={})).json()["visitor_token"]
    headers = {"authorization": f"Visitor {token}", "idempotency-key": "the same"}
    body = {"client_id": "message-1", "text": "Hello"}
    first, second = [await client.post(f"{base}/messages", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert second.headers["idempotency-replayed"] == "true"


def test_every_unsafe_post_is_documented_and_nothing_with_secrets_is_kept(running: Stack) -> None:
    document = running.app.openapi_schema.to_schema()
    told = {
        operation["operationId"]
        for item in document["paths"].values() if (operation := item.get("post"))
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
    }
    posts = {
        operation["operationId"] for item in document["paths"].values() if (operation := item.get("post"))
    }
    assert posts - told == {
        "register", "login", "refresh_session", "logout", "request_password_reset", "confirm_password_reset",
        "issue_live_ticket", "issue_widget_ticket", "open_widget_session", "upload_file", "upload_widget_file",
        "receive_whatsapp_webhook",
    }
    honoured = {
        handler.operation_id for route in running.app.routes for handler in getattr(route, "route_handlers", [])
        if repeatable(handler)
    }
    assert told == honoured
