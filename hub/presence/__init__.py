"""Presence: who is here, who is typing, who is looking."""
