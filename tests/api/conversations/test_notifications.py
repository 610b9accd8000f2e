"""Notifications over HTTP: shapes, codes, preferences."""

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from hub.channels.models import Channel
from hub.core.access import Actor
from tests.api.conversations.conftest import SignIn
from tests.hub.conversations.floor import Floor, word

PATH = "/api/v1/notifications"
PREFERENCES = "/api/v1/me/notifications"
WAYS = {"app": True, "browser": True, "sound": True}


@pytest.fixture
async def http(sign_in: SignIn, ana: Actor) -> httpx2.AsyncClient:
    return await sign_in(ana)


@pytest.fixture
async def told(http: httpx2.AsyncClient, conversation_id: str, floor: Floor, line: Channel) -> dict[str, Any]:
    """What Ana was told of a message in the conversation that she has."""
    await http.post(f"/api/v1/conversations/{conversation_id}/accept")
    await floor.receive(line, word("Anybody?", at=floor.hub.clock.now(), vendor_id=uuid4().hex))
    body: dict[str, Any] = (await http.get(PATH)).json()
    return body


async def test_a_notification_has_exactly_the_members_of_the_api(
    told: dict[str, Any], conversation_id: str
) -> None:
    assert (set(told), told["unread"], told["next_cursor"]) == ({"results", "next_cursor", "unread"}, 1, None)
    (one,) = told["results"]
    assert set(one) == {
        "id", "kind", "conversation_id", "message_id", "message_kind", "actor", "contact", "text", "created_at",
        "read_at",
    }
    assert (one["kind"], one["conversation_id"], one["text"]) == ("message", conversation_id, "Anybody?")
    assert set(one["contact"]) == {"id", "name"}


@pytest.mark.parametrize("which", ["ids", "all", "conversation_id"])
async def test_notifications_are_read_in_each_way(
    http: httpx2.AsyncClient, told: dict[str, Any], conversation_id: str, which: str
) -> None:
    body = {"ids": [told["results"][0]["id"]], "all": True, "conversation_id": conversation_id}[which]
    assert (await http.post(f"{PATH}/read", json={which: body})).json() == {"unread": 0}
    assert (await http.get(PATH, params={"unread": "true"})).json()["results"] == []
    assert (await http.get(PATH)).json()["results"][0]["read_at"] is not None


async def test_reading_the_conversation_over_http_reads_them(
    http: httpx2.AsyncClient, told: dict[str, Any], conversation_id: str
) -> None:
    head = (await http.get(f"/api/v1/conversations/{conversation_id}")).json()["head_seq"]
    await http.post(f"/api/v1/conversations/{conversation_id}/read", json={"seq": head})
    assert (await http.get(PATH)).json()["unread"] == 0


@pytest.mark.parametrize("body", [
    {}, {"all": False}, {"ids": "x"}, {"ids": ["x"]}, {"all": "maybe"}, {"user_id": str(UUID(int=1))},
    {"ids": [str(UUID(int=1))] * 1001},
])
async def test_reading_has_to_say_what(http: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    assert (await http.post(f"{PATH}/read", json=body)).status_code == 422


async def test_a_conversation_that_is_not_there_is_not_read(http: httpx2.AsyncClient) -> None:
    assert (await http.post(f"{PATH}/read", json={"conversation_id": str(uuid4())})).status_code == 404


async def test_preferences_have_defaults_and_are_replaced(http: httpx2.AsyncClient) -> None:
    assert (await http.get(PREFERENCES)).json() == {
        "mention": WAYS, "assigned": WAYS, "message": WAYS, "unassigned": {**WAYS, "browser": False}, "quiet": False,
    }
    chosen = {"mention": WAYS, "assigned": {**WAYS, "sound": False}, "message": {**WAYS, "app": False},
              "unassigned": {"app": False, "browser": True, "sound": True}, "quiet": True}
    assert (await http.put(PREFERENCES, json=chosen)).json() == chosen
    assert (await http.get(PREFERENCES)).json() == chosen
    assert (await http.put(PREFERENCES, json={})).json()["quiet"] is False


@pytest.mark.parametrize("body", [
    {"quiet": "yes"}, {"mention": {"app": "maybe"}}, {"mention": {"smell": True}}, {"planet": {}}, {"message": None},
    [],
])
async def test_preferences_of_another_shape_are_refused(http: httpx2.AsyncClient, body: Any) -> None:
    assert (await http.put(PREFERENCES, json=body)).status_code == 422
