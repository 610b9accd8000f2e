"""Conversations over HTTP: lists, what people do with a thread, and its messages."""

from api.conversations import lists, messages, threads

HANDLERS = [*lists.HANDLERS, *threads.HANDLERS, *messages.HANDLERS]
