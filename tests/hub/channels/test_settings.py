"""Settings of a widget: what may be kept, and what an older one is read as."""

import json
from typing import Any

import pytest

from hub.channels import rules
from hub.core.errors import Invalid

WEBCHAT = rules.kind_of("webchat", None)
FULL: dict[str, Any] = {
    "color": "#2563eb", "greeting": "Hello", "allowed_origins": ["https://shop.example"], "share_page": "ask",
    "launcher": {"position": "left", "label": "Ask us"}, "reply_time": "minutes", "languages": ["pt-BR", "en"],
    "pre_chat": {"ask_name": True, "ask_email": True, "required": True},
    "hours": {"time_zone": "America/Sao_Paulo", "days": {"mon": [["09:00", "12:00"], ["13:00", "24:00"]]},
              "closed_on": ["2026-12-25"]},
}


def test_every_setting_is_kept_as_it_was_given() -> None:
    assert json.loads(json.dumps(rules.settings(WEBCHAT, FULL))) == FULL


def test_what_an_older_version_kept_is_read_with_todays_defaults() -> None:
    read = rules.webchat({"color": "#000000", "greeting": "", "allowed_origins": []})
    assert (read.share_page, read.launcher.position, read.hours, read.languages) == ("never", "right", None, [])


def test_old_settings_are_shown_whole_whatever_the_kind() -> None:
    shown = rules.full("webchat", "widget", {"greeting": "Hello", "launcher": {"position": "left"}})
    assert shown == rules.settings(WEBCHAT, {"greeting": "Hello", "launcher": {"position": "left"}})
    assert shown["pre_chat"] == {"ask_name": False, "ask_email": False, "required": False}
    assert rules.full("webchat", "widget", {"colour": "red"}) == {"colour": "red"}
    number = rules.full("whatsapp_business", "meta", {"phone_number_id": "1"})
    assert number == {"phone_number_id": "1", "waba_id": "", "display_phone_number": "", "graph_version": "v23.0"}


@pytest.mark.parametrize(("asked", "name", "email", "owed"), [
    ({"ask_name": True, "ask_email": True, "required": True}, "", "", ["/name", "/email"]),
    ({"ask_name": True, "ask_email": True, "required": True}, "Vera", "", ["/email"]),
    ({"ask_email": True, "required": True}, "", "v@example.com", []),
    ({"ask_name": True, "ask_email": True}, "", "", []),
    ({"required": True}, "", "", []),
])
def test_what_is_owed_is_what_is_asked_and_not_said(
    asked: dict[str, bool], name: str, email: str, owed: list[str]
) -> None:
    found = rules.unanswered(rules.PreChat(**asked), name=name, email=email)
    assert [error.pointer for error in found] == owed


@pytest.mark.parametrize(("wrong", "pointer"), [
    ({"launcher": {"position": "top"}}, "/settings/launcher/position"),
    ({"launcher": {"label": "x" * 31}}, "/settings/launcher/label"),
    ({"launcher": {"label": "two\nlines"}}, "/settings/launcher/label"),
    ({"launcher": {"colour": "red"}}, "/settings/launcher"),
    ({"pre_chat": {"ask_name": "yes"}}, "/settings/pre_chat/ask_name"),
    ({"share_page": "sometimes"}, "/settings/share_page"),
    ({"reply_time": "soon"}, "/settings/reply_time"),
    ({"languages": ["en", "en"]}, "/settings/languages"),
    ({"languages": ["en", "tlh"]}, "/settings/languages/1"),
    ({"hours": {"time_zone": "Mars/Olympus"}}, "/settings/hours/time_zone"),
    ({"hours": {"days": {"someday": []}}}, "/settings/hours/days"),
    ({"hours": {"days": {"mon": [["9:00", "12:00"]]}}}, "/settings/hours/days/mon/0"),
    ({"hours": {"days": {"mon": [["12:00", "09:00"]]}}}, "/settings/hours/days/mon/0"),
    ({"hours": {"days": {"mon": [["09:00", "24:01"]]}}}, "/settings/hours/days/mon/0"),
    ({"hours": {"days": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}}, "/settings/hours/days/mon/1"),
    ({"hours": {"days": {"mon": [["09:00", "10:00"]] * 7}}}, "/settings/hours/days/mon"),
    ({"hours": {"closed_on": ["2026-02-30"]}}, "/settings/hours/closed_on/0"),
    ({"greeting": "x" * 501}, "/settings/greeting"), ({"color": "blue"}, "/settings/color"),
])
def test_what_does_not_fit_is_refused_at_its_place(wrong: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.settings(WEBCHAT, wrong)
    assert [error.pointer for error in refused.value.errors] == [pointer]


@pytest.mark.parametrize("secret", ["short", "x" * 31])
def test_a_secret_to_sign_with_has_the_strength_of_its_algorithm(secret: str) -> None:
    with pytest.raises(Invalid):
        rules.credentials(WEBCHAT, {"identity_secret": secret})
    assert rules.credentials(WEBCHAT, {"identity_secret": "x" * 32}) == {"identity_secret": "x" * 32}
    assert rules.credentials(WEBCHAT, {"identity_secret": ""}) == {"identity_secret": ""}
