"""The visitor behind a web conversation: whether they are here, which page they look at, how often they came."""

from uuid import UUID

from sqlalchemy import select

from hub.channels import rules, visitors
from hub.channels.models import Channel, Visitor
from hub.conversations.models import Conversation
from hub.conversations.shapes import PageSeen, VisitorView
from hub.conversations.visibility import find, visitor_conversation
from hub.core.access import Permission, require
from hub.core.signals import VisitorSignal
from hub.core.work import Work
from hub.crm.models import Identity
from hub.presence import visitors as presence


async def look_at(work: Work, url: str | None, title: str) -> None:
    """The acting visitor looks at this page (None: no longer lets us know); who has their conversation open is told.

    Raises the family's errors.
    """
    if await visitors.look_at(work, url, title) and (conversation_id := await visitor_conversation(work)) is not None:
        work.show(VisitorSignal(organization_id=work.organization_id, conversation_id=conversation_id))


async def seen(work: Work, conversation_id: UUID) -> VisitorView | None:
    """The visitor of a conversation that the actor may see. Raises `NotFound`."""
    require(work, Permission.CONVERSATION_READ)
    return await view(work, await find(work, conversation_id))


async def view(work: Work, conversation: Conversation) -> VisitorView | None:
    """Of several browsers of one person the one last used speaks; None where no browser is known."""
    browsers = await _browsers(work, conversation)
    if not browsers:
        return None
    here = await presence.online(work.hub, work.organization_id)
    shared = await _shares_pages(work, conversation)
    last = next((one for one in browsers if one.id in here), browsers[0])
    return VisitorView(
        online=last.id in here,
        page=PageSeen(url=last.page_url, title=last.page_title) if shared and last.page_url and last.page_at else None,
        since=last.page_at if shared else None, first_seen_at=min(one.created_at for one in browsers),
        last_seen_at=max(one.last_seen_at for one in browsers), locale=last.locale,
        visits=sum(one.visits for one in browsers), email=last.email, verified=last.verified_at is not None,
    )


async def _shares_pages(work: Work, conversation: Conversation) -> bool:
    settings = await work.session.scalar(select(Channel.settings).where(Channel.id == conversation.channel_id))
    return rules.webchat(settings or {}).share_page != "never"


async def _browsers(work: Work, conversation: Conversation) -> list[Visitor]:
    """Those that write in this conversation, the one last used first."""
    values = await work.session.scalars(
        select(Identity.value).where(Identity.contact_id == conversation.contact_id, Identity.kind == "visitor")
    )
    ids = [UUID(value) for value in values if len(value) == 36]
    if not ids:
        return []
    return list(await work.session.scalars(
        select(Visitor).where(Visitor.id.in_(ids), Visitor.channel_id == conversation.channel_id)
        .order_by(Visitor.last_seen_at.desc(), Visitor.id)
    ))
