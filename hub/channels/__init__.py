"""Channels: a number, widget or line that people reach us on."""
