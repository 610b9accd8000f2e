"""The organization's logo: whatever picture was given, it is drawn anew as a small PNG, and only that is kept."""

import asyncio
import io
from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import delete, select

from hub.accounts import organizations
from hub.accounts.models import Logo
from hub.core.access import Actor, Permission, require
from hub.core.clock import new_id
from hub.core.errors import Forbidden, LimitReached, NotFound, invalid_field
from hub.core.hub import Hub
from hub.core.tenancy import Scope, storage_key
from hub.core.work import Work
from hub.events import OrganizationChanged

LIMIT = 2**20  # bytes of what is given
SIDE = 512  # pixels of what is kept, at most
MAX_PIXELS = 10_000_000  # of what is given, so that drawing one takes no more than 40 MB
_FORMATS = ("PNG", "JPEG", "WEBP")
_SCALABLE = frozenset({"RGB", "RGBA", "L", "LA", "CMYK"})  # shrunk as they are, before anything is copied


async def replace(hub: Hub, actor: Actor, picture: bytes) -> None:
    """Makes this picture the logo of the actor's organization. Called with no work open.

    Raises `Forbidden`, `LimitReached` past 1 MiB, `Invalid` for what is not a PNG, JPEG or WebP that can be read.
    """
    if not actor.may(Permission.ORGANIZATION_MANAGE):
        raise Forbidden
    if len(picture) > LIMIT:
        raise LimitReached("file_too_large", limit=LIMIT)
    drawn = await asyncio.to_thread(draw, picture)
    assert actor.organization_id is not None
    logo_id = new_id()
    key = storage_key(actor.organization_id, logo_id)
    size, digest = await hub.ports.files.save(key, _once(drawn), limit=len(drawn))
    try:
        async with hub.work(actor) as work:
            former = await _take_away(work)
            work.session.add(Logo(
                id=logo_id, organization_id=work.organization_id, sha256=digest, size=size, created_at=work.now,
            ))
            await work.session.flush()
            await work.emit(OrganizationChanged(organization_id=work.organization_id, fields=("logo",)))
    except Exception:
        await hub.ports.files.delete(key)
        raise
    await _forget(hub, former)


async def remove(hub: Hub, actor: Actor) -> None:
    """Takes the logo away, where there is one. Raises `Forbidden`."""
    async with hub.work(actor) as work:
        former = await _take_away(work)
        if former is not None:
            await work.emit(OrganizationChanged(organization_id=work.organization_id, fields=("logo",)))
    await _forget(hub, former)


async def find(hub: Hub, logo_id: UUID) -> Logo:
    """The logo with this id, whoever's it is: it is shown to anybody on the web. Raises `NotFound`."""
    async with hub.database.transaction(Scope.across("logo")) as session:
        found: Logo | None = (await session.scalars(select(Logo).where(Logo.id == logo_id))).first()
    if found is None:
        raise NotFound
    return found


def draw(picture: bytes) -> bytes:
    """A PNG of at most 512 pixels a side, upright and without anything but its pixels. Raises `Invalid`."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # loaded when it is needed: starting does not wait for it

    try:
        with Image.open(io.BytesIO(picture), formats=_FORMATS) as given:
            if given.width * given.height > MAX_PIXELS:
                raise invalid_field("/file", "picture_too_large")
            plain: Image.Image = given if given.mode in _SCALABLE else given.convert("RGBA")
            plain.thumbnail((SIDE, SIDE))
            upright = ImageOps.exif_transpose(plain).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError,
            Image.DecompressionBombWarning):
        raise invalid_field("/file", "picture_unreadable") from None
    bare = Image.new("RGBA", upright.size)
    bare.paste(upright)
    made = io.BytesIO()
    bare.save(made, "PNG", optimize=True)
    return made.getvalue()


async def _take_away(work: Work) -> str | None:
    """Forgets the present logo, one change at a time; its key in the store."""
    require(work, Permission.ORGANIZATION_MANAGE)
    await organizations.locked(work)
    gone: UUID | None = await work.session.scalar(
        delete(Logo).where(Logo.organization_id == work.organization_id).returning(Logo.id)
    )
    return storage_key(work.organization_id, gone) if gone else None


async def _forget(hub: Hub, former: str | None) -> None:
    """After the commit: a crash in between leaves an orphan in the store, never a row without bytes."""
    if former is not None:
        await hub.ports.files.delete(former)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
