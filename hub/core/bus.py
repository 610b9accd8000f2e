"""Events are facts with ids; the table of reactions says what follows, in the same transaction or later."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, DateTime, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.tenancy import Base, Scoped

if TYPE_CHECKING:
    from hub.core.bulk import Bulk, Happened
    from hub.core.work import Work

MAX_DEPTH = 8


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """A fact in the past tense. Subclasses name themselves with `tag="noun.verb"`.

    An event with a `conversation_id` and a `seq` is an entry in that conversation's gap-free log.
    """

    quiet: ClassVar[bool] = False  # True: kept out of the webhooks and automations that later listen to everything

    @classmethod
    def name(cls) -> str:
        return str(cls.__struct_config__.tag)


class EventRecord(Scoped, Base):
    """An event as kept for good. The application's role may add rows and read them, nothing else."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("organization_id", "conversation_id", "seq"),
        Index("ix_events_organization_id_at", "organization_id", "at"),
    )

    type: Mapped[str]
    conversation_id: Mapped[UUID | None]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[str]
    cause_id: Mapped[UUID | None]
    depth: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


SameTransaction = Callable[["Work", Any], Awaitable[None]]
Grouped = Callable[["Bulk", "Sequence[Happened]"], Awaitable[None]]


class LaterReaction(msgspec.Struct, frozen=True):
    """A consequence by outbox: the job's name, and its order key taken from the event."""

    job: str
    order_key: Callable[[Any], str | None] = lambda _event: None


class Reactions(msgspec.Struct, frozen=True):
    """Event type → what follows. Filled once, in `hub/reactions.py`.

    `grouped` gives a reaction the form that takes many events at once; an event one of whose reactions has none is
    written one at a time.
    """

    same: Mapping[type[Event], Sequence[SameTransaction]] = {}
    later: Mapping[type[Event], Sequence[LaterReaction]] = {}
    grouped: Mapping[SameTransaction, Grouped] = {}

    def groups(self, *events: type[Event]) -> bool:
        """Whether all that follows from these events can be done for many at once."""
        return all(react in self.grouped for event in events for react in self.same.get(event, ()))
