"""What a customer does on the phone, and the webhooks that follow."""

from typing import Any

import msgspec

from providers.simulator import media, samples
from providers.simulator.config import NumberConfig
from providers.simulator.delivery import Deliveries
from providers.simulator.envelopes import message_event
from providers.simulator.media import MediaStore
from providers.simulator.outbound import MEDIA_TYPES
from providers.simulator.webhooks import Webhooks
from providers.simulator.world import Message, Phone, World, new_wamid

PLAIN = ("text", "location", "contacts", "interactive", "button", "order", "system", "unsupported")


class RefusedError(Exception):
    """The phone cannot do that; the text says why."""


class SendBody(msgspec.Struct, kw_only=True):
    """A customer's message: the content lies under its type's name, as on the wire.

    `edit` is `{message_id, text}`, `revoke` is `{message_id}`, `reaction` is `{message_id, emoji}` (emoji "" or null
    takes it back), media is `{id, caption?, filename?, voice?, animated?}` with an id from the phone's media upload, or
    `{sample: true}` for a picture, voice note or document made on the spot.
    `burst` sends that many pictures at once, in parallel webhooks. `timestamp` (unix seconds) writes the message in
    the past, as when it arrives late.
    """

    phone_number_id: str
    type: str
    text: dict[str, Any] | None = None
    image: dict[str, Any] | None = None
    video: dict[str, Any] | None = None
    audio: dict[str, Any] | None = None
    document: dict[str, Any] | None = None
    sticker: dict[str, Any] | None = None
    location: dict[str, Any] | None = None
    contacts: list[dict[str, Any]] | None = None
    reaction: dict[str, Any] | None = None
    interactive: dict[str, Any] | None = None
    button: dict[str, Any] | None = None
    order: dict[str, Any] | None = None
    system: dict[str, Any] | None = None
    unsupported: dict[str, Any] | None = None
    edit: dict[str, Any] | None = None
    revoke: dict[str, Any] | None = None
    reply_to: str | None = None
    forwarded: bool = False
    referral: dict[str, Any] | None = None
    errors: list[dict[str, Any]] | None = None
    burst: int = 1
    timestamp: float | None = None


