"""What became of messages of ours, in groups: each step kept, and states moved forward only."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from hub.channels.ports import Receipt
from hub.conversations import rules
from hub.conversations.grouped.looking import Found
from hub.conversations.grouped.page import Page
from hub.conversations.values import Standing, Written
from hub.core.bulk import Bulk

_COLUMNS = tuple(name for name in Written.__struct_fields__ if name not in ("search_text", "client_hash"))
_READ = f"""
SELECT m.*, '' AS search_text FROM unnest($2::uuid[]) AS x(id) CROSS JOIN LATERAL (
  SELECT {", ".join(_COLUMNS)} FROM messages m WHERE m.organization_id = $1 AND m.id = x.id LIMIT 1) m
"""  # noqa: S608


class Status(msgspec.Struct, kw_only=True, eq=False):
    """A receipt on a channel, and the message that it speaks of."""

    channel_id: UUID
    receipt: Receipt
    message_id: UUID | None = None
    conversation_id: UUID | None = None
    message: Written | None = None

    @property
    def is_ordinary(self) -> bool:
        """A message that has no name at the provider yet may have receipts put aside for it."""
        return self.message is not None and self.message.vendor_id is not None


def recognise(statuses: Sequence[Status], found: Found) -> None:
    """Of which messages they speak."""
    for place, (message_id, conversation_id) in found.receipts.items():
        statuses[place].message_id, statuses[place].conversation_id = message_id, conversation_id


async def read(bulk: Bulk, statuses: Sequence[Status]) -> None:
    """The messages as they are now that their conversations are locked; several receipts share one."""
    ids = {one.message_id for one in statuses if one.message_id is not None}
    if not ids:
        return
    await bulk.in_turn()  # the group before may be moving them
    found = {row["id"]: Written(**row) for row in await bulk.fetch(_READ, list(ids))}
    for one in statuses:
        one.message = found.get(one.message_id) if one.message_id else None


def apply(page: Page, standing: Standing, status: Status) -> None:
    """The same as `delivery` does for one receipt."""
    message, receipt = status.message, status.receipt
    assert message is not None
    page.step(message.id, receipt.state, source="receipt", at=receipt.occurred_at)
    arrived = receipt.state in ("delivered", "read")
    if not arrived and rules.of_earlier_attempt(message.state, message.vendor_id, receipt.vendor_id):
        return
    if (state := rules.advance(message.state, receipt.state)) is not None:
        page.move(standing, message, state, receipt.occurred_at)
