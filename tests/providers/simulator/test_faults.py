"""Faults on demand, and the record that tells what really happened."""

import httpx2
import pytest

from tests.providers.simulator.stage import ANA, NUMBER, Stage

OTHER = "5521900000002"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttled", 429, 130429),
        ("pair_throttled", 400, 131056),
        ("token_expired", 401, 190),
        ("server_error", 500, 131000),
    ],
)
async def test_the_next_calls_are_refused(stage: Stage, kind: str, status: int, code: int) -> None:
    await stage.fault(kind, times=2)

    answers = [await stage.send() for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].json()["error"]["code"] == code
    assert [call["error_code"] for call in await stage.record()] == [code, code, None]


async def test_a_fault_concerns_one_recipient(stage: Stage) -> None:
    await stage.fault("pair_throttled", to=OTHER, times=None)

    assert (await stage.send()).status_code == 200
    assert (await stage.send(to=OTHER)).status_code == 400
    await stage.phone.delete("/faults")
    assert (await stage.send(to=OTHER)).status_code == 200


async def test_a_fault_concerns_one_number(stage: Stage) -> None:
    await stage.fault("throttled", phone_number_id="another")

    assert (await stage.send()).status_code == 200


@pytest.mark.parametrize(("kind", "code"), [("window_closed", 131047), ("not_deliverable", 131026)])
async def test_failures_come_after_acceptance(stage: Stage, kind: str, code: int) -> None:
    await stage.fault(kind)

    await stage.sent()
    await stage.hub.until(lambda hub: hub.statuses)

    assert stage.hub.statuses[0]["status"] == "failed"
    assert stage.hub.statuses[0]["errors"][0]["code"] == code


async def test_a_timeout_after_acceptance_was_transmitted_once(stage: Stage) -> None:
    await stage.fault("timeout_after_acceptance")

    with pytest.raises(httpx2.ReadTimeout):
        await stage.send(biz_opaque_callback_data="our-1", read=0.5)
    await stage.hub.until(lambda hub: len(hub.statuses) == 2)

    assert {s["biz_opaque_callback_data"] for s in stage.hub.statuses} == {"our-1"}
    calls = await stage.record(kind="send", to=ANA)
    assert [(call["callback"], bool(call["message_id"])) for call in calls] == [("our-1", True)]


async def test_a_timeout_before_acceptance_transmitted_nothing(stage: Stage) -> None:
    await stage.fault("timeout_before_acceptance")

    with pytest.raises(httpx2.ReadTimeout):
        await stage.send(read=0.5)

    assert [call["message_id"] for call in await stage.record(kind="send")] == [""]
    assert await stage.chat() == []


async def test_a_slow_call_is_answered_late(stage: Stage) -> None:
    await stage.fault("slow", ms=2000)

    with pytest.raises(httpx2.ReadTimeout):
        await stage.send(read=0.1)

    assert (await stage.send()).status_code == 200
    assert (await stage.phone.get("/faults")).json() == []


async def test_duplicates_are_the_same_bytes(stage: Stage) -> None:
    await stage.fault("duplicate_webhooks")

    await stage.write()
    await stage.hub.until(lambda hub: len(hub.raw) == 2)

    assert stage.hub.raw[0] == stage.hub.raw[1]


async def test_statuses_come_in_the_wrong_order(stage: Stage) -> None:
    await stage.fault("reorder_statuses")

    await stage.sent()
    await stage.hub.until(lambda hub: len(hub.statuses) == 2)

    assert [s["status"] for s in stage.hub.statuses] == ["delivered", "sent"]


async def test_a_dropped_webhook_never_comes(stage: Stage) -> None:
    await stage.fault("drop_webhooks")

    await stage.write()
    second = await stage.write()
    await stage.hub.until(lambda hub: hub.messages)

    assert [m["id"] for m in stage.hub.messages] == [second]
    assert (await stage.phone.get("/webhooks")).json()["dropped"] == 1


async def test_an_unknown_fault_is_refused(stage: Stage) -> None:
    assert (await stage.phone.post("/faults", json={"kind": "earthquake"})).status_code == 400


async def test_the_record_is_filtered(stage: Stage) -> None:
    await stage.sent()
    await stage.sent(to=OTHER)
    await stage.graph.get(f"/{NUMBER.phone_number_id}")

    everything = await stage.record()

    assert [call["kind"] for call in everything] == ["send", "send", "read_node"]
    assert [call["to"] for call in await stage.record(to=OTHER)] == [OTHER]
    assert await stage.record(since=everything[0]["seq"]) == everything[1:]
    assert await stage.record(phone_number_id="another") == []
    assert everything[0]["payload"]["text"] == {"body": "Hello"}
