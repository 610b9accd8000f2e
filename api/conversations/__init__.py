"""Conversations over HTTP: lists, what people do with a thread, and its messages."""

from api.conversations import lists, messages, saved_views, snoozing, threads

HANDLERS = [
    *lists.HANDLERS, *saved_views.HANDLERS, *threads.HANDLERS, *snoozing.HANDLERS, *messages.HANDLERS,
]
