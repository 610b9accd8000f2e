"""Webhook bodies as Meta sends them, and what they become."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from hub.channels.ports import (
    InboundEdit,
    InboundMessage,
    InboundReaction,
    InboundRevoke,
    MediaRef,
    Parcel,
    Receipt,
    Sender,
)
from hub.core.clock import SteppingClock
from hub.core.errors import Invalid
from providers.whatsapp.parse import order_key, parse

PAYLOADS = Path(__file__).parent / "payloads"
NUMBER_ID = "106540352242922"
AT = datetime(2025, 11, 20, 8, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANA = Sender(
    identities=(("bsuid", "BR.1349820347", ""), ("whatsapp", "5511987654321", "+55 11 98765-4321")), name="Ana Demo"
)
DIGEST = bytes.fromhex("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
OUR_ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


def body(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def parsed(name: str) -> list[Parcel]:
    return parse(body(name), SteppingClock(NOW))


def only(name: str) -> Any:
    (parcel,) = parsed(name)
    assert parcel.external_id == NUMBER_ID
    return parcel.value


def ref(mime: str, name: str = "") -> MediaRef:
    return MediaRef(ref="1037543291543636", mime=mime, name=name, sha256=DIGEST)


@pytest.mark.parametrize(("name", "kind", "text", "content", "media"), [
    ("text", "text", "Olá 👋 https://exemplo.demo/a", {}, ()),
    ("text_forwarded", "text", "veja", {"forwarded": True}, ()),
    ("image", "image", "A vista", {}, (ref("image/jpeg"),)),
    ("video", "video", "", {}, (ref("video/mp4"),)),
    ("audio", "audio", "", {}, (ref("audio/mpeg"),)),
    ("voice", "voice", "", {}, (ref("audio/ogg; codecs=opus"),)),
    ("document", "document", "segue", {}, (ref("application/pdf", "nota fiscal.pdf"),)),
    ("sticker", "sticker", "", {"animated": True}, (ref("image/webp"),)),
    ("location", "location", "",
     {"latitude": -23.5505, "longitude": -46.6333, "name": "Praça da Sé", "address": "São Paulo"}, ()),
    ("location_bare", "location", "", {"latitude": -23.5505, "longitude": -46.6333}, ()),
    ("contacts", "contacts", "", {"contacts": [
        {"name": "Bia Demo", "phones": ["+55 21 99999-0000", "5521888880000"], "emails": ["bia@exemplo.demo"]},
        {"name": "Caio Demo", "phones": [], "emails": []},
    ]}, ()),
    ("button_reply", "interactive", "Sim", {"type": "button_reply", "id": "yes", "title": "Sim"}, ()),
    ("list_reply", "interactive", "Financeiro",
     {"type": "list_reply", "id": "r1", "title": "Financeiro", "description": "Boletos"}, ()),
    ("flow_reply", "interactive", "Sent",
     {"type": "nfm_reply", "id": "flow", "title": "Sent", "response": {"flow_token": "t", "name": "Ana"}}, ()),
    ("flow_reply_broken", "interactive", "Sent",
     {"type": "nfm_reply", "id": "flow", "title": "Sent", "response": "{not json"}, ()),
    ("call_permission_reply", "interactive", "",
     {"type": "call_permission_reply", "response": "accept", "expiration_timestamp": 1764230400}, ()),
    ("interactive_without_body", "unsupported", "", {"type": "interactive"}, ()),
    ("template_button", "interactive", "Parar", {"type": "button_reply", "id": "STOP", "title": "Parar"}, ()),
    ("order", "unsupported", "", {"type": "order"}, ()),
    ("unsupported", "unsupported", "", {"type": "poll_creation"}, ()),
    ("unsupported_bare", "unsupported", "", {"type": "unsupported"}, ()),
    ("unknown_type", "unsupported", "", {"type": "hologram"}, ()),
    ("edit_unreadable", "unsupported", "", {"type": "edit"}, ()),
])
def test_each_type_becomes_its_kind(
    name: str, kind: str, text: str, content: dict[str, Any], media: tuple[MediaRef, ...]
) -> None:
    found = only(name)

    assert isinstance(found, InboundMessage)
    assert (found.kind, found.text, found.content, found.media) == (kind, text, content, media)
    assert (found.vendor_id, found.sender, found.occurred_at, found.echo) == ("wamid.IN1", ANA, AT, False)


def test_a_reply_names_what_it_answers() -> None:
    assert only("text_reply").reply_to == "wamid.OUT1"


def test_the_advertisement_somebody_came_from_is_kept() -> None:
    assert only("text_from_ad").content["referral"]["ctwa_clid"] == "ARAkLkA8"


@pytest.mark.parametrize(("name", "emoji"), [
    ("reaction", "👍"), ("reaction_removed_empty", ""), ("reaction_removed_missing", ""),
])
def test_a_reaction_is_set_and_taken_back(name: str, emoji: str) -> None:
    assert only(name) == InboundReaction(
        vendor_id="wamid.IN1", target="wamid.OUT1", sender=ANA, emoji=emoji, occurred_at=AT
    )


def test_an_edit_carries_the_new_text_even_when_its_contact_is_written_differently() -> None:
    found = only("edit")

    assert isinstance(found, InboundEdit)
    assert (found.target, found.text) == ("wamid.IN0", "corrigido")
    assert [identity[:2] for identity in found.sender.identities] == [
        ("bsuid", "BR.1349820347"), ("whatsapp", "551187654321"), ("whatsapp", "5511987654321"),
    ]


def test_an_edited_caption_is_the_new_text() -> None:
    assert only("edit_caption").text == "nova legenda"


def test_a_withdrawn_message_is_named() -> None:
    assert only("revoke") == InboundRevoke(vendor_id="wamid.IN1", target="wamid.IN0", sender=ANA, occurred_at=AT)


def test_a_changed_number_is_a_notice_from_the_old_one() -> None:
    found = only("system_changed_number")

    assert (found.kind, found.content) == ("unsupported", {"type": "user_changed_number"})
    assert found.sender.identities == (("whatsapp", "5511987654321", "+55 11 98765-4321"),)


def test_a_person_who_hides_the_number_is_known_by_the_user_ids_in_order_of_trust() -> None:
    assert only("username_only").sender == Sender(
        identities=(("bsuid", "BR.1349820347", "@ana.demo"), ("bsuid", "BR.ENT.77", "")), name="Ana"
    )


def test_a_message_without_contacts_is_known_by_its_number() -> None:
    assert only("no_contacts").sender == Sender(identities=(("whatsapp", "5511987654321", "+55 11 98765-4321"),))


def test_what_the_business_wrote_on_its_phone_belongs_to_the_thread_with_the_recipient() -> None:
    found = only("echo")

    assert (found.echo, found.text, found.vendor_id) == (True, "do celular", "wamid.ECHO1")
    assert found.sender.identities == ANA.identities
    assert isinstance(only("echo_revoke"), InboundRevoke)


@pytest.mark.parametrize(("name", "state"), [
    ("status_sent", "sent"), ("status_delivered", "delivered"), ("status_read", "read"), ("status_played", "read"),
])
def test_a_status_is_a_receipt_with_our_own_id(name: str, state: str) -> None:
    assert only(name) == Receipt(vendor_id="wamid.OUT1", state=state, occurred_at=AT, our_id=OUR_ID)


def test_a_failure_says_why_in_our_code_and_in_metas_words() -> None:
    found = only("status_failed")

    assert (found.state, found.code) == ("failed", "window_closed")
    assert found.detail == "More than 24 hours have passed. (131047)"


def test_a_mark_that_is_not_ours_is_no_id() -> None:
    assert only("status_foreign_mark").our_id is None


@pytest.mark.parametrize("name", ["status_deleted", "call_statuses", "template_update"])
def test_what_says_nothing_about_a_message_is_passed_over(name: str) -> None:
    assert parsed(name) == []


def test_entries_changes_and_elements_are_all_read_in_their_order() -> None:
    found = [(parcel.external_id, parcel.value.vendor_id) for parcel in parsed("many")]

    assert found == [
        (NUMBER_ID, "wamid.A"), (NUMBER_ID, "wamid.B"), (NUMBER_ID, "wamid.OUT1"), (NUMBER_ID, "wamid.OUT1"),
        ("200000000000002", "wamid.C"),
    ]
    assert [parcel.value.sender.name for parcel in parsed("many")[:2]] == ["Ana Demo", "Bia"]  # type: ignore[union-attr]


def test_one_broken_element_loses_none_of_the_others() -> None:
    before = skipped()
    found = [parcel.value for parcel in parsed("partly_broken")]
    messages = [value for value in found if isinstance(value, InboundMessage)]

    assert [(value.vendor_id, value.kind, value.content) for value in messages] == [
        ("wamid.BAD1", "unsupported", {"type": "text"}),
        ("wamid.BAD2", "unsupported", {"type": "image"}),
        ("wamid.BAD3", "unsupported", {"type": "location"}),
        ("wamid.GOOD", "text", {}),
    ]
    assert messages[-1].occurred_at == NOW
    assert [value.state for value in found if isinstance(value, Receipt)] == ["read"]
    assert skipped() - before == 10


def test_a_name_cut_inside_an_emoji_does_not_lose_the_message() -> None:
    raw = json.dumps(json.loads(body("text"))).replace("Ana Demo", "Ana \\ud83d").encode()
    (parcel,) = parse(raw, SteppingClock(NOW))

    assert parcel.value.sender.name == "Ana \ufffd"  # type: ignore[union-attr]
    assert parcel.value.text.startswith("Olá 👋")  # type: ignore[union-attr]


def test_a_nul_never_reaches_the_database() -> None:
    raw = json.dumps(json.loads(body("text"))).replace("https", "\\u0000https").encode()
    (parcel,) = parse(raw, SteppingClock(NOW))

    assert parcel.value.text == "Olá 👋 https://exemplo.demo/a"  # type: ignore[union-attr]


@pytest.mark.parametrize("raw", [
    b"", b"null", b"[]", b"{}", b"{", b"\xff\xfe", b'{"object":"page","entry":[]}',
    b'{"object":"whatsapp_business_account"}', b'{"object":"whatsapp_business_account","entry":{}}',
    b'{"a":' * 20_000, b"[" * 200_000,
], ids=lambda raw: repr(raw[:20]))
def test_what_is_no_whatsapp_webhook_is_invalid(raw: bytes) -> None:
    with pytest.raises(Invalid, match="webhook_malformed"):
        parse(raw, SteppingClock(NOW))

    assert order_key(raw) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
        "id", "type", "text", "body", "from", "timestamp", "image", "audio", "interactive", "reaction", "edit",
        "message", "status", "errors", "context", "contacts", "location", "system", "button", "profile",
        "wa_id",
    ]), inner, max_size=5),
    max_leaves=20,
)


@given(st.fixed_dictionaries({}, optional={
    "contacts": JSON, "messages": JSON, "statuses": JSON, "message_echoes": JSON, "errors": JSON,
}), st.lists(JSON, max_size=3))
def test_no_value_whatever_breaks_the_parser(value: dict[str, Any], more: list[Any]) -> None:
    value["metadata"] = {"phone_number_id": NUMBER_ID}
    message = {"id": "wamid.X", "from": "5511987654321", "type": "text"}
    value["messages"] = [*more, *[{**message, **item} for item in more if isinstance(item, dict)]]
    raw = {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": value}]}]}
    for parcel in parse(json.dumps(raw).encode(), SteppingClock(NOW)):
        assert parcel.external_id == NUMBER_ID
        assert parcel.value.vendor_id


@pytest.mark.parametrize(("name", "key"), [
    ("text", "BR.1349820347"), ("status_sent", "BR.1349820347"), ("echo", "BR.1349820347"),
    ("no_contacts", "5511987654321"), ("username_only", "BR.1349820347"),
])
def test_messages_and_statuses_of_one_person_are_kept_in_order(name: str, key: str) -> None:
    assert order_key(body(name)) == f"{NUMBER_ID}:{key}"


def test_a_body_about_nobody_needs_no_order() -> None:
    assert order_key(body("template_update")) is None


def skipped() -> float:
    found = REGISTRY.get_sample_value(
        "hub_webhooks_total", {"source": "whatsapp_business", "outcome": "element_skipped"}
    )
    return found or 0
