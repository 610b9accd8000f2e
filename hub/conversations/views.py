"""The read side of conversations in one place: what may be asked of them, and the shapes of the answers."""

from hub.conversations.counts import of_views as counts
from hub.conversations.reading import marker
from hub.conversations.rows import Wanted, detail, one, page
from hub.conversations.shapes import (
    Attachment,
    Counts,
    Detail,
    Found,
    Hit,
    LastMessage,
    MarkerView,
    Message,
    MessageDetail,
    MessagePage,
    Named,
    Row,
    TagView,
    VisitorMessage,
    VisitorPage,
)
from hub.conversations.timeline import message, visitor_messages
from hub.conversations.visibility import audience, head, heads, visible_to, visitor_conversation

__all__ = [
    "Attachment", "Counts", "Detail", "Found", "Hit", "LastMessage", "MarkerView", "Message", "MessageDetail",
    "MessagePage", "Named", "Row", "TagView", "VisitorMessage", "VisitorPage", "Wanted", "audience", "counts",
    "detail", "head", "heads", "marker", "message", "one", "page", "visible_to",
    "visitor_conversation", "visitor_messages",
]
