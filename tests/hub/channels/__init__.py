"""Channels: their settings, their hours, and who vouches for a visitor."""
