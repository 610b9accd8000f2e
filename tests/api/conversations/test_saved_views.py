"""Saved views over HTTP: one's own and the shared ones, listed, counted, and nobody else's business."""

from typing import Any

import httpx2
import pytest

from hub.channels.models import Channel
from hub.core.access import Actor
from tests.api.conversations.conftest import SignIn
from tests.hub.conversations.floor import Floor, sender, word

VIEWS, LIST = "/api/v1/views", "/api/v1/conversations"


@pytest.fixture
async def http(sign_in: SignIn, ana: Actor) -> httpx2.AsyncClient:
    return await sign_in(ana)


@pytest.fixture
async def boss(floor: Floor, sign_in: SignIn) -> httpx2.AsyncClient:
    return await sign_in(await floor.actor("manager"))


async def save(client: httpx2.AsyncClient, **body: Any) -> Any:
    answer = await client.post(VIEWS, json={"name": "Waiting", "query": {"view": "all", "waiting": True}, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_view_is_kept_listed_changed_counted_and_deleted(
    http: httpx2.AsyncClient, ana: Actor, conversation_id: str
) -> None:
    view = await save(http, position=2)
    assert view == {"id": view["id"], "name": "Waiting", "query": {"waiting": True}, "shared": False,
                    "owner_id": str(ana.user_id), "position": 2}
    await save(http, name="First", query={"view": "closed"}, position=1)
    assert [one["name"] for one in (await http.get(VIEWS)).json()["results"]] == ["First", "Waiting"]
    assert (await http.get(f"{LIST}/counts")).json()["views"][view["id"]] == 1
    changed = await http.patch(f"{VIEWS}/{view['id']}", json={"name": "Mine", "query": {"view": "mine"}})
    assert (changed.json()["name"], changed.json()["query"]) == ("Mine", {"view": "mine"})
    assert (await http.delete(f"{VIEWS}/{view['id']}")).status_code == 204
    assert (await http.get(f"{LIST}/counts")).json()["views"].keys().isdisjoint({view["id"]})


async def test_a_list_by_a_view_takes_what_is_asked_besides_over_what_it_says(
    http: httpx2.AsyncClient, floor: Floor, line: Channel, conversation_id: str
) -> None:
    await floor.receive(line, word("hi", at=floor.hub.clock.now(), sender=sender("551190000000", "Bob")))
    view = await save(http, query={"view": "unassigned", "sort": "oldest"})
    for query, expected in (({}, ["Carla Demo", "Bob"]), ({"search": "bob"}, ["Bob"]), ({"view": "mine"}, [])):
        body = (await http.get(LIST, params={"view_id": view["id"], **query})).json()
        assert sorted(row["contact"]["name"] for row in body["results"]) == sorted(expected)


async def test_repeated_parameters_mean_any_of_them(http: httpx2.AsyncClient, conversation_id: str) -> None:
    for query, count in (("assignee_id=me", 0), ("assignee_id=me&assignee_id=none", 1),
                         ("channel_kind=webchat&channel_kind=whatsapp_business", 1), ("unread=true&waiting=true", 1),
                         ("since=2000-01-01T00:00:00Z&until=2000-01-02T00:00:00Z", 0)):
        assert len((await http.get(f"{LIST}?{query}")).json()["results"]) == count, query


@pytest.mark.parametrize("query", [
    "view=other", "sort=random", "status=odd", "assignee_id=you", "department_id=me", "since=yesterday", "unread=maybe",
    "since=2026-01-01T00:00:00", "view_id=x",
])
async def test_what_is_no_filter_is_refused(http: httpx2.AsyncClient, query: str) -> None:
    answer = await http.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_shared_views_are_everybodys_to_see_and_managers_to_make_change_and_delete(
    http: httpx2.AsyncClient, boss: httpx2.AsyncClient
) -> None:
    refused = await http.post(VIEWS, json={"name": "x", "query": {}, "shared": True})
    shared, own = await save(boss, shared=True), await save(http)
    assert [one["id"] for one in (await http.get(VIEWS)).json()["results"]] == [shared["id"], own["id"]]
    assert [one["id"] for one in (await boss.get(VIEWS)).json()["results"]] == [shared["id"]]
    assert refused.status_code == 403
    assert (await http.patch(f"{VIEWS}/{shared['id']}", json={"name": "y"})).status_code == 403
    assert (await http.delete(f"{VIEWS}/{shared['id']}")).status_code == 403
    assert (await http.patch(f"{VIEWS}/{own['id']}", json={"shared": True})).status_code == 403
    assert (await boss.patch(f"{VIEWS}/{own['id']}", json={"name": "y"})).status_code == 404
    assert (await boss.get(LIST, params={"view_id": own["id"]})).status_code == 404


@pytest.mark.parametrize("body", [
    {"name": " ", "query": {}}, {"name": "x"}, {"name": "x", "query": {"page": 1}}, {"name": "x" * 61, "query": {}},
    {"name": "x", "query": {"assignee_id": "me"}}, {"name": "x", "query": {"view": "other"}},
])
async def test_what_is_no_view_is_refused(http: httpx2.AsyncClient, body: Any) -> None:
    assert (await http.post(VIEWS, json=body)).status_code == 422


async def test_there_is_room_for_thirty(http: httpx2.AsyncClient) -> None:
    for number in range(30):
        await save(http, name=str(number))
    full = await http.post(VIEWS, json={"name": "more", "query": {}})
    assert (full.status_code, full.json()["code"]) == (409, "too_many_views")


async def test_counting_takes_as_many_queries_for_ten_views_as_for_none(
    http: httpx2.AsyncClient, floor: Floor, conversation_id: str
) -> None:
    from sqlalchemy import event

    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    sizes = []
    for views in (0, 10):
        for number in range(views):
            await save(http, name=str(number))
        sent.clear()
        event.listen(floor.hub.database.engine.sync_engine, "before_cursor_execute", note)
        await http.get(f"{LIST}/counts")
        event.remove(floor.hub.database.engine.sync_engine, "before_cursor_execute", note)
        sizes.append(len(sent))
    assert sizes[0] == sizes[1]


async def test_a_thread_is_searched_alone_and_page_by_page(
    http: httpx2.AsyncClient, floor: Floor, ana: Actor, line: Channel, conversation_id: str
) -> None:
    await floor.receive(line, word("lamp elsewhere", at=floor.hub.clock.now(), sender=sender("551190000000", "Bob")))
    for number in range(3):
        await http.post(f"{LIST}/{conversation_id}/messages",
                        json={"client_id": f"client-{number}", "text": f"Lamp {number}", "note": True})
    first = (await http.get(f"{LIST}/{conversation_id}/search", params={"q": "lam", "limit": 2})).json()
    rest = (await http.get(f"{LIST}/{conversation_id}/search",
                           params={"q": "lam", "limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["snippet"][5:] for one in first["results"]] == ["p 2", "p 1"]
    assert set(first["results"][0]) == {"seq", "message_id", "snippet"}
    assert ([one["snippet"][5:] for one in rest["results"]], rest["next_cursor"]) == (["p 0"], None)
    assert (await http.get(f"{LIST}/{conversation_id}/search")).status_code == 422


async def test_search_finds_tags_without_their_accents_and_what_has_them(
    http: httpx2.AsyncClient, boss: httpx2.AsyncClient, conversation_id: str
) -> None:
    tag = (await boss.post("/api/v1/tags", json={"name": "Segunda cobrança"})).json()
    await http.put(f"{LIST}/{conversation_id}/tags", json={"tag_ids": [tag["id"]]})
    for asked, count in (("cobranca", 1), ("SEG", 1), ("branca", 0), ("%", 0)):
        body = (await http.get("/api/v1/search", params={"q": asked})).json()
        assert [one["id"] for one in body["tags"]] == [tag["id"]] * count
        assert [one["id"] for one in body["conversations"]] == [conversation_id] * count
    assert len((await http.get(LIST, params={"search": "cobranca"})).json()["results"]) == 1
