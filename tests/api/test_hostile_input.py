"""Bad input on every route that exists: a clear answer with a code, never a server error."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.api.furnishing import Furnished, furnish
from tests.api.sampling import Sampler
from tests.running import Stack, register

pytestmark = pytest.mark.timeout(240)

NESTED = "[" * 20_000 + "]" * 20_000
BODIES: tuple[tuple[str, bytes], ...] = (
    ("nothing", b""), ("no JSON", b"{"), ("a word", b"hello"), ("null", b"null"), ("a list", b"[]"), ("a number", b"7"),
    ("a string", b'"text"'), ("not UTF-8", b'{"text":"\xff\xfe"}'), ("deep", NESTED.encode()),
    ("lone surrogate", b'{"text":"\\ud800","name":"\\ud800"}'), ("unknown field", b'{"no_such_field":1}'),
    ("twice the key", b'{"name":1,"name":"x"}'), ("large number", b'{"seq":1e999,"limit":1' + b"0" * 400 + b"}"),
)
ALWAYS: tuple[Any, ...] = (None, "a\x00b", 2**70)
EACH = 4  # further values for each field, taken in turn so that all are tried many times over
VALUES: tuple[Any, ...] = (
    True, -1, 2**63, 1.5, "", " ", "\x00", "x" * 70_000,
    "'; DROP TABLE users; --", "../../etc/passwd", "<script>alert(1)</script>", "\u202e\u0000\ufffe", [], [None], {},
    {"a": []},
    "00000000-0000-0000-0000-000000000000", "2026-13-45T99:00:00Z", "🦄" * 300,
)
QUERIES = ("page=-1", "page=x", "page_size=100000", "cursor=%00", "cursor=x", "cursor=" + "A" * 4000, "limit=-5",
           "limit=99999999999999999999", "search=%00", "search=" + "%F0%9F%A6%84" * 200, "q=%27%22%5C%25_",
           "view=none", "ordering=password_hash", "tag_id=x", "before=-1", "after=x", "around=1e9", "page=1&page=2",
           "%00=1", "a[]=b")
OF_ANOTHER_TYPE: dict[str, tuple[Any, ...]] = {
    "boolean": (0, 1, "true"), "integer": ("1", 0.5, True), "number": ("1", True), "string": (0.5, 1_700_000_000, True),
}
# Of query parameters, by type or format.
FINE: dict[str, tuple[str, ...]] = {
    "boolean": ("true", "false"), "integer": ("1", "20"),
    "date-time": ("2026-01-31T09:00:00Z", "2026-01-31T09:00:00.25-03:00", "2026-01-31t09:00:00z"),
}
SPELLED_OTHERWISE: dict[str, tuple[str, ...]] = {
    "boolean": ("1", "0", "True", "yes", ""), "integer": ("1.0", "1e1", "+1", " 1", "0x1", "\u0661", "1\n", ""),
    "date-time": ("0.5", "1700000000", "2026-01-31", "2026-01-31T09:00:00", "2026-01-31 09:00:00Z",
                  "2026-01-31T09:00:00-0300", ""),
}
SKIP = frozenset({"/api/v1/auth/logout"})  # would end the session that asks


@pytest.fixture(scope="module")
async def own(running: Stack, client: httpx2.AsyncClient, running_engine: Any) -> Furnished:
    return await furnish(running, client, await register(client, "Hostile"), running_engine)


@pytest.fixture(scope="module")
async def inside(running: Stack) -> AsyncIterator[httpx2.AsyncClient]:
    """Thousands of requests go straight into the running application, without a line in between."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=running.app), base_url=running.url) as made:
        yield made


@pytest.fixture(scope="module")
def document(running: Stack) -> dict[str, Any]:
    return running.app.openapi_schema.to_schema()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in sorted(document["paths"].items()):
        for method, operation in item.items():
            if path not in SKIP:
                yield method.upper(), path, operation


def headers(own: Furnished, path: str) -> dict[str, str]:
    token = f"Visitor {own.visitor_token}" if "/widget/" in path else f"Bearer {own.owner.token}"
    return {"authorization": token, "content-type": "application/json"}


def filled(path: str) -> str:
    """The path with ids of things that are not there, so that nothing real is worn out."""
    return re.sub(r"\{[^}]*\}", lambda _: str(uuid4()), path)


def existing(path: str, own: Furnished) -> str:
    """The path with ids of things that are there."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda match: own.ids[match[1]], path)


def fine(answer: httpx2.Response) -> bool:
    """A clear answer: success, or a problem with a code in the caller's language; 503 only where we say so."""
    if answer.status_code < 400:
        return True
    if answer.status_code >= 500 or answer.headers.get("content-type") != "application/problem+json":
        return False
    problem = answer.json()
    return bool(re.fullmatch(r"[a-z_]+", problem["code"])) and bool(problem["detail"]) and bool(problem["request_id"])


async def test_no_body_makes_a_server_error(
    document: dict[str, Any], inside: httpx2.AsyncClient, own: Furnished
) -> None:
    for method, path, _ in operations(document):
        if method == "GET":
            continue
        for name, body in BODIES:
            answer = await inside.request(method, filled(path), content=body, headers=headers(own, path))
            assert fine(answer), f"{method} {path} with {name}: {answer.status_code} {answer.text[:300]}"


