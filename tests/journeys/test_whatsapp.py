"""The main job on real input: a customer's WhatsApp message reaches the screen, and the answer goes back."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.journeys.meta import message_webhook, signed, status_webhook, text_webhook, wamid
from tests.live_client import LiveClient, live
from tests.running import Person, Stack, WhatsAppLine, connect_whatsapp, register
from tests.waiting import until


class Desk:
    """An organization with a WhatsApp line, its owner at an open screen, and a customer with a phone."""

    def __init__(self, client: httpx2.AsyncClient, owner: Person, line: WhatsAppLine, screen: LiveClient) -> None:
        self.client, self.owner, self.line, self.screen = client, owner, line, screen
        self.wa_id = f"5511{secrets.randbelow(10**9):09d}"

    async def post(self, body: bytes) -> httpx2.Response:
        """The provider delivers a body, signed."""
        path = f"/webhooks/whatsapp/{self.owner.organization_id}"
        return await self.client.post(path, content=body, headers=signed(body, self.line.number["app_secret"]))

    @property
    def number(self) -> str:
        return self.line.number["phone_number_id"]

    async def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.owner.get("/api/v1/conversations?view=all"))["results"]
        return found

    async def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        page = await self.owner.get(f"/api/v1/conversations/{conversation_id}/messages?limit=200")
        return [message for message in page["results"] if message["kind"] != "system"]

    async def phone(self, **message: Any) -> dict[str, Any]:
        """The customer writes on the simulator's phone."""
        url = f"{self.line.stack.simulator_url}/phones/{self.wa_id}/messages"
        answer = await self.client.post(url, json={"phone_number_id": self.number, **message})
        assert answer.status_code < 300, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def settled(self) -> None:
        """Everything that arrived has been processed."""
        await until(self._nothing_owed)

    async def _nothing_owed(self) -> bool:
        from sqlalchemy import text

        from hub.core.tenancy import Scope

        async with self.line.stack.hub.database.transaction(Scope.across("test")) as session:
            return not await session.scalar(text(
                "SELECT count(*) FROM outbox WHERE organization_id = :org AND state IN ('waiting', 'running')"
            ), {"org": self.owner.organization_id})


@pytest.fixture
async def desk(running: Stack, client: httpx2.AsyncClient) -> AsyncIterator[Desk]:
    owner = await register(client)
    line = await connect_whatsapp(running, client, owner)
    screen = await live(running.url, owner)
    await screen.send({"t": "subscribe", "topic": "inbox"})
    yield Desk(client, owner, line, screen)
    await screen.close()


async def test_a_message_from_the_phone_is_answered_and_its_ticks_move(desk: Desk) -> None:
    await desk.phone(type="text", text={"body": "Do you open on Sundays?"})
    row = (await desk.screen.until(
        lambda frame: frame["t"] == "row" and (frame["row"]["last_message"] or {}).get("author") == "customer"
    ))["row"]
    assert row["last_message"]["text"] == "Do you open on Sundays?"
    await desk.screen.follow(row["id"])

    await desk.screen.send({"t": "send", "client_id": "answer-0001", "conversation_id": row["id"], "text": "From ten."})
    ack = await desk.screen.until(lambda frame: frame["t"] == "ack")
    states = [(await desk.screen.event("message.delivery", message_id=ack["id"], state=state))["d"]["state"]
              for state in ("sent", "delivered")]
    assert states == ["sent", "delivered"]

    phones = f"{desk.line.stack.simulator_url}/phones/{desk.wa_id}"
    await desk.client.post(f"{phones}/open", json={"phone_number_id": desk.number})
    await desk.screen.event("message.delivery", message_id=ack["id"], state="read")
    chat = (await desk.client.get(f"{phones}/chats/{desk.number}")).json()
    assert "From ten." in str(chat["messages"][-1])


async def test_the_same_webhook_twenty_times_over_eight_connections_is_one_message(desk: Desk) -> None:
    body = text_webhook(desk.number, desk.wa_id, "once")
    answers = []
    gate = asyncio.Semaphore(8)

    async def deliver() -> None:
        async with gate:
            answers.append((await desk.post(body)).status_code)

    await asyncio.gather(*(deliver() for _ in range(20)))
    await desk.settled()
    assert answers == [200] * 20
    (row,) = await desk.rows()
    assert [message["text"] for message in await desk.messages(row["id"])] == ["once"]
    assert row["inbound_count"] == 1


async def test_the_same_message_in_other_bytes_is_still_one_message(desk: Desk) -> None:
    same = wamid()
    await asyncio.gather(*(
        desk.post(text_webhook(desk.number, desk.wa_id, "once", vendor_id=same).replace(b'"1"', b'"%d"' % index))
        for index in range(8)
    ))
    await desk.settled()
    (row,) = await desk.rows()
    assert len(await desk.messages(row["id"])) == 1


async def test_an_album_from_a_new_number_is_one_conversation(desk: Desk) -> None:
    await desk.phone(type="image", image={"sample": True}, burst=10)
    await until(lambda: _inbound(desk, 10))
    await desk.settled()
    (row,) = await desk.rows()
    messages = await desk.messages(row["id"])
    assert len(messages) == 10
    assert len({message["seq"] for message in messages}) == 10
    attachments = [attachment for message in messages for attachment in message["attachments"]]
    assert [attachment["state"] for attachment in attachments] == ["stored"] * 10


async def _inbound(desk: Desk, count: int) -> bool:
    rows = await desk.rows()
    return bool(rows) and rows[0]["inbound_count"] == count


