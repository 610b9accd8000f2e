"""Contacts and custom fields over HTTP, and the live row that shows a conversation's values."""

from typing import Any
from uuid import uuid4

import httpx2
import msgspec
import pytest

from hub.channels.models import Channel
from hub.conversations import replay
from hub.core.access import Actor
from tests.api.conversations.conftest import SignIn
from tests.hub.conversations.floor import Floor, sender, word

FIELDS = "/api/v1/custom-fields"


@pytest.fixture
async def http(sign_in: SignIn, ana: Actor) -> httpx2.AsyncClient:
    return await sign_in(ana)


@pytest.fixture
async def admin(sign_in: SignIn, floor: Floor) -> httpx2.AsyncClient:
    return await sign_in(await floor.actor("admin"))


async def define(admin: httpx2.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await admin.post(FIELDS, json={
        "entity": "conversation", "key": "topic", "label": "Topic", "type": "text", **more,
    })
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def contact_of(http: httpx2.AsyncClient, conversation_id: str) -> str:
    return str((await http.get(f"/api/v1/conversations/{conversation_id}")).json()["contact"]["id"])


async def test_a_field_has_exactly_the_members_of_the_api(admin: httpx2.AsyncClient) -> None:
    made = await define(admin, type="choice", choices=["a", "b"], position=3)
    assert made == {"id": made["id"], "entity": "conversation", "key": "topic", "label": "Topic", "type": "choice",
                    "choices": ["a", "b"], "position": 3}
    assert (await admin.get(FIELDS, params={"entity": "contact"})).json()["results"] == []
    assert (await admin.get(FIELDS, params={"entity": "planet"})).status_code == 422
    assert (await admin.delete(f"{FIELDS}/{made['id']}")).status_code == 204
    assert (await admin.get(FIELDS)).json()["results"] == []


@pytest.mark.parametrize("body", [
    {"type": "object"}, {"entity": "user"}, {"position": -1}, {"position": "x"}, {"choices": "a"}, {"extra": 1},
])
async def test_a_definition_of_another_shape_is_refused(admin: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    answer = await admin.post(FIELDS, json={
        "entity": "contact", "key": "k", "label": "L", "type": "text", **body,
    })
    assert answer.status_code == 422


async def test_a_conversations_values_stand_in_its_rows_and_in_its_log(
    http: httpx2.AsyncClient, admin: httpx2.AsyncClient, conversation_id: str, floor: Floor
) -> None:
    await define(admin)
    path = f"/api/v1/conversations/{conversation_id}"
    before = (await http.get(path)).json()
    row = (await http.put(f"{path}/fields", json={"fields": {"topic": "lamp"}})).json()
    after = (await http.get(path)).json()
    assert (before["fields"], row["fields"], after["fields"]) == ({}, {"topic": "lamp"}, {"topic": "lamp"})
    assert row["head_seq"] == before["head_seq"] + 1
    assert (await http.get("/api/v1/conversations")).json()["results"][0]["fields"] == {"topic": "lamp"}
    await http.put(f"{path}/fields", json={"fields": {"topic": "lamp"}})
    assert (await http.get(path)).json()["head_seq"] == row["head_seq"]
    await floor.assert_gapless((await floor.conversation()).id)


async def test_the_live_frame_of_changed_values_is_the_resumed_one_and_hidden_from_visitors(
    http: httpx2.AsyncClient, admin: httpx2.AsyncClient, conversation_id: str, floor: Floor
) -> None:
    await define(admin)
    await http.put(f"/api/v1/conversations/{conversation_id}/fields", json={"fields": {"topic": "lamp"}})
    conversation = await floor.conversation()
    told = floor.hub.signals.of(conversation.id)[-1]  # type: ignore[attr-defined]
    frame = msgspec.json.decode(bytes(told.event))
    missed = replay.Stretch(conversation.id, told.seq - 1, told.seq, visitor=False)
    resumed = await replay.frames(floor.hub, floor.organization_id, missed)
    assert (frame["e"], frame["d"]["message"]) == ("conversation.fields_changed", None)
    assert frame["d"]["row"]["fields"] == {"topic": "lamp"}
    assert resumed == [(told.seq, bytes(told.event))]
    hidden = await replay.frames(floor.hub, floor.organization_id, msgspec.structs.replace(missed, visitor=True))
    assert [msgspec.json.decode(visible)["e"] for _, visible in hidden] == ["hidden"]


@pytest.mark.parametrize("values", [{"topic": 5}, {"other": "x"}, {"topic": {"a": 1}}, {"topic": ""}])
async def test_values_that_do_not_fit_are_refused_with_their_place(
    http: httpx2.AsyncClient, admin: httpx2.AsyncClient, conversation_id: str, values: dict[str, Any]
) -> None:
    await define(admin)
    answer = await http.put(f"/api/v1/conversations/{conversation_id}/fields", json={"fields": values})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/fields/{next(iter(values))}"


async def test_a_contacts_name_and_values_change_together_or_not_at_all(
    http: httpx2.AsyncClient, admin: httpx2.AsyncClient, conversation_id: str
) -> None:
    await define(admin, entity="contact", key="vip", type="boolean")
    path = f"/api/v1/contacts/{await contact_of(http, conversation_id)}"
    assert (await http.patch(path, json={"name": "Nina", "fields": {"vip": "yes"}})).status_code == 422
    assert (await http.get(path)).json()["name"] == "Carla Demo"
    changed = (await http.patch(path, json={"name": "Nina", "fields": {"vip": True}})).json()
    assert (changed["name"], changed["fields"]) == ("Nina", {"vip": True})
    assert (await http.get(f"/api/v1/conversations/{conversation_id}")).json()["contact"]["fields"] == {"vip": True}


async def test_an_address_taken_by_another_is_answered_with_whose_it_is(
    http: httpx2.AsyncClient, conversation_id: str, floor: Floor, line: Channel
) -> None:
    at = floor.hub.clock.now()
    await floor.receive(line, word("Hi", at=at, vendor_id=uuid4().hex, sender=sender("5511900000009", "Bia Demo")))
    rows = (await http.get("/api/v1/conversations")).json()["results"]
    carla, bia = (next(row["contact"] for row in rows if row["contact"]["name"] == name)
                  for name in ("Carla Demo", "Bia Demo"))
    body = {"kind": "email", "value": "bia@example.com"}
    given = await http.post(f"/api/v1/contacts/{bia['id']}/identities", json=body)
    refused = await http.post(f"/api/v1/contacts/{carla['id']}/identities", json=body)
    assert given.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (409, "identity_taken")
    assert refused.json()["contact"] == {"id": bia["id"], "name": "Bia Demo"}
    address = given.json()["identities"][-1]["id"]
    left = await http.delete(f"/api/v1/contacts/{bia['id']}/identities/{address}")
    assert [one["kind"] for one in left.json()["identities"]] == ["whatsapp"]


async def test_a_contacts_history_has_every_engagement_with_its_owner(
    http: httpx2.AsyncClient, conversation_id: str, ana: Actor
) -> None:
    path = f"/api/v1/conversations/{conversation_id}"
    await http.post(f"{path}/accept")
    await http.post(f"{path}/close", json={"disposition": "solved"})
    await http.post(f"{path}/reopen")
    found = (await http.get(f"/api/v1/contacts/{await contact_of(http, conversation_id)}/conversations")).json()
    (one,) = found["results"]
    assert (one["id"], one["status"], one["channel"]["kind"]) == (conversation_id, "open", "whatsapp_business")
    assert [(past["number"], past["disposition"]) for past in one["engagements"]] == [(2, None), (1, "solved")]
    assert one["engagements"][1]["assignee"] == {"id": str(ana.user_id), "name": "Ana Demo"}


async def test_a_contacts_history_leaves_out_what_the_caller_may_not_see(
    http: httpx2.AsyncClient, admin: httpx2.AsyncClient, conversation_id: str, floor: Floor
) -> None:
    contact_id = await contact_of(http, conversation_id)
    await admin.post(f"/api/v1/conversations/{conversation_id}/assign", json={
        "user_id": None, "department_id": str(await floor.department()),
    })
    assert (await http.get(f"/api/v1/contacts/{contact_id}/conversations")).json() == {"results": []}
    assert len((await admin.get(f"/api/v1/contacts/{contact_id}/conversations")).json()["results"]) == 1
    assert (await http.get(f"/api/v1/contacts/{uuid4()}/conversations")).status_code == 404
