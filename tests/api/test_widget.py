"""The widget's API over HTTP: who may call it, what it tells, and what a page can read of a refusal."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import jwt
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.live_client import LiveClient, live
from tests.running import Person, Stack, register
from tests.waiting import until

SHOP = "https://shop.example"
SECRET = "the secret that website and hub share"
ALWAYS = {"days": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}


@pytest.fixture
async def owner(running: Stack, client: httpx2.AsyncClient) -> Person:
    return await register(client)


async def widget(owner: Person, **settings: Any) -> str:
    """A channel that the shop's pages may use; its base path."""
    channel = await owner.post("/api/v1/channels", {
        "kind": "webchat", "name": "Shop", "settings": {"allowed_origins": [SHOP], **settings},
        "credentials": {"identity_secret": SECRET},
    })
    return f"/api/v1/widget/{channel['id']}"


@pytest.fixture
async def base(owner: Person) -> str:
    return await widget(owner)


class Browser:
    """A visitor's browser on a page of the shop."""

    def __init__(self, client: httpx2.AsyncClient, base: str, origin: str = SHOP) -> None:
        self.client, self.base, self.origin, self.token = client, base, origin, ""

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        more = {"json": body} if body is not None else {}
        given = {"origin": self.origin, **({"authorization": f"Visitor {self.token}"} if self.token else {})}
        return await self.client.request(method, f"{self.base}/{path}", headers={**given, **headers}, **more)

    async def session(self, **said: Any) -> Any:
        answer = await self.ask("POST", "session", {**({"visitor_token": self.token} if self.token else {}), **said})
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["visitor_token"]
        return answer.json()

    async def say(self, text: str) -> str:
        answer = await self.ask("POST", "messages", {"client_id": secrets.token_hex(8), "text": text})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["conversation_id"])


@pytest.fixture
def visitor(client: httpx2.AsyncClient, base: str) -> Browser:
    return Browser(client, base)


def signed(**claims: Any) -> str:
    return jwt.encode({"sub": "4711", "exp": time.time() + 60, **claims}, SECRET, "HS256")


# What it tells.


async def test_the_session_tells_the_widget_what_it_needs_of_the_settings(
    client: httpx2.AsyncClient, owner: Person
) -> None:
    pre_chat = {"ask_name": True, "ask_email": False, "required": True}
    base = await widget(owner, hours=ALWAYS, pre_chat=pre_chat, reply_time="hours", share_page="ask",
                        languages=["es"], launcher={"position": "left", "label": "Ask us"})
    told = await Browser(client, base).session(name="Vera Demo")
    channel = told["channel"]
    assert (channel["pre_chat"], channel["reply_time"], channel["share_page"]) == (pre_chat, "hours", "ask")
    assert (channel["languages"], channel["launcher"]) == (["es"], {"position": "left", "label": "Ask us"})
    assert told["opening"] == {"open": True, "opens_at": None, "closes_at": None}
    assert told["visitor"] == {"name": "Vera Demo", "email": "", "verified": False}
    assert told["transcripts"] is True


async def test_credentials_and_origins_are_not_told(visitor: Browser) -> None:
    told = (await visitor.ask("POST", "session", {})).text
    assert SECRET not in told
    assert "allowed_origins" not in told


async def test_the_buttons_look_is_had_without_becoming_a_visitor(visitor: Browser) -> None:
    answer = await visitor.ask("GET", "look")
    assert answer.json() == {"color": "#2563eb", "launcher": {"position": "right", "label": ""}, "languages": []}
    assert answer.headers["cache-control"] == "private, max-age=300"


async def test_settings_of_an_older_version_are_told_whole(
    client: httpx2.AsyncClient, owner: Person, running_engine: AsyncEngine
) -> None:
    base = await widget(owner)
    channel_id = base.rsplit("/", 1)[-1]
    kept = {"color": "#117733", "greeting": "Hello", "allowed_origins": [SHOP]}
    async with running_engine.begin() as connection:
        await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
        await connection.execute(
            text("UPDATE channels SET settings = CAST(:kept AS jsonb) WHERE id = CAST(:id AS uuid)"),
            {"kept": json.dumps(kept), "id": channel_id},
        )
    shown = (await owner.get(f"/api/v1/channels/{channel_id}"))["settings"]
    told = (await Browser(client, base).session())["channel"]
    for name in ("pre_chat", "launcher", "reply_time", "share_page", "languages", "greeting", "color"):
        assert shown[name] == told[name]
    changed = await owner.patch(f"/api/v1/channels/{channel_id}", {"settings": {"pre_chat": {"ask_name": True}}})
    assert changed["settings"]["pre_chat"] == {"ask_name": True, "ask_email": False, "required": False}


