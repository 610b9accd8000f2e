"""The way past ASGI and the framework for webhooks, which come by the thousand and are answered with a status alone.

Whatever is not plainly good goes the long way with the same body, and is answered there; under another server all do.
"""

import re
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api import hooks
from api.auth import HEADERS
from hub.core.clock import new_id
from hub.core.errors import HubError
from hub.core.failpoints import reach
from hub.core.metrics import HTTP_REQUESTS, HTTP_SECONDS

log = structlog.get_logger(__name__)
_ROUTE = "/webhooks/whatsapp/{org_id:uuid}"
_PATH = re.compile(r"/webhooks/whatsapp/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_DONE, _SECONDS = HTTP_REQUESTS.labels("POST", _ROUTE, 200), HTTP_SECONDS.labels("POST", _ROUTE)
_OWN = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"0"), *HEADERS)


class HookProtocol(HttpToolsProtocol):
    """Usable as uvicorn's `http`: its own protocol, which takes webhooks in itself."""

    _head: tuple[Sequence[tuple[bytes, bytes]], bytes] = ((), b"")  # of the last answer, with the headers it is made of

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        found = _PATH.fullmatch(cycle.scope["path"]) if cycle.scope["method"] == "POST" else None
        if found is None or cycle.waiting_for_100_continue or not isinstance(app, Litestar):
            super()._start_asgi_task(cycle, app)
            return
        task = self.loop.create_task(_take(cycle, app, UUID(found[1])))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def _take(cycle: RequestResponseCycle, app: Any, organization_id: UUID) -> None:
    started = time.perf_counter()
    while cycle.more_body and len(cycle.body) <= hooks.BODY_LIMIT and not cycle.disconnected:
        cycle.message_event.clear()
        cycle.flow.resume_reading()
        await cycle.message_event.wait()
    if cycle.more_body or not await _is_taken(cycle, app, organization_id):
        cycle.message_event.set()  # what has come is said again, also to one who waits for it
        await cycle.run_asgi(app)
        return
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    _answer(cycle)
    reach("hook.after")
    _DONE.inc()
    _SECONDS.observe(time.perf_counter() - started)


async def _is_taken(cycle: RequestResponseCycle, app: Litestar, organization_id: UUID) -> bool:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in cycle.scope["headers"]}
    try:
        await hooks.accept(app.state.hub, app.state.doors, organization_id, headers, bytes(cycle.body))
    except Exception as error:  # the long way answers it, and says what was wrong where anything was
        if not isinstance(error, HubError):
            log.warning("webhook_the_long_way", error=type(error).__name__)
        return False
    return True


def _answer(cycle: RequestResponseCycle) -> None:
    """As uvicorn would, with headers that need no checking."""
    respond, cycle.on_response = cycle.on_response, _nothing  # which would hold the connection, and that the cycle
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    if cycle.disconnected:
        return
    closing = b"" if cycle.keep_alive else b"connection: close\r\n"
    cycle.transport.write(b"%bx-request-id: %b\r\n%b\r\n" % (
        _head(cycle.default_headers), new_id().hex.encode(), closing,
    ))
    if not cycle.keep_alive:
        cycle.transport.close()
    respond()


def _nothing() -> None:
    return


def _head(default: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The status line and what is the same for a second: the server makes new headers with the date."""
    known, head = HookProtocol._head
    if known is not default:
        lines = [b"%b: %b\r\n" % header for header in (*default, *_OWN)]
        head = b"HTTP/1.1 200 OK\r\n" + b"".join(lines)
        HookProtocol._head = default, head
    return head
