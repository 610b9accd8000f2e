"""Channels as the outside sees them; credentials never leave, only the names of those that are set."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from hub.channels import rules
from hub.channels.models import Channel
from hub.core.access import Permission, require
from hub.core.paging import Page, PageRequest, page_of
from hub.core.work import Work


class Health(msgspec.Struct, kw_only=True):
    status: str = "unknown"
    detail: str | None = None
    checked_at: str | None = None
    last_inbound_at: datetime | None = None


class ChannelView(msgspec.Struct, kw_only=True):
    id: UUID
    kind: str
    provider: str
    name: str
    state: str
    health: Health
    department_id: UUID | None
    settings: dict[str, Any]
    credentials_set: list[str]
    webhook_url: str | None
    created_at: datetime


def view(work: Work, channel: Channel) -> ChannelView:
    webhook = None
    if channel.kind == "whatsapp_business":
        webhook = f"{work.hub.settings.base_url}/webhooks/whatsapp/{channel.organization_id}"
    return ChannelView(
        id=channel.id, kind=channel.kind, provider=channel.provider, name=channel.name, state=channel.state,
        health=Health(**channel.health, last_inbound_at=channel.last_inbound_at), department_id=channel.department_id,
        settings=rules.full(channel.kind, channel.provider, channel.settings), webhook_url=webhook,
        credentials_set=channel.credentials_set, created_at=channel.created_at,
    )


async def page(work: Work, request: PageRequest, *, search: str | None = None) -> Page[ChannelView]:
    require(work, Permission.CHANNEL_READ)
    statement = select(Channel).where(Channel.deleted_at.is_(None)).order_by(func.lower(Channel.name), Channel.id)
    if search:
        statement = statement.where(Channel.name.icontains(search, autoescape=True))
    rows, count, estimated = await page_of(work.session, statement, request)
    return Page(count=count, results=[view(work, row[0]) for row in rows], count_is_estimate=estimated)