async def test_receipts_in_any_order_end_the_same(desk: Desk) -> None:
    await desk.phone(type="text", text={"body": "Hello"})
    row = (await until(desk.rows))[0]
    path = f"/api/v1/conversations/{row['id']}/messages"
    sent = await desk.owner.post(path, {"client_id": "order-0001", "text": "Hi"})
    vendor_id = await until(lambda: _vendor_id(desk, sent["id"]))
    for state in ("read", "sent", "delivered", "sent"):
        assert (await desk.post(status_webhook(desk.number, vendor_id, state, wa_id=desk.wa_id))).status_code == 200
    await desk.settled()
    message = await desk.owner.get(f"/api/v1/conversations/{row['id']}/messages/{sent['id']}")
    assert message["state"] == "read"
    assert {step["state"] for step in message["timeline"]} >= {"queued", "sending", "sent", "delivered", "read"}


async def _vendor_id(desk: Desk, message_id: str) -> str | None:
    calls = (await desk.client.get(f"{desk.line.stack.simulator_url}/record?phone_number_id={desk.number}")).json()
    return next((call["message_id"] for call in calls if call["callback"] == message_id), None)


async def test_a_retried_client_id_is_one_message_and_another_body_is_refused(desk: Desk) -> None:
    await desk.phone(type="text", text={"body": "Hello"})
    row = (await until(desk.rows))[0]
    path = f"/api/v1/conversations/{row['id']}/messages"
    answers = await asyncio.gather(*(
        desk.owner.ask("POST", path, json={"client_id": "retry-0001", "text": "Hi"}) for _ in range(8)
    ))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    refused = await desk.owner.ask("POST", path, json={"client_id": "retry-0001", "text": "Something else"})
    assert (refused.status_code, refused.json()["code"]) == (409, "client_id_reused")


@pytest.mark.parametrize(("kind", "message"), [
    ("location", {"type": "location", "location": {"latitude": -23.5, "longitude": -46.6, "name": "Office"}}),
    ("contacts", {"type": "contacts",
                  "contacts": [{"name": {"formatted_name": "Shop"}, "phones": [{"phone": "+1555"}]}]}),
    ("interactive", {"type": "interactive", "interactive": {"type": "button_reply",
                                                            "button_reply": {"id": "yes", "title": "Yes"}}}),
    ("unsupported", {"type": "unsupported", "errors": [{"code": 131051}]}),
    ("unsupported", {"type": "hologram", "hologram": {"depth": 3}}),
])
async def test_every_kind_of_message_is_kept(desk: Desk, kind: str, message: dict[str, Any]) -> None:
    assert (await desk.post(message_webhook(desk.number, desk.wa_id, message))).status_code == 200
    await desk.settled()
    (row,) = await desk.rows()
    assert [found["kind"] for found in await desk.messages(row["id"])] == [kind]


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b'{"object":"page"}', b"\xff\xfe", b'{"entry":[{"changes":[{}]}]}',
    b'{"object":"whatsapp_business_account","entry":[{"changes":[{"value":{"messages":[7]}}]}]}',
])
async def test_signed_garbage_is_kept_and_harms_nothing(desk: Desk, body: bytes) -> None:
    assert (await desk.post(body)).status_code == 200
    assert (await desk.post(text_webhook(desk.number, desk.wa_id, "still here"))).status_code == 200
    await until(lambda: _inbound(desk, 1))


async def test_a_body_without_a_right_signature_is_refused_and_not_kept(desk: Desk) -> None:
    body = text_webhook(desk.number, desk.wa_id, "forged")
    path = f"/webhooks/whatsapp/{desk.owner.organization_id}"
    good = signed(body, desk.line.number["app_secret"])["x-hub-signature-256"]
    for signature in (None, "", "sha256=", good[:-1], good.upper(), "sha1=" + good[7:], good.replace("sha256=", "")):
        headers = {"x-hub-signature-256": signature} if signature is not None else {}
        answer = await desk.client.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "signature_invalid"), signature
    assert (await desk.client.post(path, content=body + b" ", headers={"x-hub-signature-256": good})).status_code == 403
    assert await desk.rows() == []


async def test_the_verification_challenge_is_answered_only_with_the_right_token(desk: Desk) -> None:
    path = f"/webhooks/whatsapp/{desk.owner.organization_id}"
    token = desk.line.number["verify_token"]
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": token}
    answer = await desk.client.get(path, params=query)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    for wrong in ({"hub.verify_token": "x"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": ""}):
        assert (await desk.client.get(path, params=query | wrong)).status_code == 403
    assert (await desk.client.get(path)).status_code == 403


async def test_a_customer_who_writes_after_closing_reopens_the_thread(desk: Desk) -> None:
    await desk.phone(type="text", text={"body": "First"})
    row = (await until(desk.rows))[0]
    await desk.owner.post(f"/api/v1/conversations/{row['id']}/accept")
    await desk.owner.post(f"/api/v1/conversations/{row['id']}/close", {"disposition": "solved"})
    await desk.phone(type="text", text={"body": "Again"})
    await until(lambda: _inbound(desk, 2))
    detail = await desk.owner.get(f"/api/v1/conversations/{row['id']}")
    assert (detail["status"], detail["engagement"]["number"]) == ("open", 2)


async def test_one_numbers_secret_cannot_speak_for_another_number_of_the_house(
    desk: Desk, running: Stack, client: httpx2.AsyncClient
) -> None:
    second = await connect_whatsapp(running, client, desk.owner)
    body = text_webhook(second.number["phone_number_id"], desk.wa_id, "forged")
    assert (await desk.post(body)).status_code == 200
    await desk.settled()
    assert await desk.rows() == []
