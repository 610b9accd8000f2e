"""One act on many conversations over HTTP: each for itself, and what all share looked up once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import event

from hub.channels.models import Channel
from hub.conversations import views
from hub.conversations.views import Wanted
from hub.core.access import Actor
from tests.api.conversations.conftest import SignIn
from tests.hub.conversations.floor import Floor, sender, word

BASE = "/api/v1/conversations"


@pytest.fixture
async def http(sign_in: SignIn, ana: Actor) -> httpx2.AsyncClient:
    return await sign_in(ana)


@pytest.fixture
async def ids(floor: Floor, line: Channel) -> list[str]:
    for number in range(3):
        who = sender(f"5511900{number:06d}", f"c{number}")
        await floor.receive(line, word("hi", at=floor.hub.clock.now(), sender=who))
    async with floor.hub.work(floor.system) as work:
        return [str(row.id) for row in (await views.page(work, Wanted())).results]


async def act(http: httpx2.AsyncClient, ids: list[str], action: str, **more: Any) -> Any:
    answer = await http.post(f"{BASE}/bulk", json={"ids": ids, "action": action, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


async def rows(http: httpx2.AsyncClient, ids: list[str]) -> list[Any]:
    return [(await http.get(f"{BASE}/{one}")).json() for one in ids]


async def test_every_act_is_done_to_all(
    http: httpx2.AsyncClient, sign_in: SignIn, floor: Floor, ana: Actor, ids: list[str]
) -> None:
    done = [{"id": one, "ok": True} for one in ids]
    boss = await sign_in(await floor.actor("manager"))
    tag = (await boss.post("/api/v1/tags", json={"name": "vip"})).json()
    other = (await boss.post("/api/v1/tags", json={"name": "late"})).json()
    sales = await floor.department()
    until = (floor.hub.clock.now() + timedelta(hours=1)).isoformat()
    await http.put(f"{BASE}/{ids[0]}/tags", json={"tag_ids": [other["id"]]})
    assert await act(http, ids, "assign", user_id=str(ana.user_id)) == done
    assert [one["assignee"]["id"] for one in await rows(http, ids)] == [str(ana.user_id)] * 3
    assert await act(http, ids, "assign", department_id=str(sales)) == done
    assert {(one["assignee"]["id"], one["department"]["id"]) for one in await rows(http, ids)} == {
        (str(ana.user_id), str(sales))}
    assert await act(http, ids, "tag", tag_ids=[tag["id"]]) == done
    assert [sorted(tag["name"] for tag in one["tags"]) for one in await rows(http, ids)] == [
        ["late", "vip"], ["vip"], ["vip"]]
    assert await act(http, ids, "untag", tag_ids=[tag["id"]]) == done
    assert [[tag["name"] for tag in one["tags"]] for one in await rows(http, ids)] == [["late"], [], []]
    assert await act(http, ids, "snooze", until=until) == done
    assert all(one["snoozed_until"] for one in await rows(http, ids))
    assert await act(http, ids, "resume") == done
    assert not any(one["snoozed_until"] for one in await rows(http, ids))
    assert await act(http, ids, "read") == done
    assert [one["inbound_count"] - one["marker"]["inbound_seen"] for one in await rows(http, ids)] == [0, 0, 0]
    assert await act(http, ids, "unread") == done
    assert [one["inbound_count"] - one["marker"]["inbound_seen"] for one in await rows(http, ids)] == [1, 1, 1]
    assert await act(http, ids, "close", disposition="sold") == done
    assert {(one["status"], one["engagement"]["disposition"]) for one in await rows(http, ids)} == {("closed", "sold")}
    assert await act(http, ids, "reopen") == done
    assert {one["status"] for one in await rows(http, ids)} == {"open"}
    assert await act(http, ids, "assign", user_id=None) == done
    for one in ids:
        await floor.assert_gapless(one)


async def test_what_one_refuses_is_its_own_and_in_the_callers_language(
    http: httpx2.AsyncClient, stranger: Floor, ids: list[str], ana: Actor
) -> None:
    visitor = await stranger.visitor(await stranger.channel("webchat"))
    _, foreign, _ = await stranger.say(visitor)
    missing = str(uuid4())
    await http.post(f"{BASE}/{ids[1]}/close")
    answer = await http.post(f"{BASE}/bulk", headers={"accept-language": "es"}, json={
        "ids": [ids[0], ids[1], str(foreign), missing, ids[0]], "action": "assign", "user_id": str(ana.user_id),
    })
    first, second, third, fourth = answer.json()["results"]
    assert first == {"id": ids[0], "ok": True}
    assert (second["id"], second["ok"], second["code"]) == (ids[1], False, "conversation_closed")
    assert second["detail"].startswith("Esta conversación")
    assert (third["id"], third["code"]) == (str(foreign), "not_found")
    assert {**third, "id": missing} == fourth


@pytest.mark.parametrize(("body", "status"), [
    ({"ids": [], "action": "close"}, 422), ({"ids": [str(uuid4())] * 101, "action": "close"}, 422),
    ({"action": "close"}, 422), ({"ids": [str(uuid4())], "action": "dance"}, 422),
    ({"ids": [str(uuid4())], "action": "assign"}, 422), ({"ids": [str(uuid4())], "action": "tag"}, 422),
    ({"ids": [str(uuid4())], "action": "snooze"}, 422),
    ({"ids": [str(uuid4())], "action": "snooze", "until": "2020-01-01T00:00:00Z"}, 422),
    ({"ids": [str(uuid4())], "action": "close", "disposition": "x" * 201}, 422),
    ({"ids": [str(uuid4())], "action": "assign", "user_id": str(uuid4())}, 404),
    ({"ids": [str(uuid4())], "action": "assign", "department_id": str(uuid4())}, 404),
    ({"ids": [str(uuid4())], "action": "tag", "tag_ids": [str(uuid4())]}, 404),
])
async def test_what_is_wrong_with_all_of_it_does_nothing(http: httpx2.AsyncClient, body: Any, status: int) -> None:
    assert (await http.post(f"{BASE}/bulk", json=body)).status_code == status


async def test_who_only_looks_on_marks_as_read_and_no_more(floor: Floor, sign_in: SignIn, ids: list[str]) -> None:
    viewer = await sign_in(await floor.actor("viewer"))
    assert await act(viewer, ids, "read") == [{"id": one, "ok": True} for one in ids]
    for action in ("close", "reopen", "snooze", "resume", "assign", "tag"):
        assert (await viewer.post(f"{BASE}/bulk", json={"ids": ids, "action": action})).status_code == 403


async def test_what_all_share_is_asked_for_once(
    http: httpx2.AsyncClient, floor: Floor, ana: Actor, ids: list[str]
) -> None:
    engine, sent = floor.hub.database.engine.sync_engine, []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    sales, counts = str(await floor.department()), []
    for chosen, user_id in ((ids[:1], str(ana.user_id)), (ids, None)):
        sent.clear()
        event.listen(engine, "before_cursor_execute", note)
        await act(http, chosen, "assign", user_id=user_id, department_id=sales)
        event.remove(engine, "before_cursor_execute", note)
        counts.append(sum("FROM departments" in one for one in sent))
    assert counts == [1, 1]
