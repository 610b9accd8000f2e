"""The departments of an organization and who is in them."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from sqlalchemy import delete as delete_from
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hub.accounts import constraints, members, rules
from hub.accounts.models import Department
from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import Conflict, NotFound
from hub.core.signals import ActorChanged
from hub.core.work import Work
from hub.events import DepartmentChanged, DepartmentCreated, DepartmentDeleted

_TAKEN = {constraints.DEPARTMENT_NAME: "name_taken"}
_FOREIGN_KEY_VIOLATION = "23503"


class DepartmentDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    member_ids: list[UUID] = []


class DepartmentPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is given changes; `member_ids` replaces the members."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    member_ids: list[UUID] | msgspec.UnsetType = msgspec.UNSET


async def create(work: Work, draft: DepartmentDraft) -> Department:
    """Raises `Forbidden`, `Invalid`, and `Conflict` (`name_taken`)."""
    require(work, Permission.DEPARTMENT_MANAGE)
    department = Department(
        id=new_id(), organization_id=work.organization_id, name=rules.text(draft.name, "/name"), created_at=work.now
    )
    work.session.add(department)
    await constraints.flush(work, _TAKEN)
    _tell(work, await members.set_members(work, department.id, draft.member_ids))
    await work.emit(DepartmentCreated(department_id=department.id))
    return department


async def update(work: Work, department_id: UUID, patch: DepartmentPatch) -> Department:
    """Raises `Forbidden`, `NotFound`, `Invalid`, and `Conflict` (`name_taken`)."""
    require(work, Permission.DEPARTMENT_MANAGE)
    department = await _locked(work, department_id)
    fields = []
    if patch.name is not msgspec.UNSET and (name := rules.text(patch.name, "/name")) != department.name:
        department.name = name
        fields.append("name")
        await constraints.flush(work, _TAKEN)
    if patch.member_ids is not msgspec.UNSET:
        moved = await members.set_members(work, department.id, patch.member_ids)
        _tell(work, moved)
        fields += ["member_ids"] if moved else []
    if fields:
        await work.emit(DepartmentChanged(department_id=department.id, fields=tuple(fields)))
    return department


async def delete(work: Work, department_id: UUID) -> None:
    """Raises `Forbidden`, `NotFound`, and `Conflict` (`department_in_use`) while conversations or channels use it."""
    require(work, Permission.DEPARTMENT_MANAGE)
    department = await _locked(work, department_id)
    former = await members.members_of(work, department.id)
    try:
        await work.session.execute(delete_from(Department).where(Department.id == department.id))
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) == _FOREIGN_KEY_VIOLATION:
            raise Conflict("department_in_use") from None
        raise
    _tell(work, former)
    await work.emit(DepartmentDeleted(department_id=department_id))


async def _locked(work: Work, department_id: UUID) -> Department:
    statement = select(Department).where(Department.id == department_id).with_for_update()
    department = (await work.session.scalars(statement)).first()
    if department is None:
        raise NotFound
    return department


def _tell(work: Work, user_ids: Iterable[UUID]) -> None:
    """What these users may see has changed: their open screens look again."""
    for user_id in sorted(user_ids):
        work.show(ActorChanged(organization_id=work.organization_id, user_id=user_id))
