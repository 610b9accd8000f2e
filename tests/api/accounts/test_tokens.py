"""A corpus of bad access tokens, none of which opens a door."""

import base64
import json
import secrets
from collections.abc import Callable
from typing import Any

import httpx2
import jwt
import pytest

from hub.core.clock import SteppingClock
from hub.core.crypto import Keyring
from hub.core.hub import Hub
from tests.api.accounts.conftest import SECRET, Caller

NOW = 1_900_000_000


class Forger:
    """Somebody with a good token, and, where a case says so, with our own signing key."""

    def __init__(self, token: str, refresh_token: str) -> None:
        self.token, self.refresh_token = token, refresh_token
        self.header: dict[str, Any] = jwt.get_unverified_header(token)
        self.claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        self.key = Keyring(SECRET)._signing[self.header["kid"]]

    def signed(self, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
        """Signed with our key unless another is given; a claim set to None is left out."""
        body = {name: value for name, value in (self.claims | claims).items() if value is not None}
        head = {name: value for name, value in (self.header | (header or {})).items() if value is not None}
        made = f"{b64(json.dumps(head))}.{b64(json.dumps(body))}"
        algorithm = jwt.get_algorithm_by_name(
            str(head.get("alg")) if str(head.get("alg")) in ("HS384", "HS512") else "HS256"
        )
        return f"{made}.{b64(algorithm.sign(made.encode(), self.key if key is None else key))}"


def b64(raw: str | bytes) -> str:
    return base64.urlsafe_b64encode(raw.encode() if isinstance(raw, str) else raw).decode().rstrip("=")


def unsigned(forger: Forger, alg: str) -> str:
    return f"{b64(json.dumps(forger.header | {'alg': alg}))}.{b64(json.dumps(forger.claims))}."


def other_key(forger: Forger, kid: str | None = None) -> str:
    ring = Keyring(secrets.token_urlsafe(48))
    token = ring.sign(forger.claims, token_type="at+jwt")
    if kid is None:
        return token
    return forger.signed({"kid": kid}, key=ring._signing[str(jwt.get_unverified_header(token)["kid"])])


PARTS = {"flip": lambda text: text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1], "drop": lambda text: text[:-4]}
BAD: dict[str, Callable[[Forger], str]] = {
    "empty parts": lambda _: "..",
    "one part": lambda one: one.token.split(".")[0],
    "two parts": lambda one: one.token.rpartition(".")[0],
    "four parts": lambda one: one.token + ".e30",
    "no signature": lambda one: one.token.rpartition(".")[0] + ".",
    "not base64": lambda _: "ä.ö.ü",
    "words": lambda _: "let me in",
    "null": lambda _: "null",
    "a megabyte": lambda _: "e" * 1_000_000,
    "signature changed": lambda one: ".".join([*one.token.split(".")[:2], PARTS["flip"](one.token.split(".")[2])]),
    "signature cut": lambda one: PARTS["drop"](one.token),
    "claims changed": lambda one: ".".join([one.token.split(".")[0], b64("{}"), one.token.split(".")[2]]),
    "alg none": lambda one: unsigned(one, "none"),
    "alg None": lambda one: unsigned(one, "None"),
    "alg NONE": lambda one: unsigned(one, "NONE"),
    "alg empty": lambda one: unsigned(one, ""),
    "alg missing": lambda one: one.signed({"alg": None}),
    "alg HS384": lambda one: one.signed({"alg": "HS384"}),
    "alg HS512": lambda one: one.signed({"alg": "HS512"}),
    "alg RS256": lambda one: one.signed({"alg": "RS256"}),
    "alg EdDSA": lambda one: one.signed({"alg": "EdDSA"}),
    "alg hs256": lambda one: one.signed({"alg": "hs256"}),
    "alg a list": lambda one: one.signed({"alg": ["HS256"]}),
    "typ JWT": lambda one: one.signed({"typ": "JWT"}),
    "typ missing": lambda one: one.signed({"typ": None}),
    "typ refresh": lambda one: one.signed({"typ": "rt+jwt"}),
    "typ in capitals": lambda one: one.signed({"typ": "AT+JWT"}),
    "kid missing": lambda one: one.signed({"kid": None}),
    "kid empty": lambda one: one.signed({"kid": ""}),
    "kid unknown": lambda one: one.signed({"kid": "00" * 8}),
    "kid a path": lambda one: one.signed({"kid": "../../dev/null"}, key=b""),
    "kid a statement": lambda one: one.signed({"kid": "' OR 1=1 --"}),
    "kid a number": lambda one: one.signed({"kid": 7}),
    "kid a list": lambda one: one.signed({"kid": [1]}),
    "crit unknown": lambda one: one.signed({"crit": ["exp"], "exp": 1}),
    "crit empty": lambda one: one.signed({"crit": []}),
    "jwk embedded": lambda one: one.signed({"jwk": {"kty": "oct", "k": b64(b"k" * 32)}}, key=b"k" * 32),
    "jku given": lambda one: one.signed({"jku": "https://evil.example/keys"}, key=b"k" * 32),
    "x5u given": lambda one: one.signed({"x5u": "https://evil.example/cert"}, key=b"k" * 32),
    "key empty": lambda one: one.signed(key=b""),
    "key the kid": lambda one: one.signed(key=one.header["kid"].encode()),
    "another installation's key": other_key,
    "another installation's key under our kid": lambda one: other_key(one, one.header["kid"]),
    "a refresh token": lambda one: one.refresh_token,
    "iss missing": lambda one: one.signed(iss=None),
    "iss wrong": lambda one: one.signed(iss="evil"),
    "iss a part": lambda one: one.signed(iss="switch"),
    "iss longer": lambda one: one.signed(iss="switchboard.evil"),
    "aud missing": lambda one: one.signed(aud=None),
    "aud wrong": lambda one: one.signed(aud="other"),
    "aud longer": lambda one: one.signed(aud="switchboard-widget"),
    "exp missing": lambda one: one.signed(exp=None),
    "exp past": lambda one: one.signed(exp=1),
    "exp text": lambda one: one.signed(exp="tomorrow"),
    "exp without end": lambda one: one.signed(exp=float("inf")),
    "exp not a number": lambda one: one.signed(exp=float("nan")),
    "iat missing": lambda one: one.signed(iat=None),
    "iat to come": lambda one: one.signed(iat=one.claims["iat"] + 3600),
    "iat text": lambda one: one.signed(iat="now"),
    "nbf to come": lambda one: one.signed(nbf=one.claims["iat"] + 3600),
    "nbf text": lambda one: one.signed(nbf="now"),
    "sub missing": lambda one: one.signed(sub=None),
    "sub somebody else": lambda one: one.signed(sub="0190e1b2-0000-7000-8000-000000000000"),
    "sub no id": lambda one: one.signed(sub="root"),
    "sub a number": lambda one: one.signed(sub=1),
    "sid missing": lambda one: one.signed(sid=None),
    "sid unknown": lambda one: one.signed(sid="0190e1b2-0000-7000-8000-000000000000"),
    "sid no id": lambda one: one.signed(sid="' OR 1=1 --"),
    "org missing": lambda one: one.signed(org=None),
    "org another": lambda one: one.signed(org="0190e1b2-0000-7000-8000-000000000000"),
    "org several": lambda one: one.signed(org=f"{one.claims['org']},{one.claims['org']}"),
    "header nested past reason": lambda one: f"{b64('[' * 1200)}.{one.token.partition('.')[2]}",
    "header a list": lambda one: f"{b64('[]')}.{one.token.partition('.')[2]}",
    "header with a huge number": lambda one: b64('{"n":' + "9" * 1300 + "}") + "." + one.token.partition(".")[2],
    "claims a list": lambda one: ".".join([one.token.split(".")[0], b64("[]"), one.token.split(".")[2]]),
    "twice bearer": lambda one: f"Bearer {one.token}",
    "with a space": lambda one: one.token.replace(".", " .", 1),
    "with a NUL": lambda one: one.token + "\x00",
}