class Customers:
    """Customers' acts; each returns the ids of the messages it made."""

    def __init__(self, world: World, store: MediaStore, webhooks: Webhooks, deliveries: Deliveries) -> None:
        self._world = world
        self._media = store
        self._webhooks = webhooks
        self._deliveries = deliveries
        webhooks.taken = self.taken

    async def send(self, phone: Phone, number: NumberConfig, body: SendBody) -> list[str]:
        """Send as this customer. Raises RefusedError."""
        if body.burst > 1:
            return await self._burst(phone, number, body)
        return [self._post(phone, number, await self._content(phone, number, body), body).id]

    def switch(self, phone: Phone, *, online: bool) -> None:
        """Turn the phone's connection off or on; what waited goes out."""
        phone.online = online
        self._world.save_phone(phone)
        if not online:
            return
        for message in list(self._world.messages):
            number = self._world.numbers.get(message.phone_number_id)
            if message.wa_id == phone.wa_id and message.state == "waiting" and number is not None:
                message.state = "sent"
                self._dispatch(phone, number, self._world.save(message), in_order=True)
        self._deliveries.catch_up(phone)

    def taken(self, message_id: str) -> None:
        """The hub accepted the webhook of a customer's message."""
        message = self._world.messages.get(message_id)
        if message is not None and message.state == "sent":
            message.state = "delivered"
            self._world.save(message)

    async def _burst(self, phone: Phone, number: NumberConfig, body: SendBody) -> list[str]:
        if body.type != "image" or body.burst > 30:
            raise RefusedError("burst sends 2 to 30 images")
        contents = []
        for index in range(body.burst):
            given = dict(body.image or {})
            if not given.get("id"):
                given["id"] = (await self._media.add(samples.picture(index), mime="image/png")).id
            contents.append(await self._medium("image", number, given))
        return [self._post(phone, number, content, body, in_order=False).id for content in contents]

    async def _content(self, phone: Phone, number: NumberConfig, body: SendBody) -> Any:
        given = getattr(body, body.type, None) if body.type in SendBody.__struct_fields__ else None
        if given is None or body.type not in (*PLAIN, *MEDIA_TYPES, "reaction", "edit", "revoke"):
            raise RefusedError(f"no content for type {body.type[:40]!r}")
        if body.type in MEDIA_TYPES:
            return await self._medium(body.type, number, given)
        if body.type == "reaction":
            return self._react(phone, number, given)
        if body.type == "edit":
            return self._edit(phone, number, given)
        if body.type == "revoke":
            return self._revoke(phone, number, given)
        if body.type == "text" and not (isinstance(given.get("body"), str) and given["body"]):
            raise RefusedError("text needs a body")
        return given

    async def _sample(self, kind: str) -> media.Media | None:
        made = {
            "image": (samples.picture(), "image/png", ""),
            "audio": (samples.voice_note(), "audio/ogg; codecs=opus", ""),
            "document": (samples.document(), "application/pdf", "sample.pdf"),
        }.get(kind)
        return await self._media.add(made[0], mime=made[1], filename=made[2]) if made else None

    async def _medium(self, kind: str, number: NumberConfig, given: dict[str, Any]) -> dict[str, Any]:
        found = self._media.get(str(given.get("id")))
        if found is None and given.get("sample"):
            found = await self._sample(kind)
        if found is None:
            raise RefusedError("no such media; upload it first")
        self._media.share(found, number.phone_number_id)
        return media.wire(kind, found, given)

    def _react(self, phone: Phone, number: NumberConfig, given: dict[str, Any]) -> dict[str, Any]:
        target = self._target(phone, number, given)
        emoji = given.get("emoji")
        target.reactions = {**target.reactions, "customer": str(emoji)} if emoji else _without_customer(target)
        self._world.save(target)
        return {"message_id": target.id} if emoji is None else {"message_id": target.id, "emoji": emoji}

    def _edit(self, phone: Phone, number: NumberConfig, given: dict[str, Any]) -> dict[str, Any]:
        target = self._own(phone, number, given)
        text = given.get("text")
        if target.type == "text" and isinstance(text, str) and text:
            target.body = {**target.body, "body": text}
        elif target.type in ("image", "video", "document") and isinstance(text, str):
            target.body = {**target.body, "caption": text}
        else:
            raise RefusedError("this message cannot be edited")
        target.edited = True
        self._world.save(target)
        return {"original_message_id": target.id, "message": {"type": target.type, target.type: target.body}}

    def _revoke(self, phone: Phone, number: NumberConfig, given: dict[str, Any]) -> dict[str, Any]:
        target = self._own(phone, number, given)
        target.revoked = True
        self._world.save(target)
        return {"original_message_id": target.id}

    def _target(self, phone: Phone, number: NumberConfig, given: dict[str, Any]) -> Message:
        target = self._world.messages.get(str(given.get("message_id")))
        if target is None or (target.wa_id, target.phone_number_id) != (phone.wa_id, number.phone_number_id):
            raise RefusedError("no such message in this chat")
        return target

    def _own(self, phone: Phone, number: NumberConfig, given: dict[str, Any]) -> Message:
        target = self._target(phone, number, given)
        if target.author != "customer" or target.revoked:
            raise RefusedError("only own messages can be changed")
        return target

    def _post(
        self, phone: Phone, number: NumberConfig, content: Any, body: SendBody, *, in_order: bool = True
    ) -> Message:
        message = Message(
            id=new_wamid(phone.wa_id),
            phone_number_id=number.phone_number_id,
            wa_id=phone.wa_id,
            author="customer",
            type=body.type,
            body=content,
            at=body.timestamp or self._world.now(),
            state="sent" if phone.online else "waiting",
            context_id=body.reply_to,
            extra=self._extra(number, body),
        )
        self._world.add(message)
        if phone.online:
            self._dispatch(phone, number, message, in_order=in_order)
        return message

    def _dispatch(self, phone: Phone, number: NumberConfig, message: Message, *, in_order: bool) -> None:
        event = message_event(number, phone, message)
        self._webhooks.send(number, event, to=phone.wa_id, message_id=message.id, in_order=in_order)

    def _extra(self, number: NumberConfig, body: SendBody) -> dict[str, Any] | None:
        extra: dict[str, Any] = {}
        if body.reply_to:
            target = self._world.messages.get(body.reply_to)
            own = target is not None and target.author == "customer"
            author = target.wa_id if target is not None and own else _digits(number)
            extra["context"] = {"from": author, "id": body.reply_to}
        elif body.forwarded:
            extra["context"] = {"forwarded": True}
        if body.referral:
            extra["referral"] = body.referral
        if body.errors or body.type == "unsupported":
            extra["errors"] = body.errors or [
                {
                    "code": 131051,
                    "title": "Message type unknown",
                    "message": "Message type unknown",
                    "error_data": {"details": "Message type is currently not supported."},
                }
            ]
        return extra or None


def _without_customer(message: Message) -> dict[str, str]:
    return {who: emoji for who, emoji in message.reactions.items() if who != "customer"}


def _digits(number: NumberConfig) -> str:
    return "".join(filter(str.isdigit, number.display_phone_number))
