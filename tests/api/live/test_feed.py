"""The live feed of the running hub: people, visitors and their sockets, over real HTTP and PostgreSQL."""

import asyncio
import json
import secrets
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.live_client import LiveClient, live
from tests.running import Person, Stack, colleague, register
from tests.waiting import PATIENCE, until


class Site:
    """An organization with a web chat, and a visitor who has written once."""

    def __init__(self, owner: Person, channel: dict[str, Any], token: str, conversation_id: str) -> None:
        self.owner, self.channel, self.token, self.conversation_id = owner, channel, token, conversation_id


@pytest.fixture
async def owner(running: Stack, client: httpx2.AsyncClient) -> Person:
    return await register(client)


@pytest.fixture
async def site(owner: Person, client: httpx2.AsyncClient) -> Site:
    channel = await owner.post("/api/v1/channels", {
        "kind": "webchat", "name": "Site", "settings": {"allowed_origins": ["https://shop.example"]},
    })
    session = (await client.post(f"/api/v1/widget/{channel['id']}/session", json={"name": "Bia"})).json()
    sent = await client.post(
        f"/api/v1/widget/{channel['id']}/messages", json={"client_id": secrets.token_hex(8), "text": "hello"},
        headers={"authorization": f"Visitor {session['visitor_token']}"},
    )
    assert sent.status_code == 201, sent.text
    return Site(owner, channel, session["visitor_token"], sent.json()["conversation_id"])


@pytest.fixture
async def tab(running: Stack, owner: Person) -> AsyncIterator[LiveClient]:
    made = await live(running.url, owner)
    yield made
    await made.close()


async def visiting(running: Stack, client: httpx2.AsyncClient, site: Site, origin: str) -> ClientConnection:
    """A visitor's socket after its hello."""
    answer = await client.post(f"/api/v1/widget/{site.channel['id']}/ticket",
                               headers={"authorization": f"Visitor {site.token}"})
    socket = await connect(
        running.url.replace("http", "ws", 1) + "/api/v1/live", origin=origin, compression=None,  # type: ignore[arg-type]
    )
    await socket.send(json.dumps({"t": "hello", "ticket": answer.json()["ticket"], "v": 1}))
    return socket


