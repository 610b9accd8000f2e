"""The demo organization: people, departments, channels and conversations that are plainly a demo; made once.

Everything goes through the same actions that real use goes through. The password and the line's secrets are derived
from the installation's key, so they differ everywhere and are stored nowhere in the clear.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select, update

from hub.accounts import departments, organizations, passwords, users
from hub.accounts.departments import DepartmentDraft
from hub.accounts.models import Organization, User
from hub.accounts.users import UserDraft
from hub.channels import actions as channels
from hub.channels.actions import ChannelDraft
from hub.channels.models import Channel
from hub.channels.ports import InboundMessage, Parcel, Sender
from hub.conversations import inbound, messages, tags, threads
from hub.conversations.messages import Draft
from hub.conversations.models import Conversation, Message, Tag
from hub.core.access import PERMISSIONS, Actor, Role, system_actor
from hub.core.clock import new_id
from hub.core.crypto import hash_password
from hub.core.hub import Hub
from hub.core.outbox import OutboxRow
from hub.core.tenancy import Scope
from hub.core.work import Work
from hub.crm.models import Identity

SLUG = "demo"
PHONE_NUMBER_ID = "100000000000001"
WABA_ID = "200000000000001"
DISPLAY_NUMBER = "15550100001"
PEOPLE = (
    ("Demo Owner", "owner@demo.example", Role.OWNER), ("Demo Manager", "manager@demo.example", Role.MANAGER),
    ("Demo Agent One", "agent1@demo.example", Role.AGENT), ("Demo Agent Two", "agent2@demo.example", Role.AGENT),
    ("Demo Viewer", "viewer@demo.example", Role.VIEWER),
)


class DemoLine(msgspec.Struct, kw_only=True):
    """The demo's WhatsApp number, as the simulator has to know it."""

    phone_number_id: str
    waba_id: str
    display_phone_number: str
    name: str
    access_token: str
    app_secret: str
    verify_token: str
    webhook_url: str


class DemoMessage(msgspec.Struct, kw_only=True):
    """A message of the demo's past that the customer has on the phone; `author` is customer or business."""

    id: str
    author: str
    text: str
    at: datetime


class DemoTalk(msgspec.Struct, kw_only=True):
    """What a demo customer and the business said, oldest first."""

    wa_id: str
    name: str
    messages: list[DemoMessage]


class SeedReport(msgspec.Struct, kw_only=True):
    """Who may sign in, and what the simulator needs."""

    email: str
    password: str
    line: DemoLine | None
    widget_channel_id: UUID | None
    talks: list[DemoTalk]
    created: bool


class _Talk(msgspec.Struct, frozen=True):
    """A demo customer and what was said: (minutes ago, who, text); who is customer, agent or note."""

    wa_id: str
    name: str
    said: tuple[tuple[int, str, str], ...]
    tag: str = ""
    closed: bool = False


_TALKS = (  # the simulator's phone knows the same customers
    _Talk("12025550105", "Emma (demo)", (
        (26, "customer", "Hi! I ordered the blue lamp on Monday and it still says “preparing”."),
        (24, "agent", "Good morning! Let me look that up for you."),
        (23, "note", "The warehouse says it leaves today."),
        (22, "agent", "It leaves our warehouse today and should be with you by Thursday."),
        (3, "customer", "Great, thank you. Can I still change the address?"),
    ), "order"),
    _Talk("5511900000001", "Ana (demo)", (
        (7, "customer", "Olá, vocês entregam em Campinas?"),
        (6, "customer", "E qual o prazo?"),
    ), "sales"),
    _Talk("5215500000003", "Carla (demo)", (
        (12, "customer", "Buenas tardes, necesito la factura de octubre, por favor."),
    ), "billing"),
    _Talk("34600000004", "Diego (demo)", (
        (190, "customer", "¿Lo tienen en verde?"),
        (188, "agent", "¡Sí! ¿Le apartamos uno?"),
        (180, "customer", "Sí, por favor. Paso el sábado."),
        (179, "agent", "Listo. ¡Hasta el sábado!"),
    ), "sales", closed=True),
    _Talk("5521900000002", "Bruno (demo)", ((1, "customer", "Tem alguém aí?"),)),
)


