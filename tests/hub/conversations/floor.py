"""A contact-center floor for tests: an organization, its people and channels, a provider that does as it is told."""

import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.accounts.models import Department, DepartmentMember, Organization, User
from hub.accounts.ports import Mail
from hub.channels.models import Channel, Visitor
from hub.channels.ports import (
    ChannelAccess,
    InboundMessage,
    OutboundMessage,
    Parcel,
    Receipt,
    Sender,
    Sent,
)
from hub.conversations.grouped import arrivals, replies, words
from hub.conversations.messages import Draft
from hub.conversations.models import Conversation, Message
from hub.core import outbox
from hub.core.access import PERMISSIONS, Actor, Role, system_actor
from hub.core.bus import EventRecord
from hub.core.clock import Clock, new_id
from hub.core.crypto import Keyring, token_hash
from hub.core.db import Database
from hub.core.errors import Invalid, NotFound
from hub.core.hub import Hub
from hub.core.outbox import Job
from hub.core.runner import run_leased
from hub.core.settings import Settings
from hub.core.signals import AnySignal, ConversationSignal, Listener
from hub.core.tenancy import Scope
from hub.ports import Ports
from hub.reactions import JOBS, REACTIONS
from providers.memory import MemoryPresence, MemoryRates

PROVIDER = "meta"
SECRET = "a secret of tests, long enough for a key"


class Ear:
    """A signal bus that remembers what was published."""

    def __init__(self) -> None:
        self.heard: list[AnySignal] = []

    def publish(self, signals: Sequence[AnySignal]) -> None:
        self.heard += signals

    def wanted(self, _organization_id: UUID) -> bool:
        return True

    def listen(self, _listener: Listener, _on_gap: Callable[[], None], **_wants: Any) -> Callable[[], None]:
        return lambda: None

    def of(self, conversation_id: UUID) -> list[ConversationSignal]:
        return [one for one in self.heard if isinstance(one, ConversationSignal)
                and one.conversation_id == conversation_id]


