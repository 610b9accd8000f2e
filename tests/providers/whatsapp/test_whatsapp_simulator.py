"""The adapter against the simulated Graph API, over real HTTP in both directions."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from hub.channels.ports import (
    ChannelAccess,
    InboundMessage,
    InboundReaction,
    OutboundFile,
    OutboundMessage,
    Receipt,
    Refused,
    Sent,
    Throttled,
    Uncertain,
)
from hub.core.clock import SystemClock
from hub.core.errors import LimitReached, NotFound, Unavailable
from providers.http import HttpClient
from providers.simulator import NumberConfig, Simulator, SimulatorConfig
from providers.simulator.faults import Fault
from providers.whatsapp.business import WhatsAppBusiness
from tests.waiting import PATIENCE

NUMBER_ID, ANA = "106540352242922", "5511987654321"
PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(100)


class Line:
    """A number of the simulator's, our adapter on it, and the webhooks that came of it."""

    def __init__(self, simulator: Simulator, url: str, webhooks: "asyncio.Queue[tuple[dict[str, str], bytes]]") -> None:
        self.simulator, self.url, self.webhooks = simulator, url, webhooks
        self.clients: list[HttpClient] = []
        self.wait_for_answers(PATIENCE)
        self.access = ChannelAccess(
            id=uuid4(), external_id=NUMBER_ID, settings={},
            credentials={"access_token": "token-of-the-demo", "app_secret": "secret-of-the-demo"},
        )

    def wait_for_answers(self, seconds: float) -> None:
        """From now on the adapter waits so long."""
        self.clients.append(HttpClient(allow=self.url.removeprefix("http://"), read_seconds=seconds))
        self.adapter = WhatsAppBusiness(self.clients[-1], SystemClock(), graph_url=f"{self.url}/graph")

    async def as_customer(self, **message: Any) -> Any:
        """Acts on the customer's phone; the webhook's value, once its signature was found good."""
        async with httpx2.AsyncClient(base_url=self.url, timeout=PATIENCE) as phone:
            answer = await phone.post(f"/phones/{ANA}/messages", json={"phone_number_id": NUMBER_ID, **message})
            assert answer.status_code < 300, answer.text
        return await self.next_value()

    async def upload_as_customer(self, content: bytes, mime: str) -> str:
        async with httpx2.AsyncClient(base_url=self.url, timeout=PATIENCE) as phone:
            answer = await phone.post(f"/phones/{ANA}/media", content=content, headers={"content-type": mime})
            return str(answer.json()["id"])

    async def next_value(self) -> Any:
        headers, body = await asyncio.wait_for(self.webhooks.get(), PATIENCE)
        assert self.adapter.verify(self.access, headers, body)
        (parcel,) = self.adapter.parse(body)
        assert parcel.external_id == NUMBER_ID
        return parcel.value

    async def send(self, kind: str = "text", text: str = "", **more: Any) -> Sent:
        to = more.pop("to", (("whatsapp", ANA),))
        message = OutboundMessage(our_id=more.pop("our_id", uuid4()), to=to, kind=kind, text=text, **more)
        return await self.adapter.send(self.access, message)

    def fail(self, kind: Any, **more: Any) -> None:
        self.simulator.faults.add(Fault(kind=kind, **more))

    def sends(self) -> list[Any]:
        return [call for call in self.simulator.record.calls if call.kind == "send"]


@pytest.fixture
async def line(served: Any, scripted: Any) -> AsyncIterator[Line]:
    webhooks: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()

    async def hub(exchange: Any) -> None:
        names = ("x-hub-signature-256", "content-type")
        webhooks.put_nowait(({name: exchange.header(name) for name in names}, exchange.body))
        await exchange.answer(200)

    hub_server = await scripted(hub)
    number = NumberConfig(
        phone_number_id=NUMBER_ID, waba_id="102290129340398", display_phone_number="+55 11 3333-4444", name="Demo",
        access_token="token-of-the-demo", app_secret="secret-of-the-demo", verify_token="v", webhook_url="/hook",
    )
    simulator = Simulator(SimulatorConfig(
        hub_url=hub_server.url, numbers=[number], demo_customers=False, smtp_port=None, status_delay=0.0,
    ))
    await simulator.start()
    made = Line(simulator, await served(simulator.app), webhooks)
    yield made
    for client in made.clients:
        await client.close()
    await simulator.stop()


def file(name: str, mime: str, content: bytes) -> OutboundFile:
    async def read() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    return OutboundFile(name=name, mime=mime, size=len(content), read=read)


async def test_a_customers_message_arrives_signed_and_understood(line: Line) -> None:
    value = await line.as_customer(type="text", text={"body": "Olá / 👋"})

    assert isinstance(value, InboundMessage)
    assert (value.kind, value.text) == ("text", "Olá / 👋")
    assert {identity[0] for identity in value.sender.identities} == {"bsuid", "whatsapp"}


