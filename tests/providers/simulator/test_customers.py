"""The customer's side: what is done on the phone arrives as the webhook that Meta would send."""

from typing import Any

import pytest

from tests.providers.simulator.stage import ANA, NUMBER, Stage

CARD = [{"name": {"formatted_name": "Emma Demo", "first_name": "Emma"}, "phones": [{"phone": "+12025550105"}]}]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"body": "Olá"}),
        ("location", {"latitude": -23.5, "longitude": -46.6, "name": "Shop"}),
        ("contacts", CARD),
        ("button", {"payload": "yes", "text": "Yes"}),
        ("interactive", {"type": "button_reply", "button_reply": {"id": "b1", "title": "Yes"}}),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{}"}}),
        ("system", {"type": "user_changed_number", "body": "changed", "wa_id": "5511900000009"}),
    ],
)
async def test_what_is_written_arrives_as_it_is(stage: Stage, kind: str, content: Any) -> None:
    message = await stage.write(kind, content)
    await stage.hub.until(lambda hub: hub.messages)

    assert stage.hub.messages[0]["id"] == message
    assert stage.hub.messages[0]["type"] == kind
    assert stage.hub.messages[0][kind] == content


@pytest.mark.parametrize(
    ("kind", "mime", "more"),
    [
        ("image", "image/png", {}),
        ("audio", "audio/ogg; codecs=opus", {"voice": False}),
        ("document", "application/pdf", {}),
    ],
)
async def test_samples_spare_an_upload(stage: Stage, kind: str, mime: str, more: dict[str, Any]) -> None:
    await stage.write(kind, {"sample": True})
    await stage.hub.until(lambda hub: hub.messages)

    medium = stage.hub.messages[0][kind]
    assert medium["mime_type"] == mime
    assert medium.items() >= more.items()
    assert (await stage.graph.get(f"/{medium['id']}")).json()["file_size"] > 0


async def test_a_reply_names_what_it_answers(stage: Stage) -> None:
    question = await stage.sent()
    first = await stage.write("text", {"body": "Yes"}, reply_to=question)
    await stage.write("text", {"body": "I mean no"}, reply_to=first)
    await stage.hub.until(lambda hub: len(hub.messages) == 2)

    contexts = [m["context"] for m in stage.hub.messages]
    assert contexts == [{"from": "551140000000", "id": question}, {"from": ANA, "id": first}]


async def test_forwarded_and_referred_messages_say_so(stage: Stage) -> None:
    await stage.write("text", {"body": "x"}, forwarded=True)
    await stage.write("text", {"body": "x"}, referral={"source_id": "ad-1", "ctwa_clid": "c"})
    await stage.hub.until(lambda hub: len(hub.messages) == 2)

    assert stage.hub.messages[0]["context"] == {"forwarded": True}
    assert stage.hub.messages[1]["referral"] == {"source_id": "ad-1", "ctwa_clid": "c"}


async def test_edits_and_revocations_name_the_original(stage: Stage) -> None:
    first = await stage.write("text", {"body": "helo"})
    await stage.write("edit", {"message_id": first, "text": "hello"})
    await stage.write("revoke", {"message_id": first})
    await stage.hub.until(lambda hub: len(hub.messages) == 3)

    original, edit, revoke = stage.hub.messages
    assert edit["edit"] == {"original_message_id": first, "message": {"type": "text", "text": {"body": "hello"}}}
    assert revoke["revoke"] == {"original_message_id": first}
    assert len({original["id"], edit["id"], revoke["id"]}) == 3
    shown = (await stage.chat())[0]
    assert (shown["body"], shown["edited"], shown["revoked"]) == ({"body": "hello"}, True, True)


async def test_reactions_are_removed_with_and_without_emoji(stage: Stage) -> None:
    target = await stage.sent()
    for emoji in ("👍", "", None):
        await stage.write("reaction", {"message_id": target, "emoji": emoji})
    await stage.hub.until(lambda hub: len(hub.messages) == 3)

    assert [m["reaction"] for m in stage.hub.messages] == [
        {"message_id": target, "emoji": "👍"},
        {"message_id": target, "emoji": ""},
        {"message_id": target},
    ]
    assert (await stage.chat())[0]["reactions"] == {}


async def test_an_unsupported_message_carries_its_error(stage: Stage) -> None:
    await stage.write("unsupported", {"type": "poll"})
    await stage.hub.until(lambda hub: hub.messages)

    assert stage.hub.messages[0]["errors"][0]["code"] == 131051


async def test_an_offline_phone_sends_when_it_returns(stage: Stage) -> None:
    await stage.phone.post(f"/phones/{ANA}/online", json={"online": False})
    ids = [await stage.write() for _ in range(2)]
    assert [m["state"] for m in await stage.chat()] == ["waiting", "waiting"]

    await stage.phone.post(f"/phones/{ANA}/online", json={"online": True})
    await stage.hub.until(lambda hub: len(hub.messages) == 2)

    assert [m["id"] for m in stage.hub.messages] == ids


async def test_a_message_may_be_late(stage: Stage) -> None:
    await stage.write("text", {"body": "yesterday"}, timestamp=stage.clock.seconds - 90_000)
    await stage.hub.until(lambda hub: hub.messages)

    assert stage.hub.messages[0]["timestamp"] == str(1_800_000_000 - 90_000)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "text"},
        {"type": "text", "text": {}},
        {"type": "nothing"},
        {"type": "__class__"},
        {"type": "reply_to", "reply_to": "x"},
        {"type": "image", "image": {"id": "404"}},
        {"type": "revoke", "revoke": {"message_id": "404"}},
        {"type": "image", "image": {}, "burst": 31},
        {"type": "text", "text": {"body": "x"}, "burst": 2},
    ],
)
async def test_what_a_phone_cannot_do_is_refused(stage: Stage, body: dict[str, Any]) -> None:
    full = {"phone_number_id": NUMBER.phone_number_id} | body
    answer = await stage.phone.post(f"/phones/{ANA}/messages", json=full)

    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_a_foreign_message_cannot_be_edited(stage: Stage) -> None:
    theirs = await stage.sent()
    body = {"phone_number_id": NUMBER.phone_number_id, "type": "edit", "edit": {"message_id": theirs, "text": "x"}}

    assert (await stage.phone.post(f"/phones/{ANA}/messages", json=body)).status_code == 400


async def test_an_invented_customer_writes(stage: Stage) -> None:
    await stage.phone.post("/phones", json={"wa_id": "+55 11 90000-0077", "name": "Gil (demo)"})
    await stage.write(wa_id="5511900000077")
    await stage.hub.until(lambda hub: hub.messages)

    contact = stage.hub.values[0]["contacts"][0]
    assert (contact["wa_id"], contact["profile"]["name"]) == ("5511900000077", "Gil (demo)")
    assert contact["user_id"].startswith("BR.")


async def test_secrets_stay_out_of_the_page(stage: Stage) -> None:
    listed = (await stage.phone.get("/numbers")).text

    assert NUMBER.access_token not in listed
    assert NUMBER.app_secret not in listed
    assert NUMBER.verify_token not in listed
