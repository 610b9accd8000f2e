"""Conversations over HTTP: lists, what people do with a thread or with many, and its messages."""

from api.conversations import bulk, drafts, lists, messages, saved_views, scheduling, snoozing, starting, threads

HANDLERS = [
    *lists.HANDLERS, *saved_views.HANDLERS, *threads.HANDLERS, *snoozing.HANDLERS, *bulk.HANDLERS, *messages.HANDLERS,
    *drafts.HANDLERS, *scheduling.HANDLERS, *starting.HANDLERS,
]
