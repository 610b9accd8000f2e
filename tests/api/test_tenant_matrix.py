"""Another organization's user, visitor, socket and webhook reach nothing, on every route that exists."""

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.furnishing import Furnished, furnish
from tests.api.sampling import Sampler
from tests.running import Stack, register

pytestmark = pytest.mark.timeout(180)
PUBLIC_DOORS = frozenset({  # anybody on the web may begin to write to a widget, and see a logo
    "/api/v1/widget/{channel_id}/session", "/api/v1/widget/{channel_id}/look", "/api/v1/brand/{logo_id}",
})
SELF = frozenset({"/api/v1/auth/logout", "/api/v1/auth/register", "/api/v1/auth/refresh"})  # would end our own session
VOLATILE = frozenset({"sessions", "live_tickets", "visitors", "events", "outbox", "intake"})


@pytest.fixture(scope="module")
async def owned(running: Stack, client: httpx2.AsyncClient, running_engine: AsyncEngine) -> Furnished:
    return await furnish(running, client, await register(client, "Owned"), running_engine)


@pytest.fixture(scope="module")
async def other(running: Stack, client: httpx2.AsyncClient, running_engine: AsyncEngine) -> Furnished:
    return await furnish(running, client, await register(client, "Other"), running_engine)


@pytest.fixture(scope="module")
def document(running: Stack) -> dict[str, Any]:
    schema: dict[str, Any] = running.app.openapi_schema.to_schema()
    return schema


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in sorted(document["paths"].items()):
        for method, operation in item.items():
            if path not in SELF and not path.startswith("/webhooks"):
                yield method.upper(), path, operation


def filled(path: str, ids: dict[str, str]) -> str:
    """The path with ids for its parameters; a parameter without a meaning in `furnishing` fails the test."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda match: ids[match[1]], path)


def random_ids(like: dict[str, str]) -> dict[str, str]:
    return {name: str(uuid4()) for name in like}


def comparable(answer: httpx2.Response, ids: dict[str, str]) -> tuple[int, str]:
    """Status and body, without what differs in every answer."""
    body = re.sub(r'"request_id":\s*"[^"]*"', "", answer.text)
    for value in ids.values():
        body = body.replace(value, "ID")
    return answer.status_code, body


def headers_for(path: str, person: Furnished) -> dict[str, str]:
    token = f"Visitor {person.visitor_token}" if "/widget/" in path else f"Bearer {person.owner.token}"
    return {"authorization": token, "idempotency-key": secrets.token_hex(8)}


async def ask(client: httpx2.AsyncClient, method: str, path: str, person: Furnished, body: Any) -> httpx2.Response:
    more = {"json": body} if body is not None else {}
    return await client.request(method, path, headers=headers_for(path, person), **more)


async def rows_of(engine: AsyncEngine, organization_id: str) -> dict[str, str]:
    """A digest of each table's rows of an organization, as its owner sees them."""
    found: dict[str, str] = {}
    async with engine.begin() as connection:
        await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
        tables = (await connection.execute(text(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'organization_id' "
            "AND table_schema = 'public'"
        ))).scalars().all()
        for table in sorted(set(tables) - VOLATILE):
            found[table] = await connection.scalar(text(
                f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t.id), '')) FROM {table} t "
                "WHERE organization_id = :org"
            ), {"org": organization_id})
    return found


async def test_a_foreign_id_in_the_path_answers_as_a_missing_one(
    client: httpx2.AsyncClient, owned: Furnished, other: Furnished, document: dict[str, Any],
    running_engine: AsyncEngine,
) -> None:
    before = await rows_of(running_engine, owned.owner.organization_id)
    missing, cells = random_ids(owned.ids), 0
    for method, path, operation in operations(document):
        if "{" not in path or path in PUBLIC_DOORS:
            continue
        body = Sampler(document, other.ids).body(operation)
        foreign = await ask(client, method, filled(path, owned.ids), other, body)
        absent = await ask(client, method, filled(path, missing), other, body)
        assert foreign.status_code >= 400, f"{method} {path}: {foreign.text}"
        assert comparable(foreign, owned.ids) == comparable(absent, missing), f"{method} {path}"
        assert foreign.status_code in (401, 404), f"{method} {path}: {foreign.status_code} {foreign.text}"
        assert owned.canary not in foreign.text
        cells += 1
    assert cells > 20
    assert await rows_of(running_engine, owned.owner.organization_id) == before


async def test_a_foreign_id_deeper_in_the_path_answers_as_a_missing_one(
    client: httpx2.AsyncClient, owned: Furnished, other: Furnished, document: dict[str, Any]
) -> None:
    missing = random_ids(owned.ids)
    for method, path, operation in operations(document):
        names = re.findall(r"\{(\w+)", path)
        if len(names) < 2:
            continue
        body = Sampler(document, other.ids).body(operation)
        for name in names[1:]:
            foreign = await ask(client, method, filled(path, {**other.ids, name: owned.ids[name]}), other, body)
            absent = await ask(client, method, filled(path, {**other.ids, name: missing[name]}), other, body)
            assert foreign.status_code == 404, f"{method} {path}: {foreign.text}"
            assert comparable(foreign, owned.ids) == comparable(absent, missing), f"{method} {path}"


