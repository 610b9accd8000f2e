"""Conversations over HTTP: lists, what people do with a thread, and its messages."""

from api.conversations import lists, messages, saved_views, threads

HANDLERS = [*lists.HANDLERS, *saved_views.HANDLERS, *threads.HANDLERS, *messages.HANDLERS]
