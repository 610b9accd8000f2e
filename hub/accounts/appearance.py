"""How an organization looks to its people and its customers: its name, its accent colour, its logo."""

from uuid import UUID

import msgspec
from sqlalchemy import select

from hub.accounts.models import Logo, Organization
from hub.core.work import Work

DEFAULT_ACCENT = "#2563eb"


class Appearance(msgspec.Struct, frozen=True, kw_only=True):
    """`accent` as in #2563eb; `logo_url` is relative to the server and null where there is no logo."""

    accent: str
    logo_url: str | None


class OrganizationView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    slug: str
    name: str
    locale: str
    time_zone: str
    appearance: Appearance


async def organization(work: Work) -> OrganizationView:
    """The organization of this work; its own people and visitors may see all of it."""
    found, logo_id = await _found(work)
    return OrganizationView(
        id=found.id, slug=found.slug, name=found.name, locale=found.locale, time_zone=found.time_zone,
        appearance=look(found, logo_id),
    )


async def of(work: Work) -> Appearance:
    return look(*await _found(work))


def look(organization: Organization, logo_id: UUID | None) -> Appearance:
    return Appearance(
        accent=accent_of(organization), logo_url=f"/api/v1/brand/{logo_id}" if logo_id else None,
    )


def accent_of(organization: Organization) -> str:
    return str(organization.settings.get("accent", DEFAULT_ACCENT))


async def _found(work: Work) -> tuple[Organization, UUID | None]:
    statement = (
        select(Organization, Logo.id).outerjoin(Logo, Logo.organization_id == Organization.id)
        .where(Organization.id == work.organization_id)
    )
    row = (await work.session.execute(statement)).one()
    return row[0], row[1]
