"""People over HTTP: signing in, oneself, the organization, its users and its departments."""

from typing import Any

from api.accounts import auth, departments, me, organization, users

HANDLERS: list[Any] = [
    *auth.HANDLERS, *me.HANDLERS, *organization.HANDLERS, *users.HANDLERS, *departments.HANDLERS,
]
