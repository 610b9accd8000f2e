"""People over HTTP: signing in, oneself, the users and the departments of the organization."""

from typing import Any

from api.accounts import auth, departments, me, users

HANDLERS: list[Any] = [*auth.HANDLERS, *me.HANDLERS, *users.HANDLERS, *departments.HANDLERS]
