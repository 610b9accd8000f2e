"""Canned responses over HTTP: shapes and codes."""

from typing import Any

import httpx2
import pytest

from hub.core.access import Actor
from tests.api.conversations.conftest import SignIn

PATH = "/api/v1/canned-responses"


@pytest.fixture
async def http(sign_in: SignIn, ana: Actor) -> httpx2.AsyncClient:
    return await sign_in(ana)


def body(**more: Any) -> dict[str, Any]:
    return {"shortcut": "hi", "title": "Greeting", "body": "Hello {{contact.first_name}}", **more}


async def test_a_text_has_exactly_the_members_of_the_api(
    http: httpx2.AsyncClient, ana: Actor, conversation_id: str
) -> None:
    made = (await http.post(PATH, json=body())).json()
    assert set(made) == {
        "id", "shortcut", "title", "body", "scope", "department_id", "owner_id", "created_at", "updated_at",
    }
    assert (made["scope"], made["owner_id"]) == ("personal", str(ana.user_id))
    assert (await http.get(PATH)).json()["results"] == [made]
    answer = await http.get(f"{PATH}/{made['id']}/text", params={"conversation_id": conversation_id})
    assert answer.json() == {"text": "Hello Carla"}
    assert (await http.patch(f"{PATH}/{made['id']}", json={"title": "Welcome"})).json()["title"] == "Welcome"
    assert (await http.delete(f"{PATH}/{made['id']}")).status_code == 204
    assert (await http.get(PATH)).json()["count"] == 0


async def test_a_taken_shortcut_is_a_conflict(http: httpx2.AsyncClient) -> None:
    await http.post(PATH, json=body())
    again = await http.post(PATH, json=body())
    assert (again.status_code, again.json()["code"]) == (409, "shortcut_taken")


@pytest.mark.parametrize("more", [
    {"scope": "planet"}, {"owner_id": "0197a1b2-0000-7000-8000-000000000000"}, {"body": 5}, {"shortcut": "Ä"},
])
async def test_a_text_of_another_shape_is_refused(http: httpx2.AsyncClient, more: dict[str, Any]) -> None:
    assert (await http.post(PATH, json=body(**more))).status_code == 422


async def test_an_agent_writes_none_for_the_organization(http: httpx2.AsyncClient) -> None:
    assert (await http.post(PATH, json=body(scope="organization"))).status_code == 403
