"""The people of an organization: who may do what to whom."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.hub import Hub
from hub.core.runner import drain
from hub.core.signals import ActorChanged, SessionEnded
from tests.api.accounts.conftest import PASSWORD, Caller, address, client_over, colleague, login, rows, shape

NEW_PASSWORD = "another long phrase 7"
ROLES = ("owner", "admin", "manager", "agent", "viewer")


async def test_an_admin_adds_a_user_who_signs_in(owner: Caller) -> None:
    department = (await owner.ask("POST", "/departments", {"name": "Sales"})).json()
    agent = await colleague(owner, "sales", department_ids=[department["id"]])
    shown = (await owner.ask("GET", f"/users/{agent.id}")).json()
    assert (shown["role"], shown["is_active"], shown["deleted_at"]) == ("agent", True, None)
    assert shown["departments"] == [{"id": department["id"], "name": "Sales"}]
    assert set(shown) == {"id", "name", "email", "role", "is_active", "locale", "time_zone", "departments",
                          "created_at", "deleted_at"}


async def test_the_contracts_names_of_roles_are_taken(owner: Caller) -> None:
    admin = await colleague(owner, "tenant_admin")
    assert admin.session["user"]["role"] == "admin"


async def test_one_address_once_in_an_organization(owner: Caller, stranger: Caller) -> None:
    email = address()
    bodies = [{"name": "Demo", "email": text, "role": "agent", "password": PASSWORD} for text in (email, email.upper())]
    first, second = [await owner.ask("POST", "/users", body) for body in bodies]
    elsewhere = await stranger.ask("POST", "/users", bodies[0])
    assert (first.status_code, second.status_code, elsewhere.status_code) == (201, 409, 201)
    assert second.json()["code"] == "email_taken"


async def test_many_adding_one_address_at_once_make_one_user(owner: Caller) -> None:
    body = {"name": "Demo", "email": address(), "role": "agent", "password": PASSWORD}
    answers = await asyncio.gather(*(owner.ask("POST", "/users", body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_a_user_without_a_password_is_mailed_a_link(hub: Hub, owner: Caller) -> None:
    email = address()
    await owner.ask("POST", "/users", {"name": "Demo", "email": email, "role": "agent"})
    await drain(hub)
    (mail,) = [one for one in hub.ports.mailer.mails if one.to == email]
    token = mail.text.partition("/app/#/reset/")[2].split()[0]
    assert (await login(owner.http, email)).status_code == 401
    confirmed = await owner.http.post("/api/v1/auth/password-reset/confirm",
                                      json={"token": token, "password": NEW_PASSWORD})
    assert confirmed.status_code == 204
    assert (await login(owner.http, email, NEW_PASSWORD)).status_code == 200


async def test_server_owned_fields_cannot_be_set(owner: Caller) -> None:
    agent = await colleague(owner)
    for field in ("id", "organization_id", "password_hash", "created_at", "deleted_at", "password", "permissions"):
        assert (await owner.ask("PATCH", f"/users/{agent.id}", {field: "x"})).status_code == 422
        assert (await owner.ask("PATCH", "/me", {field: "x"})).status_code == 422
    for field in ("role", "email", "is_active", "department_ids"):
        assert (await agent.ask("PATCH", "/me", {field: "owner"})).status_code == 422


async def test_i_change_my_own_name_language_zone_and_theme(owner: Caller) -> None:
    agent = await colleague(owner)
    changes = {"name": "Demo Renamed", "locale": "es", "time_zone": "America/Bogota", "theme": "dark"}
    mine = (await agent.ask("PATCH", "/me", changes)).json()
    assert {field: mine[field] for field in changes} == changes
    by_id = await agent.ask("PATCH", f"/users/{agent.id}", {"name": "Demo Again"})
    assert by_id.json()["name"] == "Demo Again"


@pytest.mark.parametrize("change", [
    {"role": "admin"}, {"email": "x@demo.example"}, {"is_active": True}, {"department_ids": []},
    {"name": "Fine", "role": "agent"},
])
async def test_i_do_not_change_what_i_am(owner: Caller, change: dict[str, Any]) -> None:
    agent = await colleague(owner)
    assert (await agent.ask("PATCH", f"/users/{agent.id}", change)).status_code == 403


async def test_only_those_who_manage_people_manage_people(owner: Caller) -> None:
    target = await colleague(owner)
    body = {"name": "Demo", "email": address(), "role": "agent", "password": PASSWORD}
    for role in ("manager", "agent", "viewer"):
        caller = await colleague(owner, role)
        answers = [
            await caller.ask("POST", "/users", body), await caller.ask("DELETE", f"/users/{target.id}"),
            await caller.ask("PATCH", f"/users/{target.id}", {"name": "Other"}),
            await caller.ask("POST", f"/users/{target.id}/restore"),
            await caller.ask("POST", f"/users/{target.id}/password", {"password": NEW_PASSWORD}),
            await caller.ask("POST", "/departments", {"name": "Other"}),
            await caller.ask("GET", "/users?deleted=true"),
        ]
        assert {answer.status_code for answer in answers} == {403}
        assert (await caller.ask("GET", "/users")).status_code == 200


async def test_nobody_but_an_owner_makes_or_unmakes_owners(owner: Caller) -> None:
    admin, agent = await colleague(owner, "admin"), await colleague(owner)
    refused = [
        await admin.ask("POST", "/users", {"name": "D", "email": address(), "role": "owner", "password": PASSWORD}),
        await admin.ask("PATCH", f"/users/{agent.id}", {"role": "owner"}),
        await admin.ask("PATCH", f"/users/{admin.id}", {"role": "owner"}),
        await admin.ask("PATCH", f"/users/{owner.id}", {"role": "agent"}),
        await admin.ask("PATCH", f"/users/{owner.id}", {"email": address()}),
        await admin.ask("PATCH", f"/users/{owner.id}", {"is_active": False}),
        await admin.ask("POST", f"/users/{owner.id}/password", {"password": NEW_PASSWORD}),
        await admin.ask("DELETE", f"/users/{owner.id}"),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(403, "owner_only")}
    assert (await owner.ask("PATCH", f"/users/{agent.id}", {"role": "owner"})).status_code == 200


@pytest.mark.parametrize("step", [("DELETE", None), ("PATCH", {"role": "admin"}), ("PATCH", {"is_active": False})])
async def test_the_last_owner_stays(owner: Caller, step: tuple[str, Any]) -> None:
    method, body = step
    answer = await owner.ask(method, f"/users/{owner.id}", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")


async def test_two_owners_cannot_unmake_each_other_at_once(owner: Caller) -> None:
    second = await colleague(owner, "owner")
    answers = await asyncio.gather(
        owner.ask("PATCH", f"/users/{second.id}", {"role": "agent"}),
        second.ask("PATCH", f"/users/{owner.id}", {"role": "agent"}),
        owner.ask("DELETE", f"/users/{second.id}"), second.ask("DELETE", f"/users/{owner.id}"),
    )
    assert {answer.status_code for answer in answers} <= {200, 204, 401, 403, 404, 409}
    left = [one for one in (owner, second) if (await one.ask("GET", "/me")).status_code == 200]
    roles = [(await one.ask("GET", "/me")).json()["role"] for one in left]
    assert "owner" in roles


async def test_a_deleted_users_sessions_end_and_sockets_close(hub: Hub, owner: Caller) -> None:
    agent = await colleague(owner)
    assert (await owner.ask("DELETE", f"/users/{agent.id}")).status_code == 204
    assert (await agent.ask("GET", "/me")).status_code == 401
    assert (await owner.ask("GET", f"/users/{agent.id}")).status_code == 404
    assert agent.id in {str(one.user_id) for one in hub.signals.heard if isinstance(one, SessionEnded)}


async def test_deactivation_ends_sessions(hub: Hub, owner: Caller) -> None:
    agent = await colleague(owner)
    await owner.ask("PATCH", f"/users/{agent.id}", {"is_active": False})
    refreshed = await owner.http.post("/api/v1/auth/refresh",
                                      json={"refresh_token": agent.session["refresh_token"]})
    assert (await agent.ask("GET", "/me")).status_code == 401
    assert refreshed.status_code == 401
    assert agent.id in {str(one.user_id) for one in hub.signals.heard if isinstance(one, SessionEnded)}


async def test_a_new_role_holds_at_once(hub: Hub, owner: Caller) -> None:
    agent = await colleague(owner)
    await owner.ask("PATCH", f"/users/{agent.id}", {"role": "viewer"})
    assert "conversation:reply" not in (await agent.ask("GET", "/me")).json()["permissions"]
    assert agent.id in {str(one.user_id) for one in hub.signals.heard if isinstance(one, ActorChanged)}


async def test_a_deleted_users_address_is_free_and_then_blocks_restoring(owner: Caller) -> None:
    agent = await colleague(owner)
    await owner.ask("DELETE", f"/users/{agent.id}")
    body = {"name": "Demo", "email": agent.email, "role": "agent", "password": PASSWORD}
    successor = await owner.ask("POST", "/users", body)
    refused = await owner.ask("POST", f"/users/{agent.id}/restore")
    assert (successor.status_code, refused.status_code, refused.json()["code"]) == (201, 409, "email_taken")
    await owner.ask("DELETE", f"/users/{successor.json()['id']}")
    assert (await owner.ask("POST", f"/users/{agent.id}/restore")).json()["deleted_at"] is None
    assert (await login(owner.http, agent.email)).status_code == 200


async def test_the_deleted_are_listed_for_who_may_restore_them(owner: Caller) -> None:
    agent = await colleague(owner)
    await owner.ask("DELETE", f"/users/{agent.id}")
    deleted = (await owner.ask("GET", "/users?deleted=true")).json()["results"]
    present = (await owner.ask("GET", "/users")).json()["results"]
    assert ([one["id"] for one in deleted], [one["id"] for one in present]) == ([agent.id], [owner.id])


async def test_my_password_needs_the_current_one(owner: Caller) -> None:
    path, other = f"/users/{owner.id}/password", Caller(owner.http, (await login(owner.http, owner.email)).json())
    for body in ({"password": NEW_PASSWORD}, {"password": NEW_PASSWORD, "current_password": "wrong one here"}):
        answer = await owner.ask("POST", path, body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/current_password")
    changed = await owner.ask("POST", path, {"password": NEW_PASSWORD, "current_password": PASSWORD})
    assert changed.status_code == 204
    assert (await owner.ask("GET", "/me")).status_code == 200
    assert (await other.ask("GET", "/me")).status_code == 401
    assert (await login(owner.http, owner.email)).status_code == 401
    assert (await login(owner.http, owner.email, NEW_PASSWORD)).status_code == 200


async def test_guessing_the_current_password_is_limited(owner: Caller) -> None:
    answers = await asyncio.gather(*(
        owner.ask("POST", f"/users/{owner.id}/password", {"password": NEW_PASSWORD, "current_password": f"guess {n}"})
        for n in range(30)
    ))
    assert sorted(answer.status_code for answer in answers) == [422] * 10 + [429] * 20


async def test_an_admin_sets_a_password_and_ends_the_users_sessions(owner: Caller) -> None:
    admin, agent = await colleague(owner, "admin"), await colleague(owner)
    answer = await admin.ask("POST", f"/users/{agent.id}/password", {"password": NEW_PASSWORD})
    assert answer.status_code == 204
    assert (await agent.ask("GET", "/me")).status_code == 401
    assert (await login(owner.http, agent.email, NEW_PASSWORD)).status_code == 200


async def test_easy_passwords_are_refused_everywhere(owner: Caller) -> None:
    agent = await colleague(owner)
    for password in ("password123", "Qwertyuiop", "1234567890", "short", agent.email, "x" * 129):
        answer = await owner.ask("POST", f"/users/{agent.id}/password", {"password": password})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/password")


async def test_foreign_and_missing_users_cannot_be_told_apart(owner: Caller, stranger: Caller) -> None:
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/users/{}", None), ("PATCH", "/users/{}", {"name": "Other"}), ("DELETE", "/users/{}", None),
        ("POST", "/users/{}/restore", None), ("POST", "/users/{}/password", {"password": NEW_PASSWORD}),
        ("PATCH", "/users/{}", {"role": "owner"}),
    ]
    for method, path, body in calls:
        foreign = await owner.ask(method, path.format(stranger.id), body)
        missing = await owner.ask(method, path.format(uuid4()), body)
        assert shape(foreign) == shape(missing)
        assert foreign.status_code == 404
    assert (await owner.ask("GET", "/users/no-id")).status_code == 404


async def test_foreign_and_missing_sessions_and_departments_cannot_be_told_apart(
    owner: Caller, stranger: Caller
) -> None:
    session = (await stranger.ask("GET", "/auth/sessions")).json()["results"][0]["id"]
    department = stranger.session["user"]["departments"][0]["id"]
    calls: list[tuple[str, str, str, Any]] = [
        ("DELETE", "/auth/sessions/{}", session, None), ("PATCH", "/departments/{}", department, {"name": "Other"}),
        ("DELETE", "/departments/{}", department, None),
    ]
    for method, path, foreign_id, body in calls:
        foreign = await owner.ask(method, path.format(foreign_id), body)
        assert shape(foreign) == shape(await owner.ask(method, path.format(uuid4()), body))
        assert foreign.status_code == 404


async def test_foreign_and_missing_members_cannot_be_told_apart(owner: Caller, stranger: Caller) -> None:
    department = stranger.session["user"]["departments"][0]["id"]
    for path, field, foreign_id in (("/departments", "member_ids", stranger.id),
                                    ("/users", "department_ids", department)):
        body = {"name": "Demo", "email": address(), "password": PASSWORD} if path == "/users" else {"name": "Demo"}
        foreign = await owner.ask("POST", path, body | {field: [foreign_id]})
        missing = await owner.ask("POST", path, body | {field: [str(uuid4())]})
        assert shape(foreign) == shape(missing)
        assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, f"/{field}")


async def test_users_are_searched_filtered_ordered_and_paged(owner: Caller) -> None:
    for name, role in (("Ána Demo", "agent"), ("Bruno Demo", "manager"), ("Carla Demo", "agent")):
        body = {"name": name, "email": address(), "role": role, "password": PASSWORD}
        await owner.ask("POST", "/users", body)
    cases = {
        "?search=ana": ["Ána Demo"], "?q=ÁNA": ["Ána Demo"],
        "?role=sales&sort=name&order=desc": ["Carla Demo", "Ána Demo"],
        "?ordering=-name&search=demo": ["Demo Owner", "Carla Demo", "Bruno Demo", "Ána Demo"],
        "?is_active=false": [], "?search=%25": [], "?search=%00ana": ["Ána Demo"],
    }
    for query, names in cases.items():
        found = [one["name"] for one in (await owner.ask("GET", f"/users{query}")).json()["results"]]
        assert sorted(found) == sorted(names), query
        assert "ordering" not in query or found == names
    page = (await owner.ask("GET", "/users?per_page=2&page=1&ordering=created_at")).json()
    assert (page["count"], len(page["results"]), page["previous"]) == (4, 2, None)
    assert "page=2" in page["next"]
    assert (await owner.ask("GET", "/users?ordering=password_hash")).status_code == 422


async def test_users_of_another_organization_are_never_listed(owner: Caller, stranger: Caller) -> None:
    listed = (await owner.ask("GET", f"/users?search={stranger.email}")).json()
    assert listed["results"] == []


async def test_everything_done_to_a_user_is_in_the_log_once(owner: Caller, owner_engine: AsyncEngine) -> None:
    agent = await colleague(owner)
    await owner.ask("PATCH", f"/users/{agent.id}", {"role": "manager", "name": "Demo Manager"})
    await owner.ask("PATCH", f"/users/{agent.id}", {"role": "manager"})
    await owner.ask("POST", f"/users/{agent.id}/password", {"password": NEW_PASSWORD})
    await owner.ask("DELETE", f"/users/{agent.id}")
    await owner.ask("POST", f"/users/{agent.id}/restore")
    logged = await rows(owner_engine, (
        "SELECT type, actor, data FROM events WHERE data->>'user_id' = :user AND type LIKE 'user.%' ORDER BY id"
    ), user=agent.id)
    assert [row.type for row in logged] == [
        "user.created", "user.changed", "user.password_changed", "user.deleted", "user.restored",
    ]
    assert {row.actor for row in logged} == {f"user:{owner.id}"}
    assert logged[1].data["fields"] == ["name", "role"]


async def test_departments_are_made_changed_and_deleted(owner: Caller) -> None:
    agent = await colleague(owner)
    made = (await owner.ask("POST", "/departments", {"name": "Support", "member_ids": [agent.id]})).json()
    assert made == {"id": made["id"], "name": "Support", "member_ids": [agent.id]}
    taken = await owner.ask("POST", "/departments", {"name": "Support"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    path = f"/departments/{made['id']}"
    assert (await owner.ask("PATCH", path, {"name": "Help", "member_ids": []})).json()["member_ids"] == []
    assert (await agent.ask("GET", "/me")).json()["departments"] == []
    assert (await owner.ask("DELETE", path)).status_code == 204
    assert [one["name"] for one in (await owner.ask("GET", "/departments")).json()["results"]] == ["General"]


async def test_leaving_a_department_reaches_open_screens(hub: Hub, owner: Caller) -> None:
    agent = await colleague(owner)
    made = (await owner.ask("POST", "/departments", {"name": "Support", "member_ids": [agent.id]})).json()
    hub.signals.heard.clear()
    await owner.ask("DELETE", f"/departments/{made['id']}")
    assert [str(one.user_id) for one in hub.signals.heard] == [agent.id]


async def test_every_route_wants_a_sign_in(hub: Hub, owner: Caller) -> None:
    closed = [("GET", "/me"), ("PATCH", "/me"), ("GET", "/users"), ("POST", "/users"), ("GET", f"/users/{owner.id}"),
              ("PATCH", f"/users/{owner.id}"), ("DELETE", f"/users/{owner.id}"), ("GET", "/departments"),
              ("POST", f"/users/{owner.id}/restore"), ("POST", f"/users/{owner.id}/password"),
              ("POST", "/departments"), ("POST", "/auth/logout"), ("GET", "/auth/sessions")]
    async with client_over(hub) as nobody:
        answers = [await nobody.request(method, f"/api/v1{path}", json={}) for method, path in closed]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}


async def test_roles_see_what_their_role_allows(owner: Caller) -> None:
    for role in ROLES[1:]:
        caller = await colleague(owner, role)
        assert (await caller.ask("GET", f"/users/{owner.id}")).status_code == 200
        assert (await caller.ask("GET", "/departments")).status_code == 200
