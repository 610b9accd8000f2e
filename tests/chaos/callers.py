"""Clients over HTTP: each says what it did, and repeats what nobody answered, as providers and browsers do."""

import asyncio
import itertools
import random
import secrets
import time
from typing import Any

import httpx2

from tests.chaos.history import Answer, History, Status, Write
from tests.journeys.meta import signed, status_webhook, text_webhook, wamid
from tests.running import Person

PATIENCE = 120.0  # seconds after which a client that was never answered calls the round off
SHOP = "https://shop.example"


class Caller:
    """Requests to one address; every one that reached the wire is written down."""

    def __init__(self, history: History, url: str, *, seconds: float = 4.0) -> None:
        self.history, self.url = history, url
        self.client = httpx2.AsyncClient(base_url=url, timeout=seconds, limits=httpx2.Limits(max_connections=200))

    async def once(self, method: str, path: str, *, writes: bool = True, **more: Any) -> httpx2.Response | None:
        """One attempt; None when no answer came."""
        began, status, answer = time.time(), 0, None
        try:
            answer = await self.client.request(method, path, **more)
            status = answer.status_code
        except (httpx2.HTTPError, OSError):
            pass
        finally:
            told = answer is not None and "retry-after" in answer.headers
            self.history.answers.append(
                Answer(began=began, ended=time.time(), status=status, writes=writes, retry_after=told)
            )
        return answer

    async def patiently(self, method: str, path: str, *, writes: bool = True, **more: Any) -> httpx2.Response:
        """Asks until somebody answers with anything but "come again"."""
        until, last = time.monotonic() + PATIENCE, None
        while time.monotonic() < until:
            answer = await self.once(method, path, writes=writes, **more)
            if answer is not None and answer.status_code < 500 and answer.status_code != 429:
                return answer
            last = answer.text if answer is not None else None
            await asyncio.sleep(0.05)
        raise AssertionError(f"{method} {path} was not answered for {PATIENCE} s, last {last!r}")

    async def close(self) -> None:
        await self.client.aclose()


class Line:
    """Meta, for one number: signed webhooks, delivered again until they are taken."""

    def __init__(self, caller: Caller, number: dict[str, str], organization_id: str) -> None:
        self.caller, self.number, self.history = caller, number, caller.history
        self.path = f"/webhooks/whatsapp/{organization_id}"

    async def post(self, body: bytes, *, caller: Caller | None = None) -> bool:
        """One delivery; whether it was taken."""
        headers = signed(body, self.number["app_secret"])
        answer = await (caller or self.caller).once("POST", self.path, content=body, headers=headers)
        return answer is not None and answer.status_code < 300

    async def deliver(self, body: bytes) -> None:
        until = time.monotonic() + PATIENCE
        while not await self.post(body):
            if time.monotonic() > until:
                raise AssertionError(f"a webhook was not taken for {PATIENCE} s")
            await asyncio.sleep(0.05)

    def word(self, wa_id: str, *, sender: str) -> tuple[Write, bytes]:
        """A customer's message, not yet delivered."""
        key = wamid()
        write = Write(kind="inbound", key=key, sender=sender, text=f"hello {key[-6:]}", began=time.time(), wa_id=wa_id)
        self.history.writes.append(write)
        return write, text_webhook(self.number["phone_number_id"], wa_id, write.text, vendor_id=key)

    async def say(self, wa_id: str, *, sender: str = "") -> None:
        write, body = self.word(wa_id, sender=sender)
        await self.deliver(body)
        write.acked = time.time()

    async def storm(self, wa_id: str, *, times: int = 20, at_once: int = 8, caller: Caller | None = None) -> None:
        """One message, delivered `times` times over `at_once` connections, and then until it was taken."""
        write, body = self.word(wa_id, sender="")
        left = iter(range(times))

        async def connection() -> None:
            for turn in left:
                if await self.post(body, caller=caller if turn % 2 else None) and write.acked is None:
                    write.acked = time.time()

        await asyncio.gather(*(connection() for _ in range(at_once)))
        if write.acked is None:
            await self.deliver(body)
            write.acked = time.time()

    async def album(self, wa_id: str, *, size: int = 10) -> None:
        """Many messages of somebody new, at the same moment."""
        await asyncio.gather(*(self.say(wa_id) for _ in range(size)))

    async def receipt(self, vendor_id: str, state: str) -> None:
        status = Status(vendor_id=vendor_id, state=state)
        self.history.statuses.append(status)
        await self.deliver(status_webhook(self.number["phone_number_id"], vendor_id, state))
        status.acked = True


class Agent:
    """Somebody who answers over HTTP, and says it again under the same id while no answer comes."""

    def __init__(self, caller: Caller, person: Person, name: str) -> None:
        self.caller, self.person, self.name, self.history = caller, person, name, caller.history
        self._count = itertools.count(1)

    async def ask(self, method: str, path: str, *, writes: bool = True, **more: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.person.token}"}
        return await self.caller.patiently(method, path, writes=writes, headers=headers, **more)

    async def conversations(self) -> list[str]:
        listed = await self.ask("GET", "/api/v1/conversations?view=all", writes=False)
        return [row["id"] for row in listed.json()["results"]]

    async def reply(self, conversation_id: str) -> Write:
        write = Write(kind="agent", key=secrets.token_hex(8), sender=self.name, conversation=conversation_id,
                      text=f"answer {next(self._count)} of {self.name}", began=time.time())
        self.history.writes.append(write)
        answer = await self.ask("POST", f"/api/v1/conversations/{conversation_id}/messages",
                                json={"client_id": write.key, "text": write.text})
        assert answer.status_code in (200, 201), answer.text
        note(write, answer.json())
        return write

    async def repeat(self, write: Write) -> None:
        """The same again, which is the same message, and other words under its id, which are refused."""
        path = f"/api/v1/conversations/{write.conversation}/messages"
        answer = await self.ask("POST", path, json={"client_id": write.key, "text": write.text})
        if answer.status_code < 300:
            note(write, answer.json())
        answer = await self.ask("POST", path, json={"client_id": write.key, "text": f"not {write.text}"})
        self.history.reused.append((write.key, answer.status_code))


class Visitor:
    """Somebody on a website, by the widget's API."""

    def __init__(self, caller: Caller, channel_id: str, name: str) -> None:
        self.caller, self.name, self.history = caller, name, caller.history
        self.base = f"/api/v1/widget/{channel_id}"
        self.token = ""

    async def arrive(self) -> None:
        answer = await self.caller.patiently(
            "POST", f"{self.base}/session", writes=False, json={}, headers={"origin": SHOP}
        )
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["visitor_token"]

    async def say(self) -> None:
        write = Write(kind="visitor", key=secrets.token_hex(8), sender=self.name, text="is somebody there?",
                      began=time.time())
        self.history.writes.append(write)
        answer = await self.caller.patiently(
            "POST", f"{self.base}/messages", json={"client_id": write.key, "text": write.text},
            headers={"origin": SHOP, "authorization": f"Visitor {self.token}"},
        )
        assert answer.status_code in (200, 201), answer.text
        note(write, answer.json()["message"])


def note(write: Write, said: dict[str, Any]) -> None:
    """Keeps what an acknowledgement said."""
    write.ids.add(said["id"])
    write.seqs.add(said["seq"])
    write.acked = write.acked or time.time()


def new_number(chance: random.Random) -> str:
    return f"4915{chance.randrange(10**8, 10**9)}"
