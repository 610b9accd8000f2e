"""Meta's Graph API: messages, read and typing marks, reactions (contract sections 1.2 and 1.4).

    POST /graph/{version}/{phone_number_id}/messages

Media, templates and numbers are in `graph_media.py` and `graph_account.py`.
"""

import asyncio
from typing import Any

import httpx2
import msgspec
from litestar import Request, Response, Router, post
from litestar.di import NamedDependency

from providers.simulator.access import Access
from providers.simulator.config import NumberConfig, SimulatorConfig
from providers.simulator.delivery import Deliveries
from providers.simulator.errors import GraphError, invalid, missing
from providers.simulator.faults import FATES, Faults
from providers.simulator.media import MOST_BYTES, MediaStore, carries
from providers.simulator.numbering import digits_of
from providers.simulator.outbound import MEDIA_TYPES, check_envelope, check_message
from providers.simulator.record import Call
from providers.simulator.templates import Templates, render
from providers.simulator.world import Message, Phone, World, new_wamid

Json = dict[str, Any]


class Sending:
    """The business's side of a chat: takes calls, keeps messages, lets them go out."""

    def __init__(
        self,
        config: SimulatorConfig,
        *,
        world: World,
        media: MediaStore,
        templates: Templates,
        faults: Faults,
        deliveries: Deliveries,
    ) -> None:
        self.stopping = asyncio.Event()
        self._config = config
        self._world = world
        self._media = media
        self._templates = templates
        self._faults = faults
        self._deliveries = deliveries
        self._fetches: set[asyncio.Task[None]] = set()

    async def take(self, request: Request[Any, Any, Any], number: NumberConfig, call: Call) -> Json:
        """Answer one POST to /messages; raises GraphError."""
        payload = decode(await request.body())
        call.payload = payload
        if payload.get("status") is not None:
            return self._mark_read(number, payload, call)
        return await self._message(request, number, payload, call)

    async def stop(self) -> None:
        self.stopping.set()
        for task in list(self._fetches):
            task.cancel()
        await asyncio.gather(*self._fetches, return_exceptions=True)

    def _mark_read(self, number: NumberConfig, payload: Json, call: Call) -> Json:
        call.kind = "typing" if "typing_indicator" in payload else "read"
        self._faults.refuse(phone_number_id=number.phone_number_id, on="mark")
        check_envelope(payload)
        if payload["status"] != "read":
            raise invalid("status", "must be 'read'")
        call.message_id = str(payload.get("message_id", ""))
        if not call.message_id:
            raise missing("message_id")
        message = self._world.messages.get(call.message_id)
        if message is None or message.author != "customer" or message.phone_number_id != number.phone_number_id:
            raise invalid("message_id", "is not a message to this phone number")
        indicator = payload.get("typing_indicator")
        if indicator is not None and (not isinstance(indicator, dict) or indicator.get("type") != "text"):
            raise invalid("typing_indicator['type']", "must be 'text'")
        call.to = message.wa_id
        self._read_up_to(message)
        if indicator is not None:
            self._world.show_typing(message.wa_id, number.phone_number_id)
        return {"success": True}

    def _read_up_to(self, message: Message) -> None:
        for earlier in list(self._world.chat(message.wa_id, message.phone_number_id)):
            if earlier.author == "customer" and earlier.state in ("sent", "delivered"):
                earlier.state = "read"
                self._world.save(earlier)
            if earlier.id == message.id:
                return

    async def _message(self, request: Request[Any, Any, Any], number: NumberConfig, payload: Json, call: Call) -> Json:
        self._note(payload, call)
        known = {"phone_number_id": number.phone_number_id, "to": call.to}
        if self._faults.take("timeout_before_acceptance", **known):
            call.outcome = "unanswered"
            await self.hang(request)
        if slow := self._faults.take("slow", **known):
            await asyncio.sleep(slow.ms / 1000)
        self._faults.refuse(phone_number_id=number.phone_number_id, to=call.to)
        message, phone = self._accept(number, payload, call)
        self._go(message)
        if self._faults.take("timeout_after_acceptance", **known):
            call.outcome = "accepted_unanswered"
            await self.hang(request)
        return _answer(payload, message, phone)

    async def hang(self, request: Request[Any, Any, Any]) -> None:
        """Keep the caller waiting until it gives up; then raise what nobody reads."""
        waits = [asyncio.create_task(_gone(request)), asyncio.create_task(self.stopping.wait())]
        await asyncio.wait(waits, timeout=self._config.hang_seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        raise GraphError(131000, "The simulator kept this call waiting.")

    def _note(self, payload: Json, call: Call) -> None:
        call.kind = "send"
        to = payload.get("to") or payload.get("recipient") or ""
        call.to = (to if "." in to else digits_of(to)) if isinstance(to, str) else ""
        call.type = str(payload.get("type", "text"))[:40]
        call.callback = str(payload.get("biz_opaque_callback_data", ""))[:512]

    def _accept(self, number: NumberConfig, payload: Json, call: Call) -> tuple[Message, Phone]:
        kind = check_message(
            payload,
            has_media=lambda ident: self._media.get(ident, phone_number_id=number.phone_number_id) is not None,
            has_message=lambda ident: self._world.messages.get(ident) is not None,
        )
        template = self._templates.require(number.waba_id, payload["template"]) if kind == "template" else None
        phone = self._recipient(number, payload)
        context = payload.get("context")
        message = Message(
            id=new_wamid(phone.wa_id),
            phone_number_id=number.phone_number_id,
            wa_id=phone.wa_id,
            author="business",
            type=kind,
            body=payload[kind],
            at=self._world.now(),
            state="accepted",
            context_id=context["message_id"] if context else None,
            opaque=payload.get("biz_opaque_callback_data"),
            preview=render(template, payload["template"]) if template else None,
            category=template.category.lower() if template else "service",
        )
        message.fate = self._fate(message)
        if kind == "reaction" and message.fate is None:
            self._react(message)
        call.message_id = message.id
        return self._world.add(message), phone

    def _recipient(self, number: NumberConfig, payload: Json) -> Phone:
        to, recipient = payload.get("to"), payload.get("recipient")
        if to is None:
            if not self._world.knows_user_id(recipient or ""):
                raise invalid("recipient", "is not a known user id")
            return self._world.recipient(recipient or "")
        if digits_of(to) == digits_of(number.display_phone_number):
            raise GraphError(131021)
        if "." in to and not self._world.knows_user_id(to):
            raise invalid("to", "is not a valid phone number")
        return self._world.recipient(to)

    def _fate(self, message: Message) -> int | None:
        """The code with which an accepted message is bound to fail, if it is."""
        known = {"phone_number_id": message.phone_number_id, "to": message.wa_id}
        if fault := self._faults.take(*FATES, **known):
            return FATES[fault.kind]
        if message.type != "template" and not self._world.window_open(message.wa_id, message.phone_number_id):
            return 131047
        if message.type in MEDIA_TYPES and message.body.get("id"):
            found = self._media.get(message.body["id"])
            return None if found is not None and carries(message.type, found.mime) else 131053
        return None

    def _react(self, message: Message) -> None:
        target = self._world.messages.get(message.body["message_id"])
        if target is not None:
            others = {who: emoji for who, emoji in target.reactions.items() if who != "business"}
            emoji = message.body.get("emoji")
            target.reactions = {**others, "business": emoji} if emoji else others
            self._world.save(target)

    def _go(self, message: Message) -> None:
        if message.fate is None and message.type in MEDIA_TYPES and message.body.get("link"):
            task = asyncio.create_task(self._fetch(message))
            self._fetches.add(task)
            task.add_done_callback(self._fetches.discard)
        else:
            self._deliveries.begin(message)

    async def _fetch(self, message: Message) -> None:
        """Download what a link names, as Meta does; a link that does not work fails the message."""
        try:
            content, mime = await _download(message.body["link"])
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            self._deliveries.fail(message, 131053, f"Downloading media from weblink failed: {error}"[:300])
            return
        if not carries(message.type, mime):
            self._deliveries.fail(message, 131053, f"The link does not lead to a {message.type}.")
            return
        found = await self._media.add(content, mime=mime, numbers=[message.phone_number_id])
        message.body = {**message.body, "id": found.id}
        self._world.save(message)
        self._deliveries.begin(message)


@post("/messages", status_code=200)
async def send_message(
    request: Request[Any, Any, Any],
    access: NamedDependency[Access],
    sending: NamedDependency[Sending],
) -> Response[Json]:
    """Send a message, mark one as read, or show that the business is typing."""
    with access.call(request, kind="send") as call:
        number = access.number(request)
        return Response(await sending.take(request, number, call))


def graph_router() -> Router:
    return Router("/graph/{version:str}/{node:str}", route_handlers=[send_message])


def decode(raw: bytes) -> Json:
    """A JSON object; anything else is code 100."""
    try:
        payload = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GraphError(100, "The request body is not valid JSON.") from error
    if not isinstance(payload, dict):
        raise GraphError(100, "The request body must be a JSON object.")
    return payload


def _answer(payload: Json, message: Message, phone: Phone) -> Json:
    contact: Json = {"input": payload.get("to") or payload.get("recipient"), "user_id": phone.user_id}
    if not phone.hide_number:
        contact["wa_id"] = phone.wa_id
    sent: Json = {"id": message.id}
    if message.type == "template":
        sent["message_status"] = "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}


async def _gone(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def _download(link: str) -> tuple[bytes, str]:
    headers = {"user-agent": "facebookexternalua"}
    async with (
        httpx2.AsyncClient(timeout=15, trust_env=False, follow_redirects=True, max_redirects=3) as client,
        client.stream("GET", link, headers=headers) as answer,
    ):
        answer.raise_for_status()
        content = bytearray()
        async for chunk in answer.aiter_bytes():
            content += chunk
            if len(content) > MOST_BYTES:
                raise ValueError("the file is too large")
        return bytes(content), answer.headers.get("content-type", "")
