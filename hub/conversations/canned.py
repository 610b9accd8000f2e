"""Canned responses: texts prepared under a shortcut, one's own and the organization's, filled in when they are used."""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, and_, delete, or_, select

from hub.accounts import constraints, rules
from hub.accounts.models import Department, Organization
from hub.channels.models import Channel
from hub.conversations import filling, visibility
from hub.conversations.models import CannedResponse
from hub.conversations.text import clean
from hub.core.access import Actor, Permission, require
from hub.core.clock import new_id
from hub.core.errors import Forbidden, NotFound, invalid_field
from hub.core.paging import Page, PageRequest, page_of
from hub.core.work import Work
from hub.crm.models import Contact, Identity
from hub.events import CannedResponseChanged

BODY_LIMIT = 4096
_SHORTCUT = re.compile(r"[a-z0-9_-]{1,40}")
_TAKEN = {"uq_canned_responses_shared": "shortcut_taken", "uq_canned_responses_own": "shortcut_taken"}
Body = Annotated[str, msgspec.Meta(min_length=1, max_length=BODY_LIMIT)]


class CannedDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`department_id`: offered to that department's members only; for the organization's."""

    shortcut: str
    title: str
    body: Body
    scope: Literal["personal", "organization"] = "personal"
    department_id: UUID | None = None


class CannedPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is given changes; the scope stays."""

    shortcut: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    department_id: UUID | UnsetType | None = UNSET


class CannedView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    shortcut: str
    title: str
    body: str
    scope: str
    department_id: UUID | None
    owner_id: UUID | None
    created_at: datetime
    updated_at: datetime


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    text: str


async def page(work: Work, request: PageRequest, *, search: str = "") -> Page[CannedView]:
    """One's own and those of the organization that one may use, by shortcut."""
    require(work, Permission.CONVERSATION_READ)
    statement = select(CannedResponse).where(_usable_by(work.actor)).order_by(
        CannedResponse.shortcut, CannedResponse.owner_id, CannedResponse.id
    )
    if wanted := clean(search).strip():
        statement = statement.where(or_(*(
            column.icontains(wanted, autoescape=True)
            for column in (CannedResponse.shortcut, CannedResponse.title, CannedResponse.body)
        )))
    rows, count, estimated = await page_of(work.session, statement, request)
    return Page(count=count, results=[_view(row[0]) for row in rows], count_is_estimate=estimated)


async def create(work: Work, draft: CannedDraft) -> CannedView:
    """Raises `Forbidden`, `NotFound`, `Invalid`, `Conflict` ("shortcut_taken")."""
    is_own = draft.scope == "personal"
    owner_id = work.actor.user_id if is_own else None
    require(work, Permission.CONVERSATION_REPLY if is_own else Permission.CANNED_MANAGE)
    if is_own and owner_id is None:
        raise Forbidden
    response = CannedResponse(
        id=new_id(), organization_id=work.organization_id, owner_id=owner_id,
        department_id=await _department(work, draft.department_id, owner_id), shortcut=_shortcut(draft.shortcut),
        title=rules.text(draft.title, "/title"), body=_body(draft.body), created_at=work.now, updated_at=work.now,
    )
    work.session.add(response)
    await constraints.flush(work, _TAKEN)
    await _tell(work, response, "created")
    return _view(response)


async def change(work: Work, response_id: UUID, patch: CannedPatch) -> CannedView:
    """Raises `Forbidden`, `NotFound`, `Invalid`, `Conflict` ("shortcut_taken")."""
    response = await _writable(work, response_id)
    if patch.shortcut is not UNSET:
        response.shortcut = _shortcut(patch.shortcut)
    if patch.title is not UNSET:
        response.title = rules.text(patch.title, "/title")
    if patch.body is not UNSET:
        response.body = _body(patch.body)
    if patch.department_id is not UNSET:
        response.department_id = await _department(work, patch.department_id, response.owner_id)
    if work.session.is_modified(response):
        response.updated_at = work.now
        await constraints.flush(work, _TAKEN)
        await _tell(work, response, "changed")
    return _view(response)


