"""Two processes over one database and one Redis: what happens at one is seen at the other, with Redis or without."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from hub.accounts.sessions import authenticate
from hub.conversations import notifications
from tests.live_client import LiveClient, live
from tests.running import Person, Stack, colleague, register, stack
from tests.workers.servers import Valkey, until


class Pair:
    """A person with a web chat's conversation, signed in at one hub, and a tab at each."""

    def __init__(self, here: Stack, there: Stack, person: Person, conversation_id: str) -> None:
        self.here, self.there, self.person, self.conversation_id = here, there, person, conversation_id

    async def write(self, text: str) -> None:
        """A note, written at this hub."""
        await self.person.post(f"/api/v1/conversations/{self.conversation_id}/messages",
                               {"client_id": secrets.token_hex(8), "text": text, "note": True})


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    made = Valkey()
    made.start()
    yield made
    made.stop()


@pytest.fixture
async def pair(database_url: str, tmp_path: Path, valkey: Valkey) -> AsyncIterator[Pair]:
    shared = {"redis_url": valkey.url, "secret_key": secrets.token_urlsafe(48)}
    async with stack(database_url, tmp_path / "1", **shared) as here, stack(database_url, tmp_path / "2", **shared) as (
        there
    ), httpx2.AsyncClient(base_url=here.url, timeout=30) as client:
        for one in (here, there):
            await until(lambda one=one: one.hub.signals.connected.is_set())  # type: ignore[misc, attr-defined]
        person = await register(client)
        channel = await person.post("/api/v1/channels", {"kind": "webchat", "name": "Site"})
        visitor = (await client.post(f"/api/v1/widget/{channel['id']}/session", json={"name": "Bia"})).json()
        sent = await client.post(
            f"/api/v1/widget/{channel['id']}/messages", json={"client_id": secrets.token_hex(8), "text": "hello"},
            headers={"authorization": f"Visitor {visitor['visitor_token']}"},
        )
        yield Pair(here, there, person, sent.json()["conversation_id"])


@pytest.fixture
async def far(pair: Pair) -> AsyncIterator[LiveClient]:
    """A tab at the other hub."""
    made = await live(pair.there.url, pair.person)
    await made.send({"t": "subscribe", "topic": "inbox"})
    await made.follow(pair.conversation_id)
    yield made
    await made.close()


async def test_what_is_written_at_one_is_shown_at_the_other(pair: Pair, far: LiveClient) -> None:
    await pair.write("over there")
    event = await far.event("message.sent")
    assert event["d"]["message"]["text"] == "over there"
    assert (await far.until(lambda got: got["t"] == "row"))["row"]["head_seq"] == event["s"]


async def test_what_comes_at_one_while_the_rest_is_read_at_the_other_is_counted_by_both(pair: Pair) -> None:
    async with httpx2.AsyncClient(base_url=pair.there.url, timeout=30) as client:
        agent = await colleague(client, pair.person, "agent")
        tabs = [await live(one.url, agent) for one in (pair.here, pair.there)]
        note = {"text": "look", "note": True, "mention_ids": [agent.id]}
        path = f"/api/v1/conversations/{pair.conversation_id}/messages"
        await pair.person.post(path, {"client_id": secrets.token_hex(8), **note})
        other = Person(client, pair.person.session)
        async with pair.here.hub.work(await authenticate(pair.here.hub, agent.token)) as work:
            await notifications.read(work, every=True)
            await other.post(path, {"client_id": secrets.token_hex(8), **note})
        for tab in tabs:
            assert (await tab.until(lambda got: got["t"] == "notifications"))["unread"] == 1
            await tab.close()


async def test_viewers_of_both_are_seen_together(pair: Pair, far: LiveClient) -> None:
    near = await live(pair.here.url, pair.person)
    await near.send({"t": "viewing", "id": pair.conversation_id})
    shown = await far.until(lambda got: got["t"] == "viewers")
    assert [user["id"] for user in shown["users"]] == [pair.person.id]
    mark = len(far.frames)
    await near.close()
    assert (await far.until(lambda got: got["t"] == "viewers", since=mark))["users"] == []


async def test_signing_out_at_one_closes_the_socket_at_the_other(pair: Pair, far: LiveClient) -> None:
    assert (await pair.person.ask("POST", "/api/v1/auth/logout")).status_code == 204
    assert far.socket is not None
    await until(lambda: far.socket is not None and far.socket.close_code == 4003, seconds=10)


async def test_without_redis_the_other_still_learns_all_of_it(pair: Pair, far: LiveClient, valkey: Valkey) -> None:
    valkey.stop()
    await until(lambda: not pair.there.hub.signals.connected.is_set())  # type: ignore[attr-defined]
    mark = len(far.frames)
    await pair.write("in the dark")
    event = await far.until(lambda got: got["t"] == "event" and got["e"] == "message.sent", seconds=10)
    assert event["d"]["message"]["text"] == "in the dark"
    await far.until(lambda got: got == {"t": "reset", "topic": "inbox"}, since=mark, seconds=10)
    assert (await pair.person.ask("POST", "/api/v1/auth/logout")).status_code == 204
    await until(lambda: far.socket is not None and far.socket.close_code == 4003, seconds=10)