async def test_a_text_goes_out_once_and_its_receipts_carry_our_id(line: Line) -> None:
    await line.as_customer(type="text", text={"body": "oi"})
    our_id = uuid4()
    sent = await line.send(text="Bom dia", our_id=our_id)
    receipts = [await line.next_value() for _ in range(2)]

    assert sent.recipient_id == ANA
    assert [call.payload["text"]["body"] for call in line.sends()] == ["Bom dia"]
    assert [(value.state, value.vendor_id, value.our_id) for value in receipts] == [
        ("sent", sent.vendor_id, our_id), ("delivered", sent.vendor_id, our_id),
    ]


@pytest.mark.parametrize(("kind", "content", "text"), [
    ("location", {"latitude": -23.55, "longitude": -46.63, "name": "Sé"}, ""),
    ("contacts", {"contacts": [{"name": "Bia Demo", "phones": ["+5521999990000"], "emails": ["b@demo.test"]}]}, ""),
    ("interactive", {"type": "button", "body": {"text": "?"}, "action": {"buttons": [
        {"type": "reply", "reply": {"id": "y", "title": "Sim"}}]}}, ""),
])
async def test_what_has_no_file_is_accepted_as_meta_wants_it(
    line: Line, kind: str, content: dict[str, Any], text: str
) -> None:
    await line.as_customer(type="text", text={"body": "oi"})

    assert (await line.send(kind, text, content=content)).vendor_id.startswith("wamid.")
    assert line.sends()[-1].type == kind


@pytest.mark.parametrize(("kind", "wire_type", "upload", "text"), [
    ("image", "image", file('a"b\r\n.png', "image/png", PNG), "olhe"),
    ("document", "document", file("nota fiscal é.pdf", "application/pdf", b"%PDF-1.7" + bytes(5000)), "segue"),
    ("audio", "audio", file("a.mp3", "audio/mpeg", bytes(3000)), ""),
    ("voice", "audio", file("v.ogg", "audio/ogg; codecs=opus", b"OggS" + bytes(3000)), ""),
    ("video", "video", file("v.mp4", "video/mp4", bytes(3000)), "veja"),
    ("sticker", "sticker", file("s.webp", "image/webp", bytes(300)), ""),
])
async def test_a_file_is_uploaded_and_sent_by_its_id(
    line: Line, kind: str, wire_type: str, upload: OutboundFile, text: str
) -> None:
    await line.as_customer(type="text", text={"body": "oi"})
    await line.send(kind, text, file=upload)
    payload = line.sends()[-1].payload
    media = line.simulator.media.get(payload[wire_type]["id"])

    assert media is not None
    assert (media.size, media.mime.split(";")[0]) == (upload.size, upload.mime.split(";")[0])
    assert payload[wire_type].get("caption", "") == text
    assert payload[wire_type].get("filename") == (upload.name if kind == "document" else None)


async def test_a_reply_and_a_reaction_point_at_the_customers_message(line: Line) -> None:
    theirs = (await line.as_customer(type="text", text={"body": "oi"})).vendor_id
    await line.send(text="sim", reply_to=theirs)
    await line.send("reaction", "👍", target=theirs)
    await line.send("reaction", "", target=theirs)
    reply, put, removed = (call.payload for call in line.sends())

    assert reply["context"] == {"message_id": theirs}
    assert put["reaction"] == {"message_id": theirs, "emoji": "👍"}
    assert removed["reaction"]["emoji"] == ""


async def test_a_customers_reaction_to_our_message_names_it(line: Line) -> None:
    await line.as_customer(type="text", text={"body": "oi"})
    ours = (await line.send(text="oi")).vendor_id
    for _ in range(2):
        await line.next_value()
    value = await line.as_customer(type="reaction", reaction={"message_id": ours, "emoji": "❤️"})

    assert isinstance(value, InboundReaction)
    assert (value.target, value.emoji) == (ours, "❤️")


async def test_a_person_without_a_number_is_reached_by_user_id(line: Line) -> None:
    user_id = (await line.as_customer(type="text", text={"body": "oi"})).sender.identities[0][1]
    await line.send(text="oi", to=(("bsuid", user_id), ("whatsapp", ANA)))

    assert line.sends()[-1].payload["recipient"] == user_id
    assert "to" not in line.sends()[-1].payload


async def test_reading_and_typing_are_shown_to_the_customer(line: Line) -> None:
    theirs = (await line.as_customer(type="text", text={"body": "oi"})).vendor_id
    await line.adapter.mark_read(line.access, theirs, typing=False)
    await line.adapter.mark_read(line.access, theirs, typing=True)
    await line.adapter.mark_read(line.access, "wamid.unknown", typing=False)

    assert line.simulator.world.messages.rows[theirs].state == "read"
    assert (ANA, NUMBER_ID) in line.simulator.world.typing


