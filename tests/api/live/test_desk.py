"""Drafts and answers for later on open sockets: one's own words to one's own other tabs, schedules to who may see."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.live.test_notifications import Desk, desk, named
from tests.live_client import LiveClient, live
from tests.running import Stack, colleague

__all__ = ["desk"]


async def connection_of(tab: LiveClient) -> str:
    return str((await named(tab, "welcome"))["connection"])


async def put(desk: Desk, mode: str, text: str, **more: Any) -> None:
    await desk.agent.put(f"/api/v1/conversations/{desk.conversation_id}/draft", {"mode": mode, "text": text, **more})


async def test_a_draft_reaches_the_other_tabs_and_goes_with_the_message(running: Stack, desk: Desk) -> None:
    here, there, other = [await live(running.url, one) for one in (desk.agent, desk.agent, desk.owner)]
    mine = await connection_of(here)
    await put(desk, "reply", "Hel", **{"from": mine})
    frame = await named(there, "draft")
    assert (frame["id"], frame["mode"], frame["text"], frame["from"]) == (desk.conversation_id, "reply", "Hel", mine)
    detail = await desk.agent.get(f"/api/v1/conversations/{desk.conversation_id}")
    assert detail["drafts"] == {
        "reply": {"text": "Hel", "reply_to_id": None, "updated_at": frame["updated_at"]}, "note": None,
    }
    assert [one["text"] for one in (await desk.agent.get("/api/v1/drafts"))["results"]] == ["Hel"]
    await desk.agent.post(f"/api/v1/conversations/{desk.conversation_id}/messages",
                          {"client_id": secrets.token_hex(8), "text": "Hello"})
    gone = await there.until(lambda frame: frame["t"] == "draft" and frame["text"] == "")
    assert (gone["mode"], gone["from"]) == ("reply", None)
    assert [frame["text"] for frame in here.frames if frame["t"] == "draft"] == [""]
    assert [frame for frame in other.frames if frame["t"] == "draft"] == []
    for tab in (here, there, other):
        await tab.close()


async def test_an_answer_for_later_shows_itself_and_what_becomes_of_it_to_who_may_see(
    running: Stack, desk: Desk
) -> None:
    sales = await desk.owner.post("/api/v1/departments", {"name": secrets.token_hex(6), "member_ids": []})
    await desk.owner.post(f"/api/v1/conversations/{desk.conversation_id}/assign",
                          {"user_id": desk.agent.id, "department_id": sales["id"]})
    outsider = await colleague(desk.client, desk.owner, "agent")
    tab, strange = await live(running.url, desk.owner), await live(running.url, outsider)
    path = f"/api/v1/conversations/{desk.conversation_id}/scheduled"
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    made = await desk.agent.post(path, {"client_id": "client-0001", "text": "Later", "send_at": soon.isoformat()})
    frame = await named(tab, "scheduled")
    assert (frame["id"], frame["scheduled"]) == (desk.conversation_id, made)
    sent = await tab.until(lambda frame: frame["t"] == "scheduled" and frame["scheduled"]["state"] == "sent")
    messages = await desk.agent.get(f"/api/v1/conversations/{desk.conversation_id}/messages?limit=1")
    assert [(one["id"], one["text"], one["author_id"]) for one in messages["results"]] == [
        (sent["scheduled"]["message_id"], "Later", desk.agent.id)]
    assert [frame for frame in strange.frames if frame["t"] == "scheduled"] == []
    again = await desk.agent.ask("POST", path, json={
        "client_id": "client-0001", "text": "Later", "send_at": soon.isoformat()})
    assert (again.status_code, again.json()["state"]) == (200, "sent")
    assert [one["state"] for one in (await desk.owner.get(path))["results"]] == ["sent"]
    for one in (tab, strange):
        await one.close()
