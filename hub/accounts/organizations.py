"""Founding an organization with its first owner and its first department; changing its name and its looks."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import select

from hub.accounts import appearance, attempts, constraints, passwords, rules, sessions
from hub.accounts.appearance import OrganizationView
from hub.accounts.models import Department, DepartmentMember, Organization, User
from hub.core.access import Actor, Permission, Role, require
from hub.core.clock import new_id
from hub.core.errors import Forbidden
from hub.core.hub import Hub
from hub.core.i18n import DEFAULT
from hub.core.work import Work
from hub.events import DepartmentCreated, OrganizationChanged, OrganizationRegistered, UserCreated

_FIRST_DEPARTMENT = {"en": "General", "pt-BR": "Geral", "es": "General"}


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody gives to found an organization; without a slug one is made from the name."""

    organization_name: str
    name: str
    email: str
    password: str
    slug: str | None = None
    locale: str | None = None
    time_zone: str | None = None


class AppearancePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    accent: str | msgspec.UnsetType = msgspec.UNSET


class OrganizationPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is given changes."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    locale: str | msgspec.UnsetType = msgspec.UNSET
    time_zone: str | msgspec.UnsetType = msgspec.UNSET
    appearance: AppearancePatch | msgspec.UnsetType = msgspec.UNSET


async def register(
    hub: Hub, registration: Registration, *, device: sessions.Device, locale: str = DEFAULT
) -> sessions.Grant:
    """Founds an organization and signs its owner in; `locale` is what to speak when the registration does not say.

    Raises `Forbidden` where registration is closed, `LimitReached`, `Invalid`, and `Conflict` (`slug_taken`).
    """
    if hub.settings.registration != "open":
        raise Forbidden("registration_closed")
    address = rules.email(registration.email)
    slug = _slug(registration)
    named = rules.text(registration.organization_name, "/organization_name")
    owner = rules.text(registration.name, "/name")
    speaks = rules.locale(registration.locale or locale)
    zone = rules.time_zone(registration.time_zone or "UTC")
    await attempts.take(hub, attempts.registration(device.ip))
    password_hash = await passwords.hashed(registration.password, email=address)
    founder = Actor(kind="user", organization_id=new_id(), user_id=new_id(), name=owner, role=Role.OWNER, locale=speaks)
    async with hub.work(founder) as work:
        _, user = await create(
            work, name=named, slug=slug, owner_name=owner, owner_email=address, password_hash=password_hash,
            locale=speaks, time_zone=zone,
        )
        return await sessions.start(work, user, device=device)


def _slug(registration: Registration) -> str:
    if registration.slug:
        return rules.slug(registration.slug)
    return rules.slug_from(registration.organization_name) or f"org-{new_id().hex[-8:]}"


async def create(
    work: Work, *, name: str, slug: str, owner_name: str, owner_email: str, password_hash: str, locale: str = DEFAULT,
    time_zone: str = "UTC",
) -> tuple[Organization, User]:
    """The organization whose id the work is scoped to, with its owner in its first department.

    The owner gets the id of the actor when that is a user. Raises `Conflict` (`slug_taken`).
    """
    organization = Organization(
        id=work.organization_id, slug=slug, name=name, locale=locale, time_zone=time_zone, settings={},
        created_at=work.now,
    )
    work.session.add(organization)
    await constraints.flush(work, {constraints.SLUG: "slug_taken"})
    user = User(
        id=work.actor.user_id or new_id(), organization_id=organization.id, name=owner_name, email=owner_email,
        role=str(Role.OWNER), password_hash=password_hash, is_active=True, locale=locale, time_zone=time_zone,
        theme="system", search_text=rules.search_text(owner_name, owner_email), created_at=work.now,
        updated_at=work.now,
    )
    department = Department(
        id=new_id(), organization_id=organization.id, name=_FIRST_DEPARTMENT[locale], created_at=work.now
    )
    work.session.add_all([user, department])
    await work.session.flush()
    work.session.add(DepartmentMember(
        id=new_id(), organization_id=organization.id, department_id=department.id, user_id=user.id
    ))
    await work.emit(OrganizationRegistered(organization_id=organization.id, user_id=user.id))
    await work.emit(UserCreated(user_id=user.id, role=user.role))
    await work.emit(DepartmentCreated(department_id=department.id))
    return organization, user


async def change(work: Work, patch: OrganizationPatch) -> OrganizationView:
    """Changes what the patch gives. Raises `Forbidden`, `Invalid`."""
    require(work, Permission.ORGANIZATION_MANAGE)
    given = _given(patch)
    organization = await locked(work)
    accent = given.pop("accent", None)
    changed = [field for field, new in given.items() if getattr(organization, field) != new]
    for field in changed:
        setattr(organization, field, given[field])
    if accent is not None and accent != appearance.accent_of(organization):
        organization.settings = {**organization.settings, "accent": accent}
        changed.append("accent")
    if changed:
        await work.session.flush()
        await work.emit(OrganizationChanged(organization_id=organization.id, fields=tuple(sorted(changed))))
    return await appearance.organization(work)


async def locked(work: Work) -> Organization:
    """The organization of this work; whoever else wants to change it waits."""
    statement = select(Organization).where(Organization.id == work.organization_id).with_for_update()
    found: Organization = (await work.session.scalars(statement.execution_options(populate_existing=True))).one()
    return found


def _given(patch: OrganizationPatch) -> dict[str, Any]:
    """The given values as they are kept. Raises `Invalid`."""
    raw: Mapping[str, Any] = {
        "name": patch.name, "locale": patch.locale, "time_zone": patch.time_zone,
        "accent": patch.appearance.accent if patch.appearance is not msgspec.UNSET else msgspec.UNSET,
    }
    read: Mapping[str, Callable[[Any], Any]] = {
        "name": lambda value: rules.text(value, "/name"), "locale": rules.locale, "time_zone": rules.time_zone,
        "accent": lambda value: rules.color(value, "/appearance/accent"),
    }
    return {field: read[field](value) for field, value in raw.items() if value is not msgspec.UNSET}
