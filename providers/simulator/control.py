"""The control API, for the phone page, tests and demo seeding; JSON in, JSON out, refused to other sites' pages.

    GET    /health
    GET    /numbers                          business numbers, without secrets
    POST   /numbers                          NumberConfig: register or change one
    DELETE /numbers/{id}
    POST   /numbers/{id}/verify              the hub.challenge handshake → {verified, status, body}
    POST   /numbers/{id}/webhooks            {field, value}: post any signed webhook
    GET    /phones                           ?limit: customers, recent first, each with the last message of its chats
    POST   /phones                           {wa_id, name, hide_number?}
    PATCH  /phones/{wa_id}                   {name?, hide_number?}
    GET    /phones/{wa_id}/chats/{number}    → {messages, typing_until}
    POST   /phones/{wa_id}/messages          SendBody: send as the customer → {id, ids}
    POST   /phones/{wa_id}/media             raw bytes, Content-Type, ?filename= → {id, mime_type}
    POST   /phones/{wa_id}/open              {phone_number_id or null}: the chat is before the customer's eyes
    POST   /phones/{wa_id}/online            {online}
    POST   /phones/{wa_id}/played            {message_id}: a voice message was listened to
    POST   /phones/{wa_id}/window            {phone_number_id, seconds_ago}: when the customer wrote last
    GET    /media/{id}                       bytes, for the page
    GET, POST, DELETE /faults                faults in force; Fault: add one; clear
    GET    /record                           ?phone_number_id &to &kind &since (a seq) &limit
    GET    /webhooks                         {pending, accepted, dropped, waiting: […]}
    POST   /webhooks/retry                   try what waits now
    POST   /crowd                            {seed, rate, minutes, customers, phone_number_id?}: bring a morning's
                                             customers (in place of those who are there) → CrowdStatus
    GET    /crowd                            → {state, plan, ends_at, seconds_left, sent, last_minute, answered,
                                             waiting, came, settled, held}
    PATCH  /crowd                            {rate?, paused?} → CrowdStatus
    DELETE /crowd                            send them home

The crowd: invented people write together `rate` messages a minute (1 to 600, default 20) for `minutes` (up to 120,
default 10) and then go; there are at most `customers` (1 to 1000, by default as many as the rate needs). The same
`seed` brings the same people with the same words in the same order; how they go on depends on the answers they get.
`rate` is a promise while there are customers enough and the hub takes what they write: with 20 messages that it has
not taken nobody writes (`held`), and what was not written then is not made up for. State is none, running, paused or
over; a pause does not stop the time.

An unknown phone comes into being when it first acts. Errors are `{error}` with 400, 403, 404 or 413.
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from providers.simulator import ogg
from providers.simulator.config import NumberConfig
from providers.simulator.delivery import Deliveries
from providers.simulator.envelopes import envelope
from providers.simulator.faults import Fault, Faults
from providers.simulator.inbound import Customers, RefusedError, SendBody
from providers.simulator.media import MOST_BYTES, MediaStore, plain
from providers.simulator.numbering import digits_of
from providers.simulator.record import Call, Record
from providers.simulator.webhooks import Webhooks
from providers.simulator.world import Message, Phone, World, on_phone

Json = dict[str, Any]


class PhoneBody(msgspec.Struct, kw_only=True):
    wa_id: str
    name: str
    hide_number: bool = False


class PhonePatch(msgspec.Struct, kw_only=True):
    name: str | None = None
    hide_number: bool | None = None


class OpenBody(msgspec.Struct):
    phone_number_id: str | None


class OnlineBody(msgspec.Struct):
    online: bool


class PlayedBody(msgspec.Struct):
    message_id: str


class WindowBody(msgspec.Struct):
    phone_number_id: str
    seconds_ago: float


class WebhookBody(msgspec.Struct):
    field: str
    value: Json


@get("/health")
async def health(webhooks: NamedDependency[Webhooks], world: NamedDependency[World]) -> Json:
    return {"status": "ok", "numbers": len(world.numbers), "pending_webhooks": len(webhooks.pending)}


@get("/numbers")
async def list_numbers(world: NamedDependency[World]) -> list[Json]:
    return [_public(number) for number in world.numbers]


@post("/numbers")
async def register_number(data: JSONBody[NumberConfig], world: NamedDependency[World]) -> Json:
    if not data.phone_number_id or not data.app_secret or not data.access_token:
        raise RefusedError("phone_number_id, app_secret and access_token must not be empty")
    return _public(world.register(data))


@delete("/numbers/{number:str}", status_code=204)
async def remove_number(number: FromPath[str], world: NamedDependency[World]) -> None:
    world.numbers.drop(_number(world, number).phone_number_id)


@post("/numbers/{number:str}/verify", status_code=200)
async def verify_number(
    number: FromPath[str], world: NamedDependency[World], webhooks: NamedDependency[Webhooks]
) -> Json:
    return await webhooks.verify(_number(world, number))


@post("/numbers/{number:str}/webhooks", status_code=202)
async def post_webhook(
    number: FromPath[str],
    data: JSONBody[WebhookBody],
    world: NamedDependency[World],
    webhooks: NamedDependency[Webhooks],
) -> Json:
    known = _number(world, number)
    webhooks.send(known, envelope(known, data.field, data.value))
    return {"queued": 1}


@get("/phones")
async def list_phones(
    world: NamedDependency[World], limit: Annotated[int, QueryParameter(ge=1, le=100_000)] = 500
) -> list[Json]:
    last: dict[str, dict[str, Message]] = {}
    for (wa_id, number_id), chat in world.chats.items():
        shown = (m for m in reversed(chat) if m.type not in ("reaction", "edit", "revoke") and on_phone(m))
        if (newest_one := next(shown, None)) is not None:
            last.setdefault(wa_id, {})[number_id] = newest_one
    newest = {wa_id: max(m.at for m in chats.values()) for wa_id, chats in last.items()}
    recent = sorted(world.phones, key=lambda phone: newest.get(phone.wa_id, 0.0), reverse=True)[:limit]
    return [{**msgspec.to_builtins(phone), "last": last.get(phone.wa_id, {})} for phone in recent]


@post("/phones")
async def add_phone(data: JSONBody[PhoneBody], world: NamedDependency[World]) -> Phone:
    phone = world.phone(_wa_id(data.wa_id))
    phone.name = data.name.strip()[:80] or phone.name
    phone.hide_number = data.hide_number
    return world.save_phone(phone)


@patch("/phones/{wa_id:str}")
async def change_phone(wa_id: FromPath[str], data: JSONBody[PhonePatch], world: NamedDependency[World]) -> Phone:
    phone = _phone(world, wa_id)
    phone.name = phone.name if data.name is None else data.name.strip()[:80] or phone.name
    phone.hide_number = phone.hide_number if data.hide_number is None else data.hide_number
    return world.save_phone(phone)


@get("/phones/{wa_id:str}/chats/{number:str}")
async def read_chat(wa_id: FromPath[str], number: FromPath[str], world: NamedDependency[World]) -> Json:
    until = world.typing.get((wa_id, number), 0.0)
    return {
        "messages": world.chat(wa_id, number)[-500:],
        "typing_until": until if until > world.now() else None,
    }


@post("/phones/{wa_id:str}/messages")
async def send_as_customer(
    wa_id: FromPath[str], data: JSONBody[SendBody], world: NamedDependency[World], customers: NamedDependency[Customers]
) -> Json:
    number = _number(world, data.phone_number_id)
    ids = await customers.send(_phone(world, wa_id), number, data)
    return {"id": ids[0], "ids": ids}


@post("/phones/{wa_id:str}/media", request_max_body_size=MOST_BYTES)
async def upload(request: Request[Any, Any, Any], wa_id: FromPath[str], media: NamedDependency[MediaStore]) -> Json:
    """Keep a file of the customer's; a browser's WebM voice recording becomes the Ogg that WhatsApp carries."""
    content = await request.body()
    mime = request.headers.get("content-type", "application/octet-stream")[:120]
    if not content:
        raise RefusedError("the file is empty")
    if plain(mime) in ("audio/webm", "video/webm") and (voice := ogg.from_webm(content)) is not None:
        content, mime = voice, "audio/ogg; codecs=opus"
    kept = await media.add(content, mime=mime, filename=request.query_params.get("filename", ""))
    return {"id": kept.id, "mime_type": kept.mime}


@post("/phones/{wa_id:str}/open", status_code=200)
async def open_chat(
    wa_id: FromPath[str],
    data: JSONBody[OpenBody],
    world: NamedDependency[World],
    deliveries: NamedDependency[Deliveries],
) -> Json:
    phone = _phone(world, wa_id)
    world.look_at(phone.wa_id, data.phone_number_id, viewer="control")
    deliveries.catch_up(phone, data.phone_number_id)
    return {"open": data.phone_number_id}


@post("/phones/{wa_id:str}/online", status_code=200)
async def switch(
    wa_id: FromPath[str],
    data: JSONBody[OnlineBody],
    world: NamedDependency[World],
    customers: NamedDependency[Customers],
) -> Phone:
    phone = _phone(world, wa_id)
    customers.switch(phone, online=data.online)
    return phone


@post("/phones/{wa_id:str}/played", status_code=200)
async def played(
    wa_id: FromPath[str],
    data: JSONBody[PlayedBody],
    world: NamedDependency[World],
    deliveries: NamedDependency[Deliveries],
) -> Message:
    message = world.messages.get(data.message_id)
    if message is None or message.wa_id != wa_id:
        raise NotFoundException("no such message")
    deliveries.played(message)
    return message


@post("/phones/{wa_id:str}/window", status_code=200)
async def shift_window(wa_id: FromPath[str], data: JSONBody[WindowBody], world: NamedDependency[World]) -> Json:
    phone = _phone(world, wa_id)
    world.windows.put(f"{phone.wa_id}|{data.phone_number_id}", world.now() - data.seconds_ago)
    return {"open": world.window_open(phone.wa_id, data.phone_number_id)}


@get("/media/{media_id:str}")
async def read_media(media_id: FromPath[str], media: NamedDependency[MediaStore]) -> Response[bytes]:
    """Bytes for the page; only what a browser cannot run is shown in place."""
    found = media.get(media_id)
    content = await media.read(found) if found is not None else None
    if found is None or content is None:
        raise NotFoundException("no such media")
    kind = plain(found.mime)
    inline = kind.split("/")[0] in ("image", "audio", "video") and kind != "image/svg+xml"
    headers = {
        "content-security-policy": "default-src 'none'; sandbox",
        "content-disposition": "inline" if inline else "attachment",
        "cache-control": "private, max-age=3600",
    }
    shown = found.mime if inline else "application/octet-stream"
    return Response(content, media_type=shown, headers=headers)


@get("/faults")
async def list_faults(faults: NamedDependency[Faults]) -> list[Fault]:
    return faults.active


@post("/faults")
async def add_fault(data: JSONBody[Fault], faults: NamedDependency[Faults]) -> Fault:
    return faults.add(data)


@delete("/faults", status_code=204)
async def clear_faults(faults: NamedDependency[Faults]) -> None:
    faults.clear()


@get("/record")
async def read_record(
    *,
    record: NamedDependency[Record],
    phone_number_id: FromQuery[str | None] = None,
    to: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    since: FromQuery[int] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=100_000)] = 1000,
) -> list[Call]:
    return record.find(phone_number_id=phone_number_id, to=to, kind=kind, since=since, limit=limit)


@get("/webhooks")
async def list_webhooks(webhooks: NamedDependency[Webhooks]) -> Json:
    waiting = [
        {"id": d.id, "phone_number_id": d.phone_number_id, "attempts": d.attempts, "last": d.last}
        for d in webhooks.pending
    ]
    counts = {"pending": len(waiting), "accepted": webhooks.accepted, "dropped": webhooks.dropped}
    return {**counts, "waiting": waiting[:100]}


@post("/webhooks/retry", status_code=200)
async def retry(webhooks: NamedDependency[Webhooks]) -> Json:
    webhooks.retry()
    return {"pending": len(webhooks.pending)}


def control_router() -> Router:
    return Router(
        "/",
        route_handlers=[
            health,
            list_numbers,
            register_number,
            remove_number,
            verify_number,
            post_webhook,
            list_phones,
            add_phone,
            change_phone,
            read_chat,
            send_as_customer,
            upload,
            open_chat,
            switch,
            played,
            shift_window,
            read_media,
            list_faults,
            add_fault,
            clear_faults,
            read_record,
            list_webhooks,
            retry,
        ],
    )


def _public(number: NumberConfig) -> Json:
    return {
        "phone_number_id": number.phone_number_id,
        "waba_id": number.waba_id,
        "display_phone_number": number.display_phone_number,
        "name": number.name,
        "webhook_url": number.webhook_url,
    }


def _number(world: World, phone_number_id: str) -> NumberConfig:
    number = world.numbers.get(phone_number_id)
    if number is None:
        raise NotFoundException("no such business number")
    return number


def _phone(world: World, wa_id: str) -> Phone:
    return world.phone(_wa_id(wa_id))


def _wa_id(text: str) -> str:
    digits = digits_of(text)
    if not 7 <= len(digits) <= 15:
        raise RefusedError("a phone number has 7 to 15 digits")
    return digits
