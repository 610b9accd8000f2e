"""A new password by mail."""

import asyncio
import json
import statistics
import time
from typing import Any

import httpx2
import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.clock import SteppingClock
from hub.core.hub import Hub
from hub.core.runner import drain
from tests.api.accounts.conftest import Caller, address, client_over, login, register, rows

NEW_PASSWORD = "another long phrase 7"
REQUEST, CONFIRM = "/api/v1/auth/password-reset", "/api/v1/auth/password-reset/confirm"


async def ask(http: httpx2.AsyncClient, email: str, **more: Any) -> httpx2.Response:
    return await http.post(REQUEST, json={"email": email, **more})


async def confirm(http: httpx2.AsyncClient, token: str, password: str = NEW_PASSWORD) -> httpx2.Response:
    return await http.post(CONFIRM, json={"token": token, "password": password})


async def mailed(hub: Hub, email: str) -> list[Any]:
    await drain(hub)
    return [one for one in hub.ports.mailer.mails if one.to == email]


async def link(hub: Hub, http: httpx2.AsyncClient, email: str) -> str:
    await ask(http, email)
    text: str = (await mailed(hub, email))[-1].text
    return text.partition(f"{hub.settings.base_url}/app/#/reset/")[2].split()[0]


async def test_the_mailed_link_sets_a_password_and_ends_every_session(
    hub: Hub, http: httpx2.AsyncClient, owner: Caller
) -> None:
    token = await link(hub, http, owner.email)
    assert (await confirm(http, token)).status_code == 204
    assert (await owner.ask("GET", "/me")).status_code == 401
    assert (await login(http, owner.email)).status_code == 401
    assert (await login(http, owner.email, NEW_PASSWORD)).status_code == 200


async def test_a_link_works_once_however_many_use_it_at_once(
    hub: Hub, http: httpx2.AsyncClient, owner: Caller
) -> None:
    token = await link(hub, http, owner.email)
    answers = await asyncio.gather(*(confirm(http, token, f"{NEW_PASSWORD}{n}") for n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422, 422, 422]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"reset_invalid"}


async def test_a_link_lasts_an_hour(hub: Hub, http: httpx2.AsyncClient, owner: Caller, clock: SteppingClock) -> None:
    token = await link(hub, http, owner.email)
    clock.advance(minutes=61)
    assert (await confirm(http, token)).json()["code"] == "reset_invalid"


async def test_an_easy_password_leaves_the_link_good(hub: Hub, http: httpx2.AsyncClient, owner: Caller) -> None:
    token = await link(hub, http, owner.email)
    assert (await confirm(http, token, "password123")).json()["errors"][0]["code"] == "password_common"
    assert (await confirm(http, token)).status_code == 204


async def test_using_one_link_voids_the_others(hub: Hub, http: httpx2.AsyncClient, owner: Caller) -> None:
    first, second = await link(hub, http, owner.email), await link(hub, http, owner.email)
    assert (await confirm(http, second)).status_code == 204
    assert (await confirm(http, first)).status_code == 422


@pytest.mark.parametrize("token", ["", "x", "A" * 65, "ü" * 65])
async def test_what_is_no_link_is_refused(http: httpx2.AsyncClient, token: str) -> None:
    assert (await confirm(http, token)).json()["code"] == "reset_invalid"


async def test_a_deactivated_users_link_is_void(hub: Hub, http: httpx2.AsyncClient, owner: Caller) -> None:
    email = address()
    body = {"name": "Demo", "email": email, "role": "agent", "password": "some good phrase 5"}
    user = (await owner.ask("POST", "/users", body)).json()
    token = await link(hub, http, email)
    await owner.ask("PATCH", f"/users/{user['id']}", {"is_active": False})
    assert (await confirm(http, token)).status_code == 422


async def test_the_answer_is_the_same_for_everybody(hub: Hub, http: httpx2.AsyncClient, owner: Caller) -> None:
    answers = [await ask(http, owner.email), await ask(http, address()), await ask(http, "no address"),
               await ask(http, "\u0000"), await ask(http, owner.email, slug="no-such")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"{}")}
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


async def test_the_time_is_the_same_for_everybody(hub: Hub, owner: Caller) -> None:
    async def seconds(email: str) -> float:
        async with client_over(hub) as http:
            began = time.perf_counter()
            await ask(http, email)
            return time.perf_counter() - began

    known = [await seconds(owner.email) for _ in range(4)]
    unknown = [await seconds(address()) for _ in range(4)]
    assert abs(statistics.median(known) - statistics.median(unknown)) < 0.05


@pytest.mark.parametrize(("locale", "words"), [
    ("en", "somebody asked"), ("pt-BR", "alguém pediu"), ("es", "alguien pidió"),
])
async def test_the_mail_speaks_the_users_language(
    hub: Hub, http: httpx2.AsyncClient, locale: str, words: str
) -> None:
    email = address()
    await register(http, email=email, locale=locale, organization_name="Demo {name} Ltda", slug=email[:13])
    await ask(http, email)
    (mail,) = await mailed(hub, email)
    assert words in mail.text
    assert "Demo {name} Ltda" in mail.subject
    assert "{" not in mail.text.replace("Demo {name} Ltda", "")


async def test_each_organization_of_an_address_gets_its_own_mail(hub: Hub, http: httpx2.AsyncClient) -> None:
    email = address()
    for name in ("Demo One", "Demo Two"):
        await register(http, email=email, organization_name=name + address()[:8])
    await ask(http, email)
    assert len(await mailed(hub, email)) == 2


async def test_a_mailbox_is_not_flooded(hub: Hub, owner: Caller) -> None:
    for _ in range(5):
        async with client_over(hub) as http:
            assert (await ask(http, owner.email)).status_code == 202
    assert len(await mailed(hub, owner.email)) == 3


async def test_the_token_stands_nowhere_but_in_the_mail(
    hub: Hub, http: httpx2.AsyncClient, owner: Caller, owner_engine: AsyncEngine
) -> None:
    with structlog.testing.capture_logs() as logged:
        token = await link(hub, http, owner.email)
        await confirm(http, token)
    secret = token[22:]
    kept = await rows(owner_engine, (
        "SELECT payload::text FROM outbox UNION ALL SELECT data::text FROM events UNION ALL"
        " SELECT encode(hash, 'escape') FROM password_resets"
    ))
    assert not [row for row in kept if secret in row[0]]
    assert secret not in json.dumps(logged, default=str)


async def test_a_mail_for_a_used_link_is_not_sent(
    hub: Hub, http: httpx2.AsyncClient, owner: Caller
) -> None:
    await ask(http, owner.email)
    body = {"password": NEW_PASSWORD, "current_password": "correct horse battery 9"}
    await owner.ask("POST", f"/users/{owner.id}/password", body)
    assert await mailed(hub, owner.email) == []
