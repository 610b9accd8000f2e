"""Access tokens: bad ones open nothing, good ones for as long as they are."""

import secrets

import httpx2
import pytest

from hub.core.clock import SteppingClock
from hub.core.crypto import Keyring
from hub.core.hub import Hub
from tests.api.accounts.bad_tokens import BAD, Forger
from tests.api.accounts.conftest import SECRET, Caller


@pytest.fixture
def forger(owner: Caller) -> Forger:
    return Forger(owner.session["access_token"], owner.session["refresh_token"], secret=SECRET)


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