async def remove(work: Work, response_id: UUID) -> None:
    """Raises `Forbidden`, `NotFound`."""
    response = await _writable(work, response_id)
    await work.session.execute(delete(CannedResponse).where(CannedResponse.id == response.id))
    await _tell(work, response, "deleted")


async def text(work: Work, response_id: UUID, *, conversation_id: UUID | None = None) -> Filled:
    """The body with its variables filled in for this conversation, or as far as they are known without one.

    Raises `NotFound`.
    """
    require(work, Permission.CONVERSATION_READ)
    response = await _find(work, response_id)
    return Filled(text=filling.fill(response.body, await _names(work, conversation_id)))


async def _names(work: Work, conversation_id: UUID | None) -> dict[str, str]:
    """Variable → what it stands for; empty where nothing is known."""
    home = select(Organization.name).where(Organization.id == work.organization_id)
    contact = channel = ""
    if conversation_id is not None:
        conversation = await visibility.find(work, conversation_id)
        statement = (
            select(Contact.name, Channel.name, Identity.display).select_from(Contact)
            .join(Channel, Channel.id == conversation.channel_id)
            .outerjoin(Identity, Identity.id == conversation.identity_id).where(Contact.id == conversation.contact_id)
        )
        contact, channel, address = (await work.session.execute(statement)).one()
        contact = "" if contact == address else contact  # nobody is called by their number
    return {
        "contact.name": contact, "contact.first_name": filling.first_name(contact), "agent.name": work.actor.name,
        "agent.first_name": filling.first_name(work.actor.name), "channel.name": channel,
        "organization.name": await work.session.scalar(home) or "",
    }


def _usable_by(actor: Actor) -> ColumnElement[bool]:
    """One's own; the organization's that are for everybody, or for a department of one's own."""
    shared: ColumnElement[bool] = CannedResponse.owner_id.is_(None)
    if not actor.may(Permission.CONVERSATION_READ_ALL):
        shared = and_(shared, or_(
            CannedResponse.department_id.is_(None), CannedResponse.department_id.in_(actor.department_ids)
        ))
    return or_(shared, CannedResponse.owner_id == actor.user_id)


async def _find(work: Work, response_id: UUID, *, lock: bool = False) -> CannedResponse:
    statement = select(CannedResponse).where(CannedResponse.id == response_id, _usable_by(work.actor))
    if lock:
        statement = statement.with_for_update()
    found: CannedResponse | None = (await work.session.scalars(statement)).first()
    if found is None:
        raise NotFound
    return found


async def _writable(work: Work, response_id: UUID) -> CannedResponse:
    response = await _find(work, response_id, lock=True)
    require(work, Permission.CANNED_MANAGE if response.owner_id is None else Permission.CONVERSATION_REPLY)
    return response


async def _department(work: Work, department_id: UUID | None, owner_id: UUID | None) -> UUID | None:
    if department_id is None:
        return None
    if owner_id is not None:
        raise invalid_field("/department_id", "invalid")
    if await work.session.scalar(select(Department.id).where(Department.id == department_id)) is None:
        raise NotFound("department_not_found")
    return department_id


async def _tell(work: Work, response: CannedResponse, what: str) -> None:
    await work.emit(CannedResponseChanged(canned_response_id=response.id, owner_id=response.owner_id, what=what))


def _shortcut(value: str) -> str:
    if not _SHORTCUT.fullmatch(value):
        raise invalid_field("/shortcut", "shortcut")
    return value


def _body(value: str) -> str:
    cleaned = clean(value)
    if not cleaned.strip():
        raise invalid_field("/body", "required")
    if len(cleaned) > BODY_LIMIT:
        raise invalid_field("/body", "too_long")
    return cleaned


def _view(response: CannedResponse) -> CannedView:
    return CannedView(
        id=response.id, shortcut=response.shortcut, title=response.title, body=response.body,
        scope="organization" if response.owner_id is None else "personal", department_id=response.department_id,
        owner_id=response.owner_id, created_at=response.created_at, updated_at=response.updated_at,
    )
