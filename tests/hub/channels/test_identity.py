"""A website's token is believed for what it signed, in its time, for its channel, and for nothing else."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from hub.channels.identity import Identity, verified
from hub.core.errors import Unauthenticated

SECRET = "the secret that website and hub share, " * 2
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
CLAIMS: dict[str, Any] = {"sub": "4711", "name": "Vera Demo", "email": "Vera@Example.com", "exp": NOW.timestamp() + 300}


def check(token: str, *, secret: str | None = SECRET) -> Identity:
    return verified(secret, token, audience="this-channel", now=NOW)


def token(secret: str = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **claims: Any) -> str:
    said = {key: value for key, value in {**CLAIMS, **claims}.items() if value is not ...}
    return jwt.encode(said, secret, algorithm, headers=headers)


def raw(header: Any, payload: Any, signature: str = "") -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part(header)}.{part(payload)}.{signature}"


def test_a_good_token_says_who_it_is() -> None:
    assert check(token()) == Identity(subject="4711", name="Vera Demo", email="vera@example.com")


def test_name_and_address_may_be_left_out() -> None:
    assert check(token(name=..., email=...)) == Identity(subject="4711")


@pytest.mark.parametrize("audience", ["this-channel", None])
def test_a_token_for_this_channel_or_for_any_is_good(audience: str | None) -> None:
    assert check(token(aud=audience)).subject == "4711"


def test_clocks_may_differ_by_a_minute() -> None:
    assert check(token(exp=NOW.timestamp() - 59, iat=NOW.timestamp() + 59)).subject == "4711"


SIGNED = token()
BAD = {
    "nothing": "", "words": "not a token", "two parts": SIGNED.rpartition(".")[0], "four parts": SIGNED + ".x",
    "no signature": SIGNED.rpartition(".")[0] + ".", "altered": SIGNED[:-6] + "AAAAAA",
    "another secret": token(secret="another secret of the right length, 1"),
    "none": raw({"alg": "none", "typ": "JWT"}, CLAIMS), "None": raw({"alg": "None"}, CLAIMS, "AA"),
    "HS384": token(algorithm="HS384"), "HS512": token(algorithm="HS512"),
    "header says RS256": raw({"alg": "RS256", "typ": "JWT"}, CLAIMS, SIGNED.rpartition(".")[2]),
    "no algorithm": raw({"typ": "JWT"}, CLAIMS, SIGNED.rpartition(".")[2]),
    "header is a list": raw([1], CLAIMS, "AA"), "payload is a list": raw({"alg": "HS256"}, [1], "AA"),
    "another type": token(headers={"typ": "at+jwt"}), "critical header": token(headers={"crit": ["exp"], "exp": 1}),
    "its own key": token(secret="x" * 40, headers={"jwk": {"kty": "oct", "k": "eHh4"}}),
    "run out": token(exp=NOW.timestamp() - 61), "no end": token(exp=...), "endless": token(exp=float("inf")),
    "end is text": token(exp="tomorrow"), "end is true": token(exp=True),
    "from the future": token(iat=NOW.timestamp() + 61), "not yet": token(nbf=NOW.timestamp() + 61),
    "no subject": token(sub=...), "empty subject": token(sub=" "),
    "subject with NUL": token(sub="47\x0011"), "long subject": token(sub="x" * 201),
    "name is a list": token(name=["x"]),
    "long name": token(name="x" * 101), "address is none": token(email="no address"),
    "address is a map": token(email={"a": 1}), "another channel": token(aud="that-channel"),
    "many channels": token(aud=["that-channel"]),
    "too long": token(name="x" * 90, filler="x" * 4096), "not ASCII": SIGNED + "é",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused_and_always_alike(name: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        check(BAD[name])
    assert (refused.value.code, refused.value.extra) == ("identity_invalid", {})


@pytest.mark.parametrize("secret", [None, "", "short"])
def test_without_a_secret_nobody_is_vouched_for(secret: str | None) -> None:
    with pytest.raises(Unauthenticated):
        check(SIGNED, secret=secret)
