"""Limits on how often one may ask, and how answers tell of them.

`RateLimit-Policy` and `RateLimit` are those of draft-ietf-httpapi-ratelimit-headers-11; `Retry-After` says the same to
everybody else. Every key names the organization, so that nobody's asking is counted for others.
"""

import math
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from hub.accounts.attempts import network_of
from hub.channels.models import Channel
from hub.core import rates
from hub.core.access import Actor
from hub.core.hub import Hub
from hub.core.rates import Taken

AnyConnection = ASGIConnection[Any, Any, Any, Any]


async def of_actor(connection: AnyConnection, actor: Actor, handler: BaseRouteHandler) -> None:
    """Counts a request of a user or a visitor, unless the route says `opt={"counted": False}`, as those do that a page
    asks by the dozen when somebody scrolls. Raises `LimitReached`."""
    if not handler.opt.get("counted", True):
        return
    who = actor.user_id or actor.visitor_id
    await _count(connection, actor.kind, f"{actor.organization_id}:{who}")


async def of_widget(connection: AnyConnection, channel: Channel, what: str) -> None:
    """Counts what can be asked of a widget, by the address it comes from and for the channel as a whole.

    `what`: sessions, messages or files. Raises `LimitReached`.
    """
    place = f"{channel.organization_id}:{channel.id}"
    network = network_of(str(connection.scope.get("client_ip", "")))
    await _count(connection, f"{what}_address", f"{place}:{network}")
    await _count(connection, f"{what}_channel", place, tell=False)


async def _count(connection: AnyConnection, limit: str, key: str, *, tell: bool = True) -> None:
    """Takes one from the bucket of this key; `tell`: the answer says what is left."""
    hub: Hub = connection.app.state.hub
    if not hub.settings.limits_rates:
        return
    rate = rates.parsed(limit, getattr(hub.settings, f"rate_{limit}"))
    answer = await rates.take(hub.ports.rates, rate, key)
    if tell and answer is not None:
        extra: dict[str, Any] = connection.scope  # type: ignore[assignment]
        extra["rate"] = answer


def told(answer: Taken) -> list[tuple[bytes, bytes]]:
    """The headers of an answer to a request that was counted."""
    rate = answer.rate
    return headers(rate.name, rate.burst, rate.window, answer.remaining, math.ceil(answer.seconds))


def headers(name: str, quota: int, window: int, remaining: int, seconds: int) -> list[tuple[bytes, bytes]]:
    """`quota` in `window` seconds, of which `remaining` are left for the next `seconds`."""
    return [
        (b"ratelimit-policy", f'"{name}";q={quota};w={window}'.encode()),
        (b"ratelimit", f'"{name}";r={remaining};t={seconds}'.encode()),
    ]