@pytest.fixture
def forger(owner: Caller) -> Forger:
    return Forger(owner.session["access_token"], owner.session["refresh_token"])


async def test_the_forgers_tool_makes_good_tokens_when_nothing_is_wrong(
    http: httpx2.AsyncClient, forger: Forger
) -> None:
    assert await status(http, forger.signed()) == 200


async def test_no_bad_token_opens_any_door(http: httpx2.AsyncClient, forger: Forger) -> None:
    assert len(BAD) >= 60
    opened = {name: code for name, make in BAD.items() if (code := await status(http, make(forger))) != 401}
    assert opened == {}


async def test_other_schemes_open_nothing(http: httpx2.AsyncClient, owner: Caller) -> None:
    token = owner.session["access_token"]
    for header in ("", "Bearer", "Bearer ", f"Basic {token}", f"Visitor {token}", token, f"Token {token}"):
        answer = await http.get("/api/v1/me", headers={"authorization": header})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_token_in_the_address_or_a_cookie_opens_nothing(http: httpx2.AsyncClient, owner: Caller) -> None:
    token = owner.session["access_token"]
    answers = [
        await http.get(f"/api/v1/me?access_token={token}"),
        await http.get("/api/v1/me", headers={"cookie": f"access_token={token}; Authorization={token}"}),
    ]
    assert {answer.status_code for answer in answers} == {401}


async def test_access_expires(http: httpx2.AsyncClient, owner: Caller, clock: SteppingClock) -> None:
    clock.advance(minutes=10)
    answer = await owner.ask("GET", "/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


async def test_a_token_signed_with_an_old_key_is_good_until_the_key_goes(hub: Hub, owner: Caller) -> None:
    newer = secrets.token_urlsafe(48)
    hub.keyring = Keyring(newer, [SECRET])
    assert (await owner.ask("GET", "/me")).status_code == 200
    hub.keyring = Keyring(newer)
    assert (await owner.ask("GET", "/me")).status_code == 401


async def status(http: httpx2.AsyncClient, token: str) -> int:
    headers = [(b"authorization", b"Bearer " + token.encode("utf-8"))]
    return (await http.get("/api/v1/me", headers=headers)).status_code
