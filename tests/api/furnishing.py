"""An organization with one of everything, and the ids of it by the names that routes and bodies give them."""

import io
import secrets
from typing import Any
from uuid import UUID, uuid4

import httpx2
from PIL import Image
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.sampling import TOMORROW
from tests.journeys.meta import message_webhook, signed, wamid
from tests.running import Person, Stack, WhatsAppLine, colleague, connect_whatsapp
from tests.waiting import until


class Furnished:
    """`ids`: parameter name → id. `canary` stands in every text that belongs to the organization. `client_id` is that
    of a message of its; `visitor_ids` are a web chat visitor's own conversation and file."""

    def __init__(
        self, owner: Person, agent: Person, line: WhatsAppLine, ids: dict[str, str], canary: str, *,
        visitor_token: str, visitor_ids: dict[str, str], client_id: str,
    ) -> None:
        self.owner, self.agent, self.line, self.ids, self.canary = owner, agent, line, ids, canary
        self.visitor_token, self.visitor_ids, self.client_id = visitor_token, visitor_ids, client_id


async def furnish(running: Stack, client: httpx2.AsyncClient, owner: Person, engine: AsyncEngine) -> Furnished:
    canary = "canary" + secrets.token_hex(8)
    await owner.patch("/api/v1/me", {"name": f"Owner {canary}"})
    await owner.patch("/api/v1/organization", {"name": f"House {canary}"})
    line = await connect_whatsapp(running, client, owner)
    await owner.patch(f"/api/v1/channels/{line.channel['id']}", {"name": f"Line {canary}"})
    agent = await colleague(client, owner, "agent", name=f"Agent {canary}")
    await owner.post("/api/v1/users", {"name": canary, "email": f"{canary}@example.com", "role": "viewer"})
    department = await owner.post("/api/v1/departments", {"name": f"Department {canary}", "member_ids": [agent.id]})
    tag = await owner.post("/api/v1/tags", {"name": canary, "color": "#2563eb"})
    given = {"file": (f"{canary}.png", picture(), "image/png")}
    upload = (await owner.ask("POST", "/api/v1/files", files=given)).json()
    logo = (await owner.ask("PUT", "/api/v1/organization/logo", files=given)).json()
    field = await owner.post("/api/v1/custom-fields", {
        "entity": "contact", "key": canary, "label": canary, "type": "text",
    })
    response = await owner.post("/api/v1/canned-responses", {
        "shortcut": canary, "title": canary, "body": canary, "scope": "organization",
    })
    view = await owner.post("/api/v1/views", {"name": canary, "query": {"search": canary}, "shared": True})
    row = await written_to(running, client, owner, line, canary)
    await reacted_early(running, client, owner, line, canary, engine)
    talk = await talked(owner, agent, row, canary)
    contact = await owner.post(f"/api/v1/contacts/{row['contact']['id']}/identities", {
        "kind": "email", "value": f"{canary}@example.com",
    })
    await owner.patch(f"/api/v1/contacts/{contact['id']}", {"fields": {canary: canary}})
    await owner.put(f"/api/v1/conversations/{row['id']}/tags", {"tag_ids": [tag["id"]]})
    visit = await visited(client, owner, canary)
    ids = {
        "conversation_id": row["id"], "message_id": talk["note_id"], "reply_to_id": talk["note_id"],
        "user_id": agent.id, "assignee_id": agent.id, "member_id": agent.id, "mention_id": agent.id,
        "department_id": department["id"], "tag_id": tag["id"],
        "channel_id": visit.pop("channel_id"), "contact_id": row["contact"]["id"], "file_id": upload["id"],
        "attachment_id": upload["id"], "org_id": owner.organization_id, "organization_id": owner.organization_id,
        "session_id": (await owner.get("/api/v1/auth/sessions"))["results"][0]["id"],
        "canned_response_id": response["id"], "field_id": field["id"], "identity_id": contact["identities"][-1]["id"],
        "view_id": view["id"], "scheduled_id": talk["scheduled_id"],
        "logo_id": logo["appearance"]["logo_url"].rsplit("/", 1)[-1],
        "row_id": str(await dead_letter(engine, owner.organization_id, canary)),
    }
    return Furnished(owner, agent, line, ids, canary, visitor_token=visit.pop("visitor_token"),
                     visitor_ids=visit, client_id=talk["client_id"])