async def test_a_foreign_id_in_the_body_answers_as_a_missing_one(
    client: httpx2.AsyncClient, owned: Furnished, other: Furnished, document: dict[str, Any],
    running_engine: AsyncEngine,
) -> None:
    before = await rows_of(running_engine, owned.owner.organization_id)
    missing, cells = random_ids(owned.ids), 0
    for method, path, operation in operations(document):
        sample = Sampler(document, owned.ids).body(operation, everything=True)
        named = [key for key in sample or {} if key in owned.ids or (key.endswith("_ids") and key[:-1] in owned.ids)]
        for key in named:
            own = Sampler(document, other.ids).body(operation)
            foreign = await ask(client, method, filled(path, other.ids), other, own | {key: sample[key]})
            unknown = Sampler(document, missing).body(operation, everything=True)[key]
            absent = await ask(client, method, filled(path, other.ids), other, own | {key: unknown})
            assert foreign.status_code >= 400, f"{method} {path} {key}: {foreign.text}"
            assert comparable(foreign, owned.ids) == comparable(absent, missing), f"{method} {path} {key}"
            cells += 1
    assert cells >= 5
    assert await rows_of(running_engine, owned.owner.organization_id) == before


async def test_lists_and_searches_show_nothing_foreign(
    client: httpx2.AsyncClient, owned: Furnished, other: Furnished, document: dict[str, Any]
) -> None:
    for method, path, _ in operations(document):
        if method != "GET" or "{" in path:
            continue
        for query in ("", f"?search={owned.canary}&q={owned.canary}", f"?channel_id={owned.ids['channel_id']}"
                      f"&assignee_id={owned.ids['user_id']}&tag_id={owned.ids['tag_id']}",
                      f"?view_id={owned.ids['view_id']}"):
            answer = await ask(client, method, path + query, other, None)
            assert answer.status_code < 500, f"{path}{query}: {answer.text}"
            assert owned.canary not in answer.text.replace(f"search={owned.canary}&q={owned.canary}", ""), path
            for value in owned.ids.values():
                assert value not in answer.text, f"{path}{query}"


async def test_no_route_answers_a_stranger(
    client: httpx2.AsyncClient, owned: Furnished, document: dict[str, Any]
) -> None:
    public = {"/api/v1/ping", "/api/v1/installation", "/api/v1/health", "/healthz", "/readyz"}
    open_doors = re.compile(
        r"^/api/v1/(auth/(register|login|refresh|password-reset)|widget/\{[^}]*\}/(session|look)|brand/)"
    )
    for method, path, operation in operations(document):
        if path in public or open_doors.match(path):
            continue
        body = Sampler(document, owned.ids).body(operation)
        answer = await client.request(method, filled(path, owned.ids), json=body)
        assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
        assert answer.headers["content-type"] == "application/problem+json"


async def test_another_organizations_signature_opens_no_webhook(
    client: httpx2.AsyncClient, owned: Furnished, other: Furnished, running_engine: AsyncEngine
) -> None:
    from tests.journeys.meta import signed, text_webhook

    body = text_webhook(owned.line.number["phone_number_id"], "5511999990000", "forged")
    headers = signed(body, other.line.number["app_secret"])
    foreign = await client.post(f"/webhooks/whatsapp/{owned.owner.organization_id}", content=body, headers=headers)
    absent = await client.post(f"/webhooks/whatsapp/{uuid4()}", content=body, headers=headers)
    assert foreign.status_code == absent.status_code == 403
    assert comparable(foreign, {}) == comparable(absent, {})


async def test_a_signed_body_for_somebody_elses_number_is_not_filed_there(
    client: httpx2.AsyncClient, owned: Furnished, other: Furnished, running_engine: AsyncEngine
) -> None:
    from tests.journeys.meta import signed, text_webhook

    before = await rows_of(running_engine, owned.owner.organization_id)
    body = text_webhook(owned.line.number["phone_number_id"], "5511999990000", "misfiled")
    answer = await client.post(
        f"/webhooks/whatsapp/{other.owner.organization_id}", content=body,
        headers=signed(body, other.line.number["app_secret"]),
    )
    assert answer.status_code == 200
    assert await rows_of(running_engine, owned.owner.organization_id) == before
    found = await other.owner.get("/api/v1/search?q=misfiled")
    assert json.dumps(found).count("misfiled") == 0


def test_every_parameter_has_a_meaning(document: dict[str, Any], owned: Furnished) -> None:
    names = {name for path in document["paths"] for name in re.findall(r"\{(\w+)", path)}
    assert names <= set(owned.ids), "give the new parameter an id in tests/api/furnishing.py"
