"""Logs hold no secrets and no personal data, whoever forgets himself."""

from typing import Any

import pytest

from hub.core.logs import redact


@pytest.mark.parametrize("key", [
    "access_token", "secret_key", "password", "authorization", "cookie", "credentials", "api_key", "signature", "email",
    "phone", "wa_id", "body", "text", "contact_name", "content",
])
def test_a_value_is_blanked_by_its_name(key: str) -> None:
    assert redact(None, "info", {"event": "something_happened", key: "anything"})[key] == "[redacted]"


@pytest.mark.parametrize("value", [
    "Bearer abc.def", "Visitor xyz", "somebody@example.com", "+5511987654321", "5511987654321",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
])
@pytest.mark.parametrize("key", ["event", "reason"])
def test_a_value_is_blanked_by_its_look(key: str, value: str) -> None:
    entry: dict[str, Any] = {"event": "e", key: f"could not send to {value} today"}
    assert value not in str(redact(None, "info", entry)[key])


@pytest.mark.parametrize("entry", [
    {"event": "job_dead", "row": "0199c0de-7000-7000-8000-123456789012", "attempt": 3},
    {"event": "worker_started", "slots": 8, "redis": True},
    {"event": "request", "hostname": "hub-1", "status": 200, "timestamp": "2026-11-20T08:00:00Z"},
])
def test_what_operators_need_stays_readable(entry: dict[str, Any]) -> None:
    assert redact(None, "info", dict(entry)) == entry