async def written_to(
    running: Stack, client: httpx2.AsyncClient, owner: Person, line: WhatsAppLine, canary: str
) -> dict[str, Any]:
    """A customer writes on WhatsApp, with a picture; the row of the conversation."""
    wa_id, number = f"5511{secrets.randbelow(10**9):09d}", line.number["phone_number_id"]
    phone = f"{running.simulator_url}/phones/{wa_id}"
    await client.post(f"{running.simulator_url}/phones", json={"wa_id": wa_id, "name": canary})
    media = (await client.post(f"{phone}/media?filename={canary}.png", content=picture(),
                               headers={"content-type": "image/png"})).json()
    for content in ({"type": "image", "image": {"id": media["id"], "caption": f"See {canary}"}},
                    {"type": "text", "text": {"body": f"Hello {canary}"}}):
        sent = await client.post(f"{phone}/messages", json={"phone_number_id": number, **content})
        assert sent.status_code < 300, sent.text

    async def both() -> Any:
        rows = (await owner.get("/api/v1/conversations?view=all"))["results"]
        return rows[0] if rows and rows[0]["last_message"]["text"].startswith("Hello") else None

    row: dict[str, Any] = await until(both)
    return row


async def reacted_early(
    running: Stack, client: httpx2.AsyncClient, owner: Person, line: WhatsAppLine, canary: str, engine: AsyncEngine
) -> None:
    """A reaction comes before its message, and looks for it again."""
    body = message_webhook(line.number["phone_number_id"], f"5511{secrets.randbelow(10**9):09d}", {
        "type": "reaction", "reaction": {"message_id": wamid(), "emoji": "👍"},
    }, canary)
    hook = f"{running.url}/webhooks/whatsapp/{owner.organization_id}"
    sent = await client.post(hook, content=body, headers=signed(body, line.number["app_secret"]))
    assert sent.status_code == 200

    async def looks() -> bool:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
            rows = text("SELECT count(*) FROM outbox WHERE job = 'revise' AND organization_id = :org")
            return bool(await connection.scalar(rows, {"org": owner.organization_id}))

    await until(looks)


async def talked(owner: Person, agent: Person, row: dict[str, Any], canary: str) -> dict[str, str]:
    """What colleagues do with a conversation: everything that leaves a row, a notification or something to do later."""
    base, client_id = f"/api/v1/conversations/{row['id']}", secrets.token_hex(8)
    note = await owner.post(f"{base}/messages", {
        "client_id": client_id, "text": canary, "note": True, "mention_ids": [agent.id],
    })
    await owner.post(f"{base}/assign", {"user_id": agent.id})
    await agent.post(f"{base}/read", {"seq": note["seq"]})
    await agent.post(f"{base}/messages", {"client_id": secrets.token_hex(8), "text": f"Answer {canary}"})
    await owner.put(f"{base}/draft", {"mode": "reply", "text": f"Draft {canary}"})
    later = await owner.post(f"{base}/scheduled", {
        "client_id": secrets.token_hex(8), "text": canary, "send_at": TOMORROW,
    })
    await owner.post(f"{base}/snooze", {"until": TOMORROW})
    await owner.post(f"{base}/resume")
    return {"note_id": note["id"], "scheduled_id": later["id"], "client_id": client_id}


async def visited(client: httpx2.AsyncClient, owner: Person, canary: str) -> dict[str, str]:
    """A visitor of a web chat writes, attaches a file and asks for the transcript."""
    webchat = await owner.post("/api/v1/channels", {"kind": "webchat", "name": f"Site {canary}"})
    base = f"/api/v1/widget/{webchat['id']}"
    token = (await client.post(f"{base}/session", json={"name": canary})).json()["visitor_token"]
    headers = {"authorization": f"Visitor {token}"}
    file = (await client.post(f"{base}/files", headers=headers,
                              files={"file": (f"{canary}.png", picture(), "image/png")})).json()
    sent = await client.post(f"{base}/messages", headers=headers, json={
        "client_id": secrets.token_hex(8), "text": f"Visit {canary}", "attachment_ids": [file["id"]],
    })
    assert sent.status_code == 201, sent.text
    ordered = await client.post(f"{base}/transcript", headers=headers, json={"email": f"{canary}@example.com"})
    assert ordered.status_code == 202, ordered.text
    return {"channel_id": webchat["id"], "visitor_token": token, "file_id": file["id"],
            "conversation_id": sent.json()["conversation_id"]}


def picture(color: str = "teal") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(made, "PNG")
    return made.getvalue()


async def dead_letter(owner_engine: AsyncEngine, organization_id: str, canary: str) -> UUID:
    row_id = uuid4()
    async with owner_engine.begin() as connection:
        await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
        await connection.execute(text(
            "INSERT INTO outbox (id, organization_id, job, key, payload, state, attempts, run_at, created_at, "
            "last_error) VALUES (:id, :org, 'unknown_job', :key, '{}', 'dead', 1, now(), now(), :canary)"
        ), {"id": row_id, "org": organization_id, "key": str(row_id), "canary": canary})
    return row_id
