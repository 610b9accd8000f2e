"""SEC-6 where names and answers lie: a name server that changes its mind, and servers that send us elsewhere."""

from typing import Any

import httpcore2
import pytest

from hub.core.errors import Unavailable
from providers.guard import Blocked, Guard, GuardedBackend, NotSent
from providers.http import HttpClient
from tests.providers.dns import name_server
from tests.providers.test_guard import HOSTS, URLS, Canary, Recorder, canary

__all__ = ["canary"]
PUBLIC, ALSO_PUBLIC = "93.184.215.14", "8.8.8.8"
INSIDE = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "::1",
          "fc00::1", "fe80::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "255.255.255.255"]
MORE = [
    "https://inside.test:{p}/", "https://INSIDE.test:{p}/", "https://inside.test.:{p}/", "https://inside。test:{p}/",
    "https://1.0.0.127.in-addr.arpa:{p}/", "https://0x7f.0x0.0x0.0x1:{p}/", "https://127.0.0x1:{p}/",
    "https://0177.0x0.0.01:{p}/", "https://4294967295:{p}/", "https://4294967296:{p}/", "https://0xffffffff:{p}/",
    "https://00000000127.0.0.1:{p}/", "https://127.0.0.1.:{p}/", "https://127.0.0.1..:{p}/", "https://.127.0.0.1:{p}/",
    "https://[::ffff:0x7f000001]:{p}/", "https://[::ffff:127.1]:{p}/", "https://[0:0:0:0:0:ffff:7f00:0001]:{p}/",
    "https://[::1%25eth0]:{p}/", "https://[::1%eth0]:{p}/", "https://[fe80::1%251]:{p}/", "https://[::127.0.0.1%25lo]:{p}/",
    "https://[v1.fe80::1]:{p}/", "https://[:::1]:{p}/", "https://[1]:{p}/", "https://::1:{p}/",
    "https://user@inside.test:{p}/", "https://user:secret@inside.test:{p}/", "https://:@127.0.0.1:{p}/",
    "https://%31%32%37.0.0.1:{p}/", "https://127%2e0%2e0%2e1:{p}/", "https://localhost%00.test:{p}/",
    "https://loc%61lhost:{p}/", "https://local\thost:{p}/", "https://127.0.0.1\r\n.test:{p}/",
    "https:\\\\127.0.0.1:{p}\\",
    "https:/\\127.0.0.1:{p}/", "\thttps://127.0.0.1:{p}/", "https://127.0.0.1:{p}:443/", "https://127.0.0.1:0{p}/",
    "https://127.0.0.1:+{p}/", "https://xn--127-0-0-1.test:{p}/", "https://１２７．０．０．１:{p}/", "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{p}/",
    "https://localhoſt:{p}/", "https://rebind.test:{p}/", "https://none.test:{p}/", "https://empty.test:{p}/",
    "https://metadata.google.internal:{p}/", "https://169.254.169.254.nip.test:{p}/", "https://mixed.test:{p}/",
    "ldap://127.0.0.1:{p}/", "smtp://127.0.0.1:{p}/", "jar:https://127.0.0.1:{p}/!/", "HTTP://127.0.0.1:{p}/",
    "HTTPS://127.0.0.1:{p}/", "blob:https://127.0.0.1:{p}/", "https://inside.test:{p}/../../", "https:////127.0.0.1:{p}/",
]
NAMES = {
    "inside.test": [["127.0.0.1"]], "mixed.test": [[PUBLIC, "127.0.0.1"]], "empty.test": [[]],
    "rebind.test": [["127.0.0.1"], [PUBLIC], ["127.0.0.1"]], "169.254.169.254.nip.test": [["169.254.169.254"]],
    "metadata.google.internal": [["169.254.169.254"]],
}


async def test_the_whole_corpus_reaches_nothing_by_a_real_name_server(canary: Canary) -> None:
    async with name_server(NAMES) as names:
        client = HttpClient(resolver=names.resolve, ports=(80, 443, canary.port), sleep=_no_pause)
        reached = []
        for url in (*URLS, *MORE):
            try:
                await client.request("test", "POST", url.format(p=canary.port))
                reached.append(url)
            except (Blocked, NotSent):
                continue
        await client.close()
    assert reached == []
    assert canary.touches == 0
    assert len({*URLS, *MORE}) >= 150
    assert "rebind.test" in names.asked


@pytest.mark.parametrize("inside", INSIDE)
async def test_a_name_that_turns_inside_is_followed_only_while_it_is_public(inside: str) -> None:
    """Each connection asks once and goes to the very address that was looked at, whatever the name means later."""
    answers = [[PUBLIC], [inside], [ALSO_PUBLIC], [PUBLIC, inside], [inside, PUBLIC], [inside]]
    async with name_server({"rebind.test": answers}) as names:
        network, outcomes = Recorder(), []
        backend = GuardedBackend(Guard(), names.resolve, network)
        for _ in answers:
            try:
                await backend.connect_tcp("rebind.test", 443, 1.0)
            except (httpcore2.ConnectError, Blocked) as error:
                outcomes.append(type(error).__name__)
    assert network.hosts == [PUBLIC, ALSO_PUBLIC]
    assert outcomes == ["ConnectError", "Blocked", "ConnectError", "Blocked", "Blocked", "Blocked"]
    assert len(names.asked) == len(answers)


async def test_a_retried_request_does_not_slip_inside_with_its_second_look(canary: Canary) -> None:
    """GET is tried three times: an answer that is public first and inside afterwards must not be used."""
    async with name_server({"flip.test": [["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"]]}) as names:
        client = HttpClient(resolver=names.resolve, ports=(canary.port,), sleep=_no_pause)
        for _ in range(5):
            with pytest.raises((Blocked, NotSent)):
                await client.request("test", "GET", f"https://flip.test:{canary.port}/")
        await client.close()
    assert canary.touches == 0


async def test_no_redirect_leads_inside(canary: Canary, scripted: Any) -> None:
    """Each address of the corpus as the target of a redirect, from a server that the operator opened, and of a second
    one behind it."""
    targets = [url.format(p=canary.port) for url in (*URLS, *(f"https://{host}/" for host in HOSTS), *MORE)]
    targets = [one for one in targets if one.isprintable() and one.isascii() and "\\" not in one]

    async def talk(exchange: Any) -> None:
        number = int(exchange.path.rsplit("/", 1)[-1] or 0)
        if exchange.path.startswith("/first/"):
            await exchange.answer(302, Location=f"/second/{number}")
        else:
            await exchange.answer(307, Location=targets[number])

    server = await scripted(talk)
    async with name_server(NAMES) as names:
        client = HttpClient(allow=server.allow, resolver=names.resolve, ports=(80, 443, canary.port), sleep=_no_pause)
        arrived, ended = [], set()
        for number, target in enumerate(targets):
            try:
                chunks = client.download("test", f"{server.url}/first/{number}", limit=9, hops=2)
                arrived += [target async for _ in chunks]
            except (Blocked, NotSent):
                continue
            except Unavailable as error:
                ended.add(error.code)
        await client.close()
    assert arrived == []
    assert ended <= {"provider_refused"}  # relative targets: the opened server itself, until the hops are used up
    assert canary.touches == 0
    assert len(targets) >= 150


async def _no_pause(seconds: float) -> None:
    return None
