"""The visitors of a widget: a browser with a token, which is all we know until somebody writes."""

from uuid import UUID

import msgspec
from sqlalchemy import select

from hub.channels.models import Channel, Visitor
from hub.core.access import Actor
from hub.core.clock import new_id, new_token
from hub.core.crypto import token_hash
from hub.core.errors import NotFound, Unauthenticated, invalid_field
from hub.core.hub import Hub
from hub.core.tenancy import Scope
from hub.core.work import Work

TOKEN_PREFIX = "vis_"  # noqa: S105 - marks the kind of token, is none


class VisitorDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a widget says of its visitor; `visitor_token` when it was here before."""

    visitor_token: str | None = None
    name: str = ""
    email: str = ""
    page_url: str = ""
    locale: str = "en"


async def channel_for_widget(hub: Hub, channel_id: UUID) -> Channel:
    """The active webchat channel with this id, whoever's it is. Raises `NotFound`."""
    async with hub.database.transaction(Scope.across("widget")) as session:
        statement = select(Channel).where(
            Channel.id == channel_id, Channel.kind == "webchat", Channel.deleted_at.is_(None), Channel.state == "active"
        )
        channel = (await session.scalars(statement)).first()
    if channel is None:
        raise NotFound
    return channel


def admits(hub: Hub, channel: Channel, origin: str | None) -> bool:
    """Whether a page of this origin may hold the widget: an exact member of the channel's list, or our own."""
    return origin is None or origin in hub.settings.origins or origin in channel.settings.get("allowed_origins", ())


async def allowed_origins(hub: Hub, organization_id: UUID, channel_id: UUID) -> frozenset[str]:
    """The origins whose pages may open a visitor's socket for this channel."""
    async with hub.database.transaction(Scope.of(organization_id)) as session:
        listed = await session.scalar(select(Channel.settings).where(Channel.id == channel_id))
    return hub.settings.origins | frozenset((listed or {}).get("allowed_origins", ()))


async def greet(work: Work, channel: Channel, draft: VisitorDraft) -> tuple[Visitor, str]:
    """The visitor that the token names, else a new one; and the token to keep."""
    for field, limit in (("name", 100), ("email", 200), ("page_url", 2000), ("locale", 20), ("visitor_token", 200)):
        if len(getattr(draft, field) or "") > limit:
            raise invalid_field(f"/{field}", "too_long")
    visitor = await _known(work, channel, draft.visitor_token)
    token = draft.visitor_token if visitor else None
    if visitor is None or token is None:
        token = TOKEN_PREFIX + new_token()
        visitor = Visitor(
            id=new_id(), organization_id=work.organization_id, channel_id=channel.id, contact_id=None,
            hash=token_hash(token), name="", email="", locale=draft.locale, page_url="", created_at=work.now,
            last_seen_at=work.now,
        )
        work.session.add(visitor)
    visitor.name = " ".join(draft.name.split()) or visitor.name
    visitor.email = draft.email.strip().lower() or visitor.email
    visitor.page_url, visitor.locale, visitor.last_seen_at = draft.page_url or visitor.page_url, draft.locale, work.now
    await work.session.flush()
    return visitor, token


async def authenticate(hub: Hub, token: str) -> Actor:
    """The visitor whose token this is. Raises `Unauthenticated`."""
    if not token.startswith(TOKEN_PREFIX) or len(token) > 200:
        raise Unauthenticated("token_invalid")
    return await _actor(hub, Scope.across("visitor_token"), Visitor.hash == token_hash(token))


async def actor_of_visitor(hub: Hub, organization_id: UUID, visitor_id: UUID) -> Actor:
    """The visitor with this id, while its channel is in use. Raises `Unauthenticated`."""
    return await _actor(hub, Scope.of(organization_id), Visitor.id == visitor_id)


def visitor_actor(visitor: Visitor) -> Actor:
    return Actor(
        kind="visitor", organization_id=visitor.organization_id, visitor_id=visitor.id, channel_id=visitor.channel_id,
        name=visitor.name, locale=visitor.locale,
    )


async def _known(work: Work, channel: Channel, token: str | None) -> Visitor | None:
    if not token:
        return None
    statement = select(Visitor).where(Visitor.hash == token_hash(token), Visitor.channel_id == channel.id)
    return (await work.session.scalars(statement)).first()


async def _actor(hub: Hub, scope: Scope, condition: object) -> Actor:
    async with hub.database.transaction(scope) as session:
        statement = (
            select(Visitor).join(Channel, Channel.id == Visitor.channel_id)
            .where(condition, Channel.deleted_at.is_(None), Channel.state == "active")  # type: ignore[arg-type]
        )
        visitor = (await session.scalars(statement)).first()
    if visitor is None:
        raise Unauthenticated("token_invalid")
    return visitor_actor(visitor)
