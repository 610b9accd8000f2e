"""One act on many conversations."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from api.deps import TheActor, TheHub, TheLocale
from hub.conversations import bulk
from hub.conversations.bulk import Order, Outcome
from hub.core.access import Permission
from hub.core.i18n import translate

READ: dict[str, Any] = {
    "opt": {"permission": Permission.CONVERSATION_READ}, "tags": ["Conversations"],
}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`code` and `detail` say why not."""

    id: UUID
    ok: bool
    code: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET


class Results(msgspec.Struct, frozen=True, kw_only=True):
    results: list[Result]


@post("/api/v1/conversations/bulk", **READ, status_code=200, operation_id="act_on_conversations",
      summary="Do the same with up to a hundred conversations")
async def act_on_conversations(hub: TheHub, actor: TheActor, locale: TheLocale, data: JSONBody[Order]) -> Results:
    """Each stands for itself: what one of them refuses is in its own result."""
    return Results(results=[_result(one, locale) for one in await bulk.run(hub, actor, data)])


def _result(outcome: Outcome, locale: str) -> Result:
    error = outcome.error
    if error is None:
        return Result(id=outcome.id, ok=True)
    detail = translate(f"error.{error.code}", locale, **error.values)
    return Result(id=outcome.id, ok=False, code=error.code, detail=detail)


HANDLERS = [act_on_conversations]
