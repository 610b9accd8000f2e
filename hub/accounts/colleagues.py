"""Users as actors with the rights that they have now, for what is done on their behalf or asked about them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from hub.accounts.models import DepartmentMember, User
from hub.core.access import PERMISSIONS, Actor, Role
from hub.core.work import Work


async def actors(work: Work, user_ids: Collection[UUID]) -> dict[UUID, Actor]:
    """Of these users the active ones, by id, in one query."""
    departments = (
        select(func.array_agg(DepartmentMember.department_id)).where(DepartmentMember.user_id == User.id)
        .correlate(User).scalar_subquery()
    )
    statement = select(User.id, User.name, User.role, User.locale, departments.label("departments")).where(
        User.id.in_(user_ids), User.is_active, User.deleted_at.is_(None)
    )
    return {
        row.id: Actor(
            kind="user", organization_id=work.organization_id, user_id=row.id, name=row.name, role=Role(row.role),
            department_ids=frozenset(row.departments or ()), locale=row.locale, permissions=PERMISSIONS[Role(row.role)],
        )
        for row in await work.session.execute(statement)
    }
