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
from tests.running import Person, Stack, WhatsAppLine, colleague, connect_whatsapp
from tests.waiting import until


class Furnished:
    """`ids`: parameter name → id. `canary` stands in every text that belongs to the organization."""

    def __init__(self, owner: Person, line: WhatsAppLine, ids: dict[str, str], canary: str, visitor: str) -> None:
        self.owner, self.line, self.ids, self.canary, self.visitor_token = owner, line, ids, canary, visitor


async def furnish(running: Stack, client: httpx2.AsyncClient, owner: Person, engine: AsyncEngine) -> Furnished:
    canary = "canary" + secrets.token_hex(8)
    line = await connect_whatsapp(running, client, owner)
    agent = await colleague(client, owner, "agent")
    department = await owner.post("/api/v1/departments", {"name": f"Department {canary}", "member_ids": [agent.id]})
    tag = await owner.post("/api/v1/tags", {"name": canary, "color": "#2563eb"})
    webchat = await owner.post("/api/v1/channels", {"kind": "webchat", "name": f"Site {canary}"})
    visitor = (await client.post(f"/api/v1/widget/{webchat['id']}/session", json={"name": canary})).json()
    wa_id = f"5511{secrets.randbelow(10**9):09d}"
    await client.post(f"{running.simulator_url}/phones", json={"wa_id": wa_id, "name": canary})
    await client.post(f"{running.simulator_url}/phones/{wa_id}/messages", json={
        "phone_number_id": line.number["phone_number_id"], "type": "text", "text": {"body": f"Hello {canary}"},
    })
    row = await until(lambda: _first(owner))
    note = await owner.post(f"/api/v1/conversations/{row['id']}/messages",
                            {"client_id": secrets.token_hex(8), "text": canary, "note": True})
    await owner.put(f"/api/v1/conversations/{row['id']}/tags", {"tag_ids": [tag["id"]]})
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
    later = await owner.post(f"/api/v1/conversations/{row['id']}/scheduled", {
        "client_id": secrets.token_hex(8), "text": canary, "send_at": TOMORROW,
    })
    contact = await owner.post(f"/api/v1/contacts/{row['contact']['id']}/identities", {
        "kind": "email", "value": f"{canary}@example.com",
    })
    await owner.patch(f"/api/v1/contacts/{contact['id']}", {"fields": {canary: canary}})
    ids = {
        "conversation_id": row["id"], "message_id": note["id"], "reply_to_id": note["id"], "user_id": agent.id,
        "assignee_id": agent.id, "member_id": agent.id, "department_id": department["id"], "tag_id": tag["id"],
        "channel_id": webchat["id"], "contact_id": row["contact"]["id"], "file_id": upload["id"],
        "attachment_id": upload["id"], "org_id": owner.organization_id, "organization_id": owner.organization_id,
        "session_id": (await owner.get("/api/v1/auth/sessions"))["results"][0]["id"],
        "canned_response_id": response["id"], "field_id": field["id"], "identity_id": contact["identities"][-1]["id"],
        "view_id": view["id"], "scheduled_id": later["id"],
        "logo_id": logo["appearance"]["logo_url"].rsplit("/", 1)[-1],
        "row_id": str(await dead_letter(engine, owner.organization_id, canary)),
    }
    return Furnished(owner, line, ids, canary, visitor["visitor_token"])


async def _first(person: Person) -> Any:
    rows = (await person.get("/api/v1/conversations?view=all"))["results"]
    return rows[0] if rows else None


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
