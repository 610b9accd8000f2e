"""Notifications on open sockets: to the one they are for, in every tab; gone once the conversation is on a screen."""

import secrets
from typing import Any
from uuid import UUID

import httpx2
import pytest

from hub.accounts.sessions import authenticate
from hub.conversations import notifications, threads
from tests.live_client import LiveClient, live
from tests.running import Person, Stack, colleague, register


class Desk:
    """An organization with a web chat, whose visitor can write, and an agent who has the conversation."""

    def __init__(self, client: httpx2.AsyncClient, owner: Person, agent: Person, channel: str, token: str) -> None:
        self.client, self.owner, self.agent, self.channel, self.token = client, owner, agent, channel, token
        self.conversation_id = ""

    async def hears(self, text: str) -> None:
        answer = await self.client.post(
            f"/api/v1/widget/{self.channel}/messages", json={"client_id": secrets.token_hex(8), "text": text},
            headers={"authorization": f"Visitor {self.token}"},
        )
        assert answer.status_code == 201, answer.text
        self.conversation_id = answer.json()["conversation_id"]

    async def mentions(self) -> None:
        """The owner names the agent in a note."""
        await self.owner.post(f"/api/v1/conversations/{self.conversation_id}/messages", {
            "client_id": secrets.token_hex(8), "text": "have a look", "note": True, "mention_ids": [self.agent.id],
        })

    async def another(self) -> str:
        """A conversation of another visitor, which nobody has."""
        session = (await self.client.post(f"/api/v1/widget/{self.channel}/session", json={"name": "Caio"})).json()
        answer = await self.client.post(
            f"/api/v1/widget/{self.channel}/messages", json={"client_id": secrets.token_hex(8), "text": "and me?"},
            headers={"authorization": f"Visitor {session['visitor_token']}"},
        )
        return str(answer.json()["conversation_id"])


@pytest.fixture
async def desk(client: httpx2.AsyncClient) -> Desk:
    owner = await register(client)
    channel = (await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Site"}))["id"]
    session = (await client.post(f"/api/v1/widget/{channel}/session", json={"name": "Bia"})).json()
    made = Desk(client, owner, await colleague(client, owner, "agent"), channel, session["visitor_token"])
    await made.hears("first")
    await made.agent.post(f"/api/v1/conversations/{made.conversation_id}/accept")
    return made


async def named(tab: LiveClient, kind: str, since: int = 0) -> dict[str, Any]:
    return await tab.until(lambda frame: frame["t"] == kind, since=since)


async def test_a_customers_word_reaches_every_tab_of_the_owner_and_nobody_else(running: Stack, desk: Desk) -> None:
    tabs = [await live(running.url, desk.agent) for _ in range(2)]
    other = await live(running.url, desk.owner)
    await desk.hears("are you there?")
    for tab in tabs:
        frame = await named(tab, "notification")
        assert (frame["notification"]["kind"], frame["notification"]["text"]) == ("message", "are you there?")
        assert (frame["notification"]["conversation_id"], frame["unread"]) == (desk.conversation_id, 1)
    await desk.agent.post("/api/v1/live/ticket")
    assert [frame for frame in other.frames if frame["t"] == "notification"] == []
    listed = await desk.agent.get("/api/v1/notifications")
    assert listed["results"][0] == frame["notification"]
    for tab in (*tabs, other):
        await tab.close()


async def test_a_conversation_on_a_screen_is_read_in_the_other_tab_too(running: Stack, desk: Desk) -> None:
    near, far = await live(running.url, desk.agent), await live(running.url, desk.agent)
    await desk.hears("hello?")
    await named(far, "notification")
    await near.send({"t": "viewing", "id": desk.conversation_id})
    assert (await named(far, "notifications"))["unread"] == 0
    assert (await desk.agent.get("/api/v1/notifications"))["unread"] == 0
    await near.close()
    await far.close()


async def test_an_assignment_is_told_to_the_new_owner_at_once(
    running: Stack, client: httpx2.AsyncClient, desk: Desk
) -> None:
    second = await colleague(client, desk.owner, "agent")
    tab = await live(running.url, second)
    await desk.owner.post(f"/api/v1/conversations/{desk.conversation_id}/assign", {"user_id": second.id})
    frame = await named(tab, "notification")
    assert (frame["notification"]["kind"], frame["notification"]["actor"]["id"]) == ("assigned", desk.owner.id)
    await tab.close()


async def test_what_comes_while_the_rest_is_read_is_counted_in_the_end(running: Stack, desk: Desk) -> None:
    tab = await live(running.url, desk.agent)
    await desk.hears("hello?")
    await named(tab, "notification")
    async with running.hub.work(await authenticate(running.hub, desk.agent.token)) as work:
        await notifications.read(work, every=True)
        await desk.mentions()
    assert (await named(tab, "notifications"))["unread"] == 1
    assert (await desk.agent.get("/api/v1/notifications"))["unread"] == 1
    await tab.close()


async def test_of_two_that_come_at_once_both_are_counted_in_the_end(running: Stack, desk: Desk) -> None:
    tab, other = await live(running.url, desk.agent), await desk.another()
    async with running.hub.work(await authenticate(running.hub, desk.owner.token)) as work:
        await threads.assign(work, UUID(other), user_id=UUID(desk.agent.id))
        await desk.mentions()
    frame = await tab.until(lambda got: got["t"] == "notification" and got["notification"]["kind"] == "assigned")
    assert frame["unread"] == 2
    await tab.close()
