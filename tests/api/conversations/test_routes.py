"""The routes of conversations, contacts and tags: shapes, codes, and nothing for strangers."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from hub.channels.models import Channel
from hub.core.access import Actor
from tests.api.conversations.conftest import SignIn
from tests.hub.conversations.floor import Floor, word

BASE = "/api/v1/conversations"


@pytest.fixture
async def http(sign_in: SignIn, ana: Actor) -> httpx2.AsyncClient:
    return await sign_in(ana)


async def send(http: httpx2.AsyncClient, conversation_id: str, **body: Any) -> httpx2.Response:
    return await http.post(f"{BASE}/{conversation_id}/messages", json={"client_id": uuid4().hex, "text": "Hi", **body})


async def test_a_list_row_has_exactly_the_fields_of_the_api(http: httpx2.AsyncClient, conversation_id: str) -> None:
    body = (await http.get(BASE, params={"view": "unassigned"})).json()
    assert set(body) == {"results", "next_cursor"}
    row = body["results"][0]
    assert set(row) == {
        "id", "channel", "contact", "status", "assignee", "department", "tags", "head_seq", "inbound_count",
        "last_message", "fields", "waiting_since", "snoozed_until", "last_activity_at", "created_at", "marker",
    }
    assert set(row["last_message"]) == {"seq", "author", "author_name", "kind", "text", "at", "state"}
    assert row["contact"] == {"id": row["contact"]["id"], "name": "Carla Demo", "handle": "+5511987654321"}
    assert row["marker"] == {"seq": 0, "inbound_seen": 0}
    assert row["last_activity_at"].endswith("Z")


async def test_a_conversation_has_its_contact_engagement_window_and_rights(
    http: httpx2.AsyncClient, conversation_id: str
) -> None:
    body = (await http.get(f"{BASE}/{conversation_id}")).json()
    assert [one["kind"] for one in body["contact"]["identities"]] == ["whatsapp"]
    assert set(body["engagement"]) == {
        "id", "number", "opened_at", "accepted_at", "first_reply_at", "closed_at", "disposition",
    }
    assert body["window"]["open"] is True
    assert body["can"]["reply"] is True


async def test_messages_have_exactly_the_fields_of_the_api(http: httpx2.AsyncClient, conversation_id: str) -> None:
    made = await send(http, conversation_id)
    page = (await http.get(f"{BASE}/{conversation_id}/messages")).json()
    assert made.status_code == 201
    assert set(made.json()) == {
        "id", "conversation_id", "seq", "author", "author_id", "author_name", "note", "kind", "text", "content",
        "reply_to", "attachments", "reactions", "state", "state_at", "error", "client_id", "created_at",
        "occurred_at", "late", "edited_at", "deleted_at",
    }
    assert set(page) == {"results", "has_before", "has_after", "head_seq", "epoch"}
    assert page["results"][-1] == made.json()


async def test_a_repeated_client_id_is_200_and_with_other_words_409(
    http: httpx2.AsyncClient, conversation_id: str
) -> None:
    first = await send(http, conversation_id, client_id="client-0001")
    again = await send(http, conversation_id, client_id="client-0001")
    other = await send(http, conversation_id, client_id="client-0001", text="other")
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json()["id"] == first.json()["id"]
    assert other.json()["code"] == "client_id_reused"
    assert other.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("body", [
    {"client_id": "short", "text": "x"}, {"text": "x"}, {"client_id": "client-0001", "text": "x", "seq": 9},
    {"client_id": "client-0001", "text": "x", "author": "bot"}, {"client_id": "client-0001"},
])
async def test_a_message_that_does_not_fit_is_422(
    http: httpx2.AsyncClient, conversation_id: str, body: dict[str, Any]
) -> None:
    answer = await http.post(f"{BASE}/{conversation_id}/messages", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_the_second_to_accept_is_told_who_took_it(
    floor: Floor, sign_in: SignIn, ana: Actor, conversation_id: str
) -> None:
    first, second = await sign_in(ana), await sign_in(await floor.actor(name="Bea Demo"))
    assert (await first.post(f"{BASE}/{conversation_id}/accept")).json()["assignee"]["name"] == "Ana Demo"
    refused = await second.post(f"{BASE}/{conversation_id}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_taken")
    assert refused.json()["assignee"] == {"id": str(ana.user_id), "name": "Ana Demo"}


async def test_a_conversation_goes_through_its_life(
    floor: Floor, sign_in: SignIn, http: httpx2.AsyncClient, ana: Actor, conversation_id: str
) -> None:
    boss = await sign_in(await floor.actor("manager"))
    tag = (await boss.post("/api/v1/tags", json={"name": "vip", "color": "#2563eb"})).json()
    path = f"{BASE}/{conversation_id}"
    assigned = await http.post(f"{path}/assign", json={"user_id": str(ana.user_id)})
    assert assigned.json()["assignee"]["id"] == str(ana.user_id)
    assert (await http.put(f"{path}/tags", json={"tag_ids": [tag["id"]]})).json()["tags"] == [tag]
    assert (await http.get(BASE, params={"tag_id": tag["id"], "view": "mine"})).json()["results"][0]["tags"] == [tag]
    assert (await http.post(f"{path}/close", json={"disposition": "sold"})).json()["status"] == "closed"
    assert (await http.post(f"{path}/reopen")).json()["status"] == "open"
    assert (await http.post(f"{path}/close")).json()["status"] == "closed"
    counts = (await http.get(f"{BASE}/counts")).json()
    assert (counts["mine"], counts["unassigned"], counts["all"], counts["closed"], counts["unread"]) == (0, 0, 0, 1, 0)


async def test_reading_and_unreading_give_the_marker(http: httpx2.AsyncClient, conversation_id: str) -> None:
    path = f"{BASE}/{conversation_id}"
    assert (await http.post(f"{path}/read", json={"seq": 2})).json() == {"seq": 2, "inbound_seen": 1}
    assert (await http.post(f"{path}/unread")).json() == {"seq": 1, "inbound_seen": 0}


async def test_a_message_shows_the_steps_of_its_delivery(
    floor: Floor, http: httpx2.AsyncClient, conversation_id: str
) -> None:
    made = (await send(http, conversation_id)).json()
    await floor.run()
    body = (await http.get(f"{BASE}/{conversation_id}/messages/{made['id']}")).json()
    assert [step["state"] for step in body["timeline"]] == ["queued", "sending", "sent"]
    refused = await http.post(f"{BASE}/{conversation_id}/messages/{made['id']}/resend")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_resendable")


async def test_notes_are_edited_reacted_to_and_taken_back(http: httpx2.AsyncClient, conversation_id: str) -> None:
    note = (await send(http, conversation_id, note=True)).json()
    path = f"{BASE}/{conversation_id}/messages/{note['id']}"
    assert (await http.patch(path, json={"text": "better"})).json()["text"] == "better"
    assert (await http.put(f"{path}/reaction", json={"emoji": "👍"})).json()["reactions"][0]["emoji"] == "👍"
    assert (await http.put(f"{path}/reaction", json={"emoji": None})).json()["reactions"] == []
    gone = await http.delete(path)
    assert (gone.status_code, gone.json()["text"]) == (200, "")
    answer = (await send(http, conversation_id)).json()
    refused = await http.patch(f"{BASE}/{conversation_id}/messages/{answer['id']}", json={"text": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_supported_by_channel")


async def test_search_answers_contacts_and_messages(http: httpx2.AsyncClient, conversation_id: str) -> None:
    found = (await http.get("/api/v1/search", params={"q": "hello"})).json()
    assert found["messages"][0]["snippet"] == "\ue000Hello\ue001"
    assert set(found["messages"][0]) == {"conversation_id", "contact", "message", "snippet"}
    assert (await http.get("/api/v1/search", params={"q": "carla"})).json()["contacts"][0]["name"] == "Carla Demo"


async def test_contacts_are_listed_read_and_renamed(http: httpx2.AsyncClient, conversation_id: str) -> None:
    page = (await http.get("/api/v1/contacts", params={"search": "987654"})).json()
    contact = page["results"][0]
    assert (page["count"], set(contact)) == (1, {"id", "name", "identities", "created_at", "fields"})
    renamed = await http.patch(f"/api/v1/contacts/{contact['id']}", json={"name": "Carla C."})
    assert renamed.json()["name"] == "Carla C."
    assert (await http.get(f"/api/v1/contacts/{contact['id']}")).json() == renamed.json()


async def test_tags_are_managed_by_those_who_may(floor: Floor, sign_in: SignIn, http: httpx2.AsyncClient) -> None:
    assert (await http.post("/api/v1/tags", json={"name": "vip", "color": "#2563eb"})).status_code == 403
    boss = await sign_in(await floor.actor("manager"))
    tag = (await boss.post("/api/v1/tags", json={"name": "vip", "color": "#2563eb"})).json()
    taken = await boss.post("/api/v1/tags", json={"name": "vip", "color": "#2563eb"})
    assert (taken.status_code, taken.json()["code"]) == (409, "tag_exists")
    assert (await boss.patch(f"/api/v1/tags/{tag['id']}", json={"name": "gold"})).json()["name"] == "gold"
    assert (await boss.delete(f"/api/v1/tags/{tag['id']}")).status_code == 204
    assert (await http.get("/api/v1/tags")).json()["results"] == []


REQUESTS: list[tuple[str, str, Any]] = [
    ("GET", "", None), ("GET", "/messages", None), ("POST", "/messages", {"client_id": "client-0001", "text": "x"}),
    ("GET", "/messages/{message}", None), ("POST", "/messages/{message}/resend", None),
    ("PATCH", "/messages/{message}", {"text": "x"}), ("DELETE", "/messages/{message}", None),
    ("PUT", "/messages/{message}/reaction", {"emoji": "x"}), ("POST", "/read", {"seq": 1}), ("POST", "/unread", None),
    ("POST", "/accept", None), ("POST", "/assign", {"user_id": None}), ("POST", "/close", {}),
    ("POST", "/reopen", None), ("PUT", "/tags", {"tag_ids": []}),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS, ids=[f"{one[0]} {one[1]}" for one in REQUESTS])
async def test_foreign_and_missing_conversations_answer_alike(
    floor: Floor, stranger: Floor, sign_in: SignIn, method: str, path: str, body: Any
) -> None:
    theirs: Channel = await stranger.channel()
    await stranger.receive(theirs, word("canary", at=floor.hub.clock.now()))
    foreign, message = (await stranger.conversation()).id, (await stranger.messages())[0].id
    boss = await sign_in(await floor.actor("owner"))
    answers = [
        await boss.request(method, f"{BASE}/{conversation}{path.format(message=message)}", json=body)
        for conversation in (foreign, uuid4())
    ]
    assert [one.status_code for one in answers] == [404, 404]
    first, second = ({key: value for key, value in one.json().items() if key != "request_id"} for one in answers)
    assert first == second
    assert (await stranger.conversation()).head_seq == 2


async def test_a_message_of_another_conversation_is_not_there(
    floor: Floor, line: Channel, http: httpx2.AsyncClient, conversation_id: str
) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"))
    message, _, _ = await floor.say(visitor)
    assert (await http.get(f"{BASE}/{conversation_id}/messages/{message.id}")).status_code == 404


async def test_nobody_comes_without_a_token(sign_in: SignIn, ana: Actor) -> None:
    client = await sign_in(ana)
    client.headers.pop("authorization")
    assert (await client.get(BASE)).status_code == 401
