"""Makes the demo organization of `api/demo.py`, once.

Everything goes through the same actions that real use goes through. The password and the line's secrets are derived
from the installation's key, so they differ everywhere and are stored nowhere in the clear.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import delete, func, select

from api.demo import (
    CANNED,
    DEPARTMENTS,
    DISPLAY_NUMBER,
    FIELDS,
    NAME,
    PEOPLE,
    PHONE_NUMBER_ID,
    SLUG,
    TAGS,
    TALKS,
    VIEWS,
    WABA_ID,
    WIDGET,
    Said,
    Talk,
)
from hub.accounts import departments, organizations, passwords, users
from hub.accounts.departments import DepartmentDraft
from hub.accounts.models import Department, Organization, User
from hub.accounts.users import UserDraft
from hub.channels import actions as channels
from hub.channels import visitors
from hub.channels.actions import ChannelDraft
from hub.channels.models import Channel
from hub.channels.ports import InboundMessage, Parcel, Sender
from hub.channels.visitors import VisitorDraft
from hub.conversations import canned, inbound, log, messages, saved_views, scheduling, snoozing, tags, threads
from hub.conversations import fields as conversation_fields
from hub.conversations.filters import Filters
from hub.conversations.messages import Draft
from hub.conversations.models import Conversation, Message, Tag
from hub.conversations.saved_views import ViewDraft
from hub.conversations.scheduling import ScheduleDraft
from hub.core.access import PERMISSIONS, Actor, Role, system_actor
from hub.core.clock import new_id
from hub.core.crypto import hash_password
from hub.core.hub import Hub
from hub.core.outbox import OutboxRow
from hub.core.tenancy import Scope
from hub.core.work import Work
from hub.crm import contacts, fields
from hub.crm.models import Identity


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


async def seed_demo(hub: Hub) -> SeedReport:
    """Makes what is missing of the demo. Repeating it changes nothing, and a start that was cut off is completed."""
    organization_id = await _organization(hub)
    created = organization_id is None
    if organization_id is None:
        organization_id = new_id()
        await _house(hub, organization_id)
    if not await _count(hub, organization_id, Conversation):
        await _talks(hub, organization_id)
    return await _report(hub, organization_id, created=created)


async def _organization(hub: Hub) -> UUID | None:
    async with hub.database.transaction(Scope.across("demo")) as session:
        found: UUID | None = await session.scalar(select(Organization.id).where(Organization.slug == SLUG))
        return found


async def _count(hub: Hub, organization_id: UUID, table: type[Conversation]) -> int:
    async with hub.work(system_actor(organization_id, "demo")) as work:
        return await work.session.scalar(select(func.count()).select_from(table)) or 0


async def _house(hub: Hub, organization_id: UUID) -> None:
    """The organization with its people and everything that is settled before the first customer writes."""
    password_hash = await hash_password(passwords.normalized(_password(hub)))
    name, email, _ = PEOPLE["owner"]
    founder = Actor(kind="user", organization_id=organization_id, user_id=new_id(), name=name, role=Role.OWNER,
                    permissions=PERMISSIONS[Role.OWNER])
    assert founder.user_id is not None
    async with hub.work(founder) as work:
        await organizations.create(work, name=NAME, slug=SLUG, owner_name=name, owner_email=email,
                                   password_hash=password_hash)
        ids = {"owner": founder.user_id}
        for key, (name, email, role) in PEOPLE.items():
            if key != "owner":
                draft = UserDraft(name=name, email=email, role=role)
                ids[key] = (await users.create(work, draft, password_hash=password_hash)).id
        houses = {
            name: (await departments.create(work, DepartmentDraft(name=name, member_ids=[ids[key] for key in keys]))).id
            for name, keys in DEPARTMENTS.items()
        }
        labels = {name: (await tags.create(work, tags.TagDraft(name=name, color=color))).id
                  for name, color in TAGS.items()}
        for field in FIELDS:
            await fields.create(work, field)
        for response in CANNED:
            await canned.create(work, response)
        for position, (name, query, shared) in enumerate(VIEWS):
            await saved_views.create(work, ViewDraft(
                name=name, query=_filters(query, houses, labels), shared=shared, position=position
            ))
        await _channels(hub, work)


def _filters(query: Mapping[str, object], houses: Mapping[str, UUID], labels: Mapping[str, UUID]) -> Filters:
    given = dict(query)
    if house := given.pop("department", None):
        given["department_id"] = [str(houses[str(house)])]
    if label := given.pop("tag", None):
        given["tag_id"] = [str(labels[str(label)])]
    return msgspec.convert(given, Filters)


async def _channels(hub: Hub, work: Work) -> None:
    await channels.create(work, ChannelDraft(
        kind="whatsapp_business", name="WhatsApp (simulated)",
        settings={"phone_number_id": PHONE_NUMBER_ID, "waba_id": WABA_ID, "display_phone_number": DISPLAY_NUMBER},
        credentials={name: _derived(hub, name) for name in ("access_token", "app_secret", "verify_token")},
    ))
    await channels.create(work, ChannelDraft(kind="webchat", name=NAME, settings=WIDGET))


class _Stage(msgspec.Struct):
    """Where the talks take place: one unit of work, whose actor and instant change with every line."""

    work: Work
    people: dict[str, Actor]
    system: Actor
    widget: Channel
    departments: dict[str, UUID]
    tags: dict[str, UUID]
    began: datetime

    def let(self, who: str, minutes: float) -> Work:
        self.work.actor = self.people.get(who, self.system)
        self.work.now = self.began - timedelta(minutes=minutes)
        return self.work


async def _talks(hub: Hub, organization_id: UUID) -> None:
    """All of them or none."""
    async with hub.work(system_actor(organization_id, "demo")) as work:
        stage = await _stage(work)
        for talk in TALKS:
            conversation_id = await _hold(stage, talk)
            await _leave(stage, talk, conversation_id)
        # Nothing is left to deliver: the customers have read it all.
        await work.session.execute(delete(OutboxRow).where(OutboxRow.job.in_(("deliver", "mark_read"))))


async def _stage(work: Work) -> _Stage:
    session = work.session
    found = {user.email: user for user in await session.scalars(select(User))}
    people = {
        key: Actor(kind="user", organization_id=work.organization_id, user_id=found[email].id, name=name,
                   role=Role.MANAGER, permissions=PERMISSIONS[Role.MANAGER])
        for key, (name, email, _) in PEOPLE.items()
    }
    return _Stage(
        work=work, people=people, system=work.actor, began=work.now,
        widget=(await session.scalars(select(Channel).where(Channel.kind == "webchat"))).one(),
        departments={one.name: one.id for one in await session.scalars(select(Department))},
        tags={one.name: one.id for one in await session.scalars(select(Tag))},
    )


async def _hold(stage: _Stage, talk: Talk) -> UUID:
    """What was said, and by the first word's side where it was sent; the conversation."""
    conversation_id: UUID | None = None
    visitor = None if talk.wa_id else await _visitor(stage, talk)
    for index, said in enumerate(talk.said):
        work = stage.let(said.who, said.minutes)
        if said.who != "customer":
            assert conversation_id is not None
            await _answer(stage, talk, index, said, conversation_id)
        elif visitor is not None:
            work.actor = visitor
            draft = Draft(client_id=_client_id(talk, index), text=said.text)
            _, conversation_id, _ = await messages.visitor_send(work, draft)
        else:
            await inbound.receive(work, "meta", _parcel(talk, index, said.text, work.now), received_at=work.now)
            conversation_id = conversation_id or await _conversation(work, talk)
        if index == 0:
            assert conversation_id is not None
            await _direct(stage, talk, conversation_id, said.minutes)
    assert conversation_id is not None
    return conversation_id


