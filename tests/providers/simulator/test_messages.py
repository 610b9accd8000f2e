"""POST /messages: what is accepted, and with which of Meta's codes the rest is refused."""

from typing import Any

import pytest

from tests.providers.simulator.stage import ANA, NUMBER, Stage

BUTTONS = [{"type": "reply", "reply": {"id": f"b{i}", "title": f"Choice {i}"}} for i in range(3)]
ROWS = [{"id": f"r{i}", "title": f"Row {i}", "description": "more"} for i in range(10)]
CARD = {"name": {"formatted_name": "Emma Demo", "first_name": "Emma"}, "phones": [{"phone": "+12025550105"}]}


def interactive(kind: str, action: dict[str, Any], body: str = "Choose") -> dict[str, Any]:
    return {"type": kind, "body": {"text": body}, "action": action}


GOOD = [
    ("text", {"body": "x" * 4096, "preview_url": True}),
    ("location", {"latitude": -23.5, "longitude": "-46.6", "name": "Shop", "address": "Street 1"}),
    ("contacts", [CARD]),
    ("interactive", interactive("button", {"buttons": BUTTONS})),
    ("interactive", interactive("list", {"button": "Open", "sections": [{"title": "All", "rows": ROWS}]})),
    ("interactive", interactive("cta_url", {"parameters": {"display_text": "See", "url": "https://example.com"}})),
    ("interactive", interactive("flow", {"name": "flow", "parameters": {"flow_id": "1", "flow_cta": "Start"}})),
    ("interactive", interactive("location_request_message", {"name": "send_location"})),
    ("interactive", interactive("call_permission_request", {"name": "call_permission_request"})),
    ("template", {"name": "hello_world", "language": {"code": "en_US"}}),
]

BAD = [
    ("text", {}, 131008),
    ("text", {"body": ""}, 131008),
    ("text", {"body": "x" * 4097}, 131009),
    ("text", {"body": 5}, 131009),
    ("text", "hello", 131009),
    ("telegram", {"body": "x"}, 131051),
    ("image", {}, 131008),
    ("image", {"id": "1", "link": "https://example.com/a.png"}, 131008),
    ("image", {"id": "404"}, 131009),
    ("image", {"link": "file:///etc/passwd"}, 131009),
    ("audio", {"link": "https://example.com/a.ogg", "caption": "no"}, 100),
    ("image", {"link": "https://example.com/a.png", "filename": "no.png"}, 100),
    ("location", {"latitude": 1}, 131008),
    ("location", {"latitude": 91, "longitude": 0}, 131009),
    ("location", {"latitude": "north", "longitude": 0}, 131009),
    ("contacts", [], 131009),
    ("contacts", [{"name": {"formatted_name": "Only"}}], 131009),
    ("contacts", [{}], 131008),
    ("reaction", {"message_id": "wamid.unknown", "emoji": "👍"}, 131009),
    ("interactive", interactive("button", {"buttons": [*BUTTONS, *BUTTONS]}), 131009),
    ("interactive", interactive("button", {"buttons": [BUTTONS[0], BUTTONS[0]]}), 131009),
    ("interactive", interactive("button", {"buttons": []}), 131009),
    (
        "interactive",
        interactive("button", {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "x" * 21}}]}),
        131009,
    ),
    ("interactive", interactive("list", {"button": "x" * 21, "sections": [{"rows": ROWS}]}), 131009),
    (
        "interactive",
        interactive(
            "list", {"button": "Open", "sections": [{"title": "a", "rows": ROWS}, {"title": "b", "rows": ROWS}]}
        ),
        131009,
    ),
    ("interactive", interactive("list", {"button": "Open", "sections": [{"rows": [{"id": "1"}]}]}), 131008),
    ("interactive", interactive("button", {"buttons": BUTTONS}, body=""), 131008),
    ("interactive", {"type": "carousel"}, 131009),
    ("interactive", {}, 131008),
    ("template", {"name": "absent", "language": {"code": "en_US"}}, 132001),
    ("template", {"name": "hello_world", "language": {"code": "fr"}}, 132001),
    ("template", {"name": "order_update", "language": {"code": "es"}}, 132000),
    ("template", {"name": "hello_world"}, 131009),
]


@pytest.mark.parametrize(("kind", "content"), GOOD)
async def test_every_type_is_accepted(stage: Stage, kind: str, content: Any) -> None:
    answer = await stage.send(kind, content)

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["messaging_product"] == "whatsapp"
    assert body["contacts"][0]["input"] == body["contacts"][0]["wa_id"] == ANA
    assert body["messages"][0]["id"].startswith("wamid.")


@pytest.mark.parametrize(("kind", "content", "code"), BAD)
async def test_limits_are_refused_with_metas_code(stage: Stage, kind: str, content: Any, code: int) -> None:
    answer = await stage.send(kind, content)

    assert 400 <= answer.status_code < 500
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["type"] == "OAuthException"
    assert error["fbtrace_id"]
    assert await stage.record(kind="send")
    assert (await stage.record())[-1]["outcome"] == "refused"


@pytest.mark.parametrize(
    "raw",
    [b"", b"garbage", b"[]", b"null", b"\xff\xfe", b'{"a":', b"[" * 5000, b'{"messaging_product":"whatsapp","to":[1]}'],
)
async def test_garbage_is_a_400_in_metas_shape(stage: Stage, raw: bytes) -> None:
    answer = await stage.graph.post(f"/{NUMBER.phone_number_id}/messages", content=raw)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in (100, 131009)