class Shelf:
    """A file store in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def save(self, key: str, chunks: AsyncIterator[bytes], *, limit: int) -> tuple[int, bytes]:
        data = b"".join([chunk async for chunk in chunks])
        self.kept[key] = data
        return len(data), hashlib.sha256(data).digest()

    async def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        if key not in self.kept:
            raise NotFound
        yield self.kept[key][start:end]

    async def delete(self, key: str) -> None:
        self.kept.pop(key, None)


class Postbox:
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)


class FakeAdapter:
    """A provider whose bodies are our own parcels in JSON, and whose answers are set by the test."""

    kind = "whatsapp_business"
    provider = PROVIDER

    def __init__(self) -> None:
        self.sent: list[OutboundMessage] = []
        self.ticked: list[tuple[str, bool]] = []
        self.answers: list[BaseException | Callable[[OutboundMessage], Any]] = []
        self.media: dict[str, bytes | Exception] = {}

    def verify(self, access: ChannelAccess, headers: Mapping[str, str], body: bytes) -> bool:
        return True

    def parse(self, body: bytes) -> list[Parcel]:
        try:
            return msgspec.json.decode(body, type=list[Parcel])
        except msgspec.MsgspecError:
            raise Invalid("body_unreadable") from None

    def order_key(self, body: bytes) -> str | None:
        return None

    async def send(self, access: ChannelAccess, message: OutboundMessage) -> Sent:
        self.sent.append(message)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        if answer is not None:
            return await answer(message)
        return Sent(vendor_id=f"out-{message.our_id}-{len(self.sent)}")

    async def mark_read(self, access: ChannelAccess, vendor_id: str, *, typing: bool) -> None:
        self.ticked.append((vendor_id, typing))

    async def fetch_media(self, access: ChannelAccess, ref: str, *, limit: int) -> AsyncIterator[bytes]:
        found = self.media.get(ref, NotFound())
        if isinstance(found, Exception):
            raise found
        yield found

    async def check(self, access: ChannelAccess) -> None:
        return None


class Floor:
    """One organization. `actor("agent", …)` makes people, `channel(…)` numbers and widgets."""

    def __init__(self, hub: Hub, organization_id: UUID) -> None:
        self.hub = hub
        self.organization_id = organization_id
        self.ear: Ear = hub.signals  # type: ignore[assignment]
        self.adapter: FakeAdapter = hub.ports.channels[PROVIDER]
        self.shelf: Shelf = hub.ports.files
        self.system = system_actor(organization_id, "test")

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Any]:
        async with self.hub.database.transaction(Scope.of(self.organization_id)) as session:
            yield session

    async def add(self, *rows: Any) -> None:
        async with self.session() as session:
            session.add_all(rows)
            await session.flush()

    async def actor(
        self, role: str = "agent", *, name: str = "Ana Demo", departments: Sequence[UUID] = (), active: bool = True
    ) -> Actor:
        user_id, now = new_id(), self.hub.clock.now()
        await self.add(User(
            id=user_id, name=name, email=f"{user_id.hex}@example.test", role=role, password_hash=None,
            is_active=active, locale="en", time_zone="UTC", theme="system", search_text="", created_at=now,
            updated_at=now, deleted_at=None,
        ))
        await self.add(*(DepartmentMember(id=new_id(), department_id=one, user_id=user_id) for one in departments))
        return Actor(
            kind="user", organization_id=self.organization_id, user_id=user_id, name=name, role=Role(role),
            department_ids=frozenset(departments), permissions=PERMISSIONS[Role(role)],
        )

    async def department(self, name: str = "Sales") -> UUID:
        department_id = new_id()
        await self.add(Department(id=department_id, name=f"{name} {department_id.hex[-6:]}",
                                  created_at=self.hub.clock.now()))
        return department_id

    async def channel(self, kind: str = "whatsapp_business", *, department_id: UUID | None = None) -> Channel:
        now = self.hub.clock.now()
        outside = kind == "whatsapp_business"
        row = Channel(
            id=new_id(), kind=kind, provider=PROVIDER if outside else "widget", name="Line",
            external_id=uuid4().hex if outside else None, state="active", settings={}, credentials=None,
            credentials_set=[], health={}, department_id=department_id, last_inbound_at=None, created_at=now,
            updated_at=now, deleted_at=None,
        )
        await self.add(row)
        return row

    async def visitor(self, channel: Channel, name: str = "Vera") -> Actor:
        visitor_id, now = new_id(), self.hub.clock.now()
        await self.add(Visitor(
            id=visitor_id, channel_id=channel.id, contact_id=None, hash=token_hash(uuid4().hex), name=name, email="",
            locale="en", page_url="", created_at=now, last_seen_at=now,
        ))
        return Actor(kind="visitor", organization_id=self.organization_id, visitor_id=visitor_id,
                     channel_id=channel.id, name=name)

    def heard(self, channel: Channel, *values: Any) -> list[Parcel]:
        return [Parcel(external_id=channel.external_id or "", value=value) for value in values]

    async def take(self, parcels: Sequence[Parcel] | bytes, *, key: str | None = None, apart: bool = False) -> bool:
        """Takes a body in as a webhook does; `apart`: only kept, and left to the job that does one at a time."""
        delivery = await self.delivery(parcels, key=key, apart=apart)
        return bool(await arrivals.receive(self.hub, self.organization_id, delivery))

    async def delivery(
        self, parcels: Sequence[Parcel] | bytes, *, key: str | None = None, apart: bool = False
    ) -> arrivals.Delivery:
        """A body that every line of the organization has signed."""
        body = parcels if isinstance(parcels, bytes) else msgspec.json.encode(parcels)
        async with self.session() as session:
            lines = (await session.scalars(select(Channel).where(Channel.provider == PROVIDER))).all()
        return arrivals.Delivery(
            provider=PROVIDER, vendor_key=key or hashlib.sha256(body).hexdigest(), headers={}, body=body,
            order_key=_first_person(self._understood(body)), parcels=None if apart else self._understood(body),
            signed_by=[arrivals.Signer(line.id, line.external_id, line.updated_at) for line in lines],
        )

    def _understood(self, body: bytes) -> list[Parcel] | None:
        try:
            return self.adapter.parse(body)
        except Invalid:
            return None

    async def receive(self, channel: Channel, *values: Any) -> None:
        """A webhook, kept and processed."""
        await self.take(self.heard(channel, *values))
        await self.run()

    async def run(self, *, limit: int = 500) -> list[str]:
        """Does this organization's due work, one after another; the names of the jobs done."""
        done: list[str] = []
        while len(done) < limit and (job := await self.claim()) is not None:
            await run_leased(self.hub, job)
            done.append(job.name)
        return done

    async def claim(self, name: str | None = None) -> Job | None:
        """Leases this organization's first due row (of one kind)."""
        async with self.session() as session:
            statement = select(outbox.OutboxRow.id).where(outbox.OutboxRow.state.in_(("waiting", "running")))
            if name:
                statement = statement.where(outbox.OutboxRow.job == name)
            ids = (await session.scalars(statement.order_by(outbox.OutboxRow.position))).all()
        for row_id in ids:
            if jobs := await outbox.claim(self.hub, 1, only=row_id):
                return jobs[0]
        return None

    async def reply(self, actor: Actor, conversation_id: UUID, text: str = "Hello", **fields: Any) -> Any:
        draft = Draft(client_id=fields.pop("client_id", uuid4().hex), text=text, **fields)
        return (await replies.reply(self.hub, actor, conversation_id, draft))[0]

    async def say(self, visitor: Actor, text: str = "Hi", **fields: Any) -> Any:
        draft = Draft(client_id=fields.pop("client_id", uuid4().hex), text=text, **fields)
        return await words.say(self.hub, visitor, draft)

    async def conversation(self, conversation_id: UUID | None = None) -> Conversation:
        """The one conversation there is, or the one named."""
        async with self.session() as session:
            statement = select(Conversation)
            if conversation_id:
                statement = statement.where(Conversation.id == conversation_id)
            return (await session.scalars(statement)).one()

    async def messages(self, conversation_id: UUID | None = None, *, lines: bool = False) -> list[Message]:
        async with self.session() as session:
            statement = select(Message).order_by(Message.conversation_id, Message.seq)
            if conversation_id:
                statement = statement.where(Message.conversation_id == conversation_id)
            if not lines:
                statement = statement.where(Message.kind != "system")
            return list((await session.scalars(statement)).all())

    async def events(self, conversation_id: UUID) -> list[EventRecord]:
        async with self.session() as session:
            return list((await session.scalars(
                select(EventRecord).where(EventRecord.conversation_id == conversation_id, EventRecord.seq.is_not(None))
                .order_by(EventRecord.seq)
            )).all())

    async def count(self, model: Any) -> int:
        async with self.session() as session:
            return int(await session.scalar(select(func.count()).select_from(model)) or 0)

    async def assert_gapless(self, conversation_id: UUID) -> None:
        numbers = [event.seq for event in await self.events(conversation_id)]
        assert numbers == list(range(1, (await self.conversation(conversation_id)).head_seq + 1))