async def _visitor(stage: _Stage, talk: Talk) -> Actor:
    work = stage.let("customer", talk.said[0].minutes)
    visitor, _ = await visitors.greet(work, stage.widget, VisitorDraft(name=talk.name))
    return visitors.visitor_actor(visitor)


async def _direct(stage: _Stage, talk: Talk, conversation_id: UUID, minutes: float) -> None:
    """To its department and to whom it was given, with what was seen of it at once."""
    if talk.tags:
        await threads.tag(stage.let("manager", minutes), conversation_id, [stage.tags[name] for name in talk.tags])
    if talk.department:
        work = stage.let("manager", minutes)
        to = await threads.receivers(work, UNSET, stage.departments[talk.department])
        await threads.assign_to(work, conversation_id, to=to)
    if talk.assigned:
        giver, taker = talk.assigned
        await threads.assign(stage.let(giver, minutes), conversation_id, user_id=stage.people[taker].user_id)


async def _answer(stage: _Stage, talk: Talk, index: int, said: Said, conversation_id: UUID) -> None:
    """An agent's words; the customer has read what was not a note."""
    called = stage.people[said.calls].user_id if said.calls else None
    draft = Draft(client_id=_client_id(talk, index), text=said.text, note=said.note,
                  mention_ids=[called] if called else [])
    message, _ = await messages.reply(stage.work, conversation_id, draft)
    if not said.note:
        session = stage.work.session
        row = await session.get_one(Message, message.id)
        row.state, row.vendor_id = "read", _vendor_id(talk, index) if talk.wa_id else None
        log.shown_last(await session.get_one(Conversation, conversation_id), row)
        await session.flush()


