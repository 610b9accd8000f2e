"""Everything the live feed asks of the hub, behind one port, so that the protocol can be tested without a database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from api.live.frames import Send
from hub.conversations.shapes import VisitorView
from hub.core.access import Actor, Role
from hub.core.signals import Audience, SignalBus
from hub.presence.actions import Lease
from hub.presence.visitors import VisitorLease

ConversationKey = tuple[UUID, UUID]  # organization, conversation


class Standing(msgspec.Struct, frozen=True):
    """What a living session's user is at this moment."""

    role: Role
    department_ids: frozenset[UUID]


class Sent(msgspec.Struct, frozen=True):
    """A committed message."""

    id: UUID
    seq: int
    conversation_id: UUID


class Source(Protocol):
    """The hub as the live feed sees it. Every method may raise the family's errors and those of the database."""

    signals: SignalBus
    buffer_bytes: int  # what may wait for one connection
    own_origins: frozenset[str]
    user_rate: float  # frames per second that one socket of a user may send
    may_miss_origin: bool  # whether a client that is no browser may connect

    def now(self) -> datetime: ...

    async def epoch(self) -> str: ...

    async def admit(self, ticket: str) -> Actor:
        """The one whose single-use ticket this is. Raises `Unauthenticated`."""

    async def reread(self, actor: Actor) -> Actor:
        """The actor of the same session as it is now. Raises `Unauthenticated` when that has ended."""

    async def standing(self, session_ids: Collection[UUID]) -> Mapping[UUID, Standing]:
        """Of these sessions the living ones, in one query."""

    async def welcome_visitors(self, visitor_ids: Collection[UUID]) -> frozenset[UUID]:
        """Of these visitors those whose channel is in use, in one query."""

    async def origins(self, actor: Actor) -> frozenset[str]:
        """The exact origins whose pages may hold this actor's socket."""

    async def knows_origin(self, origin: str) -> bool:
        """Whether anybody at all may connect from this origin."""

    async def visitor_conversation(self, actor: Actor) -> UUID | None: ...

    async def head(self, key: ConversationKey) -> tuple[int, Audience]:
        """The last number and who may see it, read at one instant. Raises `NotFound`."""

    async def heads(self, keys: Collection[ConversationKey]) -> Mapping[ConversationKey, int]:
        """The last numbers of these conversations, in one query; a missing one is not there."""

    async def recent_heads(
        self, organization_ids: Collection[UUID], since: datetime
    ) -> Mapping[ConversationKey, int]:
        """The last numbers of the conversations in which something was written after this instant, in one query."""

    async def unread(self, organization_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """How many notifications these users have not read, in one query; who has none is not there."""

    async def events(
        self, key: ConversationKey, *, after: int, upto: int, visitor: bool
    ) -> Sequence[tuple[int, bytes]]:
        """(number, frame) for all of (after, upto], ascending."""

    def may_see(self, actor: Actor, audience: Audience) -> bool: ...

    async def send(self, actor: Actor, frame: Send) -> Sent:
        """Returns once it is committed. Raises the family's errors."""

    async def read(self, actor: Actor, conversation_id: UUID, seq: int) -> None: ...

    async def delivered(self, actor: Actor, seq: int) -> None:
        """The visitor's page has what was shown up to this number."""

    async def viewed(self, actor: Actor, conversation_id: UUID) -> None:
        """The conversation is on a screen: what this user was told of it is read. Raises `NotFound`."""

    async def typing(self, actor: Actor, conversation_id: UUID, on: bool) -> None: ...

    async def arrive(self, actor: Actor, connection_id: str) -> str:
        """Presence of a new connection; the state that the user is in now."""

    async def renew(self, organization_id: UUID, leases: Sequence[Lease]) -> None: ...

    async def choose(self, actor: Actor, connection_id: str, state: str) -> None: ...

    async def depart(self, actor: Actor, connection_id: str) -> None: ...

    async def tell_if_offline(self, organization_id: UUID, user_id: UUID) -> None: ...

    async def presences(self, organization_id: UUID) -> Mapping[UUID, str]:
        """Everybody who is not offline."""

    async def sweep(self) -> None:
        """Tells of users and visitors whose leases lapsed."""

    async def visitor_came(self, actor: Actor, connection_id: str) -> None: ...

    async def visitor_went(self, actor: Actor, connection_id: str) -> None: ...

    async def renew_visitors(self, organization_id: UUID, leases: Sequence[VisitorLease]) -> None: ...

    async def look_at(self, actor: Actor, url: str | None, title: str) -> None:
        """The visitor looks at this page; None: no longer lets us know. Raises `Forbidden` where none is shared."""

    async def visitor_of(self, key: ConversationKey) -> VisitorView | None:
        """The visitor of a conversation, None where there is none to tell of. Raises `NotFound`."""
