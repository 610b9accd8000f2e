"""A customer's website says who its visitor is: a short token signed with the channel's secret (RFC 7519, HS256)."""

import math
from datetime import datetime
from typing import Any

import jwt
import msgspec

from hub.accounts import rules as accounts
from hub.core.crypto import is_compact
from hub.core.errors import HubError, Unauthenticated

SECRET = "identity_secret"  # noqa: S105 - the name of a credential
SHORTEST_SECRET = 32  # characters: HS256 wants a key of 256 bits (RFC 7518, 3.2)
LONGEST_TOKEN = 4096
LEEWAY = 60  # seconds by which two clocks may differ
_ALGORITHM = "HS256"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a website vouches for. `subject` is the website's own id of the person."""

    subject: str
    name: str = ""
    email: str = ""


def verified(secret: str | None, token: str, *, audience: str, now: datetime) -> Identity:
    """What the token says, once its signature and its times hold.

    Only HS256 counts, whatever the header asks for; `exp` and `sub` are required; `aud`, where it is given, must name
    the channel. Raises `Unauthenticated` ("identity_invalid"), always the same.
    """
    if not secret or len(secret) < SHORTEST_SECRET or len(token) > LONGEST_TOKEN or not is_compact(token):
        raise Unauthenticated("identity_invalid")
    claims = _claims(secret, token)
    _check_times(claims, now.timestamp())
    if claims.get("aud") not in (None, audience):
        raise Unauthenticated("identity_invalid")
    try:
        return Identity(
            subject=_text(claims, "sub", 200), name=_text(claims, "name", 100) if claims.get("name") else "",
            email=accounts.email(_text(claims, "email", 254)) if claims.get("email") else "",
        )
    except HubError:
        raise Unauthenticated("identity_invalid") from None


def _claims(secret: str, token: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != _ALGORITHM or "crit" in header or header.get("typ", "JWT") != "JWT":
            raise Unauthenticated("identity_invalid")
        claims: dict[str, Any] = jwt.decode(token, secret, [_ALGORITHM], options={
            "require": ["exp", "sub"], "verify_exp": False, "verify_iat": False, "verify_nbf": False,
            "verify_aud": False,
        })
    except (jwt.PyJWTError, RecursionError, ValueError):
        raise Unauthenticated("identity_invalid") from None
    return claims


def _check_times(claims: dict[str, Any], now: float) -> None:
    given = [claims["exp"], claims.get("iat", 0), claims.get("nbf", 0)]
    times = [one for one in given if isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one)]
    if len(times) < len(given) or times[0] + LEEWAY <= now or max(times[1:]) > now + LEEWAY:
        raise Unauthenticated("identity_invalid")


def _text(claims: dict[str, Any], name: str, most: int) -> str:
    value = claims[name]
    if not isinstance(value, str):
        raise Unauthenticated("identity_invalid")
    return accounts.text(value, f"/{name}", most=most)
