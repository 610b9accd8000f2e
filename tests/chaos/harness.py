"""The real product as processes of its own, to be killed, stopped and cut off by their own process ids.

A `Town` is one installation: PostgreSQL, one or two servers, perhaps a worker and Valkey, the outside world that the
simulator plays, and the proxies between them. `source` is the tree whose code runs, for trees with a seeded bug.
"""

import asyncio
import contextlib
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx2

from providers.postgres import DATABASE, USER, EmbeddedError, EmbeddedPostgres
from tests.chaos.template import lay_down
from tests.chaos.toxics import Proxy

ROOT = Path(__file__).parents[2]
SOCKET = ".s.PGSQL.5432"
Serve = ("-m", "api.cli", "serve")
Work = ("-m", "api.cli", "worker")


class Process:
    """A child in its own session, started and killed by its own id."""

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str], log: Path, source: Path) -> None:
        self.arguments, self.environment, self.log, self.source = arguments, environment, log, source
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                [sys.executable, *self.arguments], cwd=self.source, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
                env=inherited | self.environment | more | {"PYTHONPATH": str(self.source)},
            )

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(how)
            self._child.wait(20)

    def signal(self, what: signal.Signals) -> None:
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(what)

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def memory(self) -> int:
        """Bytes that are resident."""
        assert self._child is not None
        text = Path(f"/proc/{self._child.pid}/statm").read_text()
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def ended(self, seconds: float) -> bool:
        """Waits until it is gone by itself; False when it is still there after that time."""
        until = time.monotonic() + seconds
        while self.alive and time.monotonic() < until:
            await asyncio.sleep(0.01)
        return not self.alive

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