async def seed_demo(hub: Hub) -> SeedReport:
    """Makes what is missing of the demo. Repeating it changes nothing, and a start that was cut off is completed."""
    organization_id = await _organization(hub)
    created = organization_id is None
    if organization_id is None:
        organization_id = new_id()
        await _people(hub, organization_id)
    if not await _count(hub, organization_id, Channel):
        await _channels(hub, organization_id)
    if await _count(hub, organization_id, Conversation) < len(_TALKS):
        await _talks(hub, organization_id)
    return await _report(hub, organization_id, created=created)


async def _organization(hub: Hub) -> UUID | None:
    async with hub.database.transaction(Scope.across("demo")) as session:
        found: UUID | None = await session.scalar(select(Organization.id).where(Organization.slug == SLUG))
        return found


async def _count(hub: Hub, organization_id: UUID, table: type[Channel | Conversation]) -> int:
    async with hub.work(system_actor(organization_id, "demo")) as work:
        return await work.session.scalar(select(func.count()).select_from(table)) or 0


async def _people(hub: Hub, organization_id: UUID) -> None:
    password_hash = await hash_password(passwords.normalized(_password(hub)))
    (owner_name, owner_email, _), *others = PEOPLE
    founder = Actor(kind="user", organization_id=organization_id, user_id=new_id(), name=owner_name, role=Role.OWNER,
                    permissions=system_actor(organization_id, "demo").permissions)
    async with hub.work(founder) as work:
        await organizations.create(work, name="Demo Shop", slug=SLUG, owner_name=owner_name, owner_email=owner_email,
                                   password_hash=password_hash)
        made = [await users.create(work, UserDraft(name=name, email=email, role=role), password_hash=password_hash)
                for name, email, role in others]
        agents = [user.id for user in made if user.role == Role.AGENT]
        await departments.create(work, DepartmentDraft(name="Sales", member_ids=agents[:1]))
        await departments.create(work, DepartmentDraft(name="Support", member_ids=agents))
        for name, color in (("order", "#2563eb"), ("sales", "#15803d"), ("billing", "#b45309")):
            await tags.create(work, tags.TagDraft(name=name, color=color))


async def _channels(hub: Hub, organization_id: UUID) -> None:
    async with hub.work(system_actor(organization_id, "demo")) as work:
        await channels.create(work, ChannelDraft(
            kind="whatsapp_business", name="WhatsApp (simulated)",
            settings={"phone_number_id": PHONE_NUMBER_ID, "waba_id": WABA_ID, "display_phone_number": DISPLAY_NUMBER},
            credentials={name: _derived(hub, name) for name in ("access_token", "app_secret", "verify_token")},
        ))
        await channels.create(work, ChannelDraft(
            kind="webchat", name="Demo Shop", settings={"greeting": "Hello! Ask us anything about the demo shop."},
        ))


async def _talks(hub: Hub, organization_id: UUID) -> None:
    agent = await _agent(hub, organization_id)
    for talk in _TALKS:
        for index, (minutes, who, text) in enumerate(talk.said):
            at = hub.clock.now() - timedelta(minutes=minutes)
            async with hub.work(system_actor(organization_id, "demo") if who == "customer" else agent) as work:
                work.now = at
                if who == "customer":
                    await inbound.receive(work, "meta", _parcel(talk, index, text, at), received_at=at)
                else:
                    await _said(work, talk, index, text, note=who == "note")
        await _finish(hub, agent, talk)


def _parcel(talk: _Talk, index: int, text: str, at: datetime) -> Parcel:
    sender = Sender(identities=(("whatsapp", talk.wa_id, f"+{talk.wa_id}"),), name=talk.name)
    return Parcel(external_id=PHONE_NUMBER_ID, value=InboundMessage(
        vendor_id=_vendor_id(talk, index), sender=sender, occurred_at=at, kind="text", text=text,
    ))


