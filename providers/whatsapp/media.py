"""Files to and from Meta (contract section 1.3)."""

import re
import secrets
from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec

from hub.channels.ports import ChannelAccess, OutboundFile, Refused, SendError, Throttled
from hub.core.errors import LimitReached, NotFound, Unavailable
from providers.http import Answer, Blocked, NotSent, OutcomeUnknown
from providers.whatsapp.errors import outcome, read_error, unsent
from providers.whatsapp.graph import PROVIDER, Graph, is_id, phone_number_id

Found = TypeVar("Found")

UPLOAD_SECONDS = 120.0
HOPS = 2
_MIME = re.compile(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.\"-]+)*")


class _Uploaded(msgspec.Struct, frozen=True):
    id: str


class _Info(msgspec.Struct, frozen=True):
    url: str
    file_size: int | None = None


async def upload(graph: Graph, access: ChannelAccess, file: OutboundFile) -> str:
    """Gives the file to Meta; its media id. Raises `Refused` or `Throttled`, never `Uncertain`: a file that may be
    there twice is seen by nobody."""
    boundary = secrets.token_hex(16)
    head, tail = _frame(boundary, file)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + file.size + len(tail)),
    }
    try:
        answer = await graph.post(
            access, f"{phone_number_id(access)}/media", content=_stream(head, file, tail), headers=headers,
            total_seconds=UPLOAD_SECONDS,
        )
    except (Blocked, NotSent, OutcomeUnknown) as error:
        raise unsent(error, harmless=True) from None
    if answer.status == 200 and (uploaded := _read(answer, _Uploaded)):
        return uploaded.id
    raise _certain(outcome(answer))


async def fetch(graph: Graph, access: ChannelAccess, ref: str, limit: int) -> AsyncIterator[bytes]:
    """The bytes of a media id. Its address lives for minutes only, so it is asked for each time."""
    info = await _info(graph, access, ref)
    if info.file_size is not None and info.file_size > limit:
        raise LimitReached("file_too_large", limit=limit)
    headers = graph.authorization(access) if graph.may_have_token(info.url) else {}
    async for chunk in graph.http.download(PROVIDER, info.url, headers=headers, limit=limit, hops=HOPS):
        yield chunk


async def _info(graph: Graph, access: ChannelAccess, ref: str) -> _Info:
    if not is_id(ref):
        raise NotFound()
    try:
        answer = await graph.get(access, ref, {"phone_number_id": phone_number_id(access)})
    except Refused as error:
        raise Unavailable("channel_refused", reason=error.code) from None
    if answer.status == 200 and (info := _read(answer, _Info)):
        return info
    error_there = read_error(answer.body)
    if answer.status in (404, 410) or (error_there and (error_there.code, error_there.error_subcode) == (100, 33)):
        raise NotFound()
    raise Unavailable("channel_refused", reason=outcome(answer).code)


def _frame(boundary: str, file: OutboundFile) -> tuple[bytes, bytes]:
    mime = file.mime if _MIME.fullmatch(file.mime) else "application/octet-stream"
    # As browsers do it: a quote or a line break in the name would end the header.
    name = file.name.translate({ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}) or "file"
    fields = {"messaging_product": "whatsapp", "type": mime}
    part = f"--{boundary}\r\nContent-Disposition: form-data; name="
    head = "".join(f'{part}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items())
    head += f'{part}"file"; filename="{name}"\r\nContent-Type: {mime}\r\n\r\n'
    return head.encode("utf-8", "replace"), f"\r\n--{boundary}--\r\n".encode()


async def _stream(head: bytes, file: OutboundFile, tail: bytes) -> AsyncIterator[bytes]:
    """The form, unless our own file turns out to be gone or of another size than was announced."""
    yield head
    left = file.size
    try:
        async for chunk in file.read():
            left -= len(chunk)
            if left < 0:
                break
            yield chunk
    except NotFound:
        raise Refused("bad_media", "the file is gone") from None
    except Unavailable as error:
        raise Throttled("file_unavailable", error.code, after=5.0) from None
    if left != 0:
        raise Refused("bad_media", "the file has another size than was said")
    yield tail


def _read(answer: Answer, wanted: type[Found]) -> Found | None:
    try:
        return msgspec.json.decode(answer.body, type=wanted, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _certain(error: SendError) -> SendError:
    """No message was sent yet, so what is unknown about an upload is only a reason to try again."""
    if isinstance(error, Refused | Throttled):
        return error
    return Throttled("provider_unavailable", error.detail, provider_code=error.provider_code, after=5.0)
