"""The people of an organization: adding, changing, deleting and restoring them."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from hub.accounts import constraints, members, passwords, resets, rules, sessions
from hub.accounts.models import Organization, User
from hub.core.access import Permission, Role, require
from hub.core.clock import new_id
from hub.core.errors import Conflict, NotFound
from hub.core.signals import ActorChanged
from hub.core.work import Work
from hub.events import UserChanged, UserCreated, UserDeleted, UserRestored

_TAKEN = {constraints.EMAIL: "email_taken"}


class UserDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new user. Without a password they are mailed a link to choose one."""

    name: str
    email: str
    role: str = "agent"
    password: str | None = None
    department_ids: list[UUID] = []
    locale: str | None = None
    time_zone: str | None = None


class UserPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is given changes. One's own name, locale, time_zone and theme need no permission."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    email: str | msgspec.UnsetType = msgspec.UNSET
    role: str | msgspec.UnsetType = msgspec.UNSET
    is_active: bool | msgspec.UnsetType = msgspec.UNSET
    locale: str | msgspec.UnsetType = msgspec.UNSET
    time_zone: str | msgspec.UnsetType = msgspec.UNSET
    theme: str | msgspec.UnsetType = msgspec.UNSET
    department_ids: list[UUID] | msgspec.UnsetType = msgspec.UNSET


async def create(work: Work, draft: UserDraft, *, password_hash: str | None) -> User:
    """Adds a user; `password_hash` is the draft's password, hashed before the work was opened.

    Raises `Forbidden`, `Invalid`, and `Conflict` (`email_taken`).
    """
    require(work, Permission.USER_MANAGE)
    role = rules.role(draft.role)
    rules.check_may_manage(work.actor, held=role)
    home = (await work.session.scalars(select(Organization).where(Organization.id == work.organization_id))).one()
    name, address = rules.text(draft.name, "/name"), rules.email(draft.email)
    user = User(
        id=new_id(), organization_id=work.organization_id, name=name, email=address, role=str(role),
        password_hash=password_hash, is_active=True, locale=rules.locale(draft.locale or home.locale),
        time_zone=rules.time_zone(draft.time_zone or home.time_zone), theme="system",
        search_text=rules.search_text(name, address), created_at=work.now, updated_at=work.now,
    )
    work.session.add(user)
    await constraints.flush(work, _TAKEN)
    await members.set_departments(work, user.id, draft.department_ids)
    await work.emit(UserCreated(user_id=user.id, role=user.role))
    if password_hash is None:
        await resets.mail_link(work, user, kind="invitation", lifetime=resets.INVITATION_LIFETIME)
    return user


async def update(work: Work, user_id: UUID, patch: UserPatch) -> User:
    """Changes what the patch gives.

    Raises `NotFound`, `Forbidden`, `Invalid`, and `Conflict` (`email_taken`, `last_owner`).
    """
    given = {
        field: value for field in patch.__struct_fields__ if (value := getattr(patch, field)) is not msgspec.UNSET
    }
    if given.keys() & {"role", "is_active"}:
        await _lock_organization(work)
    user = await passwords.find(work, user_id, lock=True)
    wanted = str(rules.role(given["role"])) if "role" in given else None
    rules.check_may_change(
        work.actor, of_self=user.id == work.actor.user_id, held=user.role, wanted=wanted, fields=given.keys()
    )
    changes = {field: new for field, new in _values(given).items() if getattr(user, field) != new}
    if user.role == Role.OWNER and (changes.get("role") or changes.get("is_active") is False):
        await _keep_an_owner(work, user)
    for field, new in changes.items():
        setattr(user, field, new)
    await constraints.flush(work, _TAKEN)
    moved = "department_ids" in given and await members.set_departments(work, user.id, given["department_ids"])
    if changes or moved:
        await _settle(work, user, (*changes, "department_ids") if moved else tuple(changes))
    return user


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The given values as they are kept. Raises `Invalid`."""
    read: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: rules.text(value, "/name"), "email": rules.email,
        "role": lambda value: str(rules.role(value)), "is_active": bool, "locale": rules.locale,
        "time_zone": rules.time_zone, "theme": rules.theme,
    }
    return {field: read[field](value) for field, value in given.items() if field in read}


async def _settle(work: Work, user: User, fields: tuple[str, ...]) -> None:
    """What follows from a change: the search text, old mails, open screens and sessions, the log."""
    user.search_text, user.updated_at = rules.search_text(user.name, user.email), work.now
    if "email" in fields:
        await passwords.void_resets(work, user.id)
    if "is_active" in fields and not user.is_active:
        await _shut_out(work, user)
    elif {"role", "department_ids"} & set(fields):
        work.show(ActorChanged(organization_id=user.organization_id, user_id=user.id))
    await work.emit(UserChanged(user_id=user.id, fields=tuple(sorted(fields))))


async def delete(work: Work, user_id: UUID) -> None:
    """Takes a user out of use; their address is free again, and they can be restored.

    Raises `NotFound`, `Forbidden`, and `Conflict` (`last_owner`).
    """
    require(work, Permission.USER_MANAGE)
    await _lock_organization(work)
    user = await passwords.find(work, user_id, lock=True)
    rules.check_may_manage(work.actor, held=user.role)
    if user.role == Role.OWNER:
        await _keep_an_owner(work, user)
    user.deleted_at = user.updated_at = work.now
    await work.session.flush()
    await _shut_out(work, user)
    await work.emit(UserDeleted(user_id=user.id))


async def restore(work: Work, user_id: UUID) -> User:
    """Takes a deleted user back. Raises `NotFound`, `Forbidden`, and `Conflict` (`email_taken`) when a new user has the
    address."""
    require(work, Permission.USER_MANAGE)
    user = (await work.session.scalars(select(User).where(User.id == user_id).with_for_update())).first()
    if user is None:
        raise NotFound
    rules.check_may_manage(work.actor, held=user.role)
    if user.deleted_at is not None:
        user.deleted_at, user.updated_at = None, work.now
        await constraints.flush(work, _TAKEN)
        await work.emit(UserRestored(user_id=user.id))
    return user


async def _shut_out(work: Work, user: User) -> None:
    await passwords.void_resets(work, user.id)
    await sessions.end_all(work, user.id, "deactivated")


async def _lock_organization(work: Work) -> None:
    """Decisions about who owns the organization are taken one at a time; taken before the user's lock."""
    await work.session.execute(
        select(Organization.id).where(Organization.id == work.organization_id).with_for_update()
    )


async def _keep_an_owner(work: Work, leaving: User) -> None:
    statement = select(func.count()).select_from(User).where(
        User.role == str(Role.OWNER), User.is_active, User.deleted_at.is_(None), User.id != leaving.id
    )
    if (await work.session.execute(statement)).scalar_one() == 0:
        raise Conflict("last_owner")
