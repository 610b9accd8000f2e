"""Contacts and the identities they write from."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.tenancy import Base, Scoped, scoped, scoped_key

Instant = DateTime(timezone=True)


class Contact(Scoped, Base):
    """A person on the other side. `search_text` holds name and identities, folded; `name_given` says a colleague typed
    the name, so that a profile name no longer replaces it. `fields` holds the values of custom fields by key."""

    __tablename__ = "contacts"
    __table_args__ = scoped(Index("ix_contacts_search", "search", postgresql_using="gin"))

    name: Mapped[str]
    name_given: Mapped[bool] = mapped_column(default=False)
    search_text: Mapped[str]
    search: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', search_text)", persisted=True),
                                        deferred=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class Identity(Scoped, Base):
    """One address of a contact. `value` is canonical (digits of E.164 for whatsapp and phone), `display` for people."""

    __tablename__ = "contact_identities"
    __table_args__ = scoped(
        CheckConstraint("kind IN ('whatsapp', 'phone', 'email', 'visitor', 'bsuid')", name="kind"),
        UniqueConstraint("organization_id", "kind", "value"),
        scoped_key("contact_id", "contacts"),
        Index("ix_contact_identities_contact_id", "contact_id"),
    )

    contact_id: Mapped[UUID]
    kind: Mapped[str]
    value: Mapped[str]
    display: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)


class CustomField(Scoped, Base):
    """A fact that the organization wants to keep of its contacts or conversations. `choices` are those of a choice."""

    __tablename__ = "custom_fields"
    __table_args__ = scoped(
        CheckConstraint("entity IN ('contact', 'conversation')", name="entity"),
        CheckConstraint("type IN ('text', 'number', 'date', 'boolean', 'choice', 'url')", name="type"),
        UniqueConstraint("organization_id", "entity", "key"),
    )

    entity: Mapped[str]
    key: Mapped[str]
    label: Mapped[str]
    type: Mapped[str]
    choices: Mapped[list[str]] = mapped_column(JSONB, default=list)
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
