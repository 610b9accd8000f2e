"""Every route that exists, asked by another organization's people with ids that are not theirs."""

import asyncio
import re
import secrets
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.furnishing import Furnished
from tests.api.sampling import Sampler
from tests.api.tenancy.watching import Watch

pytestmark = pytest.mark.timeout(240)
PUBLIC_DOORS = frozenset({  # anybody on the web may begin to write to a widget, and see a logo
    "/api/v1/widget/{channel_id}/session", "/api/v1/widget/{channel_id}/look", "/api/v1/brand/{logo_id}",
})
SELF = frozenset({"/api/v1/auth/logout", "/api/v1/auth/register", "/api/v1/auth/refresh"})  # would end our own session
VOLATILE = frozenset({"sessions", "live_tickets", "visitors", "events", "outbox", "intake"})
CHANGING_HEADERS = frozenset({"date", "x-request-id", "content-length", "retry-after"})
AT_ONCE = 6


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


def comparable(answer: httpx2.Response, ids: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers, without what differs in every answer."""
    body = re.sub(r'"request_id":\s*"[^"]*"', "", answer.text)
    headers = {
        name: "" if name.startswith("ratelimit") else value
        for name, value in answer.headers.items() if name not in CHANGING_HEADERS
    }
    for value in ids.values():
        body = body.replace(value, "ID")
    return answer.status_code, body, headers


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


class Pair:
    """Asks the same with a foreign id and with one that is nowhere: the answers have to be alike."""

    def __init__(self, client: httpx2.AsyncClient, owned: Furnished, other: Furnished) -> None:
        self.client, self.owned, self.other, self.missing = client, owned, other, random_ids(owned.ids)
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def alike(
        self, method: str, foreign: tuple[str, Any], absent: tuple[str, Any], *, statuses: tuple[int, ...] = (404,)
    ) -> None:
        async with self._gate:
            one = await ask(self.client, method, foreign[0], self.other, foreign[1])
            two = await ask(self.client, method, absent[0], self.other, absent[1])
        assert one.status_code in statuses, f"{method} {foreign}: {one.status_code} {one.text}"
        assert comparable(one, self.owned.ids) == comparable(two, self.missing), f"{method} {foreign}"


@pytest.fixture(scope="module")
def pair(watched: httpx2.AsyncClient, owned: Furnished, other: Furnished) -> Pair:
    return Pair(watched, owned, other)


async def test_a_foreign_id_in_the_path_answers_as_a_missing_one(
    pair: Pair, document: dict[str, Any], running_engine: AsyncEngine, watch: Watch
) -> None:
    before = await rows_of(running_engine, pair.owned.owner.organization_id)
    asked = []
    for method, path, operation in operations(document):
        names = re.findall(r"\{(\w+)", path)
        body = Sampler(document, pair.other.ids).body(operation)
        if names and path not in PUBLIC_DOORS:
            asked.append(pair.alike(method, (filled(path, pair.owned.ids), body), (filled(path, pair.missing), body),
                                    statuses=(401, 404)))
        for name in names[1:]:
            foreign = filled(path, {**pair.other.ids, name: pair.owned.ids[name]})
            absent = filled(path, {**pair.other.ids, name: pair.missing[name]})
            asked.append(pair.alike(method, (foreign, body), (absent, body)))
    assert len(asked) > 60
    await asyncio.gather(*asked)
    assert await rows_of(running_engine, pair.owned.owner.organization_id) == before


async def test_a_foreign_id_in_the_body_answers_as_a_missing_one(
    pair: Pair, document: dict[str, Any], running_engine: AsyncEngine, watch: Watch
) -> None:
    before = await rows_of(running_engine, pair.owned.owner.organization_id)
    asked = []
    for method, path, operation in operations(document):
        sample = Sampler(document, pair.owned.ids).body(operation, everything=True)
        unknown = Sampler(document, pair.missing).body(operation, everything=True)
        target, own = filled(path, pair.other.ids), Sampler(document, pair.other.ids).body(operation)
        for key in sample if isinstance(sample, dict) else ():
            if key in pair.owned.ids or (key.endswith("_ids") and key[:-1] in pair.owned.ids):
                foreign, absent = (target, own | {key: sample[key]}), (target, own | {key: unknown[key]})
                asked.append(pair.alike(method, foreign, absent, statuses=(401, 403, 404, 409, 422)))
    assert len(asked) >= 15
    await asyncio.gather(*asked)
    assert await rows_of(running_engine, pair.owned.owner.organization_id) == before


async def test_foreign_ids_in_acts_on_many_answer_as_missing_ones(pair: Pair, watch: Watch) -> None:
    """Each of many has a result of its own, and 200 stands above them all."""
    for action in ("close", "read", "unread"):
        bodies = [{"action": action, "ids": [ids["conversation_id"]]} for ids in (pair.owned.ids, pair.missing)]
        said = [await pair.other.owner.post("/api/v1/conversations/bulk", body) for body in bodies]
        assert [one["results"][0].pop("id") for one in said]
        assert said[0] == said[1]
        assert said[0]["results"][0]["code"] == "not_found"


async def test_lists_and_searches_show_nothing_foreign(
    pair: Pair, document: dict[str, Any], watch: Watch
) -> None:
    """Neither by word nor by any parameter that takes an id; ids of the other side are canaries too."""
    owned, gate = pair.owned, asyncio.Semaphore(AT_ONCE)

    async def listed(path: str, query: str) -> None:
        async with gate:
            answer = await ask(pair.client, "GET", f"{path}?{query}", pair.other, None)
        assert answer.status_code < 500, f"{path}?{query}: {answer.text}"
        shown = answer.text
        for asked in query.split("&"):
            shown = shown.replace(asked, "")
        assert not [name for name, value in owned.ids.items() if value in shown], f"{path}?{query}"

    queries: list[tuple[str, str]] = []
    for method, path, operation in operations(document):
        if method != "GET" or "{" in path:
            continue
        names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
        queries += [(path, ""), (path, f"search={owned.canary}&q={owned.canary}")]
        queries += [(path, f"{name}={owned.ids[name]}") for name in names if name in owned.ids]
    await asyncio.gather(*(listed(*query) for query in queries))


async def test_a_foreign_cursor_leads_to_nothing_foreign(pair: Pair, document: dict[str, Any], watch: Watch) -> None:
    cursors = 0
    for method, path, operation in operations(document):
        if "cursor" not in [one["name"] for one in operation.get("parameters", [])]:
            continue
        theirs = await pair.owned.owner.ask(method, filled(path, pair.owned.ids) + f"?limit=1&q={pair.owned.canary}")
        cursor = theirs.json().get("next_cursor")
        if cursor:
            cursors += 1
            target = filled(path, pair.other.ids) + f"?limit=100&q=a&cursor={cursor}"
            answer = await ask(pair.client, method, target, pair.other, None)
            assert answer.status_code in (200, 422), answer.text
            assert not [value for value in pair.owned.ids.values() if value in answer.text], path
    assert cursors >= 2


async def test_a_key_that_the_other_used_before_answers_nothing_of_theirs(pair: Pair, watch: Watch) -> None:
    """Neither the key of an idempotent request nor the id that a client gives its message."""
    key, body = secrets.token_hex(8), {"name": f"key {secrets.token_hex(4)}", "color": "#2563eb"}
    made = [
        (await one.owner.ask("POST", "/api/v1/tags", json=body, headers={"idempotency-key": key})).json()["id"]
        for one in (pair.owned, pair.other)
    ]
    assert made[0] != made[1]
    base = f"/api/v1/conversations/{pair.other.ids['conversation_id']}/messages"
    sent = await pair.other.owner.ask("POST", base, json={
        "client_id": pair.owned.client_id, "text": "mine", "note": True,
    })
    assert sent.status_code == 201, sent.text


async def test_a_visitor_reaches_only_their_own_thread(owned: Furnished, client: httpx2.AsyncClient) -> None:
    """Nor does a second visitor of the same widget reach the first one's."""
    base = f"/api/v1/widget/{owned.ids['channel_id']}"
    stranger = (await client.post(f"{base}/session", json={"name": "second"})).json()
    assert stranger["conversation_id"] is None
    headers = {"authorization": f"Visitor {stranger['visitor_token']}"}
    assert (await client.get(f"{base}/messages", headers=headers)).json()["results"] == []
    for file_id in (owned.visitor_ids["file_id"], owned.ids["file_id"], str(uuid4())):
        answer = await client.get(f"{base}/files/{file_id}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_no_route_answers_a_stranger(
    watched: httpx2.AsyncClient, owned: Furnished, document: dict[str, Any], watch: Watch
) -> None:
    public = {"/api/v1/ping", "/api/v1/installation", "/api/v1/health", "/healthz", "/readyz"}
    open_doors = re.compile(
        r"^/api/v1/(auth/(register|login|refresh|password-reset)|widget/\{[^}]*\}/(session|look)|brand/)"
    )
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask_without_a_name(method: str, path: str, operation: dict[str, Any]) -> None:
        body = Sampler(document, owned.ids).body(operation)
        async with gate:
            answer = await watched.request(method, filled(path, owned.ids), json=body)
        assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
        assert answer.headers["content-type"] == "application/problem+json"

    await asyncio.gather(*(
        ask_without_a_name(method, path, operation) for method, path, operation in operations(document)
        if path not in public and not open_doors.match(path)
    ))


def test_every_parameter_has_a_meaning(document: dict[str, Any], owned: Furnished) -> None:
    names = {name for path in document["paths"] for name in re.findall(r"\{(\w+)", path)}
    assert names <= set(owned.ids), "give the new parameter an id in tests/api/furnishing.py"
