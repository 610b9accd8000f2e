"""Who is acting and what they may do; checked inside actions, because every door ends there."""

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from hub.core.errors import Forbidden

if TYPE_CHECKING:
    from hub.core.work import Work


class Permission(StrEnum):
    """`resource:action`, in alphabetical order."""

    CANNED_MANAGE = "canned:manage"
    CHANNEL_MANAGE = "channel:manage"
    CHANNEL_READ = "channel:read"
    CONTACT_READ = "contact:read"
    CONTACT_WRITE = "contact:write"
    CONVERSATION_ASSIGN = "conversation:assign"
    CONVERSATION_READ = "conversation:read"
    CONVERSATION_READ_ALL = "conversation:read_all"
    CONVERSATION_REPLY = "conversation:reply"
    DEPARTMENT_MANAGE = "department:manage"
    DEPARTMENT_READ = "department:read"
    FIELD_MANAGE = "field:manage"
    ORGANIZATION_MANAGE = "organization:manage"
    OUTBOX_MANAGE = "outbox:manage"
    PRESENCE_SET = "presence:set"
    TAG_MANAGE = "tag:manage"
    USER_MANAGE = "user:manage"
    USER_READ = "user:read"
    VIEW_MANAGE = "view:manage"


class Role(StrEnum):
    """What a user is in an organization; each holds what the one after it holds, except the viewer, who only reads."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"
    VIEWER = "viewer"


_P = Permission
_VIEWER = frozenset({
    _P.CHANNEL_READ, _P.CONTACT_READ, _P.CONVERSATION_READ, _P.CONVERSATION_READ_ALL, _P.DEPARTMENT_READ, _P.USER_READ,
})
_AGENT = frozenset({
    _P.CHANNEL_READ, _P.CONTACT_READ, _P.CONTACT_WRITE, _P.CONVERSATION_ASSIGN, _P.CONVERSATION_READ,
    _P.CONVERSATION_REPLY, _P.DEPARTMENT_READ, _P.PRESENCE_SET, _P.USER_READ,
})
_MANAGER = _AGENT | {_P.CANNED_MANAGE, _P.CONVERSATION_READ_ALL, _P.TAG_MANAGE, _P.VIEW_MANAGE}
_ADMIN = frozenset(_P)
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _ADMIN, Role.ADMIN: _ADMIN, Role.MANAGER: _MANAGER, Role.AGENT: _AGENT, Role.VIEWER: _VIEWER,
}


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The one on whose behalf a unit of work runs.

    kind: user (signed in), visitor (the person in a widget), system (a job, a webhook, the seed). `claim_id` is set
    while they act under an idempotency key.
    """

    kind: str
    organization_id: UUID | None
    user_id: UUID | None = None
    name: str = ""
    role: Role | None = None
    session_id: UUID | None = None
    department_ids: frozenset[UUID] = frozenset()
    visitor_id: UUID | None = None
    channel_id: UUID | None = None
    locale: str = "en"
    permissions: frozenset[Permission] = frozenset()
    claim_id: UUID | None = None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def label(self) -> str:
        """How the log and the audit trail name this actor."""
        return f"{self.kind}:{self.user_id or self.visitor_id or self.name}"


def system_actor(organization_id: UUID | None, name: str) -> Actor:
    """An actor for work that nobody signed in for; it may do everything inside its organization."""
    return Actor(kind="system", organization_id=organization_id, name=name, permissions=_ADMIN)


def require(work: "Work", permission: Permission) -> None:
    """Raises `Forbidden` unless the actor of this work holds the permission."""
    permit(work.actor, permission)


def permit(actor: Actor, permission: Permission) -> None:
    """Raises `Forbidden` unless the actor holds the permission."""
    if not actor.may(permission):
        raise Forbidden("forbidden", extra={"permission": str(permission)})
