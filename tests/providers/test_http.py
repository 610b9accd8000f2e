"""What the client makes of servers that answer, hesitate, lie and hang up."""

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from hub.core.errors import LimitReached, NotFound, Unavailable
from providers.breaker import Breaker, Resting
from providers.http import Blocked, HttpClient, NotSent, OutcomeUnknown
from tests.conftest import free_port

CALLS = "hub_provider_calls_total"


class Pauses:
    """Notes the pauses between attempts instead of taking them."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
async def client_for() -> Any:
    """A client that may reach the given servers: `client_for(server, …)`."""
    made: list[HttpClient] = []

    def make(*servers: Any, **options: Any) -> HttpClient:
        options.setdefault("sleep", Pauses())
        made.append(HttpClient(allow=" ".join(server.allow for server in servers), **options))
        return made[-1]

    yield make
    for client in made:
        await client.close()


async def never(exchange: Any) -> None:
    await asyncio.Event().wait()


async def hang_up(exchange: Any) -> None:
    exchange.writer.transport.abort()


def answering(status: int = 200, body: bytes = b"", **headers: str) -> Callable[[Any], Any]:
    return lambda exchange: exchange.answer(status, body, **headers)


async def test_an_answer_of_any_status_is_an_answer(scripted: Any, client_for: Any) -> None:
    server = await scripted(answering(404, b'{"a":1}', X_Request_Id="7"))
    answer = await client_for(server).request("test", "POST", server.url + "/p?q=1", json={"ç": 1})

    assert (answer.status, answer.body, answer.headers["x-request-id"]) == (404, b'{"a":1}', "7")
    assert server.seen[0].body == '{"ç":1}'.encode()
    assert server.seen[0].header("user-agent") == "Switchboard/1.0.0"


async def test_a_refused_connection_is_a_request_not_sent() -> None:
    port = free_port()
    client = HttpClient(allow=f"127.0.0.1:{port}")
    with pytest.raises(NotSent):
        await client.request("test", "POST", f"http://127.0.0.1:{port}/")
    await client.close()


async def test_a_header_that_cannot_be_written_is_a_request_not_sent(scripted: Any, client_for: Any) -> None:
    server = await scripted(answering())
    with pytest.raises(NotSent):
        await client_for(server).request("test", "POST", server.url, headers={"Authorization": "Bearer a\r\nX: y"})

    assert server.seen == []


@pytest.mark.parametrize("talk", [never, hang_up], ids=["silence", "hang up"])
async def test_silence_after_the_request_is_an_unknown_outcome(scripted: Any, client_for: Any, talk: Any) -> None:
    server = await scripted(talk)
    with pytest.raises(OutcomeUnknown):
        await client_for(server, read_seconds=0.1).request("test", "POST", server.url)

    assert len(server.seen) == 1


async def test_an_answer_cut_short_is_an_unknown_outcome(scripted: Any, client_for: Any) -> None:
    async def cut(exchange: Any) -> None:
        exchange.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        exchange.writer.write_eof()

    server = await scripted(cut)
    with pytest.raises(OutcomeUnknown):
        await client_for(server).request("test", "POST", server.url)


async def test_garbage_for_an_answer_is_an_unknown_outcome(scripted: Any, client_for: Any) -> None:
    async def garble(exchange: Any) -> None:
        exchange.writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        await exchange.writer.drain()

    server = await scripted(garble)
    with pytest.raises(OutcomeUnknown):
        await client_for(server).request("test", "POST", server.url)


async def test_an_answer_that_only_drips_ends_at_the_total_time(scripted: Any, client_for: Any) -> None:
    async def drip(exchange: Any) -> None:
        exchange.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not exchange.writer.is_closing():
            exchange.writer.write(b".")
            await exchange.writer.drain()
            await asyncio.sleep(0.01)  # the drip itself

    server = await scripted(drip)
    with pytest.raises(OutcomeUnknown):
        await client_for(server).request("test", "POST", server.url, total_seconds=0.15)


async def test_a_post_is_never_repeated(scripted: Any, client_for: Any) -> None:
    server = await scripted(answering(503))
    answer = await client_for(server).request("test", "POST", server.url)

    assert answer.status == 503
    assert len(server.seen) == 1


async def test_a_get_is_tried_three_times_with_growing_uneven_pauses(scripted: Any, client_for: Any) -> None:
    pauses = Pauses()
    server = await scripted(answering(503))
    answer = await client_for(server, sleep=pauses).request("test", "GET", server.url)

    assert answer.status == 503
    assert len(server.seen) == 3
    assert 0.2 <= pauses.taken[0] <= 0.6 <= 2 * pauses.taken[1]


async def test_a_get_succeeds_at_the_second_attempt(scripted: Any, client_for: Any) -> None:
    async def second(exchange: Any) -> None:
        await (hang_up(exchange) if len(server.seen) == 1 else exchange.answer(200, b"ok"))

    server = await scripted(second)
    assert (await client_for(server).request("test", "GET", server.url)).body == b"ok"


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again(scripted: Any, client_for: Any) -> None:
    closed = asyncio.Event()

    async def answer_and_close(exchange: Any) -> None:
        await exchange.answer(200)
        exchange.writer.close()
        await exchange.writer.wait_closed()
        closed.set()

    server = await scripted(answer_and_close)
    client = client_for(server)
    for _ in range(5):
        closed.clear()
        assert (await client.request("test", "POST", server.url)).status == 200
        await closed.wait()
        await asyncio.sleep(0)  # lets our side's loop see that its socket is readable

    assert server.connections == 5


async def test_redirects_are_not_followed(scripted: Any, client_for: Any) -> None:
    server = await scripted(answering(302, Location="/elsewhere"))
    answer = await client_for(server).request("test", "POST", server.url)

    assert answer.status == 302
    assert [exchange.path for exchange in server.seen] == ["/"]


async def test_a_compressed_bomb_is_stopped_by_its_unpacked_size(scripted: Any, client_for: Any) -> None:
    bomb = gzip.compress(bytes(64 * 2**20))
    server = await scripted(answering(200, bomb, Content_Encoding="gzip"))
    client = client_for(server)
    with pytest.raises(OutcomeUnknown, match="provider_no_answer"):
        await client.request("test", "POST", server.url, limit=2**20)
    with pytest.raises(LimitReached, match="file_too_large"):
        await collect(client.download("test", server.url, limit=2**20))

    assert len(bomb) < 2**20


async def test_a_broken_encoding_is_an_unknown_outcome(scripted: Any, client_for: Any) -> None:
    server = await scripted(answering(200, b"not gzip", Content_Encoding="gzip"))
    with pytest.raises(OutcomeUnknown):
        await client_for(server).request("test", "POST", server.url)


async def test_a_cookie_of_one_answer_is_not_sent_with_the_next_request(scripted: Any, client_for: Any) -> None:
    server = await scripted(answering(200, b"", Set_Cookie="tenant=a; Path=/"))
    client = client_for(server)
    await client.request("test", "POST", server.url)
    await client.request("test", "POST", server.url)

    assert [exchange.header("cookie") for exchange in server.seen] == [None, None]
    assert server.connections == 1


async def test_a_download_comes_in_chunks(scripted: Any, client_for: Any) -> None:
    content = bytes(range(256)) * 1000
    server = await scripted(answering(200, content))

    assert await collect(client_for(server).download("test", server.url, limit=len(content))) == content


async def test_a_download_stops_past_its_limit_whatever_length_was_promised(scripted: Any, client_for: Any) -> None:
    async def endless(exchange: Any) -> None:
        exchange.writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not exchange.writer.is_closing():
            exchange.writer.write(bytes(4096))
            await exchange.writer.drain()

    server = await scripted(endless)
    with pytest.raises(LimitReached):
        await collect(client_for(server).download("test", server.url, limit=100_000))


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFound), (410, NotFound), (403, Unavailable), (500, Unavailable)]
)
async def test_a_download_that_is_not_there_says_so(
    scripted: Any, client_for: Any, status: int, error: type[Exception]
) -> None:
    server = await scripted(answering(status))
    with pytest.raises(error):
        await collect(client_for(server).download("test", server.url, limit=1))


async def test_a_download_follows_a_hop_and_keeps_its_credentials_at_home(scripted: Any, client_for: Any) -> None:
    storage = await scripted(answering(200, b"file"))
    front = await scripted(answering(302, Location=storage.url + "/f"))
    secret = {"Authorization": "Bearer secret"}
    got = await collect(client_for(front, storage).download("test", front.url, limit=9, headers=secret, hops=1))

    assert got == b"file"
    assert front.seen[0].header("authorization") == "Bearer secret"
    assert storage.seen[0].header("authorization") is None


async def test_a_hop_to_where_the_guard_does_not_let_pass_is_refused(scripted: Any, client_for: Any) -> None:
    inside = await scripted(answering(200, b"secret"))
    front = await scripted(answering(302, Location=inside.url))
    with pytest.raises(Blocked):
        await collect(client_for(front).download("test", front.url, limit=9, hops=3))

    assert inside.connections == 0


async def test_a_chain_of_hops_longer_than_allowed_is_no_file(scripted: Any, client_for: Any) -> None:
    server = await scripted(answering(302, Location="/again"))
    with pytest.raises(Unavailable):
        await collect(client_for(server).download("test", server.url, limit=9, hops=2))

    assert len(server.seen) == 3


async def test_after_five_failures_in_a_row_the_origin_rests_until_a_probe_succeeds(
    scripted: Any, client_for: Any
) -> None:
    now = [0.0]
    talks = [hang_up]

    async def changing(exchange: Any) -> None:
        await talks[-1](exchange)

    server = await scripted(changing)
    client = client_for(server, breaker=Breaker(clock=lambda: now[0]))
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            await client.request("test", "POST", server.url)
    with pytest.raises(Resting):
        await client.request("test", "POST", server.url)
    assert len(server.seen) == 5

    talks.append(answering(200))
    now[0] += 11
    assert (await client.request("test", "POST", server.url)).status == 200
    assert (await client.request("test", "POST", server.url)).status == 200


async def test_a_failed_probe_makes_the_origin_rest_again(scripted: Any, client_for: Any) -> None:
    now = [0.0]
    server = await scripted(answering(503))
    client = client_for(server, breaker=Breaker(failures=1, clock=lambda: now[0]))
    await client.request("test", "POST", server.url)
    now[0] += 11
    await client.request("test", "POST", server.url)
    with pytest.raises(Resting):
        await client.request("test", "POST", server.url)

    assert len(server.seen) == 2


async def test_refusals_do_not_make_an_origin_rest(scripted: Any, client_for: Any) -> None:
    server = await scripted(answering(400))
    client = client_for(server, breaker=Breaker(failures=1))
    statuses = [(await client.request("test", "POST", server.url)).status for _ in range(3)]

    assert statuses == [400, 400, 400]


async def test_calls_are_counted_by_provider_and_outcome(scripted: Any, client_for: Any) -> None:
    server = await scripted(answering(204))
    client = client_for(server)
    await client.request("counted", "POST", server.url)
    with pytest.raises(Blocked):
        await client.request("counted", "POST", "https://127.0.0.1/")

    assert REGISTRY.get_sample_value(CALLS, {"provider": "counted", "outcome": "2xx"}) == 1
    assert REGISTRY.get_sample_value(CALLS, {"provider": "counted", "outcome": "blocked"}) == 1
    assert REGISTRY.get_sample_value("hub_provider_call_seconds_count", {"provider": "counted"}) == 2


async def collect(chunks: Any) -> bytes:
    return b"".join([chunk async for chunk in chunks])
