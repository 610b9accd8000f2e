"""Signatures, and what answers of Meta's and of those in between mean for a message."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from hub.channels.ports import ChannelAccess, OutboundFile, OutboundMessage, Refused, Throttled, Uncertain
from hub.core.clock import SystemClock
from hub.core.errors import NotFound, Unavailable
from providers.http import HttpClient
from providers.whatsapp.business import WhatsAppBusiness
from providers.whatsapp.content import digest_of
from providers.whatsapp.graph import Graph
from tests.conftest import free_port

SECRET = "app secret"
BODY = b'{"object":"whatsapp_business_account","entry":[{"id":"\\u00e9 \\/"}]}'
ACCEPTED = b'{"messaging_product":"whatsapp","contacts":[{"wa_id":"5511987654321"}],"messages":[{"id":"wamid.1"}]}'


def access(**more: Any) -> ChannelAccess:
    credentials = {"access_token": "token", "app_secret": SECRET, **more.pop("credentials", {})}
    return ChannelAccess(**{"id": uuid4(), "external_id": "1065", "settings": {}, "credentials": credentials, **more})


def text(**more: Any) -> OutboundMessage:
    return OutboundMessage(**{
        "our_id": uuid4(), "to": (("whatsapp", "5511987654321"),), "kind": "text", "text": "oi", **more,
    })


def signature(body: bytes = BODY, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
async def adapter_at() -> AsyncIterator[Any]:
    """An adapter whose Graph is the given server: `adapter_at(server)`."""
    clients: list[HttpClient] = []

    def make(*servers: Any, url: str = "") -> WhatsAppBusiness:
        clients.append(HttpClient(allow=" ".join(server.allow for server in servers)))
        return WhatsAppBusiness(clients[-1], SystemClock(), graph_url=url or servers[0].url)

    yield make
    for client in clients:
        await client.close()


def answering(status: int, body: Any = b"", **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda exchange: exchange.answer(status, raw, **headers)


def refusal(code: int, **more: Any) -> dict[str, Any]:
    return {"error": {"message": f"(#{code}) message", "type": "OAuthException", "code": code,
                      "error_data": {"messaging_product": "whatsapp", "details": "the details"}, **more}}


@pytest.mark.parametrize("name", ["X-Hub-Signature-256", "x-hub-signature-256"])
def test_a_good_signature_is_accepted_however_its_header_is_written(adapter_at: Any, name: str) -> None:
    assert adapter_at(url="https://x.test").verify(access(), {name: signature()}, BODY)


@pytest.mark.parametrize("headers", [
    {}, {"x-hub-signature-256": ""}, {"x-hub-signature-256": signature()[7:]},
    {"x-hub-signature-256": signature(secret="other")}, {"x-hub-signature-256": signature(BODY + b" ")},
    {"x-hub-signature-256": signature(json.dumps(json.loads(BODY)).encode())}, {"x-hub-signature": signature()},
    {"x-hub-signature-256": signature()[:-1]}, {"x-hub-signature-256": "sha256=é\ud800"},
    {"x-hub-signature-256": signature().upper()},
], ids=["none", "empty", "bare", "other secret", "other body", "re-serialised", "old header", "cut", "odd", "upper"])
def test_anything_but_the_signature_of_these_bytes_is_refused(adapter_at: Any, headers: dict[str, str]) -> None:
    assert not adapter_at(url="https://x.test").verify(access(), headers, BODY)


@pytest.mark.parametrize("credentials", [{"app_secret": ""}, {}])
def test_without_a_secret_nothing_is_accepted(adapter_at: Any, credentials: dict[str, str]) -> None:
    channel = ChannelAccess(id=uuid4(), external_id="1", settings={}, credentials=credentials)

    assert not adapter_at(url="https://x.test").verify(channel, {"x-hub-signature-256": signature(secret="")}, BODY)


@pytest.mark.parametrize(("code", "ours", "down"), [
    (0, "token_invalid", True), (190, "token_invalid", True), (10, "permission_missing", True),
    (200, "permission_missing", True), (299, "permission_missing", True), (131048, "account_blocked", True),
    (368, "account_blocked", True), (131031, "account_blocked", True), (130497, "country_restricted", False),
    (131047, "window_closed", False), (131026, "not_deliverable", False), (131049, "not_deliverable", False),
    (131050, "opted_out", False), (131008, "bad_parameters", False), (131009, "bad_parameters", False),
    (131053, "bad_media", False), (132000, "bad_template", False), (132015, "template_paused", False),
    (131042, "account_problem", True), (131037, "account_problem", True), (987654, "refused", False),
])
async def test_a_refusal_has_a_code_of_ours_and_metas_words(
    scripted: Any, adapter_at: Any, code: int, ours: str, down: bool
) -> None:
    adapter = adapter_at(await scripted(answering(400, refusal(code))))
    with pytest.raises(Refused) as caught:
        await adapter.send(access(), text())

    error = caught.value
    assert (error.code, error.detail, error.provider_code, error.channel_down) == (ours, "the details", str(code), down)


@pytest.mark.parametrize(("status", "code", "ours"), [
    (400, 4, "channel_throttled"), (400, 80007, "channel_throttled"), (429, 130429, "throttled"),
    (400, 131056, "pair_throttled"), (500, 131000, "provider_unavailable"), (503, 131016, "provider_unavailable"),
    (500, 131057, "provider_unavailable"), (500, 2, "provider_unavailable"),
])
async def test_what_meta_refuses_for_now_may_be_sent_again(
    scripted: Any, adapter_at: Any, status: int, code: int, ours: str
) -> None:
    server = await scripted(answering(status, refusal(code)))
    with pytest.raises(Throttled) as caught:
        await adapter_at(server).send(access(), text())

    assert caught.value.code == ours
    assert caught.value.after > 0
    assert len(server.seen) == 1


async def test_an_unknown_error_called_transient_by_meta_may_be_sent_again(scripted: Any, adapter_at: Any) -> None:
    adapter = adapter_at(await scripted(answering(500, refusal(987654, is_transient=True))))
    with pytest.raises(Throttled, match="provider_unavailable"):
        await adapter.send(access(), text())


async def test_the_wait_that_is_asked_for_is_kept(scripted: Any, adapter_at: Any) -> None:
    adapter = adapter_at(await scripted(answering(429, refusal(130429), Retry_After="17")))
    with pytest.raises(Throttled) as caught:
        await adapter.send(access(), text())

    assert caught.value.after == 17


@pytest.mark.parametrize(("status", "body"), [
    (500, b"<html>"), (502, b""), (504, b'{"error":"gateway"}'), (500, json.dumps(refusal(1)).encode()),
    (200, b"{}"), (200, b"<html>"), (200, b'{"messages":[]}'), (200, b'{"messages":[{"id":""}]}'), (204, b""),
])
async def test_what_proves_nothing_leaves_the_outcome_open(
    scripted: Any, adapter_at: Any, status: int, body: bytes
) -> None:
    server = await scripted(answering(status, body))
    with pytest.raises(Uncertain):
        await adapter_at(server).send(access(), text())

    assert len(server.seen) == 1


@pytest.mark.parametrize(("status", "error", "code"), [
    (400, Refused, "refused"), (401, Refused, "token_invalid"), (404, Refused, "refused"),
    (429, Throttled, "throttled"), (302, Refused, "refused"),
])
async def test_a_status_alone_can_prove_that_nothing_was_sent(
    scripted: Any, adapter_at: Any, status: int, error: type[Exception], code: str
) -> None:
    adapter = adapter_at(await scripted(answering(status, b"<html>", Location="https://elsewhere.test")))
    with pytest.raises(error, match=code):
        await adapter.send(access(), text())


async def test_an_unreachable_meta_is_certainly_not_sent() -> None:
    port = free_port()
    client = HttpClient(allow=f"127.0.0.1:{port}")
    with pytest.raises(Throttled, match="provider_unavailable"):
        await WhatsAppBusiness(client, SystemClock(), graph_url=f"http://127.0.0.1:{port}").send(access(), text())
    await client.close()


async def test_an_address_that_the_guard_refuses_takes_the_channel_down(adapter_at: Any) -> None:
    with pytest.raises(Refused) as caught:
        await adapter_at(url="https://169.254.169.254").send(access(), text())

    assert (caught.value.code, caught.value.channel_down) == ("egress_refused", True)


async def test_an_id_that_does_not_serve_is_replaced_by_the_number(scripted: Any, adapter_at: Any) -> None:
    async def numbers_only(exchange: Any) -> None:
        by_number = "to" in json.loads(exchange.body)
        refused = json.dumps(refusal(131062)).encode()
        await exchange.answer(*((200, ACCEPTED) if by_number else (400, refused)))

    server = await scripted(numbers_only)
    sent = await adapter_at(server).send(access(), text(to=(("bsuid", "BR.1"), ("whatsapp", "5511987654321"))))

    assert sent.vendor_id == "wamid.1"
    assert [json.loads(exchange.body).get("recipient") for exchange in server.seen] == ["BR.1", None]


async def test_without_a_number_an_id_that_does_not_serve_is_refused(scripted: Any, adapter_at: Any) -> None:
    adapter = adapter_at(await scripted(answering(400, refusal(131062))))
    with pytest.raises(Refused, match="recipient_id_unsupported"):
        await adapter.send(access(), text(to=(("bsuid", "BR.1"),)))


async def test_version_token_and_body_are_where_meta_wants_them(scripted: Any, adapter_at: Any) -> None:
    server = await scripted(answering(200, ACCEPTED))
    message = text(text="veja https://a.test")
    await adapter_at(server).send(access(settings={"graph_version": "v26.0"}), message)
    (asked,) = server.seen

    assert asked.path == "/v26.0/1065/messages"
    assert asked.header("authorization") == "Bearer token"
    assert json.loads(asked.body) == {
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": "5511987654321", "type": "text",
        "text": {"body": "veja https://a.test", "preview_url": True}, "biz_opaque_callback_data": str(message.our_id),
    }


@pytest.mark.parametrize("message", [
    text(text=""), text(text="x" * 4097), text(kind="image"), text(kind="hologram"), text(kind="location"),
    text(kind="location", content={"latitude": 91, "longitude": 0}), text(kind="contacts", content={"contacts": [{}]}),
    text(kind="reaction"), text(kind="interactive"), text(to=()), text(to=(("email", "a@b.test"),)),
    text(kind="sticker", text="x", file=OutboundFile(name="s", mime="image/webp", size=1, read=None)),
    text(kind="image", text="x" * 1025, file=OutboundFile(name="i", mime="image/png", size=1, read=None)),
], ids=lambda message: message.kind)
async def test_what_cannot_be_sent_is_refused_before_any_call(
    scripted: Any, adapter_at: Any, message: OutboundMessage
) -> None:
    server = await scripted(answering(200, ACCEPTED))
    with pytest.raises(Refused):
        await adapter_at(server).send(access(), message)

    assert server.connections == 0


@pytest.mark.parametrize("channel", [
    access(external_id=None), access(external_id="../me"), access(settings={"graph_version": "../x"}),
    access(credentials={"access_token": ""}), access(credentials={"access_token": "a\r\nX: y"}),
    access(credentials={"access_token": "tokén"}),
], ids=["no number", "path", "version", "no token", "line break", "not ascii"])
async def test_a_channel_that_cannot_call_is_down_before_any_call(
    scripted: Any, adapter_at: Any, channel: ChannelAccess
) -> None:
    server = await scripted(answering(200, ACCEPTED))
    with pytest.raises(Refused) as caught:
        await adapter_at(server).send(channel, text())

    assert caught.value.channel_down
    assert server.connections == 0


async def shorter() -> AsyncIterator[bytes]:
    yield b"half"


async def longer() -> AsyncIterator[bytes]:
    yield b"far more than ten"


async def gone() -> AsyncIterator[bytes]:
    raise NotFound
    yield b""


async def unreadable() -> AsyncIterator[bytes]:
    yield b"half"
    raise Unavailable("storage_unavailable")


@pytest.mark.parametrize(("read", "error", "code"), [
    (shorter, Refused, "bad_media"), (longer, Refused, "bad_media"), (gone, Refused, "bad_media"),
    (unreadable, Throttled, "file_unavailable"),
])
async def test_a_file_of_ours_that_is_not_what_it_was_sends_no_message(
    scripted: Any, adapter_at: Any, read: Any, error: type[Exception], code: str
) -> None:
    server = await scripted(answering(200, {"id": "1"}))
    message = text(kind="image", file=OutboundFile(name="i", mime="image/png", size=10, read=read))
    with pytest.raises(error, match=code):
        await adapter_at(server).send(access(), message)

    assert server.seen == []


async def test_the_token_goes_with_the_file_only_to_whom_the_channel_trusts(scripted: Any, adapter_at: Any) -> None:
    storage = await scripted(answering(200, b"bytes"))
    graph = await scripted(answering(200, {"url": storage.url + "/file", "id": "7"}))
    got = b"".join([chunk async for chunk in adapter_at(graph, storage).fetch_media(access(), "7", limit=9)])

    assert got == b"bytes"
    assert storage.seen[0].header("authorization") == "Bearer token"


async def test_a_token_never_goes_to_a_host_that_only_looks_like_metas(scripted: Any) -> None:
    client = HttpClient()
    graph = Graph(client, "https://graph.facebook.com")
    foreign = ("https://evil.test/x", "https://fbsbx.com.evil.test/x", "https://evilfbsbx.com/", "x", "http://[")

    assert graph.may_have_token("https://lookaside.fbsbx.com/x")
    assert not any(map(graph.may_have_token, foreign))
    await client.close()


@pytest.mark.parametrize("body", [b"{}", b"<html>", b'{"url":7}'])
async def test_a_file_whose_address_cannot_be_read_is_unavailable(
    scripted: Any, adapter_at: Any, body: bytes
) -> None:
    adapter = adapter_at(await scripted(answering(200, body)))
    with pytest.raises(Unavailable):
        assert [chunk async for chunk in adapter.fetch_media(access(), "7", limit=9)]


def test_a_digest_is_read_from_base64_and_hex_and_nothing_else() -> None:
    digest = hashlib.sha256(b"test").digest()

    assert digest_of("n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=") == digest
    assert digest_of(digest.hex()) == digest
    assert [digest_of(wrong) for wrong in (None, "", "abc", "zz" * 32, "YWJj", "é")] == [None] * 6
