"""No statement without a scope: the organizations that a session may touch, kept by three layers.

1. The ORM guard here narrows every ORM statement to the scope and stamps new rows.
2. Foreign keys between scoped tables carry the organization (`scoped_key`).
3. Row-level security, forced, under a role that does not own the tables (`hub/migrations`), reads the same scope from
   `hub.scope`, set for the transaction only.
"""

from typing import Any, Self
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import ForeignKeyConstraint, MetaData, UniqueConstraint, event
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria

log = structlog.get_logger(__name__)


class Unscoped(Exception):
    """A statement ran without a scope, or a row was about to leave its scope. Always a bug of ours."""


class Scope(msgspec.Struct, frozen=True):
    """The organizations a unit of work may see; `across` is the logged exception that sees all of them."""

    organization_ids: tuple[UUID, ...]
    reason: str = ""

    @classmethod
    def of(cls, *organization_ids: UUID) -> Self:
        return cls(organization_ids)

    @classmethod
    def across(cls, reason: str) -> Self:
        """Every organization, for the few things that belong to none: claiming work, finding a session by its token."""
        log.debug("scope_across", reason=reason)
        return cls((), reason)

    @property
    def is_across(self) -> bool:
        return bool(self.reason)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    })


class Scoped:
    """Mixin for every table that belongs to an organization."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(nullable=False)


def storage_key(organization_id: UUID, file_id: UUID) -> str:
    """Under which the bytes of a file are kept: no two organizations share a folder."""
    return f"{organization_id.hex}/{file_id.hex}"


def scoped(*constraints: Any, owned: bool = True, referred: bool = True) -> tuple[Any, ...]:
    """`__table_args__` of a scoped table: the key that others refer to, and the key to its organization.

    Tables that get a row for every message do without what nothing needs: `owned=False` where a parent's key or the
    scope already says that the organization exists, `referred=False` where no other table points at the rows.
    """
    own = [UniqueConstraint("organization_id", "id")] if referred else []
    owner = [ForeignKeyConstraint(["organization_id"], ["organizations.id"])] if owned else []
    return (*own, *owner, *constraints)


def scoped_key(column: str, table: str, **options: Any) -> ForeignKeyConstraint:
    """A foreign key that carries the organization, so that no row can point into another one."""
    return ForeignKeyConstraint(["organization_id", column], [f"{table}.organization_id", f"{table}.id"], **options)


class ScopedSession(Session):
    """A session that refuses to run without `info["scope"]`."""


@event.listens_for(ScopedSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    scope = state.session.info.get("scope")
    if scope is None:
        raise Unscoped("statement without a scope")
    if scope.is_across or not (state.is_select or state.is_update or state.is_delete):
        return
    ids = scope.organization_ids
    if len(ids) == 1:
        only = ids[0]
        criteria = with_loader_criteria(Scoped, lambda cls: cls.organization_id == only, include_aliases=True)
    else:
        criteria = with_loader_criteria(Scoped, lambda cls: cls.organization_id.in_(ids), include_aliases=True)
    state.statement = state.statement.options(criteria)


@event.listens_for(ScopedSession, "before_flush")
def _stamp(session: Session, _context: object, _instances: object) -> None:
    scope = session.info.get("scope")
    if scope is None:
        raise Unscoped("flush without a scope")
    for row in session.new:
        if not isinstance(row, Scoped):
            continue
        if row.organization_id is None and len(scope.organization_ids) == 1:
            row.organization_id = scope.organization_ids[0]
        if not scope.is_across and row.organization_id not in scope.organization_ids:
            raise Unscoped(f"{type(row).__name__} belongs to another organization")
