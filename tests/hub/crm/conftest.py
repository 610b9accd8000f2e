"""The floor of the conversations' tests; contacts need no more."""

from tests.hub.conversations.conftest import database, engine, floor, floor_database, line, stranger

__all__ = ["database", "engine", "floor", "floor_database", "line", "stranger"]
