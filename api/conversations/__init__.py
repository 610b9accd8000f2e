"""Conversations over HTTP: lists, what people do with a thread, and its messages."""

from api.conversations import drafts, lists, messages, saved_views, scheduling, snoozing, threads

HANDLERS = [
    *lists.HANDLERS, *saved_views.HANDLERS, *threads.HANDLERS, *snoozing.HANDLERS, *messages.HANDLERS,
    *drafts.HANDLERS, *scheduling.HANDLERS,
]
