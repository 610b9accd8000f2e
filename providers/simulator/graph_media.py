"""Meta's media endpoints (contract section 1.3).

POST   /graph/{version}/{phone_number_id}/media      multipart: file, type, messaging_product → {id}
GET    /graph/{version}/{media_id}                   → {url, mime_type, sha256, file_size, id}
DELETE /graph/{version}/{media_id}                   → {success}
GET    /graph/lookaside/{token}                      the bytes: needs the bearer token and a User-Agent
"""

from typing import Any

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from providers.simulator.access import Access, GraphRequest
from providers.simulator.errors import GraphError, invalid, missing
from providers.simulator.faults import Faults
from providers.simulator.media import MOST_BYTES, Media, MediaStore, check_upload, plain


@post("/{version:str}/{node:str}/media", status_code=200, request_max_body_size=MOST_BYTES + 1024 * 1024)
async def upload(
    request: GraphRequest,
    *,
    access: NamedDependency[Access],
    media: NamedDependency[MediaStore],
    faults: NamedDependency[Faults],
) -> Response[dict[str, Any]]:
    """Take a file for later messages of this number."""
    with access.call(request, kind="media_upload") as call:
        number = access.number(request)
        faults.refuse(phone_number_id=number.phone_number_id, on="media")
        file, mime = await _form(request)
        content = await file.read()
        check_upload(mime, len(content))
        kept = await media.add(content, mime=mime, filename=file.filename, numbers=[number.phone_number_id])
        call.type, call.message_id = plain(mime), kept.id
        return Response({"id": kept.id})


@get("/lookaside/{token:str}")
async def download(
    request: GraphRequest,
    token: FromPath[str],
    access: NamedDependency[Access],
    media: NamedDependency[MediaStore],
    faults: NamedDependency[Faults],
) -> Response[bytes]:
    """The bytes behind a download address that has not expired."""
    with access.call(request, kind="media_download") as call:
        bearer = access.token(request)
        if not request.headers.get("user-agent"):
            call.outcome, call.status = "refused", 403
            return Response(b"", status_code=403, media_type="text/plain")
        found = media.redeem(token, bearer)
        content = await media.read(found) if found is not None else None
        if found is None or content is None:
            call.outcome, call.status = "refused", 404
            return Response(b"URL expired", status_code=404, media_type="text/plain")
        call.message_id = found.id
        faults.refuse(phone_number_id=found.numbers[0] if found.numbers else "", on="media")
        # The framework adds a charset to text types by itself.
        return Response(content, media_type=plain(found.mime) if found.mime.startswith("text/") else found.mime)


def describe(request: GraphRequest, found: Media, access: Access, media: MediaStore) -> dict[str, Any]:
    """The answer to GET /{media_id}, with a fresh download address."""
    token = media.ticket(found, access.token(request))
    return {
        "messaging_product": "whatsapp",
        "url": f"{access.base_url(request)}/graph/lookaside/{token}",
        "mime_type": found.mime,
        "sha256": found.sha256,
        "file_size": found.size,
        "id": found.id,
    }


def owned(request: GraphRequest, media_id: str, access: Access, media: MediaStore) -> Media | None:
    """The medium, when a number of the caller's token may see it (and the one it names, when it names one)."""
    named = request.query_params.get("phone_number_id")
    found = media.get(media_id)
    if found is None or (named is not None and named not in found.numbers):
        return None
    return found if any(access.reaches(request, number_id) for number_id in found.numbers) else None


async def _form(request: GraphRequest) -> tuple[UploadFile, str]:
    try:
        form = await request.form()
    except HTTPException:
        raise
    except Exception as error:  # the multipart parser raises its own kinds for a broken body
        raise GraphError(100, "The request body is not a valid multipart form.") from error
    if form.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise missing("file")
    mime = form.get("type") or file.content_type
    if not isinstance(mime, str):
        raise invalid("type", "must be a MIME type")
    # The part's own header may say more than `type`: "audio/ogg; codecs=opus".
    full = file.content_type if plain(file.content_type or "") == plain(mime) else mime
    return file, full


def media_router() -> Router:
    return Router("/graph", route_handlers=[upload, download])
