"""The floor of the conversations' tests; contacts need no more."""

from tests.hub.conversations.conftest import engine, floor, floor_database, line, stranger

__all__ = ["engine", "floor", "floor_database", "line", "stranger"]
