"""Who is in which department."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from hub.accounts.models import Department, DepartmentMember, User
from hub.core.clock import new_id
from hub.core.errors import invalid_field
from hub.core.work import Work


async def set_departments(work: Work, user_id: UUID, department_ids: Collection[UUID]) -> bool:
    """Makes a user a member of exactly these departments; whether that changed anything. Raises `Invalid`."""
    wanted = set(department_ids)
    await _check_known(work, select(Department.id).where(Department.id.in_(wanted)), wanted, "/department_ids")
    held = await _ids(work, select(DepartmentMember.department_id).where(DepartmentMember.user_id == user_id))
    await _leave(work, DepartmentMember.user_id == user_id, DepartmentMember.department_id.in_(held - wanted))
    await _join(work, [(department_id, user_id) for department_id in wanted - held])
    return wanted != held


async def set_members(work: Work, department_id: UUID, user_ids: Collection[UUID]) -> set[UUID]:
    """Makes exactly these users its members; the users for whom that changed something. Raises `Invalid`."""
    wanted = set(user_ids)
    known = select(User.id).where(User.id.in_(wanted), User.deleted_at.is_(None))
    await _check_known(work, known, wanted, "/member_ids")
    held = await members_of(work, department_id)
    await _leave(work, DepartmentMember.department_id == department_id, DepartmentMember.user_id.in_(held - wanted))
    await _join(work, [(department_id, user_id) for user_id in wanted - held])
    return wanted ^ held


async def members_of(work: Work, department_id: UUID) -> set[UUID]:
    """Its members, without those who were deleted: they come back with their departments."""
    return await _ids(work, (
        select(DepartmentMember.user_id).join(User, User.id == DepartmentMember.user_id)
        .where(DepartmentMember.department_id == department_id, User.deleted_at.is_(None))
    ))


async def _ids(work: Work, statement: Any) -> set[UUID]:
    return set(await work.session.scalars(statement))


async def _check_known(work: Work, statement: Any, wanted: set[UUID], pointer: str) -> None:
    if wanted and await _ids(work, statement) != wanted:
        raise invalid_field(pointer, "unknown")


async def _leave(work: Work, *which: Any) -> None:
    await work.session.execute(delete(DepartmentMember).where(*which))


async def _join(work: Work, pairs: list[tuple[UUID, UUID]]) -> None:
    """Repeatable: the same membership may be given at the same time from the user's and the department's side."""
    rows = [
        {"id": new_id(), "organization_id": work.organization_id, "department_id": department_id, "user_id": user_id}
        for department_id, user_id in sorted(pairs)
    ]
    if rows:
        await work.session.execute(insert(DepartmentMember).values(rows).on_conflict_do_nothing())
