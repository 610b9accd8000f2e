"""`switchboard serve` from nothing: it comes up, says where it is, survives a kill, and leaves nothing running."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.conftest import free_port

ROOT = Path(__file__).parents[2]


class Started:
    """A `serve` in a process of its own."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.folder = folder
        self.port = int(environment.get("HUB_PORT") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        given = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        self.log = folder.parent / f"serve-{self.port}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve", *arguments], cwd=ROOT, stdout=log, stderr=log,
                env=given | {"HUB_DATA_DIR": str(folder), "HUB_PORT": str(self.port)} | environment,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def until_ready(self, seconds: float = 100) -> None:
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(httpx2.HTTPError):
                if httpx2.get(f"{self.url}/healthz", timeout=seconds).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.said)

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(100)

    def sign_in(self) -> httpx2.Response:
        line = next(line for line in self.said.splitlines() if "Sign in" in line)
        email, password = line.split("Sign in", 1)[1].split("/")
        return httpx2.post(f"{self.url}/api/v1/auth/login", timeout=30,
                           json={"email": email.strip(), "password": password.strip()})


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "data"
    yield made
    for pid in database_of(made):
        os.kill(pid, signal.SIGQUIT)


def database_of(folder: Path) -> list[int]:
    """Processes of the embedded PostgreSQL in this folder that live."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((folder / "postgres/cluster/postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
        return [pid]
    return []


@pytest.mark.timeout(300)
def test_the_demo_comes_up_survives_a_kill_and_stops_with_everything_it_started(folder: Path) -> None:
    first = Started(folder)
    first.until_ready()
    assert f"{first.url}/app" in first.said
    assert first.sign_in().status_code == 200
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600

    second = Started(folder)
    assert second.stop(0) == 1
    assert "already" in second.said

    first.process.kill()
    first.process.wait(100)
    assert database_of(folder)  # left behind

    again = Started(folder)
    again.until_ready()
    assert again.sign_in().status_code == 200
    assert again.stop(signal.SIGINT) == 0
    assert database_of(folder) == []
    assert "Traceback" not in again.said


def test_a_taken_port_is_said_before_anything_is_started(folder: Path) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        started = Started(folder, HUB_PORT=str(port))
        assert started.process.wait(100) == 1
    assert f"Port {port}" in started.said
    assert "HUB_PORT" in started.said
    assert "Traceback" not in started.said
    assert not folder.exists()


@pytest.mark.parametrize(("environment", "said"), [
    ({"HUB_DATABASE_URL": "postgresql://u:p@127.0.0.1:1/db"}, "database does not answer"),
    ({"HUB_SECRET_KEY": "short"}, "HUB_SECRET_KEY"),
    ({"HUB_ENVIRONMENT": "production"}, "must be set in production"),
    ({"HUB_DATA_DIR": "/proc/switchboard"}, "cannot be written"),
    ({"HUB_HOST": "203.0.113.1"}, "HUB_HOST"),
    ({"HUB_PROT": "8000"}, "HUB_PROT"),
])
def test_what_is_in_the_way_is_said_without_a_traceback(folder: Path, environment: dict[str, str], said: str) -> None:
    started = Started(folder, **environment)
    assert started.process.wait(100) == 1
    assert said in started.said
    assert "Traceback" not in started.said
