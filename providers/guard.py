"""Where our requests may go: what an address must look like, and which network addresses may be connected to.

The check stands at the connect call, so whoever makes a request cannot forget it: a name is resolved once, every
address it has must be public, and the connection goes to exactly the address that was checked. Host header and TLS name
stay those of the URL. Whatever cannot be decided is refused.
"""

import asyncio
import ipaddress
import re
import socket
import time
from collections.abc import Awaitable, Callable, Iterable

import httpcore2
import httpx2
from httpcore2 import AsyncNetworkBackend, AsyncNetworkStream

from hub.core.errors import Invalid, Unavailable
from hub.core.settings import words

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]

_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")
# IANA's special-purpose registries, and Azure's metadata service, which sits on a public address.
_CLOSED_V4 = tuple(map(ipaddress.IPv4Network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
)))
# Only global unicast is open, which leaves out mapped, compatible, NAT64, local, link-local and multicast addresses;
# of it these are closed: protocol assignments with Teredo, documentation, 6to4.
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


class Blocked(Invalid):
    """The request may not go there; nothing was sent and trying again will not help. `why` says it in a word."""

    default_code = "egress_refused"


class NotSent(Unavailable):
    """The request certainly never left us: no address, no connection, no TLS."""

    default_code = "provider_unreachable"


class OutcomeUnknown(Unavailable):
    """The request may have left and there is no whole answer: it may have had its effect."""

    default_code = "provider_no_answer"


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host by the system's resolver. Raises OSError or UnicodeError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address in text form is one of the open internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _CLOSED_V4)
    return found in _OPEN_V6 and not any(found in network for network in _CLOSED_V6)


class Guard:
    """The rule. `allow` names what the operator opened as `host:port` words, such as `127.0.0.1:9100 [::1]:9100`;
    `ports` are those that every public host may be asked on."""

    def __init__(self, allow: str = "", *, ports: Iterable[int] = (80, 443)) -> None:
        self._allowed = frozenset(_endpoint(word) for word in words(allow))
        self._ports = frozenset(ports)

    def allows(self, host: str, port: int) -> bool:
        """Whether the operator opened exactly this host and port."""
        return (host, port) in self._allowed

    def check(self, url: httpx2.URL) -> None:
        """Raises `Blocked` for what may not be asked for, whatever its name resolves to."""
        port = url.port or _PORTS.get(url.scheme, 0)
        if url.scheme not in _PORTS:
            raise Blocked(why="scheme")
        if url.userinfo:
            raise Blocked(why="userinfo")
        host = url.raw_host.decode("ascii")
        if self.allows(host, port):
            return
        if url.scheme != "https":
            raise Blocked(why="scheme")
        if port not in self._ports:
            raise Blocked(why="port")
        _check_host(host)

    def choose(self, host: str, port: int, addresses: Iterable[str]) -> list[str]:
        """The addresses that may be connected to. One closed address among them closes the whole name."""
        found = list(addresses)
        if not found:
            raise NotSent(why="resolution")
        if not self.allows(host, port) and not all(map(is_public, found)):
            raise Blocked(why="address")
        return found


class GuardedBackend(AsyncNetworkBackend):
    """Opens connections for the pool, to checked addresses only."""

    def __init__(
        self, guard: Guard, resolver: Resolver = resolve, network: AsyncNetworkBackend | None = None
    ) -> None:
        self._guard = guard
        self._resolve = resolver
        self._network = network or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        deadline = time.monotonic() + (timeout or 5.0)
        addresses = self._guard.choose(host, port, await self._addresses(host, port, deadline))
        for left in range(len(addresses), 0, -1):
            share = max(deadline - time.monotonic(), 0.05) / left
            try:
                return await self._network.connect_tcp(addresses[-left], port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if left == 1:
                    raise
        raise NotSent(why="resolution")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        raise Blocked(why="scheme")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int, deadline: float) -> list[str]:
        try:
            async with asyncio.timeout(max(deadline - time.monotonic(), 0.05)):
                return await self._resolve(host, port)
        except (OSError, UnicodeError):  # TimeoutError is an OSError
            raise NotSent(why="resolution") from None


def _check_host(host: str) -> None:
    if ":" in host or _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        # 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 are addresses to the resolver: only the plain form is one to us.
        if not is_public(host):
            raise Blocked(why="address")
    elif not _NAME.fullmatch(host.removesuffix(".")):
        raise Blocked(why="host")


def _endpoint(word: str) -> tuple[str, int]:
    host, _, port = word.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"HUB_EGRESS_ALLOW: {word!r} is not host:port")
    return host.strip("[]").lower(), int(port)