async def test_a_body_without_end_is_refused(stage: Stage) -> None:
    answer = await stage.graph.post(f"/{NUMBER.phone_number_id}/messages", content=b" " * 2_000_000)

    assert answer.status_code == 400


@pytest.mark.parametrize("header", [None, "", "Bearer wrong", "Basic abc", "Bearer"])
async def test_a_wrong_token_is_190(stage: Stage, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    url = f"{stage.url}/graph/v23.0/{NUMBER.phone_number_id}/messages"
    answer = await stage.phone.post(url, json={}, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == 190


async def test_a_foreign_number_does_not_exist(stage: Stage) -> None:
    answer = await stage.graph.post("/999/messages", json={})

    assert (answer.status_code, answer.json()["error"]["error_subcode"]) == (400, 33)


@pytest.mark.parametrize("path", ["/graph/23/1/messages", "/graph/v23.0/1/absent", "/graph/v23.0"])
async def test_unknown_paths_are_errors_in_metas_shape(stage: Stage, path: str) -> None:
    answer = await stage.phone.post(path, json={})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 2500


async def test_the_numbers_form_may_differ_from_the_wa_id(stage: Stage) -> None:
    await stage.write(wa_id="551187654321")

    answer = await stage.send(to="+55 11 98765-4321")

    assert answer.json()["contacts"][0] | {"user_id": ""} == {
        "input": "+55 11 98765-4321",
        "wa_id": "551187654321",
        "user_id": "",
    }


async def test_nobody_writes_to_himself(stage: Stage) -> None:
    answer = await stage.send(to="551140000000")

    assert answer.json()["error"]["code"] == 131021


async def test_a_hidden_number_is_reached_by_its_user_id(stage: Stage) -> None:
    await stage.phone.post("/phones", json={"wa_id": "12025550111", "name": "Hidden (demo)", "hide_number": True})
    await stage.write(wa_id="12025550111")
    await stage.hub.until(lambda hub: hub.messages)
    contact = stage.hub.values[0]["contacts"][0]
    assert "wa_id" not in contact
    assert "from" not in stage.hub.messages[0]

    body = {"messaging_product": "whatsapp", "recipient": contact["user_id"], "type": "text", "text": {"body": "Hi"}}
    answer = await stage.graph.post(f"/{NUMBER.phone_number_id}/messages", json=body)

    assert answer.status_code == 200
    assert answer.json()["contacts"] == [{"input": contact["user_id"], "user_id": contact["user_id"]}]


async def test_a_template_fills_named_parameters(stage: Stage) -> None:
    parameters = [
        {"type": "text", "parameter_name": "day", "text": "Monday"},
        {"type": "text", "parameter_name": "first_name", "text": "Ana"},
    ]
    content = {
        "name": "appointment_reminder",
        "language": {"code": "en_US"},
        "components": [{"type": "body", "parameters": parameters}],
    }

    await stage.sent("template", content)

    assert (await stage.chat())[-1]["preview"]["body"] == "Hello Ana, we expect you on Monday."


async def test_a_named_template_refuses_positional_parameters(stage: Stage) -> None:
    parameters = [{"type": "text", "text": "Ana"}, {"type": "text", "text": "Monday"}]
    content = {
        "name": "appointment_reminder",
        "language": {"code": "en_US"},
        "components": [{"type": "body", "parameters": parameters}],
    }

    answer = await stage.send("template", content)

    assert answer.json()["error"]["code"] == 132012


async def test_reading_marks_all_earlier_messages(stage: Stage) -> None:
    await stage.write()
    second = await stage.write()
    await stage.write()
    await stage.hub.until(lambda hub: len(hub.messages) == 3)

    body = {"messaging_product": "whatsapp", "status": "read", "message_id": second}
    answer = await stage.graph.post(f"/{NUMBER.phone_number_id}/messages", json=body)

    assert answer.json() == {"success": True}
    assert [m["state"] for m in await stage.chat()][:2] == ["read", "read"]
    assert (await stage.chat())[2]["state"] != "read"


async def test_typing_shows_until_the_next_message(stage: Stage) -> None:
    first = await stage.write()
    body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": first,
        "typing_indicator": {"type": "text"},
    }
    chat = f"/phones/{ANA}/chats/{NUMBER.phone_number_id}"

    await stage.graph.post(f"/{NUMBER.phone_number_id}/messages", json=body)

    assert (await stage.phone.get(chat)).json()["typing_until"] == stage.clock.seconds + 25
    await stage.sent()
    assert (await stage.phone.get(chat)).json()["typing_until"] is None


async def test_a_reaction_is_put_and_taken_back(stage: Stage) -> None:
    first = await stage.write()

    await stage.sent("reaction", {"message_id": first, "emoji": "👍"})
    assert (await stage.chat())[0]["reactions"] == {"business": "👍"}

    await stage.sent("reaction", {"message_id": first, "emoji": ""})
    assert (await stage.chat())[0]["reactions"] == {}


async def test_reading_an_unknown_message_is_refused(stage: Stage) -> None:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.unknown"}
    answer = await stage.graph.post(f"/{NUMBER.phone_number_id}/messages", json=body)

    assert answer.json()["error"]["code"] == 131009
