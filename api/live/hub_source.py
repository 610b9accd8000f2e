"""The `Source` of a running hub: every call of the live feed into the slices, and the few queries of its own."""

import asyncio
import contextlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from api.live.frames import Send
from api.live.source import ConversationKey, Sent, Standing
from hub.accounts import sessions, tickets
from hub.accounts.models import DepartmentMember, User, UserSession
from hub.channels import visitors
from hub.channels.models import Channel, Visitor
from hub.conversations import messages, notifications, reading, replay, rules, typing, views, visiting
from hub.conversations.grouped import replies, words
from hub.conversations.shapes import VisitorView
from hub.core.access import Actor, Role, system_actor
from hub.core.bus import EventRecord
from hub.core.errors import NotFound, Unauthenticated
from hub.core.hub import Hub
from hub.core.installation import read_epoch
from hub.core.signals import Audience, SignalBus, VisitorSignal
from hub.core.tenancy import Scope
from hub.presence import actions as presence
from hub.presence import views as presence_views
from hub.presence import visitors as visitor_presence
from hub.presence.actions import Lease
from hub.presence.visitors import VisitorLease

_ORIGINS_KEPT = 1000
_ORIGIN_HOLDS = timedelta(seconds=10)


class HubSource:
    def __init__(self, hub: Hub) -> None:
        self.signals: SignalBus = hub.signals
        self.buffer_bytes = hub.settings.live_buffer_kb * 1024
        self.user_rate = float(hub.settings.live_frames_per_second)
        self.own_origins = hub.settings.origins
        self.may_miss_origin = hub.settings.environment != "production"
        self._hub = hub
        self._asking = asyncio.Semaphore(2)  # strangers with made-up origins do not take the pool
        self._origins: dict[str, tuple[bool, datetime]] = {}

    def now(self) -> datetime:
        return self._hub.clock.now()

    async def epoch(self) -> str:
        return await read_epoch(self._hub.database)

    # Who may come.

    async def admit(self, ticket: str) -> Actor:
        organization_id, actor, visitor_id = await tickets.redeem(self._hub, ticket)
        if actor is not None:
            return actor
        if visitor_id is not None:
            return await visitors.actor_of_visitor(self._hub, organization_id, visitor_id)
        raise Unauthenticated("ticket_invalid")

    async def reread(self, actor: Actor) -> Actor:
        organization_id, session_id = _organization(actor), actor.session_id
        if session_id is None:
            raise Unauthenticated("session_ended")
        return await sessions.actor_of_session(self._hub, organization_id, session_id)

    async def standing(self, session_ids: Collection[UUID]) -> Mapping[UUID, Standing]:
        departments = (
            select(func.array_agg(DepartmentMember.department_id))
            .where(DepartmentMember.user_id == User.id).correlate(User).scalar_subquery()
        )
        statement = (
            select(UserSession.id, User.role, departments.label("departments"))
            .join(User, User.id == UserSession.user_id)
            .where(UserSession.id.in_(session_ids), UserSession.ended_at.is_(None), User.is_active,
                   UserSession.expires_at > self._hub.clock.now(), User.deleted_at.is_(None))
        )
        async with self._hub.database.transaction(Scope.across("live_sessions")) as session:
            rows = (await session.execute(statement)).all()
        return {row.id: Standing(Role(row.role), frozenset(row.departments or ())) for row in rows}

    async def welcome_visitors(self, visitor_ids: Collection[UUID]) -> frozenset[UUID]:
        statement = (
            select(Visitor.id).join(Channel, Channel.id == Visitor.channel_id)
            .where(Visitor.id.in_(visitor_ids), Channel.deleted_at.is_(None), Channel.state == "active")
        )
        async with self._hub.database.transaction(Scope.across("live_visitors")) as session:
            return frozenset(await session.scalars(statement))

    async def origins(self, actor: Actor) -> frozenset[str]:
        if actor.channel_id is None:
            return self.own_origins
        return await visitors.allowed_origins(self._hub, _organization(actor), actor.channel_id)

    async def knows_origin(self, origin: str) -> bool:
        """Whether some widget's channel lists it; remembered for a moment, so that refusing costs no query each."""
        now = self.now()
        known, until = self._origins.get(origin, (False, now))
        if until > now:
            return known
        statement = select(Channel.id).where(
            Channel.kind == "webchat", Channel.deleted_at.is_(None), Channel.state == "active",
            Channel.settings["allowed_origins"].contains([origin]),
        ).limit(1)
        async with self._asking, self._hub.database.transaction(Scope.across("live_origin")) as session:
            known = await session.scalar(statement) is not None
        while len(self._origins) >= _ORIGINS_KEPT:
            self._origins.pop(next(iter(self._origins)))
        self._origins[origin] = known, now + _ORIGIN_HOLDS
        return known

    # Conversations.

    async def visitor_conversation(self, actor: Actor) -> UUID | None:
        async with self._hub.work(actor) as work:
            return await views.visitor_conversation(work)

    async def head(self, key: ConversationKey) -> tuple[int, Audience]:
        return await replay.head(self._hub, *key)

    async def heads(self, keys: Collection[ConversationKey]) -> Mapping[ConversationKey, int]:
        ids = {conversation_id: organization_id for organization_id, conversation_id in keys}
        scope = Scope.of(*set(ids.values()))
        async with self._hub.work(_reader(None), scope) as work:
            heads = await views.heads(work, list(ids))
        return {(ids[conversation_id], conversation_id): head for conversation_id, head in heads.items()}

    async def recent_heads(
        self, organization_ids: Collection[UUID], since: datetime
    ) -> Mapping[ConversationKey, int]:
        head = func.max(EventRecord.seq)
        statement = (
            select(EventRecord.organization_id, EventRecord.conversation_id, head.label("head"))
            .where(EventRecord.at > since, EventRecord.conversation_id.is_not(None), EventRecord.seq.is_not(None))
            .group_by(EventRecord.organization_id, EventRecord.conversation_id)
        )
        async with self._hub.database.transaction(Scope.of(*organization_ids)) as session:
            rows = (await session.execute(statement)).all()
        return {(row.organization_id, row.conversation_id): row.head for row in rows}

    async def unread(self, organization_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
        return await notifications.unread_of(self._hub.reading(_reader(organization_id)), user_ids)

    async def events(
        self, key: ConversationKey, *, after: int, upto: int, visitor: bool
    ) -> Sequence[tuple[int, bytes]]:
        organization_id, conversation_id = key
        return await replay.frames(self._hub, organization_id, replay.Stretch(conversation_id, after, upto, visitor))

    def may_see(self, actor: Actor, audience: Audience) -> bool:
        return rules.may_see(actor, audience)

    # What people do.

    async def send(self, actor: Actor, frame: Send) -> Sent:
        draft = messages.Draft(
            client_id=frame.client_id, text=frame.text, note=frame.note, reply_to_id=frame.reply_to_id,
        )
        if actor.kind == "visitor":
            visible, conversation_id, _ = await words.say(self._hub, actor, draft)
            return Sent(visible.id, visible.seq, conversation_id)
        if frame.conversation_id is None:
            raise NotFound
        message, _ = await replies.reply(self._hub, actor, frame.conversation_id, draft)
        return Sent(message.id, message.seq, frame.conversation_id)

    async def read(self, actor: Actor, conversation_id: UUID, seq: int) -> None:
        async with self._hub.work(actor) as work:
            if actor.kind == "visitor":
                await reading.visitor_read(work, seq)
            else:
                await reading.mark_read(work, conversation_id, seq)

    async def delivered(self, actor: Actor, seq: int) -> None:
        async with self._hub.work(actor) as work:
            await reading.visitor_delivered(work, seq)

    async def viewed(self, actor: Actor, conversation_id: UUID) -> None:
        async with self._hub.work(actor) as work:
            await notifications.view_conversation(work, conversation_id)

    async def typing(self, actor: Actor, conversation_id: UUID, on: bool) -> None:
        async with self._hub.work(actor) as work:
            await typing.typing(work, conversation_id, on)

    # Presence.

    async def arrive(self, actor: Actor, connection_id: str) -> str:
        return await presence.arrive(self._hub, actor, connection_id)

    async def renew(self, organization_id: UUID, leases: Sequence[Lease]) -> None:
        await presence.renew(self._hub, organization_id, leases)

    async def choose(self, actor: Actor, connection_id: str, state: str) -> None:
        await presence.choose(self._hub, actor, connection_id, state)

    async def depart(self, actor: Actor, connection_id: str) -> None:
        await presence.depart(self._hub, actor, connection_id)

    async def tell_if_offline(self, organization_id: UUID, user_id: UUID) -> None:
        await presence.tell_if_offline(self._hub, organization_id, user_id)

    async def presences(self, organization_id: UUID) -> Mapping[UUID, str]:
        return {one.user_id: one.state for one in await presence_views.present(self._hub, organization_id)}

    async def sweep(self) -> None:
        for organization_id, visitor_id in await presence.sweep(self._hub):
            with contextlib.suppress(Unauthenticated):  # its channel is gone, and nobody waits for it
                gone = await visitors.actor_of_visitor(self._hub, organization_id, visitor_id)
                if (conversation_id := await self.visitor_conversation(gone)) is not None:
                    told = VisitorSignal(organization_id=organization_id, conversation_id=conversation_id)
                    self.signals.publish([told])

    # Visitors.

    async def visitor_came(self, actor: Actor, connection_id: str) -> None:
        await visitor_presence.arrive(self._hub, _organization(actor), _visitor(actor), connection_id)

    async def visitor_went(self, actor: Actor, connection_id: str) -> None:
        await visitor_presence.depart(self._hub, _organization(actor), _visitor(actor), connection_id)

    async def renew_visitors(self, organization_id: UUID, leases: Sequence[VisitorLease]) -> None:
        await visitor_presence.renew(self._hub, organization_id, leases)

    async def look_at(self, actor: Actor, url: str | None, title: str) -> None:
        async with self._hub.work(actor) as work:
            await visiting.look_at(work, url, title)

    async def visitor_of(self, key: ConversationKey) -> VisitorView | None:
        async with self._hub.work(_reader(key[0])) as work:
            return await visiting.seen(work, key[1])


def _reader(organization_id: UUID | None) -> Actor:
    """Reads on behalf of whoever is subscribed; what each of them may see is decided at the fan-out."""
    return system_actor(organization_id, "live")


def _visitor(actor: Actor) -> UUID:
    assert actor.visitor_id is not None
    return actor.visitor_id


def _organization(actor: Actor) -> UUID:
    assert actor.organization_id is not None
    return actor.organization_id
