"""Decisions about conversations: who may see, what may be written, how delivery moves on. No session, no clock."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hub.channels.rules import KINDS
from hub.core.access import Actor, Permission
from hub.core.signals import Audience

LATE = timedelta(seconds=60)
TEXT_LIMIT = 4096
PREVIEW_LIMIT = 160
CAPTION_LIMIT = 1024
WITHOUT_CAPTION = frozenset({"audio", "voice", "sticker"})
# The further right, the more we know. A failure is taken back only by the proof that the message arrived.
_ORDER = {state: rank for rank, state in enumerate(
    ("queued", "sending", "uncertain", "sent", "failed", "delivered", "read")
)}
VISITOR_LINES = ("closed", "reopened", "rated")  # system lines that visitors read
_RECEIPTS = frozenset({"sent", "delivered", "read", "failed"})


def may_see(actor: Actor, audience: Audience) -> bool:
    """Whether an agent may see a conversation: all of them, their own, those of nobody's or of their departments."""
    if not actor.may(Permission.CONVERSATION_READ):
        return False
    return (
        actor.may(Permission.CONVERSATION_READ_ALL)
        or (actor.user_id is not None and audience.assignee_id == actor.user_id)
        or audience.department_id is None
        or audience.department_id in actor.department_ids
    )


def advance(state: str, receipt: str) -> str | None:
    """The new state of a message of ours after a receipt, None when it stays. The end does not depend on the order."""
    if receipt not in _RECEIPTS or state not in _ORDER or _ORDER[receipt] <= _ORDER[state]:
        return None
    return receipt


def of_earlier_attempt(state: str, vendor_id: str | None, receipt_vendor_id: str) -> bool:
    """Whether a receipt speaks of an attempt before the present one: a message that waits has no id of this attempt."""
    if vendor_id is None:
        return False
    return vendor_id != receipt_vendor_id or state in ("queued", "sending")


def window(
    kind: str, provider: str, last_inbound_at: datetime | None, now: datetime
) -> tuple[bool, datetime | None]:
    """Whether we may write freely, and when that ends; the end is None where there is no such rule or no word yet."""
    known = KINDS.get((kind, provider))
    if known is None or known.reply_window_hours is None:
        return True, None
    if last_inbound_at is None:
        return False, None
    closes_at = last_inbound_at + timedelta(hours=known.reply_window_hours)
    return now < closes_at, closes_at


def preview(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text[: PREVIEW_LIMIT * 4].split())
    return line if len(line) <= PREVIEW_LIMIT else line[: PREVIEW_LIMIT - 1] + "…"


def body_hash(body: Any) -> bytes:
    """The same for the same words under the same client id, whatever the order of the fields."""
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).digest()


def visitor_sees(event: str, *, note: bool, author: str) -> bool:
    """Whether an entry of the log is the visitor's business: words that are not notes, closing, reopening, rating."""
    if event.removeprefix("conversation.") in VISITOR_LINES:
        return True
    return event.startswith("message.") and not note and author != "system"
