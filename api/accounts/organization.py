"""The organization itself: its name, language and appearance; and its logo, which anybody may see."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from api import files
from api.accounts.documented import refusals
from api.deps import AnyRequest, TheActor, TheHub
from hub.accounts import appearance, logos, organizations
from hub.accounts.appearance import OrganizationView
from hub.accounts.organizations import OrganizationPatch
from hub.core.access import Permission
from hub.core.errors import invalid_field

MANAGE: dict[str, Any] = {
    "opt": {"permission": Permission.ORGANIZATION_MANAGE}, "tags": ["Organization"],
    "responses": refusals(401, 403, 422),
}


@get("/api/v1/organization", opt={"access": "signed_in"}, operation_id="get_organization", tags=["Organization"],
     summary="The organization and how it looks", responses=refusals(401))
async def get_organization(hub: TheHub, actor: TheActor) -> OrganizationView:
    async with hub.work(actor) as work:
        return await appearance.organization(work)


@patch("/api/v1/organization", **MANAGE, operation_id="change_organization",
       summary="Change its name, language, time zone or accent colour")
async def change_organization(
    hub: TheHub, actor: TheActor, data: JSONBody[OrganizationPatch]
) -> OrganizationView:
    async with hub.work(actor) as work:
        return await organizations.change(work, data)


@put("/api/v1/organization/logo", **MANAGE, operation_id="set_logo",
     request_max_body_size=2 * logos.LIMIT,
     summary="Set the logo (multipart field `file`: PNG, JPEG or WebP of at most 1 MiB)")
async def set_logo(hub: TheHub, actor: TheActor, request: Request[Any, Any, Any]) -> OrganizationView:
    """It is drawn anew as a PNG of at most 512 pixels a side, without its metadata."""
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile):
        raise invalid_field("/file", "required")
    await logos.replace(hub, actor, await given.read(logos.LIMIT + 1))
    async with hub.work(actor) as work:
        return await appearance.organization(work)


@delete("/api/v1/organization/logo", **MANAGE, operation_id="delete_logo",
        status_code=200, summary="Take the logo away")
async def delete_logo(hub: TheHub, actor: TheActor) -> OrganizationView:
    await logos.remove(hub, actor)
    async with hub.work(actor) as work:
        return await appearance.organization(work)


@get("/api/v1/brand/{logo_id:uuid}", opt={"access": "public"}, operation_id="get_logo", tags=["Organization"],
     summary="The picture of a logo, for anybody", media_type="image/png", responses=refusals(404))
async def get_logo(hub: TheHub, logo_id: FromPath[UUID], request: AnyRequest) -> Response[Any] | Stream:
    """A changed logo has another id, so this one may be kept for ever."""
    logo = await logos.find(hub, logo_id)
    etag = f'"{logo.sha256.hex()}"'
    headers = {
        "etag": etag, "cache-control": "public, max-age=31536000, immutable",
        "content-disposition": 'inline; filename="logo.png"', "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type="image/png")
    headers["content-length"] = str(logo.size)
    return Stream(await files.begun(hub.ports.files.read(logo.key)), media_type="image/png", headers=headers)


HANDLERS = [get_organization, change_organization, set_logo, delete_logo, get_logo]
