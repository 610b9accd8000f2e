"""Custom fields: which facts an organization keeps of its contacts and its conversations."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import String, delete, literal, select, update

from hub.accounts import constraints, rules
from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import NotFound, invalid_field
from hub.core.paging import Page, PageRequest, page_of
from hub.core.work import Work
from hub.crm.models import Contact, CustomField
from hub.events import CustomFieldChanged

Entity = Literal["contact", "conversation"]
Type = Literal["text", "number", "date", "boolean", "choice", "url"]
Position = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
MAX_CHOICES = 100
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TAKEN = {"uq_custom_fields_organization_id_entity_key": "field_taken"}


class FieldDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new custom field. `choices` are needed for a choice, and for nothing else."""

    entity: Entity
    key: str
    label: str
    type: Type
    choices: list[str] = []
    position: Position = 0


class FieldPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is given changes. Key and type stay, because values are kept by them."""

    label: str | UnsetType = UNSET
    choices: list[str] | UnsetType = UNSET
    position: Position | UnsetType = UNSET


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    entity: str
    key: str
    label: str
    type: str
    choices: list[str]
    position: int


async def page(work: Work, request: PageRequest, *, entity: str | None = None) -> Page[FieldView]:
    """Those of contacts, then those of conversations, by position."""
    require(work, Permission.CONTACT_READ)
    statement = select(CustomField).order_by(CustomField.entity, CustomField.position, CustomField.key, CustomField.id)
    if entity is not None:
        statement = statement.where(CustomField.entity == entity)
    rows, count, estimated = await page_of(work.session, statement, request)
    return Page(count=count, results=[_view(row[0]) for row in rows], count_is_estimate=estimated)


async def create(work: Work, draft: FieldDraft) -> FieldView:
    """Raises `Forbidden`, `Invalid`, `Conflict` ("field_taken")."""
    require(work, Permission.FIELD_MANAGE)
    if not _KEY.fullmatch(draft.key):
        raise invalid_field("/key", "field_key")
    field = CustomField(
        id=new_id(), organization_id=work.organization_id, entity=draft.entity, key=draft.key,
        label=rules.text(draft.label, "/label"), type=draft.type, choices=_choices(draft.type, draft.choices),
        position=draft.position, created_at=work.now,
    )
    work.session.add(field)
    await constraints.flush(work, _TAKEN)
    await _tell(work, field, "created")
    return _view(field)


async def change(work: Work, field_id: UUID, patch: FieldPatch) -> FieldView:
    """A value that is no longer one of the choices stays until somebody changes it.

    Raises `Forbidden`, `NotFound`, `Invalid`.
    """
    require(work, Permission.FIELD_MANAGE)
    field = await _locked(work, field_id)
    if patch.label is not UNSET:
        field.label = rules.text(patch.label, "/label")
    if patch.choices is not UNSET:
        field.choices = _choices(field.type, patch.choices)
    if patch.position is not UNSET:
        field.position = patch.position
    if work.session.is_modified(field):
        await work.session.flush()
        await _tell(work, field, "changed")
    return _view(field)


async def remove(work: Work, field_id: UUID) -> None:
    """Takes the field away with all its values. Raises `Forbidden`, `NotFound`."""
    require(work, Permission.FIELD_MANAGE)
    field = await _locked(work, field_id)
    await work.session.execute(delete(CustomField).where(CustomField.id == field.id))
    await _tell(work, field, "deleted")


async def forget(work: Work, event: CustomFieldChanged) -> None:
    """Reaction: a field that is gone leaves no values with contacts."""
    if event.what != "deleted" or event.entity != "contact":
        return
    await work.session.execute(
        update(Contact).where(Contact.fields.has_key(event.key))
        .values(fields=Contact.fields.op("-")(literal(event.key, String)))
        .execution_options(synchronize_session=False)
    )


def _choices(type: str, given: Sequence[str]) -> list[str]:
    if (type == "choice") != bool(given) or len(given) > MAX_CHOICES:
        raise invalid_field("/choices", "choices")
    cleaned = [rules.text(choice, f"/choices/{index}", most=100) for index, choice in enumerate(given)]
    if len(set(cleaned)) != len(cleaned):
        raise invalid_field("/choices", "choices")
    return cleaned


async def _locked(work: Work, field_id: UUID) -> CustomField:
    """Waits for those who set a value of it at this moment."""
    statement = select(CustomField).where(CustomField.id == field_id).with_for_update()
    field: CustomField | None = (await work.session.scalars(statement)).first()
    if field is None:
        raise NotFound
    return field


async def _tell(work: Work, field: CustomField, what: str) -> None:
    await work.emit(CustomFieldChanged(field_id=field.id, entity=field.entity, key=field.key, what=what))


def _view(field: CustomField) -> FieldView:
    return FieldView(id=field.id, entity=field.entity, key=field.key, label=field.label, type=field.type,
                     choices=field.choices, position=field.position)
