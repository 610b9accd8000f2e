"""Files up and down: streamed, limited, typed by their bytes, never run by a browser."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Stream

from api.deps import TheActor, TheHub
from hub.conversations import sniffing, uploads
from hub.conversations.models import File
from hub.core.access import Actor, Permission
from hub.core.errors import invalid_field
from hub.core.hub import Hub

BODY_LIMIT = 128 * 2**20  # the setting decides; this only bounds what is read before it can


class FileView(msgspec.Struct, kw_only=True):
    id: UUID
    name: str
    mime: str
    size: int
    width: int | None
    height: int | None
    url: str


@post("/api/v1/files", opt={"permission": Permission.CONVERSATION_REPLY, "repeatable": False},
      operation_id="upload_file", tags=["Files"],
      request_max_body_size=BODY_LIMIT, summary="Upload a file to attach (multipart field `file`)")
async def upload_file(hub: TheHub, actor: TheActor, request: Request[Any, Any, Any]) -> FileView:
    return view(await receive(hub, actor, request), base="/api/v1/files")


@get("/api/v1/files/{file_id:uuid}", opt={"permission": Permission.CONVERSATION_READ, "counted": False},
     operation_id="get_file",
     summary="The bytes of a file",
     tags=["Files"], media_type="application/octet-stream")
async def get_file(hub: TheHub, actor: TheActor, file_id: FromPath[UUID]) -> Stream:
    async with hub.work(actor) as work:
        file = await uploads.readable(work, file_id)
    return await serve(hub, file)


async def receive(hub: Hub, actor: Actor, request: Request[Any, Any, Any]) -> File:
    """Stores the multipart field `file`. Raises `Invalid` when there is none."""
    form = await request.form()
    given = form.get("file")
    if not isinstance(given, UploadFile):
        raise invalid_field("/file", "required")

    async def chunks() -> AsyncIterator[bytes]:
        while chunk := await given.read(uploads.CHUNK):
            yield chunk

    return await uploads.upload(hub, actor, name=given.filename or "", chunks=chunks())


def view(file: File, *, base: str) -> FileView:
    return FileView(id=file.id, name=file.name, mime=file.mime, size=file.size or 0, width=file.width,
                    height=file.height, url=f"{base}/{file.id}")


async def serve(hub: Hub, file: File) -> Stream:
    """The bytes, inline only for types that cannot carry script, and sandboxed in any case. Raises `NotFound`."""
    disposition = "inline" if file.mime in sniffing.INLINE else "attachment"
    headers = {
        "content-disposition": f"{disposition}; filename*=UTF-8''{quote(file.name)}",
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "private, max-age=3600, immutable",
    }
    if file.size is not None:
        headers["content-length"] = str(file.size)
    return Stream(await begun(hub.ports.files.read(file.key)), media_type=file.mime, headers=headers)


async def begun(chunks: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    """The same chunks, the first of them read already: what is missing is found out before an answer begins."""
    first = await anext(chunks, b"")

    async def rest() -> AsyncIterator[bytes]:
        async with contextlib.aclosing(chunks):
            yield first
            async for chunk in chunks:
                yield chunk

    return rest()


HANDLERS = [upload_file, get_file]
