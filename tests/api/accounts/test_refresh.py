"""Refresh tokens: rotation, parallel use, reuse, expiry."""

import asyncio
import secrets
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.clock import SteppingClock
from hub.core.hub import Hub
from hub.core.signals import SessionEnded
from tests.api.accounts.conftest import Caller, login, rows

REFRESH = "/api/v1/auth/refresh"


async def refresh(http: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await http.post(REFRESH, json={"refresh_token": token})


async def test_a_refresh_gives_new_access_and_the_next_token(http: httpx2.AsyncClient, owner: Caller) -> None:
    answer = await refresh(http, owner.session["refresh_token"])
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] != owner.session["refresh_token"]
    assert (await Caller(http, answer.json()).ask("GET", "/me")).status_code == 200


async def test_fifty_parallel_refreshes_keep_the_user_signed_in(
    http: httpx2.AsyncClient, owner: Caller, clock: SteppingClock
) -> None:
    answers = await asyncio.gather(*(refresh(http, owner.session["refresh_token"]) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    checks = await asyncio.gather(*(Caller(http, answer.json()).ask("GET", "/me") for answer in answers))
    assert {check.status_code for check in checks} == {200}
    clock.advance(minutes=9)
    followed = await refresh(http, answers[-1].json()["refresh_token"])
    assert followed.status_code == 200


async def test_the_family_stays_one_line(
    http: httpx2.AsyncClient, owner: Caller, owner_engine: AsyncEngine
) -> None:
    await asyncio.gather(*(refresh(http, owner.session["refresh_token"]) for _ in range(10)))
    counted = await rows(owner_engine, (
        "SELECT count(*) FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE s.user_id = :user"
    ), user=owner.id)
    assert counted[0][0] == 2


async def test_a_latecomer_in_the_leeway_gets_the_newest_token(http: httpx2.AsyncClient, owner: Caller) -> None:
    first = owner.session["refresh_token"]
    second = (await refresh(http, first)).json()["refresh_token"]
    third = (await refresh(http, second)).json()["refresh_token"]
    assert (await refresh(http, first)).json()["refresh_token"] == third


async def test_a_used_token_after_the_leeway_ends_the_whole_session(
    hub: Hub, http: httpx2.AsyncClient, owner: Caller, clock: SteppingClock, owner_engine: AsyncEngine
) -> None:
    stolen = owner.session["refresh_token"]
    current = (await refresh(http, stolen)).json()
    clock.advance(seconds=21)
    replay = await refresh(http, stolen)
    assert (replay.status_code, replay.json()["code"]) == (401, "token_reused")
    assert (await refresh(http, current["refresh_token"])).status_code == 401
    assert (await Caller(http, current).ask("GET", "/me")).status_code == 401
    assert any(isinstance(one, SessionEnded) and str(one.user_id) == owner.id for one in heard(hub))
    ended = await rows(owner_engine, (
        "SELECT data->>'reason' FROM events WHERE type = 'session.ended' AND data->>'user_id' = :user"
    ), user=owner.id)
    assert [row[0] for row in ended] == ["token_reused"]


async def test_within_the_leeway_a_used_token_still_refreshes(
    http: httpx2.AsyncClient, owner: Caller, clock: SteppingClock
) -> None:
    await refresh(http, owner.session["refresh_token"])
    clock.advance(seconds=19)
    assert (await refresh(http, owner.session["refresh_token"])).status_code == 200


async def test_a_reuse_leaves_the_users_other_sessions_alone(
    http: httpx2.AsyncClient, owner: Caller, clock: SteppingClock
) -> None:
    other = Caller(http, (await login(http, owner.email)).json())
    await refresh(http, owner.session["refresh_token"])
    clock.advance(seconds=30)
    await refresh(http, owner.session["refresh_token"])
    assert (await other.ask("GET", "/me")).status_code == 200


async def test_a_session_ends_for_good_after_its_days(
    http: httpx2.AsyncClient, owner: Caller, clock: SteppingClock
) -> None:
    session: dict[str, Any] = owner.session
    for _ in range(29):
        clock.advance(days=1)
        session = (await refresh(http, session["refresh_token"])).json()
    clock.advance(days=1)
    assert (await refresh(http, session["refresh_token"])).json()["code"] == "session_ended"


async def test_access_never_outlives_the_session(
    http: httpx2.AsyncClient, owner: Caller, clock: SteppingClock
) -> None:
    clock.advance(days=29, hours=23, minutes=58)
    assert (await refresh(http, owner.session["refresh_token"])).json()["expires_in"] == 120


async def test_what_is_no_token_of_ours_is_refused(http: httpx2.AsyncClient, owner: Caller, stranger: Caller) -> None:
    mine, theirs = owner.session["refresh_token"], stranger.session["refresh_token"]
    wrong = ["x", "ü" * 65, "A" * 65, "=" * 65, mine[:-1], mine + "A", mine[:22] + theirs[22:], theirs[:22] + mine[22:],
             mine[:22] + secrets.token_urlsafe(32), owner.session["access_token"][:1000]]
    for token in wrong:
        answer = await refresh(http, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_no_refresh_token_stands_in_the_database(owner: Caller, owner_engine: AsyncEngine) -> None:
    kept = await rows(owner_engine, "SELECT encode(hash, 'escape') FROM refresh_tokens")
    assert owner.session["refresh_token"] not in {row[0] for row in kept}


def heard(hub: Hub) -> list[Any]:
    ear: Any = hub.signals
    return list(ear.heard)
