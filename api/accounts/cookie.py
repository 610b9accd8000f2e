"""The refresh token as a cookie that no script can read and no other site can send."""

from litestar.datastructures import Cookie

from api.deps import AnyRequest
from hub.accounts.sessions import Grant
from hub.core.errors import Forbidden
from hub.core.hub import Hub


def name_of(hub: Hub) -> str:
    """`__Host-` binds the cookie to this very host, and exists only over https."""
    return "__Host-hub_refresh" if _is_secure(hub) else "hub_refresh"


def _is_secure(hub: Hub) -> bool:
    return hub.settings.base_url.startswith("https://")


def carrying(hub: Hub, grant: Grant) -> Cookie:
    """The cookie for a grant; it lasts as long as the session can."""
    age = int((grant.session_expires_at - hub.clock.now()).total_seconds())
    return _cookie(hub, grant.refresh_token, age)


def emptied(hub: Hub) -> Cookie:
    return _cookie(hub, "", 0)


def _cookie(hub: Hub, value: str, max_age: int) -> Cookie:
    return Cookie(
        key=name_of(hub), value=value, max_age=max_age, path="/", httponly=True, samesite="strict",
        secure=_is_secure(hub),
    )


def given(request: AnyRequest, hub: Hub) -> str | None:
    return request.cookies.get(name_of(hub)) or None


def check_origin(request: AnyRequest, hub: Hub, *, required: bool) -> None:
    """Only our own pages may use or set the cookie: the Origin is a member of an exact set. Raises `Forbidden`.

    Where a cookie is only set, a caller that is no browser may come without an Origin.
    """
    origin = request.headers.get("origin")
    if origin is None and not required:
        return
    if origin not in hub.settings.origins:
        raise Forbidden("origin_not_ours")