async def test_a_customers_file_is_fetched_whole_with_the_announced_digest(line: Line) -> None:
    content = PNG + bytes(200_000)
    value = await line.as_customer(type="image", image={"id": await line.upload_as_customer(content, "image/png")})
    (media,) = value.media

    assert await fetched(line, media.ref, limit=len(content)) == content
    assert media.sha256 == hashlib.sha256(content).digest()


async def test_a_file_larger_than_wanted_is_not_fetched(line: Line) -> None:
    value = await line.as_customer(type="image", image={"id": await line.upload_as_customer(PNG, "image/png")})
    with pytest.raises(LimitReached):
        await fetched(line, value.media[0].ref, limit=10)


@pytest.mark.parametrize("ref", ["123456789", "../me", "1?fields=x", ""])
async def test_a_file_that_is_not_there_is_not_found(line: Line, ref: str) -> None:
    with pytest.raises(NotFound):
        await fetched(line, ref, limit=10)


@pytest.mark.parametrize(("fault", "code", "after"), [
    ("throttled", "throttled", 2.0), ("pair_throttled", "pair_throttled", 6.0),
    ("server_error", "provider_unavailable", 5.0),
])
async def test_what_was_refused_for_now_may_be_sent_again(line: Line, fault: str, code: str, after: float) -> None:
    await line.as_customer(type="text", text={"body": "oi"})
    line.fail(fault)
    with pytest.raises(Throttled) as caught:
        await line.send(text="oi")
    await line.send(text="oi")

    assert (caught.value.code, caught.value.after) == (code, after)
    assert [call.outcome for call in line.sends()] == ["refused", "accepted"]


async def test_an_expired_token_takes_the_channel_down(line: Line) -> None:
    line.fail("token_expired")
    with pytest.raises(Refused) as caught:
        await line.send(text="oi")

    assert (caught.value.code, caught.value.channel_down, caught.value.provider_code) == ("token_invalid", True, "190")


async def test_a_closed_window_is_told_by_the_receipt(line: Line) -> None:
    our_id = uuid4()
    await line.send(text="oi", our_id=our_id)
    values = [await line.next_value()]
    with contextlib.suppress(TimeoutError):
        while values[-1].state != "failed":
            values.append(await line.next_value())

    assert isinstance(values[-1], Receipt)
    assert (values[-1].state, values[-1].code, values[-1].our_id) == ("failed", "window_closed", our_id)


@pytest.mark.parametrize(("fault", "arrived"), [
    ("timeout_after_acceptance", "accepted_unanswered"), ("timeout_before_acceptance", "unanswered"),
])
async def test_no_answer_is_never_taken_for_not_sent_and_never_repeated(line: Line, fault: str, arrived: str) -> None:
    await line.as_customer(type="text", text={"body": "oi"})
    line.fail(fault)
    line.wait_for_answers(0.4)
    with pytest.raises(Uncertain):
        await line.send(text="oi")

    assert [call.outcome for call in line.sends()] == [arrived]


async def test_an_upload_that_fails_leaves_the_message_certainly_unsent(line: Line) -> None:
    line.fail("server_error", on="media")
    with pytest.raises(Throttled):
        await line.send("image", file=file("a.png", "image/png", PNG))

    assert line.sends() == []


async def test_a_file_that_meta_does_not_take_is_refused_for_good(line: Line) -> None:
    with pytest.raises(Refused):
        await line.send("image", file=file("a.png", "image/png", bytes(6 * 2**20)))

    assert line.sends() == []


async def test_good_credentials_pass_the_check_and_wrong_ones_do_not(line: Line) -> None:
    await line.adapter.check(line.access)
    wrong = ChannelAccess(id=uuid4(), external_id=NUMBER_ID, settings={}, credentials={"access_token": "x"})
    with pytest.raises(Refused, match="token_invalid"):
        await line.adapter.check(wrong)


async def test_a_number_that_is_not_ours_does_not_pass_the_check(line: Line) -> None:
    other = ChannelAccess(id=uuid4(), external_id="999", settings={}, credentials=line.access.credentials)
    with pytest.raises(Refused, match="number_unknown"):
        await line.adapter.check(other)


async def test_a_check_while_meta_is_down_says_so(line: Line) -> None:
    line.fail("server_error", on="any", times=None)
    with pytest.raises(Unavailable):
        await line.adapter.check(line.access)


async def fetched(line: Line, ref: str, *, limit: int) -> bytes:
    return b"".join([chunk async for chunk in line.adapter.fetch_media(line.access, ref, limit=limit)])
