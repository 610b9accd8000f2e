"""Beginning a conversation over HTTP."""

from litestar import post
from litestar.params import JSONBody

from api.accounts.documented import refusals
from api.deps import TheActor, TheHub
from hub.conversations import starting
from hub.conversations.shapes import Row
from hub.conversations.starting import StartDraft
from hub.core.access import Permission


@post("/api/v1/conversations", opt={"permission": Permission.CONVERSATION_REPLY}, status_code=200,
      operation_id="start_conversation", tags=["Conversations"], summary="Go to the conversation with a contact",
      responses=refusals(409))
async def start(hub: TheHub, actor: TheActor, data: JSONBody[StartDraft]) -> Row:
    """The one on this channel. Where there is none, 409 says why we cannot begin it: `template_required` (WhatsApp
    wants an approved template first), `visitor_begins` (on a website), `no_address` (the contact has none there)."""
    async with hub.work(actor) as work:
        return await starting.start(work, data)


HANDLERS = [start]
