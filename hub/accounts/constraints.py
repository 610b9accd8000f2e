"""Explains the constraints that PostgreSQL enforced for us."""

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from hub.core.errors import Conflict
from hub.core.work import Work

EMAIL = "uq_users_organization_id_email"
SLUG = "uq_organizations_slug"
DEPARTMENT_NAME = "uq_departments_organization_id_name"


async def flush(work: Work, refusals: Mapping[str, str]) -> None:
    """Writes what is pending. Raises `Conflict` with the code given for the violated constraint."""
    try:
        await work.session.flush()
    except IntegrityError as error:
        if code := refusals.get(violated(error) or ""):
            raise Conflict(code) from None
        raise


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint, as the driver reports it."""
    name: str | None = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
    return name
