"""Contacts and the identities they write from."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, DateTime, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.tenancy import Base, Scoped, scoped, scoped_key

Instant = DateTime(timezone=True)


class Contact(Scoped, Base):
    """A person on the other side. `search_text` holds name and identities, folded; `name_given` says a colleague typed
    the name, so that a profile name no longer replaces it."""

    __tablename__ = "contacts"
    __table_args__ = scoped(Index("ix_contacts_search", "search", postgresql_using="gin"))

    name: Mapped[str]
    name_given: Mapped[bool] = mapped_column(default=False)
    search_text: Mapped[str]
    search: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', search_text)", persisted=True),
                                        deferred=True)
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
