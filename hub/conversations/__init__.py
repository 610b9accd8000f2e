"""Conversations: threads with contacts, their messages and how those were delivered."""
