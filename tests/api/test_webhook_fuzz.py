"""WhatsApp's webhooks with every part of them broken: kept and told why, the sound part of a body never lost; and with
every signature that is not right: nothing is taken."""

import base64
import copy
import hashlib
import hmac
import json
import os
import random
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.journeys.meta import message_webhook, signed
from tests.running import Person, Stack, WhatsAppLine, connect_whatsapp, register
from tests.waiting import until

pytestmark = pytest.mark.timeout(240)
PAYLOADS = sorted((Path(__file__).parents[1] / "providers" / "whatsapp" / "payloads").glob("*.json"))
CASES = int(os.environ.get("HUB_FUZZ_EXAMPLES", "150"))
SEED = int(os.environ.get("HUB_FUZZ_SEED", "1"))
OURS = ("TypeError", "KeyError", "AttributeError", "IndexError", "AssertionError", "RecursionError", "UnicodeError")
DEEP: Any = "deep"
for _ in range(200):
    DEEP = [DEEP]
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**80, 10**300, "", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "x" * 70_000,
    "\u202e", [],
    [None], [[]], {}, {"": {}}, {"a": "\x00"}, DEEP, "1970-01-01T00:00:00Z", "-99999999999999999999", "wamid.",
    "🦄" * 500,
)


class Place(NamedTuple):
    """A node of a JSON value: the container that holds it, and its key or index there."""

    holder: Any
    key: Any


def places(value: Any) -> Iterator[Place]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield Place(value, key)
        yield from places(inner)


def drop(place: Place, _: random.Random) -> None:
    del place.holder[place.key]


def double(place: Place, _: random.Random) -> None:
    if isinstance(place.holder, list):
        place.holder.append(copy.deepcopy(place.holder[place.key]))
    else:
        place.holder[f"{place.key}_"] = place.holder[place.key]


def retype(place: Place, chance: random.Random) -> None:
    place.holder[place.key] = chance.choice(ODD)


def extend(place: Place, chance: random.Random) -> None:
    if isinstance(place.holder, list):
        place.holder.insert(0, chance.choice(ODD))
    else:
        place.holder["new_in_the_next_version"] = chance.choice(ODD)


def wrap(place: Place, _: random.Random) -> None:
    place.holder[place.key] = [place.holder[place.key]]


MUTATIONS: tuple[Callable[[Place, random.Random], None], ...] = (drop, double, retype, retype, extend, wrap)


class Line:
    """An organization with a WhatsApp number, and what the database has of it."""

    def __init__(self, client: httpx2.AsyncClient, owner: Person, line: WhatsAppLine, engine: AsyncEngine) -> None:
        self.client, self.owner, self.line, self.engine = client, owner, line, engine
        self.path = f"/webhooks/whatsapp/{owner.organization_id}"

    @property
    def number(self) -> str:
        return self.line.number["phone_number_id"]

    async def deliver(self, body: bytes, headers: dict[str, str] | None = None) -> httpx2.Response:
        """As Meta would, signed unless other headers are given."""
        return await self.client.post(self.path, content=body, headers=(
            signed(body, self.line.number["app_secret"]) if headers is None else headers
        ))

    async def rows(self, statement: str) -> list[Any]:
        async with self.engine.begin() as connection:
            await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
            found = await connection.execute(text(statement), {"org": self.owner.organization_id})
            return list(found.all())

    async def settled(self) -> list[Any]:
        """The deliveries, once each has an end: (state, error)."""
        async def none_owed() -> bool:
            return not await self.rows("SELECT 1 FROM outbox WHERE organization_id = :org AND job = 'intake' "
                                       "AND state IN ('waiting', 'running') LIMIT 1")

        await until(none_owed, seconds=90)
        return await self.rows("SELECT state, error FROM intake WHERE organization_id = :org")


@pytest.fixture
async def line(running: Stack, client: httpx2.AsyncClient, running_engine: AsyncEngine) -> Line:
    owner = await register(client, "Webhooks")
    return Line(client, owner, await connect_whatsapp(running, client, owner), running_engine)


def payload(path: Path, number: str, mark: str) -> dict[str, Any]:
    """A recorded body, to this number, with ids of its own."""
    raw = path.read_text("utf-8").replace("106540352242922", number).replace("wamid.", f"wamid.{mark}")
    made: dict[str, Any] = json.loads(raw)
    return made


def sound(number: str, words: str) -> dict[str, Any]:
    """An entry that there is nothing to say against."""
    body = message_webhook(number, f"5521{secrets.randbelow(10**9):09d}", {"type": "text", "text": {"body": words}})
    entry: dict[str, Any] = json.loads(body)["entry"][0]
    return entry


async def test_a_body_with_a_broken_part_is_kept_and_its_sound_part_stored(
    line: Line, record_property: Callable[[str, object], None]
) -> None:
    chance, expected = random.Random(SEED), set()
    for case in range(CASES):
        body = payload(chance.choice(PAYLOADS), line.number, f"{SEED}.{case}.")
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            found = [place for place in places(body["entry"]) if place.holder is not body["entry"]]
            chance.choice(MUTATIONS)(chance.choice(found), chance)
        expected.add(f"sound {SEED} {case}")
        body["entry"].insert(chance.choice((0, len(body["entry"]))), sound(line.number, f"sound {SEED} {case}"))
        answer = await line.deliver(json.dumps(body).encode())
        assert answer.status_code == 200, f"case {case}: {answer.status_code} {answer.text[:200]}"
    deliveries = await line.settled()
    assert len(deliveries) == CASES
    assert {row.state for row in deliveries} <= {"processed", "failed"}
    assert [row.error for row in deliveries if row.state == "failed" and not row.error] == []
    assert [row.error for row in deliveries if any(name in (row.error or "") for name in OURS)] == []
    stored = {row.text for row in await line.rows("SELECT text FROM messages WHERE organization_id = :org")}
    assert expected - stored == set()
    record_property("broken webhooks kept", CASES)


