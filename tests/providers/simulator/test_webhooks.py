"""Webhooks to the hub: signed bytes, order, repetition, and what survives a restart."""

import asyncio
import json

from tests.providers.simulator.stage import ANA, NUMBER, Receiver, Slot, Stage, staged
from tests.waiting import PATIENCE

OTHER = "5521900000002"


async def test_bytes_are_signed_and_escaped_as_meta_writes_them(stage: Stage) -> None:
    message = await stage.write("text", {"body": "Olá 👋 https://example.com/a"})
    await stage.hub.until(lambda hub: hub.raw)

    raw = stage.hub.raw[0]
    assert b"Ol\\u00e1 \\ud83d\\udc4b https:\\/\\/example.com\\/a" in raw
    assert b'":"' in raw
    assert b'": ' not in raw
    payload = json.loads(raw)
    assert payload["object"] == "whatsapp_business_account"
    assert payload["entry"][0]["id"] == NUMBER.waba_id
    change = payload["entry"][0]["changes"][0]
    assert change["field"] == "messages"
    assert change["value"]["metadata"] == {
        "display_phone_number": "551140000000",
        "phone_number_id": NUMBER.phone_number_id,
    }
    assert change["value"]["contacts"][0]["profile"] == {"name": "Ana (demo)"}
    sent = change["value"]["messages"][0]
    assert (sent["id"], sent["from"], sent["timestamp"], sent["type"]) == (message, ANA, "1800000000", "text")


async def test_a_refused_webhook_is_repeated_and_order_is_kept(stage: Stage) -> None:
    stage.hub.answers = [500, 503]

    ids = [await stage.write() for _ in range(4)]
    await stage.hub.until(lambda hub: len(hub.messages) == 4)

    assert [m["id"] for m in stage.hub.messages] == ids
    assert len(stage.hub.refused) == 2
    assert stage.hub.refused[0] == stage.hub.raw[0]


async def test_a_webhook_refused_again_and_again_steps_aside(stage: Stage) -> None:
    stage.hub.answers = [400] * 4

    ids = [await stage.write() for _ in range(2)]
    await stage.hub.until(lambda hub: len(hub.messages) == 2)

    assert [m["id"] for m in stage.hub.messages] == ids[::-1]


async def test_a_slow_hub_does_not_block_the_api(stage: Stage) -> None:
    stage.hub.gate.clear()

    await stage.write()
    answers = [await stage.send() for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    stage.hub.gate.set()
    await stage.hub.until(lambda hub: len(hub.statuses) == 6)


async def test_the_tick_follows_the_hubs_acceptance(stage: Stage) -> None:
    stage.hub.gate.clear()
    await stage.write()
    assert (await stage.chat())[-1]["state"] == "sent"

    stage.hub.gate.set()
    await stage.hub.until(lambda hub: hub.messages)
    while (await stage.chat())[-1]["state"] == "sent":
        await asyncio.sleep(0.005)

    assert (await stage.chat())[-1]["state"] == "delivered"


async def test_a_burst_arrives_in_parallel(stage: Stage) -> None:
    stage.hub.gate.clear()
    body = {"phone_number_id": NUMBER.phone_number_id, "type": "image", "image": {}, "burst": 6}

    answer = await stage.phone.post(f"/phones/{ANA}/messages", json=body)
    async with asyncio.timeout(PATIENCE):
        while stage.hub.at_once < 6:
            await asyncio.sleep(0.005)
    stage.hub.gate.set()
    await stage.hub.until(lambda hub: len(hub.messages) == 6)

    assert {m["id"] for m in stage.hub.messages} == set(answer.json()["ids"])
    assert stage.hub.most_at_once == 6
    assert len({m["image"]["sha256"] for m in stage.hub.messages}) == 6


async def test_verification_is_a_challenge_returned(stage: Stage) -> None:
    answer = await stage.phone.post(f"/numbers/{NUMBER.phone_number_id}/verify")
    assert answer.json()["verified"] is True

    wrong = {name: getattr(NUMBER, name) for name in NUMBER.__struct_fields__} | {"verify_token": "other"}
    await stage.phone.post("/numbers", json=wrong)
    answer = await stage.phone.post(f"/numbers/{NUMBER.phone_number_id}/verify")
    assert (answer.json()["verified"], answer.json()["status"]) == (False, 403)


async def test_any_webhook_can_be_posted(stage: Stage) -> None:
    body = {"field": "account_update", "value": {"event": "DISABLED_UPDATE"}}
    await stage.phone.post(f"/numbers/{NUMBER.phone_number_id}/webhooks", json=body)
    await stage.hub.until(lambda hub: hub.raw)

    assert json.loads(stage.hub.raw[0])["entry"][0]["changes"] == [
        {"value": {"event": "DISABLED_UPDATE"}, "field": "account_update"}
    ]


async def test_a_new_template_is_approved_by_webhook(stage: Stage) -> None:
    body = {"name": "sale", "language": "en_US", "category": "MARKETING", "components": [{"type": "BODY", "text": "x"}]}
    answer = await stage.graph.post(f"/{NUMBER.waba_id}/message_templates", json=body)
    await stage.hub.until(lambda hub: hub.raw)

    assert answer.json()["status"] == "PENDING"
    assert stage.hub.values[0]["event"] == "APPROVED"
    listed = await stage.graph.get(f"/{NUMBER.waba_id}/message_templates", params={"name": "sale"})
    assert [row["id"] for row in listed.json()["data"]] == [answer.json()["id"]]


async def test_templates_are_paged(stage: Stage) -> None:
    names = []
    url = f"/{NUMBER.waba_id}/message_templates?limit=3"
    while url:
        page = (await stage.graph.get(url)).json()
        names += [(row["name"], row["language"]) for row in page["data"]]
        url = page["paging"].get("next", "")

    assert len(names) == len(set(names)) == 7


async def test_the_world_survives_a_restart(slot: Slot, hub: Receiver, hub_slot: Slot, state_path: str) -> None:
    async with staged(slot, hub, hub_slot.url, state_path=state_path) as stage:
        hub.gate.clear()
        first = await stage.write()
        upload = await stage.phone.post(f"/phones/{ANA}/media", content=b"png", headers={"content-type": "image/png"})
        await stage.sent()
    with open(state_path, "a") as journal:
        journal.write('{"t":"message","k":"torn')

    hub.gate.set()
    async with staged(slot, hub, hub_slot.url, state_path=state_path) as stage:
        await hub.until(lambda hub: {s["status"] for s in hub.statuses} == {"sent", "delivered"})

        # At least once: what was in flight at the stop may come a second time.
        assert {m["id"] for m in hub.messages} == {first}
        assert (await stage.chat())[0]["id"] == first
        assert len(await stage.record(kind="send")) == 1
        assert (await stage.phone.get(f"/media/{upload.json()['id']}")).content == b"png"
        assert (await stage.sent()).startswith("wamid.")


async def test_the_hub_unreachable_keeps_the_order(slot: Slot, hub: Receiver, hub_slot: Slot) -> None:
    async with staged(slot, hub, "http://127.0.0.1:9") as stage:
        ids = [await stage.write() for _ in range(3)]
        async with asyncio.timeout(PATIENCE):
            while stage.simulator.webhooks.pending.rows and next(iter(stage.simulator.webhooks.pending)).attempts < 6:
                await asyncio.sleep(0.01)

        stage.simulator.config.hub_url = hub_slot.url
        await stage.phone.post("/webhooks/retry")
        await hub.until(lambda hub: len(hub.messages) == 3)

    assert [m["id"] for m in hub.messages] == ids
