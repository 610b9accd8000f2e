"""Registering, signing in, signing out and what the cookie does."""

import asyncio
import secrets

import httpx2

from hub.core.hub import Hub
from tests.api.accounts.conftest import PASSWORD, Caller, address, client_over, colleague, hub_over, login, register

ORIGIN = "http://127.0.0.1:8000"
REFRESH = "/api/v1/auth/refresh"


async def test_registering_answers_a_session_of_the_first_owner(http: httpx2.AsyncClient) -> None:
    answer = await register(http, organization_name="Café Olé", slug=None, locale="pt-BR", time_zone="America/Recife")
    session = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert session["token_type"] == "Bearer"
    assert session["expires_in"] == 600
    assert session["user"]["role"] == "owner"
    assert session["user"]["locale"] == "pt-BR"
    assert [one["name"] for one in session["user"]["departments"]] == ["Geral"]
    assert session["user"]["organization"]["slug"] == "cafe-ole"
    assert "conversation:read" in session["user"]["permissions"]


async def test_a_taken_slug_is_refused(http: httpx2.AsyncClient) -> None:
    slug = f"s-{secrets.token_hex(5)}"
    await register(http, slug=slug)
    answer = await register(http, slug=slug.upper())
    assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")


async def test_of_many_registering_one_slug_at_once_one_gets_it(http: httpx2.AsyncClient) -> None:
    slug = f"s-{secrets.token_hex(5)}"
    answers = await asyncio.gather(*(register(http, slug=slug) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_a_name_without_latin_letters_still_gets_a_slug(http: httpx2.AsyncClient) -> None:
    answer = await register(http, organization_name="東京")
    assert answer.json()["user"]["organization"]["slug"].startswith("org-")


async def test_closed_registration_is_refused(hub: Hub) -> None:
    closed = hub_over(hub.database.engine, hub.clock, registration="closed")  # type: ignore[arg-type]
    async with client_over(closed) as http:
        answer = await register(http)
    assert (answer.status_code, answer.json()["code"]) == (403, "registration_closed")


async def test_wrong_fields_are_named(http: httpx2.AsyncClient) -> None:
    cases = {
        "/email": {"email": "nobody"}, "/password": {"password": "password123"}, "/slug": {"slug": "no spaces"},
        "/locale": {"locale": "fr"}, "/time_zone": {"time_zone": "Mars/Base"}, "/name": {"name": " "},
        "/organization_name": {"organization_name": "a\u0000b"},
    }
    for pointer, wrong in cases.items():
        answer = await register(http, **wrong)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_unknown_fields_are_refused(http: httpx2.AsyncClient) -> None:
    assert (await register(http, role="owner")).status_code == 422


async def test_signing_in_needs_the_right_password(http: httpx2.AsyncClient, owner: Caller) -> None:
    right, wrong = await login(http, owner.email.upper()), await login(http, owner.email, "not the password")
    assert right.status_code == 200
    assert (wrong.status_code, wrong.json()["code"]) == (401, "credentials_wrong")


async def test_every_wrong_sign_in_is_answered_alike(http: httpx2.AsyncClient, owner: Caller) -> None:
    answers = [
        await login(http, owner.email, "not the password"), await login(http, address()),
        await login(http, owner.email, slug="no-such-organization"), await login(http, "\u0000"),
    ]
    assert {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers} == {
        (401, "credentials_wrong", answers[0].json()["detail"])
    }


async def test_one_password_in_two_organizations_asks_which(http: httpx2.AsyncClient) -> None:
    email, slugs = address(), sorted(f"s-{secrets.token_hex(5)}" for _ in range(2))
    for slug in slugs:
        await register(http, email=email, slug=slug)
    asked = await login(http, email)
    assert (asked.status_code, asked.json()["code"]) == (409, "organization_required")
    assert sorted(one["slug"] for one in asked.json()["organizations"]) == slugs
    chosen = await login(http, email, slug=slugs[1])
    assert chosen.json()["user"]["organization"]["slug"] == slugs[1]


async def test_only_the_organizations_whose_password_fits_are_named(http: httpx2.AsyncClient) -> None:
    email, slug = address(), f"s-{secrets.token_hex(5)}"
    await register(http, email=email, slug=slug)
    await register(http, email=email, password="another long phrase 7")
    assert (await login(http, email)).json()["user"]["organization"]["slug"] == slug


async def test_a_deactivated_user_cannot_sign_in(http: httpx2.AsyncClient, owner: Caller) -> None:
    agent = await colleague(owner)
    await owner.ask("PATCH", f"/users/{agent.id}", {"is_active": False})
    assert (await login(http, agent.email)).status_code == 401


async def test_signing_out_ends_the_session_at_once(http: httpx2.AsyncClient, owner: Caller) -> None:
    assert (await owner.ask("POST", "/auth/logout", {})).status_code == 204
    assert (await owner.ask("GET", "/me")).status_code == 401
    again = await http.post(REFRESH, json={"refresh_token": owner.session["refresh_token"]})
    assert (again.status_code, again.json()["code"]) == (401, "session_ended")


async def test_sessions_are_listed_and_ended_one_by_one(http: httpx2.AsyncClient, owner: Caller) -> None:
    other = Caller(http, (await login(http, owner.email)).json())
    listed = (await owner.ask("GET", "/auth/sessions")).json()["results"]
    (theirs,) = [one for one in listed if not one["current"]]
    assert len(listed) == 2
    assert (await owner.ask("DELETE", f"/auth/sessions/{theirs['id']}")).status_code == 204
    assert (await other.ask("GET", "/me")).status_code == 401
    assert (await owner.ask("GET", "/me")).status_code == 200


async def test_a_colleagues_session_is_not_found(owner: Caller) -> None:
    agent = await colleague(owner)
    (theirs,) = (await agent.ask("GET", "/auth/sessions")).json()["results"]
    assert (await owner.ask("DELETE", f"/auth/sessions/{theirs['id']}")).status_code == 404


async def test_cookie_mode_keeps_the_refresh_token_out_of_the_answer(http: httpx2.AsyncClient, owner: Caller) -> None:
    answer = await login(http, owner.email, session="cookie")
    cookie = answer.headers["set-cookie"].lower()
    assert "refresh_token" not in answer.json()
    assert cookie.startswith("hub_refresh=")
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/"))
    assert "domain" not in cookie


async def test_over_https_the_cookie_is_bound_to_the_host(hub: Hub) -> None:
    secured = hub_over(hub.database.engine, hub.clock, public_url="https://hub.example")  # type: ignore[arg-type]
    async with client_over(secured) as http:
        answer = await register(http, session="cookie")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-hub_refresh=")
    assert "secure" in cookie.lower()


async def test_the_cookie_refreshes_from_our_own_pages_only(http: httpx2.AsyncClient, owner: Caller) -> None:
    await login(http, owner.email, session="cookie")
    wrong = (None, "null", "https://127.0.0.1:8000", "http://127.0.0.1:8001", "http://127.0.0.1:8000.evil.example",
             "http://evil.example", "http://127.0.0.1:8000/", "HTTP://127.0.0.1:8000", "http://127.0.0.1")
    for origin in wrong:
        answer = await http.post(REFRESH, headers={"origin": origin} if origin else {})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_ours")
        assert "set-cookie" not in answer.headers
    good = await http.post(REFRESH, headers={"origin": ORIGIN})
    assert good.status_code == 200
    assert good.headers["set-cookie"].startswith("hub_refresh=")


async def test_an_empty_object_means_the_cookie_too(http: httpx2.AsyncClient, owner: Caller) -> None:
    await login(http, owner.email, session="cookie")
    assert (await http.post(REFRESH, json={}, headers={"origin": ORIGIN})).status_code == 200


async def test_another_sites_page_cannot_plant_a_cookie(http: httpx2.AsyncClient, owner: Caller) -> None:
    answer = await http.post("/api/v1/auth/login", headers={"origin": "http://evil.example"}, json={
        "email": owner.email, "password": PASSWORD, "session": "cookie",
    })
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_refused_sign_ins_and_refreshes_set_no_cookie(http: httpx2.AsyncClient, owner: Caller) -> None:
    http.cookies.set("hub_refresh", "x" * 65)
    answers = [
        await login(http, owner.email, "not the password", session="cookie"),
        await register(http, email="wrong", session="cookie"),
        await http.post(REFRESH, headers={"origin": ORIGIN}),
        await owner.ask("GET", "/auth/sessions"),
    ]
    assert not [answer for answer in answers if "set-cookie" in answer.headers]


async def test_a_cookies_losers_share_the_winners_token(hub: Hub, owner: Caller) -> None:
    async with client_over(hub) as tab:
        await login(tab, owner.email, session="cookie")
        jar = {"hub_refresh": tab.cookies["hub_refresh"]}
        answers = await asyncio.gather(*(
            tab.post(REFRESH, headers={"origin": ORIGIN, "cookie": f"hub_refresh={jar['hub_refresh']}"})
            for _ in range(10)
        ))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["set-cookie"].partition(";")[0] for answer in answers}) == 1


async def test_signing_out_clears_the_cookie(http: httpx2.AsyncClient, owner: Caller) -> None:
    caller = Caller(http, (await login(http, owner.email, session="cookie")).json())
    answer = await caller.ask("POST", "/auth/logout", {})
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert "hub_refresh" not in http.cookies


async def test_every_auth_answer_forbids_storing(http: httpx2.AsyncClient, owner: Caller) -> None:
    answers = [
        await login(http, owner.email), await login(http, owner.email, "wrong"), await register(http),
        await http.post(REFRESH, json={"refresh_token": owner.session["refresh_token"]}), await http.post(REFRESH),
        await http.post("/api/v1/auth/password-reset", json={"email": "x"}),
        await owner.ask("GET", "/auth/sessions"), await owner.ask("POST", "/auth/logout"),
    ]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
