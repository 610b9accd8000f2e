"""One way out: nothing but the guarded client opens a connection to somebody else (SEC-6)."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = frozenset({
    "httpx", "httpx2", "httpcore", "httpcore2", "requests", "aiohttp", "urllib3", "urllib.request", "http.client",
    "ftplib", "smtplib", "aiosmtplib", "telnetlib", "socket", "websockets", "websocket", "pycurl", "twilio", "telnyx",
    "grpc",
})
CALLS = frozenset({
    "open_connection", "create_connection", "create_datagram_endpoint", "sock_connect", "urlopen",
})
# The guarded client and what it is made of; and what speaks to our own machine or to what the operator named:
ALLOWED: dict[str, str] = {
    "providers/guard.py": "the guard itself", "providers/http.py": "the one client",
    "providers/transport.py": "its pool", "providers/mail.py": "the operator's own mail server",
    "providers/postgres.py": "the embedded database",
    "providers/simulator/webhooks.py": "the simulator calls the hub it stands beside",
    "providers/simulator/graph.py": "the simulator fetches what the hub links to",
    "api/serve.py": "listens, and looks whether the port is free",
    "api/serving.py": "names the type of the listener that it is given",
    "api/live/transport.py": "options of sockets that others opened",
}


@cache
def uses() -> frozenset[tuple[str, str]]:
    """(file, what) for every import of something that can connect, and every call that does."""
    return frozenset(_uses())


def _uses() -> Iterator[tuple[str, str]]:
    for room in ("hub", "api", "workers", "providers"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                for module in _modules(node):
                    if module in CLIENTS or module.partition(".")[0] in CLIENTS - {"http", "urllib"}:
                        yield name, module
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
                    yield name, node.func.attr


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []


def test_nothing_opens_connections_past_the_guarded_client() -> None:
    found = {(name, what) for name, what in uses() if name not in ALLOWED}
    assert found == set(), "go through providers/http.py, or say here why not"


def test_the_list_of_exceptions_is_not_longer_than_needed() -> None:
    assert set(ALLOWED) - {name for name, _ in uses()} == set()
