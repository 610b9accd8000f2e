"""Remembered answers of our own API, so that a request sent twice has one effect and one answer."""

from datetime import datetime

from sqlalchemy import DateTime, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.tenancy import Base, Scoped, scoped


class IdempotencyKey(Scoped, Base):
    """A remembered answer of our own API: the same key and body get it again, another body is refused.

    `status` 0 while the first request is still being answered.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = scoped(UniqueConstraint("organization_id", "principal", "key"))

    principal: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(default=0)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
