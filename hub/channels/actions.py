"""Creating, changing and retiring channels; opening their credentials for the moment of a call."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from hub.channels import rules
from hub.channels.models import Channel
from hub.channels.ports import ChannelAccess, SendError
from hub.core.access import Permission, require
from hub.core.bulk import Bulk
from hub.core.clock import new_id
from hub.core.errors import Conflict, HubError, NotFound
from hub.core.hub import Hub
from hub.core.work import Work
from hub.events import ChannelChanged, ChannelCreated, ChannelDeleted

_SAW = """
UPDATE channels SET last_inbound_at = $3::timestamptz, health = $4::jsonb
WHERE organization_id = $1 AND id IN (
  SELECT h.id FROM unnest($2::uuid[]) AS x(id) CROSS JOIN LATERAL (
    SELECT h.id, h.organization_id FROM channels h WHERE h.id = x.id LIMIT 1 FOR UPDATE) h
  WHERE h.organization_id = $1)
"""
_SAW_EVERY = 10.0  # seconds between two notes of a channel's life


class ChannelDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new channel. `provider` is derived from the kind when there is only one."""

    kind: str
    name: str
    provider: str | None = None
    department_id: UUID | None = None
    settings: dict[str, Any] = {}
    credentials: dict[str, str] = {}


class ChannelPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is given changes; credentials are merged, an empty string removes one."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    department_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    settings: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    credentials: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


async def create(work: Work, draft: ChannelDraft) -> Channel:
    """Raises `Invalid` for settings that do not fit the kind, `Conflict` when the number is connected already."""
    require(work, Permission.CHANNEL_MANAGE)
    kind = rules.kind_of(draft.kind, draft.provider)
    settings = rules.settings(kind, draft.settings)
    credentials = rules.credentials(kind, draft.credentials)
    channel = Channel(
        id=new_id(), organization_id=work.organization_id, kind=kind.kind, provider=kind.provider,
        name=rules.name(draft.name), external_id=kind.external_id(settings), settings=settings, credentials_set=[],
        health={"status": "unknown"}, department_id=draft.department_id, created_at=work.now, updated_at=work.now,
    )
    _seal(work, channel, credentials)
    work.session.add(channel)
    await _flush(work)
    await work.emit(ChannelCreated(channel_id=channel.id, kind=channel.kind))
    return channel


async def change(work: Work, channel_id: UUID, patch: ChannelPatch) -> Channel:
    """Raises `NotFound`, `Invalid`, `Conflict`."""
    require(work, Permission.CHANNEL_MANAGE)
    channel = await get(work, channel_id, lock=True)
    kind = rules.kind_of(channel.kind, channel.provider)
    given = {field: value for field in patch.__struct_fields__
             if (value := getattr(patch, field)) is not msgspec.UNSET}
    if "name" in given:
        channel.name = rules.name(given["name"])
    if "state" in given:
        channel.state = rules.state(given["state"])
    if "department_id" in given:
        channel.department_id = given["department_id"]
    if "settings" in given:
        channel.settings = rules.settings(kind, {**channel.settings, **given["settings"]})
        channel.external_id = kind.external_id(channel.settings)
    if "credentials" in given:
        merged = {**_credentials(work, channel), **rules.credentials(kind, given["credentials"])}
        _seal(work, channel, {key: value for key, value in merged.items() if value})
        channel.health = {"status": "unknown"}
    channel.updated_at = work.now
    await _flush(work)
    await work.emit(ChannelChanged(channel_id=channel.id, fields=tuple(sorted(given))))
    return channel


async def retire(work: Work, channel_id: UUID) -> None:
    """Soft delete: its conversations stay readable, nothing comes in or goes out any more."""
    require(work, Permission.CHANNEL_MANAGE)
    channel = await get(work, channel_id, lock=True)
    channel.deleted_at, channel.state, channel.credentials, channel.credentials_set = work.now, "paused", None, []
    await work.session.flush()
    await work.emit(ChannelDeleted(channel_id=channel.id))


