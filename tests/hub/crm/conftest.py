"""The floor of the conversations' tests; contacts need no more."""

from tests.hub.conversations.conftest import floor, stranger

__all__ = ["floor", "stranger"]