# What is asked before.

ASKS = {"ask_name": True, "ask_email": True, "required": True}


async def test_whoever_owes_an_answer_cannot_write_and_nothing_is_kept(
    client: httpx2.AsyncClient, owner: Person
) -> None:
    visitor = Browser(client, await widget(owner, pre_chat=ASKS))
    await visitor.session(name="Vera Demo")
    body = {"client_id": "message-1", "text": "Hello"}
    refused = await visitor.ask("POST", "messages", body, **{"accept-language": "pt-BR"})
    assert (refused.status_code, refused.json()["code"]) == (422, "pre_chat_required")
    assert refused.json()["errors"] == [
        {"pointer": "/email", "code": "required", "message": "é obrigatório"}
    ]
    assert (await owner.get("/api/v1/conversations?view=all"))["results"] == []
    assert (await owner.get("/api/v1/contacts"))["results"] == []
    await visitor.session(email="vera@example.com")
    assert (await visitor.ask("POST", "messages", body)).status_code == 201


async def test_who_has_written_before_or_is_vouched_for_owes_nothing(
    client: httpx2.AsyncClient, owner: Person
) -> None:
    base = await widget(owner)
    before, vouched = Browser(client, base), Browser(client, base)
    await before.session()
    await before.say("Hello")
    await owner.patch(f"/api/v1/channels/{base.rsplit('/', 1)[-1]}", {"settings": {"pre_chat": ASKS}})
    await before.say("Still here")
    await vouched.session(identity_token=signed())
    await vouched.say("Hello")


# Who may call it.


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_an_unknown_origin_learns_nothing(visitor: Browser, method: str) -> None:
    visitor.origin = "https://shop.example.evil.example"
    answer = await visitor.ask(method, "look")
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("method", "path", "body", "status"), [
    ("GET", "messages", None, 401), ("POST", "session", {"email": "no address"}, 422),
    ("POST", "session", {"surprise": 1}, 422), ("POST", "session", {"identity_token": "x.y.z"}, 401),
    ("POST", "rating", {"score": 9}, 401),
])
async def test_an_admitted_page_can_read_every_refusal(
    visitor: Browser, method: str, path: str, body: Any, status: int
) -> None:
    answer = await visitor.ask(method, path, body)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, SHOP)
    assert answer.headers["access-control-expose-headers"] == "Retry-After"


async def test_a_paused_channel_says_so_to_its_own_pages_only(
    visitor: Browser, owner: Person, base: str
) -> None:
    await owner.patch(f"/api/v1/channels/{base.rsplit('/', 1)[-1]}", {"state": "paused"})
    answer = await visitor.ask("POST", "session", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "channel_paused")
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert (await visitor.ask("OPTIONS", "session")).status_code == 204
    visitor.origin = "https://elsewhere.example"
    assert (await visitor.ask("POST", "session", {})).status_code == 403


# Identity.


async def test_a_signed_token_says_who_the_visitor_is(visitor: Browser) -> None:
    told = await visitor.session(identity_token=signed(name="Vera Demo", email="vera@example.com"))
    assert told["visitor"] == {"name": "Vera Demo", "email": "vera@example.com", "verified": True}


async def test_a_bad_token_makes_no_visitor(visitor: Browser) -> None:
    answer = await visitor.ask("POST", "session", {"identity_token": signed(exp=time.time() - 120)})
    assert (answer.status_code, answer.json()["code"]) == (401, "identity_invalid")
    assert "visitor_token" not in answer.text


# Rating and transcript.


async def test_a_closed_conversation_is_rated_once(visitor: Browser, owner: Person) -> None:
    await visitor.session()
    conversation_id = await visitor.say("Hello")
    await owner.post(f"/api/v1/conversations/{conversation_id}/close")
    first = await visitor.ask("POST", "rating", {"score": 5, "comment": "Thanks"})
    assert (first.status_code, first.json()["message"]["content"]) == (201, {"event": "rated", "score": 5})
    again = await visitor.ask("POST", "rating", {"score": 1})
    assert (again.status_code, again.json()["code"]) == (409, "already_rated")