async def _said(work: Work, talk: _Talk, index: int, text: str, *, note: bool) -> None:
    """An agent's words of some time ago: nothing is left to deliver, the customer has read them."""
    draft = Draft(client_id=f"demo-{talk.wa_id}-{index}", text=text, note=note)
    message, _ = await messages.reply(work, await _conversation(work, talk), draft)
    if note:
        return
    await work.session.execute(delete(OutboxRow).where(OutboxRow.job == "deliver", OutboxRow.state == "waiting"))
    told = {"state": "read", "vendor_id": _vendor_id(talk, index)}
    await work.session.execute(update(Message).where(Message.id == message.id).values(**told))


def _vendor_id(talk: _Talk, index: int) -> str:
    return f"wamid.demo.{talk.wa_id}.{index}"


async def _finish(hub: Hub, agent: Actor, talk: _Talk) -> None:
    async with hub.work(agent) as work:
        conversation_id = await _conversation(work, talk)
        if talk.tag:
            tag_id = (await work.session.execute(select(Tag.id).where(Tag.name == talk.tag))).scalar_one()
            await threads.tag(work, conversation_id, [tag_id])
        if talk.closed:
            await threads.close(work, conversation_id, disposition="solved")


async def _conversation(work: Work, talk: _Talk) -> UUID:
    statement = select(Conversation.id).join(Identity, Identity.id == Conversation.identity_id).where(
        Identity.value == talk.wa_id
    )
    return (await work.session.execute(statement)).scalar_one()


async def _agent(hub: Hub, organization_id: UUID) -> Actor:
    """The demo agent who has answered so far."""
    async with hub.work(system_actor(organization_id, "demo")) as work:
        user = (await work.session.execute(select(User).where(User.email == "agent1@demo.example"))).scalar_one()
    return Actor(kind="user", organization_id=organization_id, user_id=user.id, name=user.name, role=Role.MANAGER,
                 permissions=PERMISSIONS[Role.MANAGER])


async def _report(hub: Hub, organization_id: UUID, *, created: bool) -> SeedReport:
    async with hub.work(system_actor(organization_id, "demo")) as work:
        rows = await work.session.scalars(select(Channel).where(Channel.deleted_at.is_(None)))
        found = {row.kind: row for row in rows}
        line = found.get("whatsapp_business")
        secrets = channels.access_of(work, line).credentials if line else {}
        said = await _said_so_far(work)
    widget = found.get("webchat")
    return SeedReport(
        talks=[DemoTalk(wa_id=talk.wa_id, name=talk.name, messages=said.get(talk.wa_id, [])) for talk in _TALKS],
        email=PEOPLE[0][1], password=_password(hub), created=created, widget_channel_id=widget.id if widget else None,
        line=None if line is None else DemoLine(
            phone_number_id=line.external_id or "", waba_id=line.settings.get("waba_id", ""), name="Demo Shop",
            display_phone_number=line.settings.get("display_phone_number", ""),
            webhook_url=f"/webhooks/whatsapp/{organization_id}", access_token=secrets.get("access_token", ""),
            app_secret=secrets.get("app_secret", ""), verify_token=secrets.get("verify_token", ""),
        ),
    )


async def _said_so_far(work: Work) -> dict[str, list[DemoMessage]]:
    """The demo's messages as they stand in the database, by customer: there they have their true times."""
    known = select(Message).where(Message.vendor_id.startswith("wamid.demo."))
    rows = await work.session.scalars(known.order_by(Message.conversation_id, Message.seq))
    said: dict[str, list[DemoMessage]] = {}
    for row in rows:
        vendor_id = row.vendor_id or ""
        author = "customer" if row.author == "customer" else "business"
        told = DemoMessage(id=vendor_id, author=author, text=row.text, at=row.occurred_at)
        said.setdefault(vendor_id.split(".")[2], []).append(told)
    return said


def _password(hub: Hub) -> str:
    return f"demo-{_derived(hub, 'password')[:12]}"


def _derived(hub: Hub, purpose: str) -> str:
    digest = hmac.new(hub.settings.secret_key.encode(), f"demo:{purpose}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower().rstrip("=")