async def heard(socket: ClientConnection, kind: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The first frame of this kind, and everything up to it."""
    frames: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE):
        while not frames or frames[-1]["t"] != kind:
            frames.append(json.loads(await socket.recv()))
    return frames[-1], frames


async def closed_with(tab: LiveClient) -> int:
    """The code that the server closes this tab with."""
    assert tab.socket is not None
    async with asyncio.timeout(10):
        await tab.socket.wait_closed()
    assert tab.socket.close_code is not None
    return tab.socket.close_code


async def test_a_message_sent_over_the_socket_is_acknowledged_and_shown_to_both_sides(
    running: Stack, client: httpx2.AsyncClient, site: Site, tab: LiveClient
) -> None:
    visitor = await visiting(running, client, site, "https://shop.example")
    welcome, _ = await heard(visitor, "welcome")
    assert welcome["visitor"]["conversation_id"] == site.conversation_id
    await visitor.send(json.dumps({"t": "subscribe", "topic": "conversation", "id": site.conversation_id}))
    await heard(visitor, "subscribed")
    await tab.follow(site.conversation_id)
    frame = {"t": "send", "client_id": secrets.token_hex(8), "conversation_id": site.conversation_id, "text": "answer"}
    await tab.send(frame)
    ack = await tab.until(lambda got: got["t"] == "ack")
    event = await tab.event("message.sent")
    assert (event["s"], event["d"]["message"]["id"]) == (ack["seq"], ack["id"])
    await tab.send(frame)
    again = await tab.until(lambda got: got["t"] == "ack", since=tab.frames.index(ack) + 1)
    assert again["id"] == ack["id"]
    for _ in range(10):
        shown, _ = await heard(visitor, "event")
        if shown["e"] == "message.sent":
            break
    assert shown["d"]["message"]["text"] == "answer"
    assert shown["d"]["message"]["author_id"] is None
    await visitor.close()


async def test_a_visitor_gets_every_number_and_no_word_of_a_note(
    running: Stack, client: httpx2.AsyncClient, site: Site
) -> None:
    visitor = await visiting(running, client, site, "https://shop.example")
    await heard(visitor, "welcome")
    head = (await site.owner.get(f"/api/v1/conversations/{site.conversation_id}"))["head_seq"]
    await visitor.send(json.dumps({"t": "subscribe", "topic": "conversation", "id": site.conversation_id}))
    await heard(visitor, "subscribed")
    for text, note in (("between us", True), ("for you", False)):
        await site.owner.post(f"/api/v1/conversations/{site.conversation_id}/messages",
                              {"client_id": secrets.token_hex(8), "text": text, "note": note})
    frames = []
    while not frames or "for you" not in json.dumps(frames):
        frames.append((await heard(visitor, "event"))[0])
    assert [frame["s"] for frame in frames] == list(range(head + 1, head + 1 + len(frames)))
    assert "between us" not in json.dumps(frames)
    assert site.owner.id not in json.dumps(frames)
    await visitor.close()


async def test_a_first_word_over_the_socket_makes_the_conversation(
    running: Stack, client: httpx2.AsyncClient, site: Site, tab: LiveClient
) -> None:
    session = (await client.post(f"/api/v1/widget/{site.channel['id']}/session", json={"name": "Caio"})).json()
    fresh = Site(site.owner, site.channel, session["visitor_token"], "")
    visitor = await visiting(running, client, fresh, running.url)
    assert (await heard(visitor, "welcome"))[0]["visitor"]["conversation_id"] is None
    await tab.send({"t": "subscribe", "topic": "inbox"})
    await visitor.send(json.dumps({"t": "send", "client_id": secrets.token_hex(8), "text": "anybody there?"}))
    ack, _ = await heard(visitor, "ack")
    row = await tab.until(lambda got: got["t"] == "row" and got["row"]["id"] == ack["conversation_id"])
    assert row["row"].get("marker") is None
    await visitor.send(json.dumps({"t": "subscribe", "topic": "conversation", "id": ack["conversation_id"], "from": 0,
                                   "epoch": tab.epoch}))
    assert (await heard(visitor, "subscribed"))[0]["mode"] == "resumed"
    await visitor.close()


@pytest.mark.parametrize("origin", ["https://shop.example.evil", "https://SHOP.example", "null"])
async def test_a_page_that_is_not_on_the_list_opens_no_visitors_socket(
    running: Stack, client: httpx2.AsyncClient, site: Site, origin: str
) -> None:
    with pytest.raises(Exception, match="403"):
        await visiting(running, client, site, origin)


async def test_a_paused_channel_closes_its_visitors_and_a_beat_delivers(
    running: Stack, client: httpx2.AsyncClient, site: Site, tab: LiveClient
) -> None:
    visitor = await visiting(running, client, site, "https://shop.example")
    await heard(visitor, "welcome")
    await visitor.send(json.dumps({"t": "subscribe", "topic": "conversation", "id": site.conversation_id}))
    await heard(visitor, "subscribed")
    await tab.follow(site.conversation_id)
    await tab.send({"t": "send", "client_id": secrets.token_hex(8), "conversation_id": site.conversation_id,
                    "text": "are you there?"})
    await tab.event("message.sent")
    fanout = running.app.state.fanout
    await fanout.upkeep.beat()
    await heard(visitor, "beat")
    await visitor.send(json.dumps({"t": "pong"}))
    await tab.event("message.delivery", state="delivered")
    await site.owner.patch(f"/api/v1/channels/{site.channel['id']}", {"state": "paused"})
    await fanout.upkeep.check_visitors()
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await visitor.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4003


async def test_an_origin_of_another_channel_does_not_do(
    running: Stack, client: httpx2.AsyncClient, site: Site
) -> None:
    other = await register(client)
    await other.post("/api/v1/channels", {
        "kind": "webchat", "name": "Other", "settings": {"allowed_origins": ["https://other.example"]},
    })
    socket = await visiting(running, client, site, "https://other.example")
    with pytest.raises(ConnectionClosed) as closed:
        await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4001


async def test_another_organizations_conversation_is_as_little_there_as_none(
    running: Stack, client: httpx2.AsyncClient, site: Site
) -> None:
    stranger = await live(running.url, await register(client))
    answers = []
    for conversation_id in (site.conversation_id, "019f0000-0000-7000-8000-000000000000"):
        for frame in (
            {"t": "subscribe", "topic": "conversation"}, {"t": "typing", "on": True}, {"t": "viewing"},
            {"t": "read", "seq": 1},
        ):
            mark = len(stranger.frames)
            await stranger.send({**frame, "id": conversation_id, "ref": "r"})
            answers.append(await stranger.until(lambda got: got.get("ref") == "r", since=mark))
    assert answers[:4] == answers[4:]
    assert {answer["code"] for answer in answers} == {"not_found"}
    await stranger.close()


async def test_signing_out_closes_the_socket_at_once(running: Stack, client: httpx2.AsyncClient) -> None:
    tab = await live(running.url, await register(client))
    assert (await tab.person.ask("POST", "/api/v1/auth/logout")).status_code == 204
    assert await closed_with(tab) == 4003


async def test_a_deactivated_user_is_closed_and_gets_no_ticket(
    running: Stack, client: httpx2.AsyncClient, owner: Person
) -> None:
    agent = await colleague(client, owner, "agent")
    tab = await live(running.url, agent)
    await owner.patch(f"/api/v1/users/{agent.id}", {"is_active": False})
    assert await closed_with(tab) == 4003
    assert (await agent.ask("POST", "/api/v1/live/ticket")).status_code == 401


async def test_an_agent_who_leaves_the_department_loses_its_conversations(
    running: Stack, client: httpx2.AsyncClient, site: Site
) -> None:
    agent = await colleague(client, site.owner, "agent")
    department = await site.owner.post("/api/v1/departments", {"name": "Sales", "member_ids": [agent.id]})
    await site.owner.post(f"/api/v1/conversations/{site.conversation_id}/assign",
                          {"user_id": None, "department_id": department["id"]})
    tab = await live(running.url, agent)
    await tab.send({"t": "subscribe", "topic": "inbox"})
    await tab.follow(site.conversation_id)
    await site.owner.patch(f"/api/v1/departments/{department['id']}", {"member_ids": []})
    gone = await tab.until(lambda got: got["t"] == "gone", seconds=10)
    assert gone["id"] == site.conversation_id
    mark = len(tab.frames)
    await site.owner.post(f"/api/v1/conversations/{site.conversation_id}/messages",
                          {"client_id": secrets.token_hex(8), "text": "secret", "note": True})
    await tab.send({"t": "subscribe", "topic": "conversation", "id": site.conversation_id, "ref": "r"})
    assert (await tab.until(lambda got: got.get("ref") == "r", since=mark))["code"] == "not_found"
    assert "secret" not in json.dumps(tab.frames[mark:])
    await tab.close()


async def test_a_transfer_to_another_department_is_gone_for_the_first(
    running: Stack, client: httpx2.AsyncClient, site: Site
) -> None:
    agent = await colleague(client, site.owner, "agent")
    tab = await live(running.url, agent)
    await tab.send({"t": "subscribe", "topic": "inbox"})
    await tab.follow(site.conversation_id)
    elsewhere = await site.owner.post("/api/v1/departments", {"name": "Elsewhere", "member_ids": [site.owner.id]})
    await site.owner.post(f"/api/v1/conversations/{site.conversation_id}/assign",
                          {"user_id": None, "department_id": elsewhere["id"]})
    await tab.until(lambda got: got["t"] == "gone", seconds=10)
    assert "event" not in [frame["t"] for frame in tab.frames]
    assert "row" not in [frame["t"] for frame in tab.frames]
    await tab.close()


async def test_presence_is_online_with_the_first_tab_and_offline_soon_after_the_last(
    running: Stack, client: httpx2.AsyncClient, owner: Person, tab: LiveClient
) -> None:
    agent = await colleague(client, owner, "agent")
    first, second = [await live(running.url, agent) for _ in range(2)]

    def told(state: str) -> Any:
        return lambda got: got["t"] == "presence" and got["users"] == [{"id": agent.id, "state": state}]

    await tab.until(told("online"))
    await first.send({"t": "presence", "state": "busy"})
    await tab.until(told("busy"))
    await first.close()
    states = (await owner.get("/api/v1/presence"))["results"]
    assert {"user_id": agent.id, "state": "busy"} in states
    assert (await agent.put("/api/v1/presence", {"state": "away"})) == {"user_id": agent.id, "state": "away"}
    await tab.until(told("away"))
    mark = len(tab.frames)
    await second.close()
    await tab.until(told("offline"), since=mark, seconds=10)
    assert agent.id not in json.dumps(await owner.get("/api/v1/presence"))
    assert (await agent.ask("PUT", "/api/v1/presence", json={"state": "away"})).json()["code"] == "not_connected"


async def test_a_chosen_presence_survives_a_renewal_of_all_leases(
    running: Stack, owner: Person, tab: LiveClient
) -> None:
    other = await live(running.url, owner)
    await other.send({"t": "presence", "state": "away"})
    await tab.until(lambda got: got["t"] == "presence" and got["users"][0]["state"] == "away")
    await running.app.state.fanout.upkeep.renew()
    assert (await owner.get("/api/v1/presence"))["results"] == [{"user_id": owner.id, "state": "away"}]
    await other.close()


async def test_a_viewer_may_watch_and_choose_nothing(
    running: Stack, client: httpx2.AsyncClient, site: Site
) -> None:
    tab = await live(running.url, await colleague(client, site.owner, "viewer"))
    await tab.follow(site.conversation_id)
    for frame in (
        {"t": "presence", "state": "away"}, {"t": "typing", "id": site.conversation_id, "on": True},
        {"t": "send", "client_id": secrets.token_hex(8), "conversation_id": site.conversation_id, "text": "hi"},
    ):
        mark = len(tab.frames)
        await tab.send({**frame, "ref": "r"})
        assert (await tab.until(lambda got: got.get("ref") == "r", since=mark))["code"] == "forbidden"
    assert (await tab.person.ask("PUT", "/api/v1/presence", json={"state": "away"})).status_code == 403
    await tab.close()


async def test_a_marker_moves_in_all_tabs_of_its_owner(running: Stack, site: Site, tab: LiveClient) -> None:
    other = await live(running.url, site.owner)
    await other.send({"t": "read", "id": site.conversation_id, "seq": 2})
    marker = await tab.until(lambda got: got["t"] == "marker")
    assert (marker["id"], marker["seq"]) == (site.conversation_id, 2)
    await other.close()


async def test_a_ticket_is_for_the_signed_in(client: httpx2.AsyncClient, running: Stack) -> None:
    assert (await client.post("/api/v1/live/ticket")).status_code == 401


async def test_the_heads_of_topics_of_several_organizations_are_read_together(
    running: Stack, client: httpx2.AsyncClient, site: Site, tab: LiveClient
) -> None:
    await tab.follow(site.conversation_id)
    fanout = running.app.state.fanout
    heads = await fanout.source.heads(fanout.following.topics.keys())
    assert heads.keys() == fanout.following.topics.keys()
    lately = fanout.source.now() - timedelta(minutes=1)
    recent = await fanout.source.recent_heads([uuid.UUID(site.owner.organization_id)], lately)
    assert recent == {key: head for key, head in heads.items() if str(key[1]) == site.conversation_id}
    assert await fanout.following.verify() is False


async def test_a_lost_signal_is_repaired_from_the_log(
    running: Stack, client: httpx2.AsyncClient, site: Site, tab: LiveClient
) -> None:
    await tab.follow(site.conversation_id)
    head = tab.applied[site.conversation_id][-1]
    fanout = running.app.state.fanout
    fanout._unlisten()  # the bus of this process is cut
    await site.owner.post(f"/api/v1/conversations/{site.conversation_id}/messages",
                          {"client_id": secrets.token_hex(8), "text": "unheard", "note": True})
    fanout._unlisten = fanout.source.signals.listen(fanout.hear, fanout.upkeep.gap)
    fanout.upkeep.gap()
    await tab.event("message.sent")
    assert tab.applied[site.conversation_id][-1] > head


async def test_the_socket_is_described_with_its_frames_and_close_codes(
    client: httpx2.AsyncClient, running: Stack
) -> None:
    document = (await client.get("/docs/asyncapi.json")).json()
    channel = document["channels"]["live"]
    assert document["asyncapi"] == "3.0.0"
    assert {code["code"] for code in channel["x-close-codes"]} == {4000, 4001, 4003, 4008, 4009, 4010, 4029}
    names = {message["name"] for message in document["components"]["messages"].values()}
    assert {"hello", "subscribe", "welcome", "event", "row", "beat", "reset"} <= names
    for operation in document["operations"].values():
        for message in operation["messages"]:
            assert message["$ref"].removeprefix("#/channels/live/messages/") in channel["messages"]


async def test_every_loop_of_the_feed_is_supervised(running: Stack) -> None:
    async def names() -> bool:
        return {"live-beats", "live-heads", "live-sessions", "live-leases", "live-sweep", "live-expiry", "live-filler",
                "live-actors", "live-notices"} <= set(running.app.state.supervisor.names)

    assert await until(names)
    assert not [name for name in running.app.state.supervisor.down if name.startswith("live-")]
