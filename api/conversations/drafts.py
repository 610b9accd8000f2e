"""What the caller has begun to write."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from api.deps import TheActor, TheHub
from hub.conversations import drafts
from hub.conversations.drafts import Mode, OwnDrafts
from hub.core.access import Permission

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Drafts"],
}
WRITE: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_REPLY}, "tags": ["Drafts"],
}


class Begun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """`text` empty forgets it. `from` is the live connection of this page, which then is not told."""

    mode: Mode
    text: str
    reply_to_id: UUID | None = None
    from_: Annotated[str, Meta(max_length=64)] | None = None


@put("/api/v1/conversations/{conversation_id:uuid}/draft", **WRITE, status_code=204, operation_id="keep_draft",
     summary="Keep what was begun, or forget it")
async def keep_draft(hub: TheHub, actor: TheActor, conversation_id: FromPath[UUID], data: JSONBody[Begun]) -> None:
    """One answer and one note for each conversation; the caller's other screens are told."""
    async with hub.work(actor) as work:
        await drafts.keep(
            work, conversation_id, data.mode, data.text, reply_to_id=data.reply_to_id, origin=data.from_ or ""
        )


@get("/api/v1/drafts", **READ, operation_id="list_drafts",
     summary="Everything that the caller has begun to write")
async def list_drafts(hub: TheHub, actor: TheActor) -> OwnDrafts:
    """The newest first."""
    async with hub.work(actor) as work:
        return await drafts.listed(work)


HANDLERS = [keep_draft, list_drafts]
