"""Random tokens that say which organization they belong to, so that looking one up never needs a wider scope.

`organization id (22 characters) | secret (43 characters)`, both base64url. Only hashes of them are kept.
"""

import base64
import binascii
from uuid import UUID

from hub.core.clock import new_token

_PREFIX = 22
_LENGTH = _PREFIX + 43


def mint(organization_id: UUID) -> str:
    """A new token with 256 random bits."""
    return compose(organization_id, new_token(32))


def compose(organization_id: UUID, secret: str) -> str:
    return base64.urlsafe_b64encode(organization_id.bytes).decode().rstrip("=") + secret


def organization_of(token: str) -> UUID | None:
    """The organization a token claims to be of; None for what cannot be a token of ours."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    try:
        return UUID(bytes=base64.b64decode(token[:_PREFIX] + "==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