async def _leave(stage: _Stage, talk: Talk, conversation_id: UUID) -> None:
    """How things stand after the last word."""
    last = talk.said[-1]
    who = next((said.who for said in reversed(talk.said) if said.who != "customer"), "manager")
    work = stage.let(who, last.minutes)
    if talk.fields:
        await conversation_fields.set_values(work, conversation_id, talk.fields)
    if talk.contact_fields:
        contact_id = await work.session.scalar(
            select(Conversation.contact_id).where(Conversation.id == conversation_id)
        )
        assert contact_id is not None
        await contacts.set_fields(work, contact_id, talk.contact_fields)
    if talk.scheduled:
        hours, author, text = talk.scheduled
        await scheduling.schedule(stage.let(author, last.minutes), conversation_id, ScheduleDraft(
            client_id=_client_id(talk, len(talk.said)), text=text, send_at=stage.began + timedelta(hours=hours),
        ))
    if talk.snoozed_hours:
        await snoozing.snooze(work, conversation_id, stage.began + timedelta(hours=talk.snoozed_hours))
    if talk.closed:
        await threads.close(work, conversation_id, disposition=talk.closed)


def _parcel(talk: Talk, index: int, text: str, at: datetime) -> Parcel:
    sender = Sender(identities=(("whatsapp", talk.wa_id, f"+{talk.wa_id}"),), name=talk.name)
    return Parcel(external_id=PHONE_NUMBER_ID, value=InboundMessage(
        vendor_id=_vendor_id(talk, index), sender=sender, occurred_at=at, kind="text", text=text,
    ))


def _client_id(talk: Talk, index: int) -> str:
    return f"demo-{talk.wa_id or 'visitor'}-{index}"


def _vendor_id(talk: Talk, index: int) -> str:
    return f"wamid.demo.{talk.wa_id}.{index}"


async def _conversation(work: Work, talk: Talk) -> UUID:
    statement = select(Conversation.id).join(Identity, Identity.id == Conversation.identity_id).where(
        Identity.value == talk.wa_id
    )
    return (await work.session.execute(statement)).scalar_one()


async def _report(hub: Hub, organization_id: UUID, *, created: bool) -> SeedReport:
    async with hub.work(system_actor(organization_id, "demo")) as work:
        rows = await work.session.scalars(select(Channel).where(Channel.deleted_at.is_(None)))
        found = {row.kind: row for row in rows}
        line = found.get("whatsapp_business")
        secrets = channels.access_of(work, line).credentials if line else {}
        said = await _said_so_far(work)
    widget = found.get("webchat")
    return SeedReport(
        talks=[DemoTalk(wa_id=talk.wa_id, name=talk.name, messages=said.get(talk.wa_id, []))
               for talk in TALKS if talk.wa_id],
        email=PEOPLE["owner"][1], password=_password(hub), created=created,
        widget_channel_id=widget.id if widget else None,
        line=None if line is None else DemoLine(
            phone_number_id=line.external_id or "", waba_id=line.settings.get("waba_id", ""), name=NAME,
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
