"""Organizations, their people, and the sessions those people hold."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.tenancy import Base, Scoped, scoped, scoped_key, storage_key

Instant = DateTime(timezone=True)


class Organization(Base):
    """The tenant."""

    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[str]
    time_zone: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Logo(Scoped, Base):
    """The picture that stands for the organization; its bytes are in the file store, always a PNG."""

    __tablename__ = "logos"
    __table_args__ = scoped(UniqueConstraint("organization_id"))

    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def key(self) -> str:
        """Of its bytes, in the store."""
        return storage_key(self.organization_id, self.id)


class User(Scoped, Base):
    """A person who signs in. `email` is lower case; `role` one of `hub.core.access.Role`."""

    __tablename__ = "users"
    __table_args__ = scoped(
        CheckConstraint("role IN ('owner', 'admin', 'manager', 'agent', 'viewer')", name="role"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        Index("uq_users_organization_id_email", "organization_id", "email", unique=True,
              postgresql_where=text("deleted_at IS NULL")),
        Index("ix_users_email", "email"),
    )

    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str]
    time_zone: Mapped[str]
    theme: Mapped[str] = mapped_column(default="system")
    search_text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class Department(Scoped, Base):
    """A part of the organization that conversations can belong to."""

    __tablename__ = "departments"
    __table_args__ = scoped(UniqueConstraint("organization_id", "name"))

    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)


class DepartmentMember(Scoped, Base):
    __tablename__ = "department_members"
    __table_args__ = scoped(
        UniqueConstraint("department_id", "user_id"),
        scoped_key("department_id", "departments", ondelete="CASCADE"),
        scoped_key("user_id", "users", ondelete="CASCADE"),
        Index("ix_department_members_user_id", "user_id"),
    )

    department_id: Mapped[UUID]
    user_id: Mapped[UUID]


class UserSession(Scoped, Base):
    """One sign-in on one device; its id is the `sid` of the access tokens."""

    __tablename__ = "sessions"
    __table_args__ = scoped(
        scoped_key("user_id", "users", ondelete="CASCADE"),
        Index("ix_sessions_user_id", "user_id", postgresql_where=text("ended_at IS NULL")),
    )

    user_id: Mapped[UUID]
    user_agent: Mapped[str]
    ip: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_reason: Mapped[str | None]


class RefreshToken(Scoped, Base):
    """One link in a session's chain of refresh tokens, kept as a hash. Used twice past the leeway,
    it ends the session."""

    __tablename__ = "refresh_tokens"
    __table_args__ = scoped(
        UniqueConstraint("hash"),
        scoped_key("session_id", "sessions", ondelete="CASCADE"),
        Index("ix_refresh_tokens_session_id", "session_id"),
    )

    session_id: Mapped[UUID]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class PasswordReset(Scoped, Base):
    """A mailed, single-use permission to set a new password."""

    __tablename__ = "password_resets"
    __table_args__ = scoped(
        UniqueConstraint("hash"),
        scoped_key("user_id", "users", ondelete="CASCADE"),
        Index("ix_password_resets_user_id", "user_id"),
    )

    user_id: Mapped[UUID]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class LiveTicket(Scoped, Base):
    """A single-use pass to open one socket, for a user's session or a widget's visitor."""

    __tablename__ = "live_tickets"
    __table_args__ = scoped(UniqueConstraint("hash"), Index("ix_live_tickets_expires_at", "expires_at"))

    hash: Mapped[bytes] = mapped_column(LargeBinary)
    session_id: Mapped[UUID | None]
    visitor_id: Mapped[UUID | None]
    expires_at: Mapped[datetime] = mapped_column(Instant)


class LoginAttempts(Base):
    """Failed sign-ins counted by a key (a hash of address and account), for the limit that every process shares."""

    __tablename__ = "login_attempts"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    count: Mapped[int]
    window_ends_at: Mapped[datetime] = mapped_column(Instant)
