"""The visitors of a widget: a browser with a token, which is all we know until somebody writes."""

from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import msgspec
from sqlalchemy import select

from hub.accounts import rules as accounts
from hub.channels import actions, identity, rules
from hub.channels.identity import Identity
from hub.channels.models import Channel, Visitor
from hub.core.access import Actor
from hub.core.clock import new_id, new_token
from hub.core.crypto import token_hash
from hub.core.errors import Forbidden, Invalid, NotFound, Unauthenticated, invalid_field
from hub.core.hub import Hub
from hub.core.i18n import negotiate
from hub.core.tenancy import Scope
from hub.core.work import Work

TOKEN_PREFIX = "vis_"  # noqa: S105 - marks the kind of token, is none
VISIT_ENDS = timedelta(minutes=30)  # without a sign of life; who comes after that comes back
_TITLE = 200
_URL = 2000


class VisitorDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a widget says of its visitor; `visitor_token` when it was here before, `identity_token` when the website
    vouches for who it is."""

    visitor_token: str | None = None
    identity_token: str | None = None
    name: str = ""
    email: str = ""
    page_url: str = ""
    locale: str = "en"


async def channel_for_widget(hub: Hub, channel_id: UUID) -> Channel:
    """The webchat channel with this id, whoever's it is, paused or not. Raises `NotFound`."""
    async with hub.database.transaction(Scope.across("widget")) as session:
        statement = select(Channel).where(
            Channel.id == channel_id, Channel.kind == "webchat", Channel.deleted_at.is_(None)
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


def vouched(work: Work, channel: Channel, token: str) -> Identity:
    """Whom the website's token names. Raises `Unauthenticated` ("identity_invalid")."""
    secret = actions.access_of(work, channel).credentials.get(identity.SECRET)
    return identity.verified(secret, token, audience=str(channel.id), now=work.now)


async def greet(
    work: Work, channel: Channel, draft: VisitorDraft, vouched_for: Identity | None = None
) -> tuple[Visitor, str]:
    """The visitor that the token names, else a new one; and the token to keep.

    Whoever is vouched for as somebody else than before is another visitor: people share browsers. What a website has
    vouched for, the browser cannot change. Raises `Invalid`.
    """
    limits = (("name", 100), ("email", 254), ("page_url", _URL), ("locale", 20), ("visitor_token", 200))
    for field, limit in limits:
        if len(getattr(draft, field) or "") > limit:
            raise invalid_field(f"/{field}", "too_long")
    visitor = await _known(work, channel, draft.visitor_token)
    if visitor and vouched_for and visitor.subject not in (None, vouched_for.subject):
        visitor = None
    token = draft.visitor_token if visitor else None
    if visitor is None or token is None:
        token = TOKEN_PREFIX + new_token()
        visitor = _stranger(work, channel, token)
        work.session.add(visitor)
    if work.now - visitor.last_seen_at > VISIT_ENDS:
        visitor.visits += 1
    visitor.locale, visitor.last_seen_at = negotiate(draft.locale), work.now
    _describe(visitor, draft, vouched_for, work)
    if draft.page_url and rules.webchat(channel.settings).share_page == "always":
        _put_page(work, visitor, _address(draft.page_url), "")
    await work.session.flush()
    return visitor, token


def _stranger(work: Work, channel: Channel, token: str) -> Visitor:
    return Visitor(
        id=new_id(), organization_id=work.organization_id, channel_id=channel.id, contact_id=None,
        hash=token_hash(token), name="", email="", locale="en", page_url="", page_title="", page_at=None, visits=1,
        subject=None, verified_at=None, transcript_at=None, created_at=work.now, last_seen_at=work.now,
    )


def _describe(visitor: Visitor, draft: VisitorDraft, vouched_for: Identity | None, work: Work) -> None:
    if vouched_for is not None:
        visitor.subject, visitor.verified_at = vouched_for.subject, work.now
        visitor.name, visitor.email = vouched_for.name or visitor.name, vouched_for.email
    elif visitor.verified_at is None:
        visitor.name = " ".join(accounts.text(draft.name, "/name").split()) if draft.name.strip() else visitor.name
        visitor.email = accounts.email(draft.email) if draft.email.strip() else visitor.email


async def require_introduction(work: Work, channel: Channel) -> None:
    """Before the first word of the acting visitor: what is asked of them has to be answered.

    Whoever the website vouches for, and whoever has written before, owes nothing. Raises `Invalid`
    ("pre_chat_required") with a pointer to each answer that is owed.
    """
    pre_chat = rules.webchat(channel.settings).pre_chat
    if not pre_chat.required:
        return
    visitor = (await work.session.scalars(select(Visitor).where(Visitor.id == work.actor.visitor_id))).first()
    if visitor is None or visitor.contact_id is not None or visitor.verified_at is not None:
        return
    if owed := rules.unanswered(pre_chat, name=visitor.name, email=visitor.email):
        raise Invalid("pre_chat_required", errors=owed)


async def look_at(work: Work, url: str | None, title: str) -> bool:
    """The acting visitor looks at another page now, or (None) no longer lets us know; whether that is news.

    What follows `?` and `#` is not kept.

    Raises `Forbidden` where pages are not shared, `Invalid`, `NotFound`.
    """
    statement = (
        select(Visitor, Channel.settings).join(Channel, Channel.id == Visitor.channel_id)
        .where(Visitor.id == work.actor.visitor_id).with_for_update(of=Visitor)
    )
    found = (await work.session.execute(statement)).first()
    if found is None:
        raise NotFound
    visitor, settings = found
    if rules.webchat(settings).share_page == "never":
        raise Forbidden("page_not_shared")
    if url is not None and len(url) > _URL:
        raise invalid_field("/url", "too_long")
    changed = _put_page(work, visitor, _address(url), title) if url is not None else _put_page(work, visitor, "", "")
    visitor.last_seen_at = work.now
    await work.session.flush()
    return changed


def _put_page(work: Work, visitor: Visitor, url: str, title: str) -> bool:
    shown = "".join(char for char in " ".join(title.split())[:_TITLE] if char.isprintable())
    if (visitor.page_url, visitor.page_title) == (url, shown):
        return False
    visitor.page_url, visitor.page_title, visitor.page_at = url, shown, work.now
    return True


def _address(url: str) -> str:
    """The address without user, query and fragment. Raises `Invalid`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise invalid_field("/url", "invalid") from None
    if parts.scheme not in ("http", "https") or not host or not url.isprintable():
        raise invalid_field("/url", "invalid")
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{host}:{port}" if port else host, parts.path, "", ""))


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