async def test_a_transcript_arrives_and_the_next_one_has_to_wait(
    visitor: Browser, running: Stack, client: httpx2.AsyncClient
) -> None:
    await visitor.session()
    await visitor.say("Remember this")
    address = f"{secrets.token_hex(6)}@example.com"
    assert (await visitor.ask("POST", "transcript", {"email": address})).status_code == 202
    again = await visitor.ask("POST", "transcript", {"email": address})
    assert (again.status_code, again.json()["code"]) == (429, "transcript_too_soon")
    assert 500 < int(again.headers["retry-after"]) <= 600

    async def arrived() -> bool:
        found = await client.get(f"{running.simulator_url}/mail.json", params={"to": address})
        return "Remember this" in found.text

    await until(arrived)


async def test_strangers_cannot_have_mails_sent_to_one_address_without_end(
    client: httpx2.AsyncClient, base: str
) -> None:
    address, statuses = f"{secrets.token_hex(6)}@example.com", []
    for _ in range(6):
        one = Browser(client, base)
        await one.session()
        await one.say("Buy now")
        statuses.append((await one.ask("POST", "transcript", {"email": address})).status_code)
    assert statuses == [202] * 5 + [429]


# Live.


@pytest.fixture
async def desk(running: Stack, owner: Person) -> AsyncIterator[LiveClient]:
    made = await live(running.url, owner)
    yield made
    await made.close()


class VisitorTicket:
    """Gets tickets for the socket as the widget does; stands in for a `Person`."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    async def post(self, _path: str) -> Any:
        return (await self.browser.ask("POST", "ticket")).json()


async def test_who_has_the_conversation_open_sees_the_visitor_come_look_around_and_go(
    running: Stack, client: httpx2.AsyncClient, owner: Person, desk: LiveClient
) -> None:
    visitor = Browser(client, await widget(owner, share_page="always"))
    await visitor.session()
    conversation_id = await visitor.say("Hello")
    await desk.follow(conversation_id)
    tab = LiveClient(running.url, VisitorTicket(visitor))  # type: ignore[arg-type]
    await tab.connect()
    await desk.until(lambda frame: frame["t"] == "visitor" and frame["online"] and frame["page"] is None)
    await tab.send({"t": "page", "url": f"{SHOP}/lamps?secret=1", "title": "Lamps"})
    seen = await desk.until(lambda frame: frame["t"] == "visitor" and frame["page"] is not None)
    assert (seen["id"], seen["page"]) == (conversation_id, {"url": f"{SHOP}/lamps", "title": "Lamps"})
    detail = await owner.get(f"/api/v1/conversations/{conversation_id}")
    assert (detail["visitor"]["online"], detail["visitor"]["page"]) == (True, seen["page"])
    await tab.close()
    await desk.until(lambda frame: frame["t"] == "visitor" and not frame["online"])


async def test_what_is_asked_before_is_asked_on_the_socket_too(
    running: Stack, client: httpx2.AsyncClient, owner: Person
) -> None:
    visitor = Browser(client, await widget(owner, pre_chat=ASKS))
    await visitor.session()
    tab = LiveClient(running.url, VisitorTicket(visitor))  # type: ignore[arg-type]
    await tab.connect()
    await tab.send({"t": "send", "client_id": "message-1", "text": "Hello"})
    refused = await tab.until(lambda frame: frame["t"] == "refused")
    assert (refused["client_id"], refused["code"]) == ("message-1", "pre_chat_required")
    assert (await owner.get("/api/v1/contacts"))["results"] == []
    await tab.close()


async def test_where_pages_are_not_shared_the_frame_is_refused(
    running: Stack, visitor: Browser
) -> None:
    await visitor.session()
    tab = LiveClient(running.url, VisitorTicket(visitor))  # type: ignore[arg-type]
    await tab.connect()
    await tab.send({"t": "page", "url": f"{SHOP}/lamps", "title": "Lamps", "ref": "1"})
    refused = await tab.until(lambda frame: frame["t"] == "error")
    assert (refused["code"], refused["ref"]) == ("page_not_shared", "1")
    await tab.close()


async def test_the_page_frame_is_for_visitors(desk: LiveClient) -> None:
    await desk.send({"t": "page", "url": f"{SHOP}/lamps"})
    assert (await desk.until(lambda frame: frame["t"] == "error"))["code"] == "forbidden"
