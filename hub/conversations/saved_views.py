"""Named sets of filters: one's own, and those that everybody in the organization has."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import Select, func, or_, select

from hub.conversations.desk import SavedView
from hub.conversations.filters import Filters
from hub.conversations.shapes import Shape
from hub.conversations.text import clean_json
from hub.core.access import Permission, require
from hub.core.clock import new_id
from hub.core.errors import Conflict, NotFound, invalid_field
from hub.core.work import Work
from hub.events import SavedViewChanged

MOST = 30  # of one's own, and as many shared ones: each is counted for every badge
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Position = Annotated[int, Meta(ge=0, le=10_000)]


class ViewDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    query: Filters
    shared: bool = False
    position: Position = 0


class ViewPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    query: Filters | UnsetType = UNSET
    shared: bool | UnsetType = UNSET
    position: Position | UnsetType = UNSET


class ViewShape(Shape, frozen=True, kw_only=True):
    """A saved view; `query` has the filters that are set."""

    id: UUID
    name: str
    query: Filters
    shared: bool
    owner_id: UUID
    position: int


class Views(Shape, frozen=True, kw_only=True):
    results: list[ViewShape]


async def listed(work: Work) -> Views:
    """One's own and the shared ones, by position, then by name."""
    require(work, Permission.CONVERSATION_READ)
    order = (SavedView.position, func.lower(SavedView.name), SavedView.id)
    return Views(results=[_shape(row) for row in await work.session.scalars(_seen_by(work).order_by(*order))])


async def queries(work: Work) -> dict[UUID, Filters]:
    """The filters of every view that the actor has, by its id."""
    return {row.id: _query(row) for row in await work.session.scalars(_seen_by(work))}


async def query_of(work: Work, view_id: UUID) -> Filters:
    """Raises `NotFound` for a view that is not there or another's own."""
    return _query(await _get(work, view_id))


async def create(work: Work, draft: ViewDraft) -> ViewShape:
    """Raises `Forbidden` for a shared one without the permission, `Invalid`, `Conflict` ("too_many_views")."""
    require(work, Permission.CONVERSATION_READ)
    if draft.shared:
        require(work, Permission.VIEW_MANAGE)
    if work.actor.user_id is None:
        raise Conflict("not_a_user")
    await _check_room(work, shared=draft.shared)
    view = SavedView(
        id=new_id(), organization_id=work.organization_id, owner_id=work.actor.user_id, name=_name(draft.name),
        query=_kept(draft.query), shared=draft.shared, position=draft.position, created_at=work.now,
    )
    work.session.add(view)
    await _tell(work, view, "created")
    return _shape(view)


async def change(work: Work, view_id: UUID, patch: ViewPatch) -> ViewShape:
    """Raises `NotFound`, `Forbidden` for a shared one without the permission, `Invalid`, `Conflict`."""
    view = await _own(work, view_id)
    if patch.shared is not UNSET and patch.shared != view.shared:
        require(work, Permission.VIEW_MANAGE)
        await _check_room(work, shared=patch.shared)
        view.shared = patch.shared
    if patch.name is not UNSET:
        view.name = _name(patch.name)
    if patch.query is not UNSET:
        view.query = _kept(patch.query)
    if patch.position is not UNSET:
        view.position = patch.position
    await _tell(work, view, "changed")
    return _shape(view)


async def delete(work: Work, view_id: UUID) -> None:
    """Raises `NotFound`, `Forbidden` for a shared one without the permission."""
    view = await _own(work, view_id)
    await work.session.delete(view)
    await _tell(work, view, "deleted")


def _seen_by(work: Work) -> Select[SavedView]:
    return select(SavedView).where(or_(SavedView.owner_id == work.actor.user_id, SavedView.shared))


async def _get(work: Work, view_id: UUID, *, lock: bool = False) -> SavedView:
    require(work, Permission.CONVERSATION_READ)
    statement = _seen_by(work).where(SavedView.id == view_id)
    found = (await work.session.scalars(statement.with_for_update() if lock else statement)).first()
    if found is None:
        raise NotFound
    return found


async def _own(work: Work, view_id: UUID) -> SavedView:
    """A view that the actor may change, locked."""
    view = await _get(work, view_id, lock=True)
    if view.shared:
        require(work, Permission.VIEW_MANAGE)
    return view


async def _check_room(work: Work, *, shared: bool) -> None:
    owned = SavedView.shared if shared else (~SavedView.shared & (SavedView.owner_id == work.actor.user_id))
    if (await work.session.scalar(select(func.count()).select_from(SavedView).where(owned)) or 0) >= MOST:
        raise Conflict("too_many_views", limit=MOST)


async def _tell(work: Work, view: SavedView, what: str) -> None:
    await work.session.flush()
    await work.emit(SavedViewChanged(view_id=view.id, what=what))


def _shape(view: SavedView) -> ViewShape:
    return ViewShape(id=view.id, name=view.name, query=_query(view), shared=view.shared, owner_id=view.owner_id,
                     position=view.position)


def _kept(query: Filters) -> dict[str, Any]:
    kept: dict[str, Any] = clean_json(msgspec.to_builtins(query))
    return kept


def _query(view: SavedView) -> Filters:
    return msgspec.convert(view.query, Filters)


def _name(text: str) -> str:
    cleaned = " ".join(text.replace("\x00", "").split())
    if not cleaned:
        raise invalid_field("/name", "required")
    return cleaned
