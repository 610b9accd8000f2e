"""People as the outside sees them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select

from hub.accounts import appearance, models, rules
from hub.accounts.models import DepartmentMember
from hub.accounts.sessions import Grant
from hub.core.access import PERMISSIONS, Permission, Role, require, system_actor
from hub.core.errors import NotFound
from hub.core.hub import Hub
from hub.core.paging import Page, PageRequest, page_of
from hub.core.work import Work

USER_ORDER = {
    "name": models.User.search_text,  # begins with the name without accents: Ána comes before Bruno
    "email": models.User.email, "role": models.User.role,
    "is_active": models.User.is_active, "created_at": models.User.created_at,
}
DEPARTMENT_ORDER = {"name": models.Department.name, "created_at": models.Department.created_at}


class Named(msgspec.Struct, frozen=True):
    """A department, by id and name."""

    id: UUID
    name: str


class HomeOrganization(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    slug: str
    name: str
    locale: str
    time_zone: str
    appearance: appearance.Appearance


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The signed-in user, with what they may do."""

    id: UUID
    name: str
    email: str
    role: str
    locale: str
    time_zone: str
    theme: str
    permissions: list[str]
    departments: list[Named]
    organization: HomeOrganization


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in. `expires_in` seconds; `refresh_token` only in token mode."""

    access_token: str
    expires_in: int
    user: Me
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - RFC 6750
    refresh_token: str | msgspec.UnsetType = msgspec.UNSET


class User(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    email: str
    role: str
    is_active: bool
    locale: str
    time_zone: str
    departments: list[Named]
    created_at: datetime
    deleted_at: datetime | None


class Department(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    member_ids: list[UUID]


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One of the caller's own sessions; `current` is the one that asks."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    user_agent: str
    ip: str
    current: bool


class UserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """`deleted` lists the deleted instead; `ordering` as in `name,-created_at`."""

    search: str | None = None
    role: str | None = None
    is_active: bool | None = None
    deleted: bool = False
    ordering: str | None = None


async def session(hub: Hub, grant: Grant, *, with_refresh_token: bool) -> Session:
    """The answer to a sign-in or a refresh."""
    async with hub.work(system_actor(grant.organization_id, "session")) as work:
        user = await me(work, grant.user_id)
    return Session(
        access_token=grant.access_token, expires_in=grant.expires_in, user=user,
        refresh_token=grant.refresh_token if with_refresh_token else msgspec.UNSET,
    )


async def me(work: Work, user_id: UUID) -> Me:
    """A user as they see themselves. Raises `NotFound`."""
    statement = (
        select(models.User, models.Organization, models.Logo.id)
        .join(models.Organization, models.Organization.id == models.User.organization_id)
        .outerjoin(models.Logo, models.Logo.organization_id == models.Organization.id)
        .where(models.User.id == user_id, models.User.deleted_at.is_(None))
    )
    row = (await work.session.execute(statement)).first()
    if row is None:
        raise NotFound
    found, home, logo_id = row
    return Me(
        id=found.id, name=found.name, email=found.email, role=found.role, locale=found.locale,
        time_zone=found.time_zone, theme=found.theme,
        permissions=sorted(str(permission) for permission in PERMISSIONS[Role(found.role)]),
        departments=(await _departments_of(work, [found.id]))[found.id],
        organization=HomeOrganization(
            id=home.id, slug=home.slug, name=home.name, locale=home.locale, time_zone=home.time_zone,
            appearance=appearance.look(home, logo_id),
        ),
    )


async def user(work: Work, user_id: UUID) -> User:
    """One user who was not deleted. Raises `NotFound`."""
    require(work, Permission.USER_READ)
    statement = select(models.User).where(models.User.id == user_id, models.User.deleted_at.is_(None))
    found = (await work.session.scalars(statement)).first()
    if found is None:
        raise NotFound
    return _user(found, await _departments_of(work, [found.id]))


async def users(work: Work, asked: UserFilter, page: PageRequest) -> Page[User]:
    """Those who were not deleted; the deleted only for who may restore them."""
    require(work, Permission.USER_MANAGE if asked.deleted else Permission.USER_READ)
    rows, count, estimated = await page_of(work.session, _listed(asked), page)
    found = [row[0] for row in rows]
    departments = await _departments_of(work, [one.id for one in found])
    return Page(count=count, results=[_user(one, departments) for one in found], count_is_estimate=estimated)


def _listed(asked: UserFilter) -> Select[Any]:
    deleted = models.User.deleted_at
    statement = select(models.User).where(deleted.is_not(None) if asked.deleted else deleted.is_(None))
    if asked.search:
        statement = statement.where(models.User.search_text.contains(rules.folded(asked.search), autoescape=True))
    if asked.role:
        statement = statement.where(models.User.role == str(rules.role(asked.role)))
    if asked.is_active is not None:
        statement = statement.where(models.User.is_active.is_(asked.is_active))
    return _ordered(statement, asked.ordering, USER_ORDER, models.User.id)


def _ordered(statement: Select[Any], ordering: str | None, columns: Mapping[str, Any], last: Any) -> Select[Any]:
    """Ordered as asked for, by id where that leaves it open."""
    pairs = rules.ordering(ordering, columns.keys(), "name")
    return statement.order_by(*(columns[name].desc() if down else columns[name] for name, down in pairs), last)


def _user(found: models.User, departments: Mapping[UUID, list[Named]]) -> User:
    return User(
        id=found.id, name=found.name, email=found.email, role=found.role, is_active=found.is_active,
        locale=found.locale, time_zone=found.time_zone, departments=departments[found.id],
        created_at=found.created_at, deleted_at=found.deleted_at,
    )


async def _departments_of(work: Work, user_ids: Sequence[UUID]) -> dict[UUID, list[Named]]:
    """User → departments by name; every user asked for has an entry."""
    found: dict[UUID, list[Named]] = {user_id: [] for user_id in user_ids}
    statement = (
        select(DepartmentMember.user_id, models.Department.id, models.Department.name)
        .join(models.Department, models.Department.id == DepartmentMember.department_id)
        .where(DepartmentMember.user_id.in_(user_ids)).order_by(models.Department.name)
    )
    for row in await work.session.execute(statement):
        found[row.user_id].append(Named(row.id, row.name))
    return found


async def department(work: Work, department_id: UUID) -> Department:
    """One department. Raises `NotFound`."""
    require(work, Permission.DEPARTMENT_READ)
    found = (await work.session.scalars(select(models.Department).where(models.Department.id == department_id))).first()
    if found is None:
        raise NotFound
    return (await _with_members(work, [found]))[0]


async def departments(
    work: Work, page: PageRequest, *, search: str | None = None, ordering: str | None = None
) -> Page[Department]:
    require(work, Permission.DEPARTMENT_READ)
    statement = select(models.Department)
    if search:
        wanted = "".join(letter for letter in search if rules.is_printable(letter))
        statement = statement.where(models.Department.name.icontains(wanted, autoescape=True))
    statement = _ordered(statement, ordering, DEPARTMENT_ORDER, models.Department.id)
    rows, count, estimated = await page_of(work.session, statement, page)
    results = await _with_members(work, [row[0] for row in rows])
    return Page(count=count, results=results, count_is_estimate=estimated)


async def _with_members(work: Work, found: Sequence[models.Department]) -> list[Department]:
    statement = (
        select(DepartmentMember.department_id, func.array_agg(DepartmentMember.user_id))
        .join(models.User, models.User.id == DepartmentMember.user_id)
        .where(DepartmentMember.department_id.in_([one.id for one in found]), models.User.deleted_at.is_(None))
        .group_by(DepartmentMember.department_id)
    )
    ids = {row[0]: sorted(row[1]) for row in await work.session.execute(statement)}
    return [Department(id=one.id, name=one.name, member_ids=ids.get(one.id, [])) for one in found]


async def devices(work: Work) -> list[Device]:
    """The actor's own sessions that have not ended, the last used first."""
    statement = (
        select(models.UserSession)
        .where(models.UserSession.user_id == work.actor.user_id, models.UserSession.ended_at.is_(None),
               models.UserSession.expires_at > work.now)
        .order_by(models.UserSession.last_seen_at.desc(), models.UserSession.id).limit(200)
    )
    return [
        Device(id=one.id, created_at=one.created_at, last_seen_at=one.last_seen_at, user_agent=one.user_agent,
               ip=one.ip, current=one.id == work.actor.session_id)
        for one in await work.session.scalars(statement)
    ]
