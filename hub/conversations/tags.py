"""The organization's tags."""

import re
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from hub.conversations.models import Tag
from hub.conversations.shapes import TagView
from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import Conflict, NotFound, invalid_field
from hub.core.paging import Page, PageRequest, page_of
from hub.core.work import Work
from hub.events import TagChanged

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class TagDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    color: str = "#64748b"


class TagPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    color: str | UnsetType = UNSET


async def page(work: Work, request: PageRequest, *, search: str = "") -> Page[TagView]:
    """By name."""
    require(work, Permission.CONVERSATION_READ)
    statement = select(Tag).order_by(func.lower(Tag.name), Tag.id)
    if search.strip():
        statement = statement.where(Tag.name.icontains(search.strip(), autoescape=True))
    rows, count, estimated = await page_of(work.session, statement, request)
    return Page(count=count, results=[view(row[0]) for row in rows], count_is_estimate=estimated)


async def create(work: Work, draft: TagDraft) -> TagView:
    """Raises `Invalid`, `Conflict` when the name is taken."""
    require(work, Permission.TAG_MANAGE)
    tag = Tag(id=new_id(), organization_id=work.organization_id, name=_name(draft.name), color=_color(draft.color),
              created_at=work.now)
    work.session.add(tag)
    await _flush(work)
    await work.emit(TagChanged(tag_id=tag.id, what="created"))
    return view(tag)


async def change(work: Work, tag_id: UUID, patch: TagPatch) -> TagView:
    """Raises `NotFound`, `Invalid`, `Conflict` when the name is taken."""
    require(work, Permission.TAG_MANAGE)
    tag = await _get(work, tag_id)
    if patch.name is not UNSET:
        tag.name = _name(patch.name)
    if patch.color is not UNSET:
        tag.color = _color(patch.color)
    await _flush(work)
    await work.emit(TagChanged(tag_id=tag.id, what="changed"))
    return view(tag)


async def delete(work: Work, tag_id: UUID) -> None:
    """Takes it off every conversation too. Raises `NotFound`."""
    require(work, Permission.TAG_MANAGE)
    tag = await _get(work, tag_id)
    await work.session.delete(tag)
    await work.session.flush()
    await work.emit(TagChanged(tag_id=tag_id, what="deleted"))


def view(tag: Tag) -> TagView:
    return TagView(id=tag.id, name=tag.name, color=tag.color)


async def _get(work: Work, tag_id: UUID) -> Tag:
    tag = (await work.session.scalars(select(Tag).where(Tag.id == tag_id).with_for_update())).first()
    if tag is None:
        raise NotFound
    return tag


async def _flush(work: Work) -> None:
    try:
        await work.session.flush()
    except IntegrityError:
        raise Conflict("tag_exists") from None


def _name(text: str) -> str:
    cleaned = " ".join(text.replace("\x00", "").split())
    if not cleaned:
        raise invalid_field("/name", "required")
    return cleaned


def _color(text: str) -> str:
    if not _COLOR.fullmatch(text):
        raise invalid_field("/color", "invalid_color")
    return text.lower()
