"""Every kind of token at every door: each is good for its own, and nothing that is bad is good for any (SEC-1)."""

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import jwt
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.api.accounts.bad_tokens import BAD, OPAQUE, Forger
from tests.api.furnishing import Furnished
from tests.journeys.meta import signed, text_webhook
from tests.running import PASSWORD, Person, Stack, colleague
from tests.waiting import until

pytestmark = pytest.mark.timeout(240)
IDENTITY_SECRET = secrets.token_urlsafe(32)
OPENS = {  # kind of token → the doors that it opens
    "access": {"api"}, "refresh": {"refresh", "cookie"}, "visitor": {"widget", "widget session"},
    "ticket": {"socket"}, "visitor's ticket": {"socket"}, "reset": {"reset"}, "identity": {"identity"},
    "signature": {"webhook"}, "verify token": {"verification"}, "provider's": {"provider"}, "app secret": set(),
    "file id": set(),
}
Door = Callable[[str], Awaitable[bool]]


class Doors:
    """What a token can be shown to, each telling whether it was accepted; and good tokens of every kind."""

    def __init__(self, running: Stack, client: httpx2.AsyncClient, owned: Furnished, person: Person) -> None:
        self.running, self.client, self.owned, self.person = running, client, owned, person
        self.widget = f"/api/v1/widget/{owned.ids['channel_id']}"
        self.webhook = f"/webhooks/whatsapp/{owned.owner.organization_id}"
        self.body = text_webhook(owned.line.number["phone_number_id"], "5511999990000", secrets.token_hex(4))
        self.all: dict[str, Door] = {
            "api": self.api, "widget": self.visitor, "widget session": self.session, "identity": self.identity,
            "refresh": self.refresh, "cookie": self.cookie, "reset": self.reset, "socket": self.socket,
            "webhook": self.hook, "verification": self.verification, "provider": self.provider,
        }

    async def _asked(self, method: str, path: str, *, header: tuple[str, str] | None = None, **more: Any) -> Any:
        """The answer when it is a success; a header goes as the bytes that somebody would write."""
        headers = [(header[0].encode(), header[1].encode("utf-8", "surrogatepass"))] if header else []
        try:
            answer = await self.client.request(method, path, headers=headers, **more)
        except httpx2.LocalProtocolError:  # what HTTP itself cannot carry never arrives
            return None
        except httpx2.RemoteProtocolError:  # longer than any header may be
            return None
        assert answer.status_code < 500, answer.text
        return answer if answer.status_code < 300 else None

    async def api(self, token: str) -> bool:
        return await self._asked("GET", "/api/v1/me", header=("authorization", f"Bearer {token}")) is not None

    async def visitor(self, token: str) -> bool:
        header = ("authorization", f"Visitor {token}")
        return await self._asked("GET", f"{self.widget}/messages", header=header) is not None

    async def session(self, token: str) -> bool:
        answer = await self._asked("POST", f"{self.widget}/session", json={"visitor_token": token})
        return answer is not None and answer.json()["visitor_token"] == token

    async def identity(self, token: str) -> bool:
        answer = await self._asked("POST", f"{self.widget}/session", json={"identity_token": token})
        return answer is not None and bool(answer.json()["visitor"]["verified"])

    async def refresh(self, token: str) -> bool:
        body = {"refresh_token": token}
        return await self._asked("POST", "/api/v1/auth/refresh", json=body) is not None

    async def cookie(self, token: str) -> bool:
        header = ("cookie", f"hub_refresh={token}")
        more: dict[str, Any] = {"json": {}, "params": {}}
        headers = [(header[0].encode(), header[1].encode("utf-8", "surrogatepass")),
                   (b"origin", self.running.url.encode())]
        try:
            answer = await self.client.post("/api/v1/auth/refresh", headers=headers, **more)
        except (httpx2.LocalProtocolError, httpx2.RemoteProtocolError):
            return False
        finally:
            self.client.cookies.clear()
        assert answer.status_code < 500, answer.text
        return answer.status_code < 300

    async def reset(self, token: str) -> bool:
        body = {"token": token, "password": PASSWORD}
        return await self._asked("POST", "/api/v1/auth/password-reset/confirm", json=body) is not None

    async def socket(self, token: str) -> bool:
        address = self.running.url.replace("http", "ws", 1) + "/api/v1/live"
        async with connect(address, origin=self.running.url, compression=None) as socket:  # type: ignore[arg-type]
            await socket.send(json.dumps({"t": "hello", "ticket": token, "v": 1}))
            try:
                return json.loads(await socket.recv())["t"] == "welcome"
            except ConnectionClosed:
                return False

    async def hook(self, token: str) -> bool:
        header = ("x-hub-signature-256", token)
        return await self._asked("POST", self.webhook, header=header, content=self.body) is not None

    async def verification(self, token: str) -> bool:
        query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": token}
        return await self._asked("GET", self.webhook, params=query) is not None

    async def provider(self, token: str) -> bool:
        """The door of the simulator, which stands for Meta's."""
        path = f"{self.running.simulator_url}/graph/v23.0/{self.owned.line.number['phone_number_id']}"
        return await self._asked("GET", path, header=("authorization", f"Bearer {token}")) is not None

    async def mint(self, kind: str) -> str:
        """A good token of this kind that was not used before."""
        number = self.owned.line.number
        match kind:
            case "access" | "refresh":
                answer = await self.client.post("/api/v1/auth/login", json={
                    "email": self.person.session["user"]["email"], "password": PASSWORD,
                })
                return str(answer.json()[f"{kind}_token"])
            case "visitor":
                return self.owned.visitor_token
            case "ticket":
                return str((await self.owned.owner.post("/api/v1/live/ticket"))["ticket"])
            case "visitor's ticket":
                headers = {"authorization": f"Visitor {self.owned.visitor_token}"}
                return str((await self.client.post(f"{self.widget}/ticket", headers=headers)).json()["ticket"])
            case "reset":
                return await self._mailed()
            case "identity":
                claims = {"sub": "customer 1", "aud": self.owned.ids["channel_id"], "exp": int(time.time()) + 600}
                return jwt.encode(claims, IDENTITY_SECRET, "HS256")
            case "signature":
                return signed(self.body, number["app_secret"])["x-hub-signature-256"]
            case "file id":
                return self.owned.ids["file_id"]
            case _:
                names = {"verify token": "verify_token", "provider's": "access_token", "app secret": "app_secret"}
                return number[names[kind]]

    async def _mailed(self) -> str:
        email = self.person.session["user"]["email"]
        await self.client.post("/api/v1/auth/password-reset", json={"email": email})

        async def arrived() -> Any:
            mails = (await self.client.get(f"{self.running.simulator_url}/mail.json?to={email}")).json()
            return [link for mail in mails for link in mail["links"] if "/reset/" in link]

        return str((await until(arrived))[0].rsplit("/", 1)[-1])