class Town:
    """`apart`: PostgreSQL is ours, not the server's child, and reached through a proxy when `linked`. `crew`: a second
    server, two workers and Valkey besides. `disk`: the folder of the database, if it is on a disk of its own."""

    def __init__(
        self, folder: Path, *, seed: int = 0, source: Path = ROOT, apart: bool = False, crew: bool = False,
        linked: bool = False, disk: Path | None = None, **settings: str,
    ) -> None:
        self.folder, self.source, self.crew = folder, source, crew
        self.apart = apart or crew or linked or disk is not None
        self.data = folder / "data"
        self.ports = [_free_port() for _ in range(3)]
        self.front = Proxy(self.ports[0], seed=seed)  # between clients, providers and the server
        self.second_front = Proxy(self.ports[2], seed=seed)
        self.back = Proxy(self.ports[1], seed=seed + 1)  # between the server and the provider
        self.postgres = EmbeddedPostgres((disk or folder if self.apart else self.data) / "postgres", connections=80)
        self.link: Proxy | None = None  # between the server and PostgreSQL
        if linked:
            self.link = Proxy(f"{self.postgres.folder}/{SOCKET}", seed=seed + 2, listen=f"{_short_folder()}/{SOCKET}")
        self.settings = settings
        self.valkey: Any = None
        self.servers: list[Process] = []
        self.workers: list[Process] = []
        self.secret = secrets.token_urlsafe(48)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.front.port}"

    @property
    def second_url(self) -> str:
        return f"http://127.0.0.1:{self.second_front.port}" if self.crew else self.url

    @property
    def database_url(self) -> str:
        if self.link is None:
            return self.postgres.url
        return f"postgresql://{USER}@/{DATABASE}?host={quote(str(Path(str(self.link.listen)).parent))}"

    @property
    def own_url(self) -> str:
        """The server without the proxy."""
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.ports[1]}"

    @property
    def hub(self) -> Process:
        return self.servers[0]

    async def start(self) -> None:
        for proxy in (self.front, self.back, self.second_front):
            await proxy.start()
        self.simulator = Process(
            ("-m", "providers.simulator", "--port", str(self.ports[1]), "--hub", self.url, "--smtp-port", "0",
             "--state", str(self.folder / "simulator.jsonl")), {}, self.folder / "simulator.log", ROOT,
        )
        self.simulator.start()
        await asyncio.to_thread(lay_down, self.postgres.folder)
        if self.apart:
            await asyncio.to_thread(self.postgres.start)
        if self.link is not None:
            await self.link.start()
        if self.crew:
            from tests.workers.servers import Valkey

            self.valkey = Valkey()
            self.valkey.start()
        self.servers = [self._process(Serve, self.ports[0], "hub")]
        assert await self._answers(self.simulator, f"{self.simulator_url}/health"), self.simulator.tail()
        await self.start_hub()
        if self.crew:
            self.servers.append(self._process(Serve, self.ports[2], "second"))
            self.workers = [self._process(Work, 0, f"worker{index}") for index in range(2)]
            await self.start_hub(self.servers[1])
            for worker in self.workers:
                worker.start()

    def _process(self, arguments: tuple[str, ...], port: int, name: str) -> Process:
        origins = f"{self.url},http://127.0.0.1:{self.second_front.port}"
        environment = {
            "HUB_ENVIRONMENT": "test", "HUB_PORT": str(port), "HUB_DATA_DIR": str(self.data), "HUB_SIMULATOR": "false",
            "HUB_SECRET_KEY": self.secret, "HUB_ALLOWED_ORIGINS": origins, "HUB_LOG_LEVEL": "warning",
            "HUB_WHATSAPP_GRAPH_URL": f"http://127.0.0.1:{self.back.port}/graph",
            "HUB_EGRESS_ALLOW": f"127.0.0.1:{self.back.port}",
            **({"HUB_DATABASE_URL": self.database_url} if self.apart else {}),
            **({"HUB_REDIS_URL": self.valkey.url} if self.valkey else {}),
            **self.settings,
        }
        return Process(arguments, environment, self.folder / f"{name}.log", self.source)

    async def start_hub(self, process: Process | None = None, *, failpoints: str = "") -> float | None:
        """Starts a server; seconds until it served, None when it came to a failpoint before."""
        process = process or self.hub
        began = time.monotonic()
        process.start(HUB_FAILPOINTS=failpoints)
        port = process.environment["HUB_PORT"]
        served = await self._answers(process, f"http://127.0.0.1:{port}/healthz")
        assert served or failpoints, process.tail()
        return time.monotonic() - began if served else None

    async def start_postgres(self) -> None:
        """Brings PostgreSQL back; after a kill its shared memory may be in use for a moment."""
        for attempt in range(40):
            try:
                await asyncio.to_thread(self.postgres.start)
                return
            except EmbeddedError:
                if attempt == 39:
                    raise
                await asyncio.sleep(0.1)

    @property
    def postmaster(self) -> int:
        return int((self.postgres.cluster / "postmaster.pid").read_text().splitlines()[0])

    def connect(self) -> "Any":
        """A connection of the superuser, past the proxies."""
        return asyncpg.connect(self.postgres.admin_url)

    async def stop(self) -> None:
        processes = [*self.servers, *self.workers, self.simulator]
        for process in processes:
            process.signal(signal.SIGCONT)
            process.signal(signal.SIGTERM)
        for process in processes:
            if not await process.ended(8):
                process.kill()
        if self.valkey is not None:
            self.valkey.stop()
        if self.apart:
            await asyncio.to_thread(self.postgres.stop)
        else:
            end_orphan(self.postgres)
        for proxy in (self.front, self.back, self.second_front, self.link):
            if proxy is not None:
                await proxy.stop()

    async def _answers(self, process: Process, url: str) -> bool:
        """Waits until it answers; False when it ended before."""
        async with httpx2.AsyncClient(timeout=2) as client:
            for _ in range(1200):
                with contextlib.suppress(httpx2.HTTPError):
                    if (await client.get(url)).status_code == 200:
                        return True
                if not process.alive:
                    return False
                await asyncio.sleep(0.025)
        raise AssertionError(f"{url} did not answer:\n{process.tail()}")


def end_with_everything() -> None:
    """Lets SIGTERM and SIGINT end a programme as Ctrl-C does, wherever it was started: a round stops its town first."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: os.kill(os.getpid(), signal.SIGINT))


def end_orphan(server: EmbeddedPostgres) -> None:
    """Ends the PostgreSQL of a server that was killed and not started again."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((server.cluster / "postmaster.pid").read_text().splitlines()[0])
        if str(server.cluster) in Path(f"/proc/{pid}/cmdline").read_text(errors="replace"):
            os.kill(pid, signal.SIGQUIT)


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _short_folder() -> str:
    """Socket paths are short."""
    return tempfile.mkdtemp(prefix="link")


def _free_port() -> int:
    """A port below those that the kernel gives away, so that nobody takes it while its owner is dead."""
    while True:
        port = random.SystemRandom().randrange(12_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
