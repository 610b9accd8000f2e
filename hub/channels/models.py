"""Channels with their sealed credentials, and the visitors of widgets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.tenancy import Base, Scoped, scoped, scoped_key

Instant = DateTime(timezone=True)


class Channel(Scoped, Base):
    """One number, widget or line. `external_id` is what the provider calls it (the phone_number_id of WhatsApp).

    `credentials` is a sealed JSON object, bound to this row; `health` what we last saw of it:
    `{status: ok|unknown|failing, detail, checked_at}`.
    """

    __tablename__ = "channels"
    __table_args__ = scoped(
        CheckConstraint("state IN ('active', 'paused')", name="state"),
        scoped_key("department_id", "departments"),
        Index("uq_channels_external_id", "organization_id", "provider", "external_id", unique=True,
              postgresql_where=text("deleted_at IS NULL AND external_id IS NOT NULL")),
    )

    kind: Mapped[str]
    provider: Mapped[str]
    name: Mapped[str]
    external_id: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="active")
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    credentials: Mapped[bytes | None] = mapped_column(LargeBinary)
    credentials_set: Mapped[list[str]] = mapped_column(JSONB, default=list)
    health: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    department_id: Mapped[UUID | None]
    last_inbound_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def seal_place(self) -> str:
        """Where the credentials are sealed to: they open nowhere else."""
        return f"channels.credentials:{self.organization_id}:{self.id}"


class Visitor(Scoped, Base):
    """A browser that opened the widget; recognised by its token, known as a contact from its first message.

    `subject` is the website's own id of the person, once a signed token has told it; name and e-mail are then the
    token's. `page_url`, `page_title` and `page_at`: the page being looked at and since when, where that is shared.
    `visits` counts times of coming back. `transcript_at` is when a transcript was last asked for.
    """

    __tablename__ = "visitors"
    __table_args__ = scoped(
        UniqueConstraint("hash"),
        scoped_key("channel_id", "channels"),
        scoped_key("contact_id", "contacts"),
    )

    channel_id: Mapped[UUID]
    contact_id: Mapped[UUID | None]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str]
    email: Mapped[str]
    locale: Mapped[str]
    page_url: Mapped[str]
    page_title: Mapped[str] = mapped_column(default="", server_default="")
    page_at: Mapped[datetime | None] = mapped_column(Instant)
    visits: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    subject: Mapped[str | None]
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    transcript_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