@pytest.fixture(scope="module")
async def doors(running: Stack, client: httpx2.AsyncClient, owned: Furnished) -> Doors:
    secret = {"credentials": {"identity_secret": IDENTITY_SECRET}}
    await owned.owner.patch(f"/api/v1/channels/{owned.ids['channel_id']}", secret)
    return Doors(running, client, owned, await colleague(client, owned.owner, "agent"))


async def test_each_kind_of_token_opens_its_own_doors_and_no_other(
    doors: Doors, record_property: Callable[[str, object], None]
) -> None:
    opened: dict[str, set[str]] = {}
    for kind, own in OPENS.items():
        token = await doors.mint(kind)
        opened[kind] = {name for name in doors.all.keys() - own if await doors.all[name](token)}
        for name in sorted(own):
            opened[kind] |= {name} if await doors.all[name](token) else set()
            token = await doors.mint(kind) if name != max(own) else token
    assert opened == OPENS
    record_property("kinds of tokens at doors", len(OPENS) * len(doors.all))


async def test_no_bad_token_opens_any_door(
    doors: Doors, running: Stack, owned: Furnished, record_property: Callable[[str, object], None]
) -> None:
    """The corpora of bad access tokens and of bad opaque ones, made from good tokens of the right kind."""
    session = owned.owner.session
    forger = Forger(session["access_token"], secrets.token_urlsafe(48), secret=running.settings.secret_key)
    bad = {f"access: {name}": make(forger) for name, make in BAD.items() if name != "a megabyte"}
    good = {kind: await doors.mint(kind) for kind in ("refresh", "visitor", "ticket", "visitor's ticket", "identity")}
    bad |= {f"{kind}: {name}": make(one) for kind, one in good.items() for name, make in OPAQUE.items()}
    gate, opened = asyncio.Semaphore(8), []

    async def show(door: str, name: str, token: str) -> None:
        async with gate:
            if await doors.all[door](token):
                opened.append((door, name))

    shown = [
        (door, name, token) for name, token in bad.items() for door in doors.all
        if (name.startswith("access: ") or (door in OPENS[name.partition(":")[0]] and token not in good.values()))
        and (door, name) != ("cookie", "refresh: percent-encoded")  # which is how cookies spell the same token
    ]
    await asyncio.gather(*(show(*one) for one in shown))
    assert opened == []
    assert min(sum(door == one for one, _, _ in shown) for door in doors.all) >= 60
    record_property("bad tokens at doors", len(shown))


async def test_what_was_used_or_belongs_to_another_channel_opens_nothing(
    doors: Doors, owned: Furnished, other: Furnished
) -> None:
    ticket = await doors.mint("ticket")
    assert [await doors.socket(ticket) for _ in range(2)] == [True, False]
    assert not await doors.visitor(other.visitor_token)
    assert not await doors.session(other.visitor_token)
    second = await owned.owner.post("/api/v1/channels", {"kind": "webchat", "name": "Second site"})
    there, old = f"/api/v1/widget/{second['id']}/session", {"visitor_token": owned.visitor_token}
    moved = await doors.client.post(there, json=old)
    assert moved.json()["visitor_token"] != owned.visitor_token
    foreign = jwt.encode({"sub": "x", "aud": other.ids["channel_id"], "exp": int(time.time()) + 600},
                         IDENTITY_SECRET, "HS256")
    assert not await doors.identity(foreign)
    assert not await doors.hook(signed(doors.body, other.line.number["app_secret"])["x-hub-signature-256"])
    assert not await doors.verification(other.line.number["verify_token"])