async def get(work: Work, channel_id: UUID, *, lock: bool = False) -> Channel:
    """A channel that is in use. Raises `NotFound`."""
    statement = select(Channel).where(Channel.id == channel_id, Channel.deleted_at.is_(None))
    if lock:
        statement = statement.with_for_update()
    channel = (await work.session.scalars(statement)).first()
    if channel is None:
        raise NotFound
    return channel


async def by_external_id(work: Work, provider: str, external_id: str) -> Channel | None:
    """The channel that the provider knows by this name, in this organization."""
    statement = select(Channel).where(
        Channel.provider == provider, Channel.external_id == external_id, Channel.deleted_at.is_(None)
    )
    return (await work.session.scalars(statement)).first()


async def of_provider(work: Work, provider: str) -> list[Channel]:
    statement = select(Channel).where(Channel.provider == provider, Channel.deleted_at.is_(None))
    return list((await work.session.scalars(statement)).all())


def access_of(work: Work, channel: Channel) -> ChannelAccess:
    """What the adapter needs for a call, credentials opened."""
    return ChannelAccess(
        id=channel.id, external_id=channel.external_id, settings=channel.settings,
        credentials=_credentials(work, channel),
    )


def is_stale(last_inbound_at: datetime | None, health: str | None, now: datetime) -> bool:
    """Whether it is time to note again that a channel lives."""
    return health != "ok" or last_inbound_at is None or (now - last_inbound_at).total_seconds() >= _SAW_EVERY


async def saw_inbound(bulk: Bulk, channel_ids: Collection[UUID]) -> None:
    """Traffic is the proof of health. Rows are locked in one order."""
    await bulk.fetch(_SAW, sorted(channel_ids), bulk.now, _health("ok", None, bulk.now))


async def report_health(work: Work, channel_id: UUID, status: str, detail: str | None) -> None:
    """What a call to the provider has shown: ok or failing, with the reason."""
    await work.session.execute(
        update(Channel).where(Channel.id == channel_id).values(health=_health(status, detail, work.now))
    )


async def probe(hub: Hub, channel: Channel, access: ChannelAccess) -> tuple[str, str | None]:
    """Asks the provider whether the credentials work: (status, detail). Called with no work open."""
    adapter = hub.ports.channels.get(channel.provider)
    if adapter is None:
        return "ok", None  # the widget has no provider behind it
    try:
        await adapter.check(access)
    except SendError as error:
        return "failing", error.detail or error.code
    except HubError as error:
        return "failing", error.code
    return "ok", None


async def reseal(work: Work) -> int:
    """Seals with the newest key what an older one sealed; how many channels that were."""
    require(work, Permission.CHANNEL_MANAGE)
    statement = select(Channel).where(Channel.credentials.is_not(None)).with_for_update()
    old = [row for row in await work.session.scalars(statement)
           if row.credentials and not work.hub.keyring.is_current(row.credentials)]
    for channel in old:
        _seal(work, channel, _credentials(work, channel))
    await work.session.flush()
    return len(old)


def _health(status: str, detail: str | None, at: datetime) -> dict[str, Any]:
    return {"status": status, "detail": detail, "checked_at": msgspec.to_builtins(at)}


def _credentials(work: Work, channel: Channel) -> dict[str, str]:
    if channel.credentials is None:
        return {}
    plain = work.hub.keyring.open(channel.credentials, place=channel.seal_place)
    return msgspec.json.decode(plain, type=dict[str, str])


def _seal(work: Work, channel: Channel, credentials: dict[str, str]) -> None:
    channel.credentials = work.hub.keyring.seal(msgspec.json.encode(credentials), place=channel.seal_place)
    channel.credentials_set = sorted(credentials)


async def _flush(work: Work) -> None:
    try:
        await work.session.flush()
    except IntegrityError as error:
        text = str(error.orig)
        if "uq_channels_external_id" in text:
            raise Conflict("channel_connected") from None
        if "department_id" in text:
            raise NotFound("department_not_found") from None
        raise
