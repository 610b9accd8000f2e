"""SEC-6: nothing that is asked of the client reaches an address inside."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from httpcore2 import AsyncNetworkBackend, AsyncNetworkStream

from providers.guard import Blocked, Guard, GuardedBackend, NotSent, is_public
from providers.http import HttpClient

# {p} is the canary's port, which the client is told to trust, so that only the address stands in the way.
HOSTS = [
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.000.000.001", "0177.0.0.1", "0177.1", "0x7f.0.0.1", "0x7f.1",
    "0x7f000001", "0X7F000001", "2130706433", "017700000001", "00000000000000000177.0.0.1", "127.255.255.254", "0",
    "0.0.0.0", "0x0", "00", "0.", "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1",
    "100.64.0.1", "100.100.100.200", "169.254.169.254", "169.254.169.254.", "2852039166", "0xa9fea9fe",
    "0xA9.0xFE.0xA9.0xFE",
    "0251.0376.0251.0376", "168.63.129.16", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]",
    "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]", "[2002:a9fe:a9fe::]", "[2001::1]", "[2001:db8::1]", "[3fff::1]", "[fc00::1]", "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25lo]", "[fec0::1]", "[ff02::1]", "[100::1]", "[5f00::1]",
    "localhost", "LOCALHOST", "localhost.", "ip6-localhost", "127。0。0。1", "127．0．0．1",
    "１２７.0.0.1", "①②⑦.⓪.⓪.①",
    "ⓛocalhost", "loca\u00adlhost", "127.0.0.1%00.example.com", "127.0.0.1%2eexample.com", "exa mple.com",
    "", "-", ".", "..",
    "example.com:80@127.0.0.1", "example.com@127.0.0.1", "127.0.0.1\\@example.com", "1.1.1.1&@127.0.0.1", "a:b@[::1]",
    "inside.test", "mixed.test", "mapped.test", "nat64.test", "nothing.test", "unknown.test",
]
URLS = [f"https://{host}:{{p}}/" for host in HOSTS] + [
    "http://127.0.0.1:{p}/", "http://inside.test:{p}/", "http://public.test/", "ftp://127.0.0.1:{p}/",
    "gopher://127.0.0.1:{p}/_x",
    "file:///etc/passwd", "unix:///var/run/docker.sock", "//127.0.0.1:{p}/", "/relative", "127.0.0.1:{p}",
    "https:127.0.0.1:{p}",
    "https:///127.0.0.1:{p}/", "https://public.test:22/", "https://public.test:6379/",
    "https://public.test:{p}@127.0.0.1:{p}/",
    "https://127.0.0.1:{p}#@public.test/", "https://127.0.0.1:{p}?@public.test/", "https://127.0.0.1:99999/",
    "https://[::1/", "",
    "javascript:alert(1)", "data:text/plain,x", "ws://127.0.0.1:{p}/", "wss://127.0.0.1:{p}/", "dict://127.0.0.1:{p}/",
]
NAMES = {
    "inside.test": ["127.0.0.1"],
    "mixed.test": ["93.184.215.14", "127.0.0.1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "nat64.test": ["64:ff9b::7f00:1"],
    "nothing.test": [],
}


async def resolver(host: str, port: int) -> list[str]:
    """The names above; numbers in every notation and the machine's own names as the system reads them."""
    if host in NAMES:
        return NAMES[host]
    if host == "unknown.test":
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@pytest.fixture
async def canary() -> AsyncIterator["Canary"]:
    found = Canary()
    server = await asyncio.start_server(found.touched, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    also = []
    if socket.has_ipv6:
        try:
            also.append(await asyncio.start_server(found.touched, "::1", found.port))
        except OSError:  # a machine without IPv6 has no ::1 to protect
            also.clear()
    yield found
    for each in (server, *also):
        each.close()


class Canary:
    port = 0
    touches = 0

    async def touched(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.touches += 1
        writer.close()


async def test_no_url_of_the_corpus_reaches_the_canary(canary: Canary) -> None:
    for ports in ((80, 443), (80, 443, canary.port)):
        client = HttpClient(resolver=resolver, ports=ports, sleep=_no_pause)
        for url in URLS:
            with pytest.raises((Blocked, NotSent)):
                await client.request("test", "GET", url.format(p=canary.port))
        await client.close()

    assert canary.touches == 0
    assert len(URLS) >= 100


async def test_the_canary_is_reached_once_the_operator_opens_it(canary: Canary) -> None:
    client = HttpClient(allow=f"127.0.0.1:{canary.port}")
    with pytest.raises(Exception, match="provider_no_answer"):
        await client.request("test", "POST", f"http://127.0.0.1:{canary.port}/")
    await client.close()

    assert canary.touches == 1


async def test_opening_one_endpoint_opens_no_other_spelling_or_port(canary: Canary) -> None:
    client = HttpClient(allow=f"127.0.0.1:{canary.port}", resolver=resolver, sleep=_no_pause)
    for host in ("localhost", "127.1", "[::1]", "127.0.0.1."):
        with pytest.raises(Blocked):
            await client.request("test", "GET", f"http://{host}:{canary.port}/")
    await client.close()

    assert canary.touches == 0


async def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to() -> None:
    answers = [["93.184.215.14"], ["127.0.0.1"]]
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    network = Recorder()
    backend = GuardedBackend(Guard(), rebinding, network)
    with pytest.raises(httpcore2.ConnectError):
        await backend.connect_tcp("rebind.test", 443, 1.0)
    with pytest.raises(Blocked):
        await backend.connect_tcp("rebind.test", 443, 1.0)

    assert network.hosts == ["93.184.215.14"]
    assert asked == ["rebind.test", "rebind.test"]


async def test_the_next_address_is_tried_when_the_first_does_not_answer() -> None:
    async def two(host: str, port: int) -> list[str]:
        return ["2606:2800:21f::1", "93.184.215.14"]

    network = Recorder()
    with pytest.raises(httpcore2.ConnectError):
        await GuardedBackend(Guard(), two, network).connect_tcp("two.test", 443, 1.0)

    assert network.hosts == ["2606:2800:21f::1", "93.184.215.14"]


async def test_a_resolver_that_hangs_is_a_request_not_sent() -> None:
    async def hanging(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(NotSent):
        await GuardedBackend(Guard(), hanging, Recorder()).connect_tcp("slow.test", 443, 0.05)


async def test_host_header_and_tls_name_stay_those_of_the_url(scripted: Any, tmp_path: Path) -> None:
    server_side, client_side = _contexts("shop.test", tmp_path)
    names: list[str | None] = []
    server_side.sni_callback = lambda _socket, name, _context: names.append(name)
    server = await scripted(lambda exchange: exchange.answer(), ssl=server_side)

    async def pointing_here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    client = HttpClient(allow=f"shop.test:{server.port}", resolver=pointing_here, tls=client_side)
    answer = await client.request("test", "GET", f"https://shop.test:{server.port}/")
    await client.close()

    assert answer.status == 200
    assert names == ["shop.test"]
    assert server.seen[0].header("host") == f"shop.test:{server.port}"


async def test_a_certificate_for_another_name_is_a_request_not_sent(scripted: Any, tmp_path: Path) -> None:
    server_side, client_side = _contexts("other.test", tmp_path)
    server = await scripted(lambda exchange: exchange.answer(), ssl=server_side)

    async def pointing_here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    client = HttpClient(allow=f"shop.test:{server.port}", resolver=pointing_here, tls=client_side)
    with pytest.raises(NotSent):
        await client.request("test", "POST", f"https://shop.test:{server.port}/")
    await client.close()

    assert server.seen == []


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "100.63.255.255", "2606:2800:21f::1", "2a00:1450::1"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_an_allow_list_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="host:port"):
        Guard("localhost")


class Recorder(AsyncNetworkBackend):
    """A network that notes where it was asked to go, and goes nowhere."""

    def __init__(self) -> None:
        self.hosts: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        self.hosts.append(host)
        raise httpcore2.ConnectError()


async def _no_pause(seconds: float) -> None:
    return None


def _contexts(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for `name`, and a client's context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