async def test_a_body_that_is_no_webhook_is_kept_or_refused_and_never_a_failure_of_ours(line: Line) -> None:
    """What was signed is kept even if it cannot be read: a mended parser may."""
    bodies = [
        b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xff\xfe", b"\x00", b"{}", b'{"object":1,"entry":1}',
        b'{"entry":null}',
        b'{"object":"whatsapp_business_account","entry":[null,7,"x",[],{}]}', b"[" * 100_000 + b"]" * 100_000,
        b'{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":1e999}]}]}',
        b'{"object":"whatsapp_business_account","entry":[],"entry":[]}', b'{"object":"page","entry":[{"id":"1"}]}',
        b"\xef\xbb\xbf{}", b'{"a":"\\ud800"}', b" " * 1_000_000, json.dumps(ODD[:-1]).encode(),
    ]
    for body in bodies:
        answer = await line.deliver(body)
        assert answer.status_code in (200, 400, 413, 422), f"{body[:60]!r}: {answer.status_code}"
    await line.settled()
    large = await line.deliver(b'{"object":"' + b"x" * (4 * 2**20) + b'"}')
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")


async def test_no_signature_but_the_right_one_is_taken(line: Line, running: Stack, client: httpx2.AsyncClient) -> None:
    other = await register(client, "Elsewhere")
    foreign = (await connect_whatsapp(running, client, other)).number["app_secret"]
    second = (await connect_whatsapp(running, client, line.owner)).number["app_secret"]
    body = json.dumps({"object": "whatsapp_business_account", "entry": [sound(line.number, "forged")]}).encode()
    secret = line.line.number["app_secret"]
    good = signed(body, secret)["x-hub-signature-256"]
    plain = {"content-type": "application/json"}
    name = "x-hub-signature-256"
    sha1 = hmac.new(secret.encode(), body, "sha1").hexdigest()
    forged: dict[str, tuple[bytes, dict[str, str]]] = {
        "unsigned": (body, {}), "empty": (body, {name: ""}), "no value": (body, {name: "sha256="}),
        "another organization's": (body, signed(body, foreign)), "no secret": (body, signed(body, "")),
        "the id as secret": (body, signed(body, line.number)), "of another body": (body + b" ", {name: good}),
        "truncated body": (body[:-1], {name: good}), "truncated": (body, {name: good[:-2]}),
        "longer": (body, {name: good + "00"}),
        "re-serialised": (json.dumps(json.loads(body), indent=1).encode(), {name: good}),
        "keys in another order": (json.dumps(json.loads(body), sort_keys=True).encode(), {name: good}),
        "another line's end": (body + b"\n", {name: good}),
        "without its prefix": (body, {name: good.removeprefix("sha256=")}), "sha1": (body, {name: f"sha1={sha1}"}),
        "sha1 under the name of sha256": (body, {name: f"sha256={sha1}"}),
        "in the old header": (body, {"x-hub-signature": good}),
        "base64": (body, {name: "sha256=" + base64.b64encode(bytes.fromhex(good[7:])).decode()}),
        "plain hash": (body, {name: "sha256=" + hashlib.sha256(body).hexdigest()}),
        "hash of secret and body": (body, {name: "sha256=" + hashlib.sha256(secret.encode() + body).hexdigest()}),
        "two of them": (body, {name: f"sha256={'0' * 64},{good}"}), "a list": (body, {name: f"{good} {good}"}),
        "zeros": (body, {name: "sha256=" + "0" * 64}), "not hexadecimal": (body, {name: "sha256=" + "g" * 64}),
        "letters that look alike": (body, {name: "sha256=" + "а" * 32}), "none": (body, {name: "none"}),
    }
    taken = []

    async def said() -> list[str]:
        return [row.text for row in await line.rows(
            "SELECT text FROM messages WHERE organization_id = :org AND kind <> 'system'"
        )]

    for how, (content, headers) in forged.items():
        raw = {key: value.encode("utf-8") for key, value in (plain | headers).items()}
        answer = await line.client.post(line.path, content=content, headers=raw)  # type: ignore[arg-type]
        assert answer.status_code == 403 or answer.status_code == 200, f"{how}: {answer.status_code} {answer.text}"
        if answer.status_code == 200:
            taken.append(how)
    assert taken == []
    assert (await line.deliver(body, signed(body, second))).status_code == 200  # it is ours, but not for that number
    await line.settled()
    assert await said() == []
    their_path = f"/webhooks/whatsapp/{other.organization_id}"
    assert (await client.post(their_path, content=body, headers=signed(body, foreign))).status_code == 200
    assert (await line.deliver(body)).status_code == 200
    await line.settled()
    assert await said() == ["forged"]
