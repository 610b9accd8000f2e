"""What brings about the statuses that no rule does: a thing made first, or an act in the wrong state."""

import secrets
from typing import Any
from uuid import uuid4

import httpx2

from tests.api.furnishing import picture
from tests.api.sampling import TOMORROW
from tests.api.statuses import Asker, Operation
from tests.journeys.meta import signed, text_webhook
from tests.live_client import live
from tests.running import PASSWORD, Stack, colleague, register
from tests.waiting import until


class Recipes:
    """Asks by operation id; each method is about one part of the API."""

    def __init__(self, running: Stack, client: httpx2.AsyncClient, asker: Asker, every: list[Operation]) -> None:
        self.running, self.client, self.asker, self.own = running, client, asker, asker.own
        self._by_id = {one.id: one for one in every}

    async def ask(self, name: str, body: Any = None, **more: Any) -> httpx2.Response:
        return await self.asker.ask(self._by_id[name], **({"json": body} if body is not None else {}), **more)

    async def all(self) -> None:
        for part in (self.texts, self.strangers, self.contacts, self.messages, self.visits, self.webhooks):
            await part()
        await self.accounts()
        await self.signing_in()

    async def accounts(self) -> None:
        logo = (await self.ask("set_logo", files={"file": ("a.png", picture(), "image/png")})).json()
        await self.ask("set_logo", files={"file": ("a.png", b"x" * 1_100_000, "image/png")})
        await self.ask("get_logo", ids={"logo_id": logo["appearance"]["logo_url"].rsplit("/", 1)[-1]})
        await self.ask("delete_user", ids={"user_id": self.own.owner.id})
        empty = (await self.ask("create_department", {"name": secrets.token_hex(4)})).json()["id"]
        await self.ask("delete_department", ids={"department_id": empty})
        await self.ask("create_channel", {"kind": "webchat", "name": "Another"})
        tab = await live(self.running.url, self.own.owner)
        await self.ask("set_presence", {"state": "away"})
        await tab.close()
        for _ in range(12):
            await self.ask("set_user_password", {"password": PASSWORD, "current_password": "not this one"},
                           ids={"user_id": self.own.owner.id})

    async def signing_in(self) -> None:
        """Each from an address of its own where it is about limits."""
        person = await colleague(self.client, self.own.owner, "agent")
        email, evil = person.session["user"]["email"], {"origin": "https://evil.example"}
        await self.ask("login", {"email": email, "password": PASSWORD})
        await self.ask("login", {"email": email, "password": PASSWORD, "session": "cookie"}, headers=evil)
        await self.ask("refresh_session", {"refresh_token": person.session["refresh_token"]})
        await self.ask("refresh_session", {}, headers={"cookie": "hub_refresh=x", **evil})
        mine = (await self.ask("list_sessions", headers={"authorization": f"Bearer {person.token}"})).json()["results"]
        ended = {"headers": {"authorization": f"Bearer {person.token}"}}
        await self.ask("end_session", ids={"session_id": mine[-1]["id"]}, **ended)
        await self.ask("register", {
            "organization_name": "Evil", "name": "Eve", "email": "eve@example.com", "password": PASSWORD,
            "session": "cookie",
        }, headers=evil)
        elsewhere = await register(self.client, "Twin")
        twin = await colleague(self.client, elsewhere, "agent")
        twin_email = twin.session["user"]["email"]
        await self.own.owner.post("/api/v1/users", {
            "name": "Twin", "email": twin_email, "role": "agent", "password": PASSWORD,
        })
        await self.ask("login", {"email": twin_email, "password": PASSWORD})
        for _ in range(22):
            await self.ask("login", {"email": twin_email, "password": "not this one"})
        await self.ask("confirm_password_reset", {"token": await self._mailed(email), "password": PASSWORD})
        leaver = await colleague(self.client, self.own.owner, "agent")
        await self.ask("logout", headers={"authorization": f"Bearer {leaver.token}"})
        await self.ask("logout", token=None)

    async def _mailed(self, email: str) -> str:
        await self.ask("request_password_reset", {"email": email})

        async def arrived() -> Any:
            mails = (await self.client.get(f"{self.running.simulator_url}/mail.json?to={email}")).json()
            return [link for mail in mails for link in mail["links"] if "/reset/" in link]

        return str((await until(arrived))[0].rsplit("/", 1)[-1])

    async def texts(self) -> None:
        """Prepared texts, fields, tags and views, each made twice under one name."""
        mark = secrets.token_hex(4)
        made = []
        for name in (f"a{mark}", f"b{mark}"):
            answer = await self.ask("create_canned_response", {
                "shortcut": name, "title": "T", "body": "B", "scope": "organization",
            })
            made.append(answer.json()["id"])
            await self.ask("create_tag", {"name": name, "color": "#2563eb"})
            await self.ask("create_custom_field", {
                "entity": "contact", "key": name, "label": name, "type": "text",
            })
        await self.ask("change_canned_response", {"shortcut": f"b{mark}"}, ids={"canned_response_id": made[0]})
        await self.ask("change_tag", {"name": f"b{mark}"})
        await self.ask("create_view", {"name": mark, "query": {}, "shared": True})
        await self.ask("create_view", {"name": mark, "query": {}, "shared": True}, token="viewer")
        first, second = [(await self.ask("create_department", {"name": f"{name} {mark}"})).json() for name in "xy"]
        await self.ask("change_department", {"name": second["name"]}, ids={"department_id": first["id"]})

    async def strangers(self) -> None:
        """Bodies that are right but for an id in them."""
        mark, nobody = secrets.token_hex(4), str(uuid4())
        await self.ask("create_canned_response", {
            "shortcut": f"c{mark}", "title": "T", "body": "B", "scope": "organization", "department_id": nobody,
        })
        await self.ask("create_channel", {"kind": "webchat", "name": mark, "department_id": nobody})
        await self.ask("create_department", {"name": mark, "member_ids": [nobody]})
        await self.ask("create_user", {
            "name": mark, "email": f"{mark}@example.com", "role": "agent", "department_ids": [nobody],
        })

    async def contacts(self) -> None:
        mail = {"kind": "email", "value": f"{secrets.token_hex(4)}@example.com"}
        added = (await self.ask("add_contact_identity", mail)).json()["identities"]
        used = next(one["id"] for one in added if one["kind"] == "whatsapp")
        await self.ask("remove_contact_identity", ids={**self.own.ids, "identity_id": used})
        await self.ask("remove_contact_identity", ids={**self.own.ids, "identity_id": added[-1]["id"]})

    async def messages(self) -> None:
        line = {"contact_id": self.own.ids["contact_id"], "channel_id": self.own.line.channel["id"]}
        await self.ask("start_conversation", line)
        talk = {**self.own.ids, "conversation_id": self.own.visitor_ids["conversation_id"]}
        await self.ask("reopen_conversation", ids=talk)
        await self.ask("assign_conversation", {"user_id": None}, ids=talk)
        await self.ask("accept_conversation", ids=talk)
        said = {"client_id": secrets.token_hex(8), "text": "hello"}
        sent = await self.ask("send_message", said, ids=talk)
        await self.ask("send_message", said, ids=talk)
        here = {**talk, "message_id": sent.json()["id"]}
        await self.ask("edit_message", {"text": "hello again"}, ids=here)
        await self.ask("react_to_message", {"emoji": "👍"}, ids=here)
        await self.ask("delete_message", ids=here)
        acts = (("edit_message", {"text": "x"}), ("react_to_message", {"emoji": "👍"}), ("delete_message", None))
        for name, body in acts:
            await self.ask(name, body, ids=here)
        later = {"client_id": secrets.token_hex(8), "text": "later", "send_at": TOMORROW}
        made = (await self.ask("schedule_message", later, ids=talk)).json()
        await self.ask("schedule_message", later, ids=talk)
        place = {**talk, "scheduled_id": made["id"]}
        await self.ask("change_scheduled_message", {"text": "other"}, ids=place)
        for _ in range(2):
            await self.ask("cancel_scheduled_message", ids=place)
        await self.ask("change_scheduled_message", {"text": "other"}, ids=place)
        await self.refused()
        await self.ask("act_on_conversations", {"ids": [talk["conversation_id"]], "action": "read"})

    async def refused(self) -> None:
        """A message that the provider refuses can be sent again."""
        row = self.own.ids["conversation_id"]
        fault = {"kind": "not_deliverable", "phone_number_id": self.own.line.number["phone_number_id"]}
        await self.client.post(f"{self.running.simulator_url}/faults", json=fault)
        sent = (await self.ask("send_message", {"client_id": secrets.token_hex(8), "text": "fails"})).json()

        async def failed() -> bool:
            found = await self.own.owner.get(f"/api/v1/conversations/{row}/messages/{sent['id']}")
            return bool(found["state"] in ("failed", "uncertain"))

        await until(failed, seconds=20)
        here = {**self.own.ids, "message_id": sent["id"]}
        await self.ask("resend_message", ids=here)
        await self.ask("delete_message", ids=here)

    async def visits(self) -> None:
        said = {"client_id": secrets.token_hex(8), "text": "hello"}
        for _ in range(2):
            await self.ask("send_widget_message", said)
        talk = {**self.own.ids, "conversation_id": self.own.visitor_ids["conversation_id"]}
        await self.ask("close_conversation", {}, ids=talk)
        for _ in range(2):
            await self.ask("rate_widget_conversation", {"score": 5})
        await self.ask("get_widget_file")
        fresh = (await self.ask("open_widget_session", {"name": "Somebody"})).json()
        new = {"headers": {"authorization": f"Visitor {fresh['visitor_token']}"}}
        await self.ask("send_widget_message", {"client_id": secrets.token_hex(8), "text": "hello"}, **new)
        for _ in range(2):
            await self.ask("mail_widget_transcript", {"email": "somebody@example.com"}, **new)
        await self.ask("open_widget_session", {"identity_token": "x"})

    async def webhooks(self) -> None:
        number = self.own.line.number
        query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": number["verify_token"]}
        await self.ask("verify_whatsapp_webhook", params=query)
        body = text_webhook(number["phone_number_id"], "5511988887777", "hello")
        await self.ask("receive_whatsapp_webhook", content=body, headers=signed(body, number["app_secret"]))
        await self.ask("receive_whatsapp_webhook", content=b"x" * (4 * 2**20))