async def test_no_value_of_a_field_makes_a_server_error(
    document: dict[str, Any], inside: httpx2.AsyncClient, own: Furnished
) -> None:
    for method, path, operation in operations(document):
        sample = Sampler(document, own.ids).body(operation, everything=True)
        if not isinstance(sample, dict) or path.startswith("/api/v1/auth/"):
            continue
        target = existing(path, own)
        for index, field in enumerate(sample):
            for value in (*ALWAYS, *(VALUES[(index * EACH + turn) % len(VALUES)] for turn in range(EACH))):
                body = json.dumps({**sample, field: value}).encode()
                answer = await inside.request(method, target, content=body, headers=headers(own, path))
                if answer.status_code == 429:
                    continue
                assert fine(answer), f"{method} {path} {field}={value!r:.60}: {answer.status_code} {answer.text[:300]}"


async def test_no_query_makes_a_server_error(
    document: dict[str, Any], inside: httpx2.AsyncClient, own: Furnished
) -> None:
    for method, path, _ in operations(document):
        if method != "GET" or path in ("/metrics",):
            continue
        target = existing(path, own)
        for query in QUERIES:
            answer = await inside.request(method, f"{target}?{query}", headers=headers(own, path))
            assert fine(answer), f"{path}?{query[:60]}: {answer.status_code} {answer.text[:300]}"


async def test_a_value_of_another_type_is_refused_where_it_stands(
    document: dict[str, Any], inside: httpx2.AsyncClient, own: Furnished
) -> None:
    for method, path, operation in operations(document):
        sampler = Sampler(document, own.ids)
        for place, kind in sampler.single_values(operation):
            for value in OF_ANOTHER_TYPE[kind]:
                body = with_value(sampler.body(operation, everything=True), place, value)
                answer = await inside.request(method, existing(path, own), json=body, headers=headers(own, path))
                pointer = "/" + "/".join(place)
                assert refused_at(answer, pointer), f"{method} {path} {pointer}={value!r}: {answer.text[:300]}"


async def test_a_query_parameter_has_one_spelling(
    document: dict[str, Any], inside: httpx2.AsyncClient, own: Furnished
) -> None:
    for method, path, operation in operations(document):
        for name, kind in more_than_text(operation):
            for value in (*FINE[kind], *SPELLED_OTHERWISE[kind]):
                query = {name: value}
                answer = await inside.request(method, existing(path, own), params=query, headers=headers(own, path))
                assert refused_at(answer, f"/{name}") != (value in FINE[kind]), f"{path} {query}: {answer.text[:300]}"


def with_value(body: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The body with another value at one place, which is read before all others."""
    first, *rest = place
    return {first: None} | body | {first: with_value(body[first], tuple(rest), value) if rest else value}


def more_than_text(operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The query parameters of a type or format that has a spelling."""
    for one in operation.get("parameters", []):
        for schema in one["schema"].get("oneOf", [one["schema"]]):
            if one["in"] == "query" and (kind := str(schema.get("format", schema.get("type")))) in FINE:
                yield one["name"], kind


def refused_at(answer: httpx2.Response, pointer: str) -> bool:
    return answer.status_code == 422 and pointer in [one["pointer"] for one in answer.json().get("errors", [])]


@pytest.mark.parametrize("bad", ["x", "0", "%00", "'", "00000000-0000-0000-0000-00000000000g", "%2e%2e%2f", "🦄"])
async def test_a_malformed_id_is_not_found(
    document: dict[str, Any], client: httpx2.AsyncClient, own: Furnished, bad: str
) -> None:
    for method, path, _ in operations(document):
        if "{" in path:
            answer = await client.request(method, re.sub(r"\{[^}]*\}", bad, path), headers=headers(own, path))
            assert answer.status_code in (400, 401, 404, 405), f"{method} {path} with {bad}: {answer.status_code}"


async def test_the_detail_speaks_the_callers_language(client: httpx2.AsyncClient) -> None:
    said = set()
    for language in ("en", "pt-BR,pt;q=0.9", "es-MX"):
        answer = await client.get("/api/v1/me", headers={"accept-language": language})
        assert answer.json()["code"] == "unauthenticated"
        said.add(answer.json()["detail"])
    assert len(said) == 3


async def test_so_do_the_messages_about_fields(client: httpx2.AsyncClient, own: Furnished) -> None:
    for language, text in (("en", "is not valid"), ("pt-BR", "não é válido"), ("es", "no es válido")):
        given = {**headers(own, ""), "accept-language": language}
        for answer in (await client.put("/api/v1/me/notifications", json={"quiet": 0}, headers=given),
                       await client.get("/api/v1/conversations?until=0.5", headers=given),
                       await client.get("/api/v1/conversations?view=none", headers=given)):
            assert [one["message"] for one in answer.json()["errors"]] == [text]


async def test_a_body_past_the_limit_is_refused(client: httpx2.AsyncClient, own: Furnished) -> None:
    answer = await client.post("/api/v1/tags", content=b'{"name":"' + b"x" * 2_000_000 + b'"}',
                               headers=headers(own, "/api/v1/tags"))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