def _first_person(parcels: list[Parcel] | None) -> str | None:
    """Whose order a body keeps."""
    people = [found for parcel in parcels or () if (found := getattr(parcel.value, "sender", None)) is not None]
    return f"intake:{people[0].identities[:1]}" if people else None


async def open_floor(database: Database, clock: Clock) -> Floor:
    """A new organization on a hub of its own."""
    hub = Hub(
        settings=Settings(environment="test", secret_key=SECRET), database=database,
        keyring=Keyring(SECRET), signals=Ear(),
        ports=Ports(mailer=Postbox(), files=Shelf(), presence=MemoryPresence(clock), rates=MemoryRates(clock),
                    channels={PROVIDER: FakeAdapter()}),
        reactions=REACTIONS, jobs=JOBS, clock=clock,
    )
    return await another_floor(hub)


async def another_floor(hub: Hub) -> Floor:
    organization_id = new_id()
    async with hub.database.transaction(Scope.across("test")) as session:
        session.add(Organization(
            id=organization_id, slug=organization_id.hex, name="Demo", locale="en", time_zone="UTC", settings={},
            created_at=hub.clock.now(),
        ))
        await session.flush()
    return Floor(hub, organization_id)


async def is_waiting(engine: AsyncEngine) -> bool:
    """Whether some transaction waits for another one's lock."""
    async with engine.connect() as connection:
        return bool(await connection.scalar(text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )))


def sender(number: str = "5511987654321", name: str = "Carla Demo", **more: str) -> Sender:
    """`more`: further identities by kind; the most trusted of all comes first."""
    extra = tuple((kind, value, value) for kind, value in more.items())
    return Sender(identities=(*extra, ("whatsapp", number, f"+{number}")), name=name)


def word(text: str = "Hello", *, at: datetime, vendor_id: str | None = None, **fields: Any) -> InboundMessage:
    fields.setdefault("sender", sender())
    return InboundMessage(vendor_id=vendor_id or f"in-{uuid4().hex}", occurred_at=at, kind=fields.pop("kind", "text"),
                          text=text, **fields)


def receipt(vendor_id: str, state: str, at: datetime, *, seconds: float = 0, **fields: Any) -> Receipt:
    return Receipt(vendor_id=vendor_id, state=state, occurred_at=at + timedelta(seconds=seconds), **fields)
